from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0055_only_finished_leads_are_left_out"),
    ]

    operations = [
        migrations.AddField(
            model_name="customfield",
            name="is_quick",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
