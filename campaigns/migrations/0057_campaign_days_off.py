from django.db import migrations, models

PATTERN = r"^$|^\d{4}-\d{2}-\d{2}(, \d{4}-\d{2}-\d{2}){0,39}$"


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0056_customfield_is_quick"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="days_off",
            field=models.CharField(blank=True, db_default="", default="", max_length=480),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("days_off__regex", PATTERN)), name="campaign_days_off_are_days"
            ),
        ),
    ]
