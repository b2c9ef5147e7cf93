"""Refuse DELETE on requests for looser limits at the database: who asked for what is evidence."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("compliance", "0012_house_limit_requests")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER kept BEFORE DELETE ON compliance_houselimitrequest FOR EACH ROW EXECUTE FUNCTION parley_append_only();",
            "DROP TRIGGER kept ON compliance_houselimitrequest;",
        )
    ]
