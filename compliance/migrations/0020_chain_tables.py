"""Tables of the verdicts' hash chain: lanes, seals of days, checks, dropped months; append-only but for lanes, which only grow."""

import django.db.models.deletion
from django.db import migrations, models

HISTORY = ("compliance_dayseal", "compliance_chaincheck", "compliance_droppedmonth")
LANES_GROW = """
CREATE FUNCTION compliance_lane_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.id = OLD.id AND NEW.day = OLD.day AND OLD.seal_id IS NULL AND (
        (NEW.count > OLD.count AND NEW.seal_id IS NULL)
        OR (NEW.count = OLD.count AND NEW.last_hash = OLD.last_hash AND NEW.seal_id IS NOT NULL)
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a lane of verdicts only grows, and is sealed once' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER lane_grows BEFORE UPDATE OR DELETE ON compliance_chainlane FOR EACH ROW EXECUTE FUNCTION compliance_lane_grows();
"""


def _append_only(table):
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION parley_append_only();",
        f"DROP TRIGGER append_only ON {table};",
    )


def _id():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def _seal():
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="compliance.dayseal"
    )


class Migration(migrations.Migration):
    dependencies = [("compliance", "0013_house_limit_requests_are_kept"), ("core", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="DaySeal",
            fields=[
                _id(),
                ("day", models.DateField()),
                ("sealed_at", models.DateTimeField()),
                ("allowed", models.PositiveBigIntegerField()),
                ("denied", models.PositiveBigIntegerField()),
                ("problems", models.PositiveIntegerField()),
                ("lanes", models.TextField()),
                ("prev_hash", models.BinaryField(max_length=32)),
                ("seal_hash", models.BinaryField(max_length=32)),
            ],
            options={"indexes": [models.Index(fields=["day", "id"], name="day_seal_day")]},
        ),
        migrations.CreateModel(
            name="ChainLane",
            fields=[
                _id(),
                ("day", models.DateField()),
                ("count", models.PositiveIntegerField()),
                ("last_hash", models.BinaryField(max_length=32)),
                ("seal", _seal()),
            ],
            options={"indexes": [models.Index(fields=["day", "id"], name="chain_lane_day")]},
        ),
        migrations.CreateModel(
            name="ChainCheck",
            fields=[
                _id(),
                ("day", models.DateField()),
                ("checked_at", models.DateTimeField()),
                ("verdicts", models.PositiveBigIntegerField()),
                ("problems", models.PositiveIntegerField()),
                ("findings", models.JSONField(default=list)),
                ("seconds", models.FloatField()),
            ],
            options={"indexes": [models.Index(fields=["day", "-id"], name="chain_check_day")]},
        ),
        migrations.CreateModel(
            name="DroppedMonth",
            fields=[
                _id(),
                ("month", models.DateField(unique=True)),
                ("allowed", models.PositiveBigIntegerField()),
                ("denied", models.PositiveBigIntegerField()),
                ("last_seal", _seal()),
                ("retention_years", models.PositiveSmallIntegerField()),
                ("dropped_at", models.DateTimeField()),
                ("dropped_by", models.CharField(max_length=150)),
            ],
        ),
        *[_append_only(table) for table in HISTORY],
        migrations.RunSQL(
            LANES_GROW,
            "DROP TRIGGER lane_grows ON compliance_chainlane; DROP FUNCTION compliance_lane_grows();",
        ),
    ]
