"""Refuse UPDATE and DELETE on the packs at the database, whatever code asks for it."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON evidence_evidencepack
    FOR EACH ROW EXECUTE FUNCTION parley_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial"), ("core", "0002_append_only")]

    operations = [
        migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON evidence_evidencepack;"),
    ]
