"""Every setup a campaign had, and what people decided about it: history from the moment it is stored."""

import django.db.models.deletion
from django.db import migrations, models

TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON campaigns_{table}
    FOR EACH ROW EXECUTE FUNCTION parley_append_only();
"""


def append_only(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        TRIGGER.format(table=table), f"DROP TRIGGER append_only ON campaigns_{table};"
    )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0025_campaign_plan"), ("core", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="CampaignVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("setup", models.JSONField()),
                ("note", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=150)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="campaigns.campaign"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "number"), name="campaign_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(number__gte=1), name="campaign_versions_from_one"
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="VersionDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("approved", "Approved"), ("refused", "Refused"), ("read", "Warnings read")],
                        max_length=10,
                    ),
                ),
                ("codes", models.JSONField(default=list)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=150)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="campaigns.campaignversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("version",),
                        condition=models.Q(kind__in=["approved", "refused"]),
                        name="campaign_version_decided_once",
                    ),
                    models.CheckConstraint(
                        condition=~models.Q(kind="refused") | ~models.Q(reason=""),
                        name="campaign_version_refused_with_reason",
                    ),
                ]
            },
        ),
        append_only("campaignversion"),
        append_only("versiondecision"),
    ]
