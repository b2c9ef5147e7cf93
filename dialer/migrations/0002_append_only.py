"""Refuse UPDATE and DELETE on the history of calls and agents at the database."""

from django.db import migrations

TABLES = ("dialer_callevent", "dialer_agentstatechange")


class Migration(migrations.Migration):
    dependencies = [("dialer", "0001_initial"), ("core", "0002_append_only")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION parley_append_only();",
            f"DROP TRIGGER append_only ON {table};",
        )
        for table in TABLES
    ]
