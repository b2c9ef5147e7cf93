"""A script version is history from the moment it is stored: calls point to the text that was read."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON campaigns_scriptversion
    FOR EACH ROW EXECUTE FUNCTION parley_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial"), ("core", "0002_append_only")]

    operations = [
        migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON campaigns_scriptversion;"),
    ]
