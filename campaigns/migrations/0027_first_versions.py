"""What each campaign is set up as today becomes its version 1."""

from datetime import UTC, datetime
from typing import Any

from django.db import migrations

BATCH = 200
PLAIN = (
    "name", "purpose", "audience", "made_by", "answers_never_sell", "owner_id", "goal", "needs_approval", "caller_id",
    "mode", "preview_seconds", "preview_then", "machine_detection", "machine_sample_percent", "greeting_seconds",
    "window_days", "max_attempts", "ring_seconds", "wrap_up_seconds", "script_version_id", "disposition_set_id",
    "personal_voicemail",
)  # fmt: skip


def number(value: Any) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def setup_of(row: Any) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in PLAIN},
        "stops_at": None,
        "list_ids": sorted(row.lists.values_list("pk", flat=True)),
        "segment_ids": [],
        "power_ratio": number(row.power_ratio),
        "abandon_percent": number(row.abandon_percent),
        "window_opens": row.window_opens.isoformat(),
        "window_closes": row.window_closes.isoformat(),
        "abandoned_message_id": str(row.abandoned_message_id) if row.abandoned_message_id else None,
        "voicemail_message_id": str(row.voicemail_message_id) if row.voicemail_message_id else None,
        "voicemail_variant_ids": sorted(str(pk) for pk in row.voicemail_variants.values_list("pk", flat=True)),
    }


def store_first(apps: Any, _: Any) -> None:
    campaigns, versions = (apps.get_model("campaigns", name) for name in ("Campaign", "CampaignVersion"))
    now = datetime.now(UTC)  # noqa: TID251 - a migration is not replayed on another day
    todo = campaigns.objects.filter(version=0).order_by("pk")
    while rows := list(todo[:BATCH]):
        versions.objects.bulk_create(
            versions(
                campaign=row,
                number=1,
                setup=setup_of(row),
                note="As it was when versions began to be kept.",
                created_at=now,
                created_by="migration",
            )
            for row in rows
        )
        campaigns.objects.filter(pk__in=[row.pk for row in rows]).update(version=1)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0026_campaign_versions")]

    operations = [migrations.RunPython(store_first, migrations.RunPython.noop)]
