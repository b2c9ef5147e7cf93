"""What may be deleted and when, and when people's requests about their data are due (PRIV-001 to PRIV-005, TSR-005)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from compliance.rules.content.numbers import InForce
from compliance.rules.content.rows import Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeVerdict:
    """Whether one record may be deleted."""

    rule_id: str
    allowed: bool
    reason: str
    from_date: date | None = None  # the first day it may be deleted; None = never, or not by waiting


class DataRequest(StrEnum):
    """What a person asks about their data."""

    OBJECTION = "objection"  # no more marketing
    GDPR_ACCESS = "gdpr_access"
    GDPR_ERASURE = "gdpr_erasure"
    STATE_ACCESS = "state_access"
    STATE_ERASURE = "state_erasure"


def may_purge(
    kind: str,
    created: date,
    last_used: date | None,
    held: bool,
    on: date,
    *,
    numbers: InForce,
    erasure_requested: bool = False,
) -> PurgeVerdict:
    """Return whether a record of that kind may be deleted on that day. An unknown kind is kept.

    A person's request deletes what is erasable before its time; nothing that shows consent, calls or objections (PRIV-002).
    `last_used` of None means it is in use still, where the time counts from last use.
    """
    row = next((each for each in numbers.of(Retention) if each.name == kind), None)
    if row is None:
        return _kept(
            "PRIV-002", f"There is no retention row for “{kind}”: add one to us/retention.toml first."
        )
    if held:
        return _kept(row.rule, "A legal hold is on the record: lift it first.")
    if erasure_requested and row.erasable and row.minimum_months == 0:
        return PurgeVerdict(rule_id="PRIV-002", allowed=True, reason="The person asked for it.", from_date=on)
    if row.keep_months == 0:
        return _kept(row.rule, f"Records of this kind are never deleted ({row.citation}).")
    counted_from = created if row.counts_from == "created" else last_used
    if counted_from is None:
        return _kept(row.rule, "It is in use: its time begins when it is used no more.")
    until = add_months(max(counted_from, created), row.keep_months)
    if until is None or on < until:
        return PurgeVerdict(
            rule_id=row.rule,
            allowed=False,
            reason=f"It is kept for {row.keep_months} months from {row.counts_from.replace('_', ' ')} ({row.citation}).",
            from_date=until,
        )
    return PurgeVerdict(rule_id=row.rule, allowed=True, reason="Its time is over.", from_date=until)


def _kept(rule_id: str, reason: str) -> PurgeVerdict:
    return PurgeVerdict(rule_id=rule_id, allowed=False, reason=reason)


def access_answer_kinds(numbers: InForce) -> tuple[str, ...]:
    """Return the kinds of record a person who asks for their data receives (PRIV-003)."""
    return tuple(row.name for row in numbers.of(Retention) if row.in_access_answer)


def answer_due(request: DataRequest, received: date, numbers: InForce) -> date:
    """Return the last day to answer; of an objection the same day (PRIV-001)."""
    if request is DataRequest.OBJECTION:
        return received + timedelta(days=numbers.whole("objection_days"))
    if request in (DataRequest.GDPR_ACCESS, DataRequest.GDPR_ERASURE):
        return add_months(received, numbers.whole("gdpr_answer_months")) or received
    return received + timedelta(days=numbers.whole("state_answer_days"))


def add_months(day: date, months: int) -> date | None:
    """Return the same day some months later, the month's last day where there is none; None beyond the calendar."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
