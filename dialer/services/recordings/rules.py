"""What a campaign records, who may listen and how long it is kept: rules with a beginning, never changed afterwards."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from compliance.rules import card_data
from core import audit, db, kept
from core.errors import AppError
from dialer.models import RecordingRule

MOST_DAYS = 3650
NO_CAMPAIGN = 0


class RuleRefused(AppError):
    """The rule cannot be set as asked; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRule:
    """What somebody decides about recording; `campaign_id` None: for every campaign without a rule of its own."""

    campaign_id: int | None
    percent: int
    asks_first: bool
    listeners: str
    keep_days: int | None  # None: as the rule book's table says
    reason: str


def rule_in_force(campaign_id: int | None, *, at: datetime) -> RecordingRule:
    """Return the campaign's rule, else the house's; unsaved and off where nobody has set one. One query."""
    return _in_force.first(campaign_id or NO_CAMPAIGN, at) or RecordingRule(begins_at=at, set_at=at)


_in_force = kept.Query(
    lambda campaign, at: RecordingRule.objects.filter(
        Q(campaign__isnull=True) | Q(campaign_id=campaign), begins_at__lte=at
    ).order_by(F("campaign_id").asc(nulls_last=True), "-begins_at", "-id")[:1],
    values=2,
)


def set_rule(new: NewRule, *, by: str, now: datetime) -> None:
    """Put a rule in force from now on; calls under way keep what was decided for them. Raises RuleRefused."""
    reason = card_data.redact(new.reason.replace("\x00", "").strip()).text
    if not 5 <= len(reason) <= 300:
        raise RuleRefused("Say why, in 5 to 300 characters.")
    if not 0 <= new.percent <= 100:
        raise RuleRefused("The share is a whole number from 0 (off) to 100 (all calls).")
    if new.keep_days is not None and not 1 <= new.keep_days <= MOST_DAYS:
        raise RuleRefused(f"Recordings are kept for 1 to {MOST_DAYS} days.")
    if new.listeners not in RecordingRule.Listeners:
        raise RuleRefused("Choose who may listen.")
    with db.use_case():
        before = rule_in_force(new.campaign_id, at=now)
        RecordingRule.objects.create(
            campaign_id=new.campaign_id,
            begins_at=now,
            percent=new.percent,
            asks_first=new.asks_first,
            listeners=new.listeners,
            keep_days=new.keep_days,
            reason=reason,
            set_by=by,
            set_at=now,
        )
        audit.record(
            actor=by,
            verb="dialer.recording.rule_set",
            target=f"campaign:{new.campaign_id}" if new.campaign_id else "house:recording",
            now=now,
            before=_told(before),
            after={
                "percent": new.percent,
                "asks_first": new.asks_first,
                "listeners": new.listeners,
                "keep_days": new.keep_days,
                "reason": reason,
            },
        )


def _told(rule: RecordingRule) -> dict[str, object]:
    return {
        "percent": rule.percent,
        "asks_first": rule.asks_first,
        "listeners": rule.listeners,
        "keep_days": rule.keep_days,
    }
