"""Do-not-call flags counted here and in the CRMs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm_sync", "0022_written_calls")]

    operations = [
        migrations.CreateModel(
            name="FlagComparison",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("ran_at", models.DateTimeField()),
                ("compared", models.PositiveIntegerField(default=0)),
                ("ours", models.PositiveIntegerField(default=0)),
                ("theirs", models.PositiveIntegerField(default=0)),
                ("open", models.PositiveIntegerField(default=0)),
                ("sent_again", models.PositiveIntegerField(default=0)),
                ("learned", models.PositiveIntegerField(default=0)),
                ("gone", models.PositiveIntegerField(default=0)),
                ("examples", models.JSONField(default=list)),
                ("error", models.TextField(blank=True)),
                (
                    "connection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="flag_comparison",
                        to="crm_sync.crmconnection",
                    ),
                ),
            ],
        ),
    ]
