"""Drop the table of registry numbers: they stand in files. Run it when no old code is left running."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("compliance", "0006_registry_file_rules")]

    operations = [migrations.DeleteModel(name="DncEntry")]
