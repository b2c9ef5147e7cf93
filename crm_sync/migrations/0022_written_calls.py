"""Our own book of the calls that stand in CRMs without an id of ours."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm_sync", "0021_crms_by_file")]

    operations = [
        migrations.CreateModel(
            name="WrittenCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("external_call_id", models.CharField(max_length=64)),
                ("crm_id", models.CharField(blank=True, max_length=60)),
                ("begun_at", models.DateTimeField()),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="written_calls",
                        to="crm_sync.crmconnection",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection", "external_call_id"), name="written_call_once"
                    )
                ]
            },
        ),
    ]
