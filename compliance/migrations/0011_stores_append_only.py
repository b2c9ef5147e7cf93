"""Refuse UPDATE and DELETE on the evidence at the database, whatever code asks for it."""

from django.db import migrations

TABLES = (
    "compliance_consentrecord",
    "compliance_relationshiprecord",
    "compliance_revocation",
    "compliance_revocationreview",
    "compliance_liftrequest",
    "compliance_suppressionlift",
    "compliance_reassignedcheck",
    "compliance_contactoutcome",
    "compliance_houselimitrow",
    "compliance_override",
)


def _trigger(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION parley_append_only();",
        f"DROP TRIGGER append_only ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("compliance", "0010_stores")]

    operations = [_trigger(table) for table in TABLES]
