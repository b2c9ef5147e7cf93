"""Refuse UPDATE and DELETE on history at the database, whatever code asks for it."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION parley_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are history and cannot be changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
TRIGGER = "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON core_auditevent FOR EACH ROW EXECUTE FUNCTION parley_append_only();"


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION parley_append_only();"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON core_auditevent;"),
    ]
