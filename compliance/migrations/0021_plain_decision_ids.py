"""The ledger and clearances name their decision by number, without a foreign key: a month of decisions must be able to go.

The columns, their values and their unique constraints stay as they are.
"""

from django.db import migrations, models

DROP_FOREIGN_KEYS = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint
        WHERE contype = 'f' AND confrelid = 'compliance_compliancedecision'::regclass
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.owner, one.conname);
    END LOOP;
END $$;
"""


def _state(model):
    return [
        migrations.RemoveField(model_name=model, name="decision"),
        migrations.AddField(
            model_name=model,
            name="decision_id",
            field=models.BigIntegerField(default=0, unique=True),
            preserve_default=False,
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("compliance", "0020_chain_tables")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DROP_FOREIGN_KEYS)],
            state_operations=[*_state("contactledger"), *_state("openclearance")],
        )
    ]
