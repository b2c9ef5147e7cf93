"""Looser limits by two people: one asks, another approves or refuses (ENG-004)."""

from datetime import date, datetime

from compliance.gathering.surroundings import value_from_json
from compliance.models import HouseLimitRequest, HouseLimitRow
from compliance.rules.pack import Value
from compliance.rules.policy import PolicyTooLoose, why_too_loose
from compliance.services.house import OverrideRefused, as_stored, check_terms, law_of, set_house_limit
from core import audit, db
from core.errors import NotFound, Stale


def request_house_limit(
    *,
    name: str,
    value: Value,
    since: date,
    reason: str,
    requested_by: str,
    now: datetime,
    until: date | None = None,
) -> HouseLimitRequest:
    """Ask for a looser value of a policy of ours; nothing changes before another person approves it.

    Raises PolicyTooLoose for what is law, OverrideRefused without a reason or while another request for it waits.
    """
    db.require_atomic()
    problem = why_too_loose(law_of(name, since), value, is_override=True)
    if problem:
        raise PolicyTooLoose(problem)
    check_terms(reason, since, until, needs_approval=False)
    row, is_new = HouseLimitRequest.objects.get_or_create(
        name=name,
        decided_at=None,
        defaults={
            "value": as_stored(value),
            "since": since,
            "until": until,
            "reason": reason.replace("\x00", ""),
            "requested_by": requested_by,
            "at": now,
        },
    )
    if not is_new:
        raise OverrideRefused(
            f"{row.requested_by} has asked for this limit already: approve or refuse that first."
        )
    _record("compliance.house_limit.requested", row, actor=requested_by, now=now)
    return row


def decide_house_limit(
    *, request_id: int, approve: bool, decided_by: str, now: datetime
) -> HouseLimitRow | None:
    """Approve or refuse a request; return the limit it became, None if refused. Who asked may withdraw it, never approve it.

    Raises NotFound, Stale if it is decided, OverrideRefused, PolicyTooLoose if the law has changed since.
    """
    db.require_atomic()
    row = HouseLimitRequest.objects.select_for_update().filter(id=request_id).first()
    if row is None:
        raise NotFound("There is no such request.")
    if row.decided_at is not None:
        raise Stale(f"{row.decided_by} has decided this already.")
    if approve and decided_by == row.requested_by:
        raise OverrideRefused("Another person must approve it: who asked for it cannot.")
    row.limit = _approved(row, decided_by, now) if approve else None
    row.decided_by = decided_by
    row.decided_at = now
    row.save(update_fields=["limit", "decided_by", "decided_at"])
    verb = "compliance.house_limit.approved" if approve else "compliance.house_limit.refused"
    _record(verb, row, actor=decided_by, now=now)
    return row.limit


def _approved(row: HouseLimitRequest, decided_by: str, now: datetime) -> HouseLimitRow:
    return set_house_limit(
        name=row.name,
        value=value_from_json(law_of(row.name, row.since), row.value),
        since=row.since,
        until=row.until,
        is_override=True,
        reason=row.reason,
        set_by=row.requested_by,
        approved_by=decided_by,
        now=now,
    )


def _record(verb: str, row: HouseLimitRequest, *, actor: str, now: datetime) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        target=f"limit:{row.name}",
        now=now,
        after={"request": row.id, "value": row.value, "since": row.since.isoformat(), "reason": row.reason},
    )
