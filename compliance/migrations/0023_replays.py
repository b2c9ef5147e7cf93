"""Replays of stored facts under changed rules, and the verdicts that would have been others."""

import django.db.models.deletion
from django.db import migrations, models

HISTORY = ("compliance_replayrun", "compliance_replaychange")


def _append_only(table):
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION parley_append_only();",
        f"DROP TRIGGER append_only ON {table};",
    )


def _id():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


class Migration(migrations.Migration):
    dependencies = [("compliance", "0022_partition_decisions")]

    operations = [
        migrations.CreateModel(
            name="ReplayRun",
            fields=[
                _id(),
                ("started_at", models.DateTimeField()),
                ("started_by", models.CharField(max_length=150)),
                ("since", models.DateField()),
                ("until", models.DateField()),
                ("campaign_ref", models.CharField(blank=True, max_length=80)),
                ("changes", models.JSONField()),
                ("rules_hash", models.CharField(max_length=32)),
                ("verdicts", models.PositiveBigIntegerField()),
                ("changed", models.PositiveBigIntegerField()),
                ("counts", models.JSONField()),
                ("unreadable", models.JSONField(default=list)),
                ("seconds", models.FloatField()),
            ],
        ),
        migrations.CreateModel(
            name="ReplayChange",
            fields=[
                _id(),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="compliance.replayrun"
                    ),
                ),
                ("decision_id", models.BigIntegerField()),
                ("old_outcome", models.CharField(max_length=10)),
                ("old_code", models.CharField(blank=True, max_length=30)),
                ("new_outcome", models.CharField(max_length=10)),
                ("new_code", models.CharField(blank=True, max_length=30)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "decision_id"), name="replay_change_once")
                ]
            },
        ),
        *[_append_only(table) for table in HISTORY],
    ]
