"""Setups to begin new campaigns from."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0028_campaign_drafts")]

    operations = [
        migrations.CreateModel(
            name="CampaignTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                ("setup", models.JSONField()),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=150)),
            ],
        ),
    ]
