"""Refuse UPDATE and DELETE on the gate's history at the database, whatever code asks for it."""

from django.db import migrations

TABLES = ("compliance_suppression", "compliance_compliancedecision", "compliance_contactledger")


def _trigger(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION parley_append_only();",
        f"DROP TRIGGER append_only ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_initial"), ("core", "0002_append_only")]

    operations = [_trigger(table) for table in TABLES]
