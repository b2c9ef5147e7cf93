"""What the house decides: stricter limits, denials lifted with a reason, areas under an emergency (ENG-004, ST-004)."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from compliance.models import EmergencyArea, HouseLimitRow, Override
from compliance.rules.codes import CODES, NEVER_LIFTED
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.pack import LegalNumber, Value
from compliance.rules.packfile import shipped
from compliance.rules.policy import PolicyTooLoose, why_too_loose
from core import audit, db
from core.access import Person
from core.errors import AppError, NotFound
from core.types import as_phone

# The word is that of accounts.roles; a test compares them, since neither app may import the other.
LIFT_DENIALS = "lift denials"
OVERRIDE_LASTS_AT_MOST = timedelta(days=30)


class OverrideRefused(AppError):
    """The denial cannot be lifted so; the text says why."""


class EmergencyRefused(AppError):
    """The emergency cannot be stored; the text says what is wrong."""


def set_house_limit(
    *,
    name: str,
    value: Value,
    since: date,
    reason: str,
    set_by: str,
    now: datetime,
    until: date | None = None,
    is_override: bool = False,
    approved_by: str = "",
) -> HouseLimitRow:
    """Set the house's own value of one number of the rule book, from a day on; the newest row of a name counts.

    Stricter than the law always; looser than a policy of ours only as an override, which another person approves.
    Raises PolicyTooLoose with the law's number, OverrideRefused without reason or second person.
    """
    db.require_atomic()
    law = law_of(name, since)
    problem = why_too_loose(law, value, is_override=is_override)
    if problem:
        raise PolicyTooLoose(problem)
    check_terms(reason, since, until, needs_approval=is_override and approved_by in ("", set_by))
    stored = as_stored(value)
    row = HouseLimitRow.objects.create(
        name=name,
        value=stored,
        since=since,
        until=until,
        is_override=is_override,
        reason=reason,
        set_by=set_by,
        approved_by=approved_by,
        at=now,
    )
    audit.record(
        actor=set_by,
        verb="compliance.house_limit.set",
        target=f"limit:{name}",
        now=now,
        before={"law": str(law.value)},
        after={
            "value": stored,
            "since": since.isoformat(),
            "until": str(until or ""),
            "approved_by": approved_by,
            "reason": reason,
        },
    )
    return row


def as_stored(value: Value) -> bool | int | str:
    """Return a limit's value as it is stored: times as "HH:MM"."""
    return f"{value:%H:%M}" if isinstance(value, time) else value


def law_of(name: str, on: date) -> LegalNumber:
    """Return the rule book's row of a number in force on the day; raises PolicyTooLoose if there is none."""
    law = next((row for row in shipped().numbers if row.name == name and row.is_in_force(on)), None)
    if law is None:
        raise PolicyTooLoose(f"There is no limit called “{name[:60]}” on {on}.")
    return law


def check_terms(reason: str, since: date, until: date | None, *, needs_approval: bool) -> None:
    """Raise OverrideRefused for a limit without reason, without its second person, or that ends before it begins."""
    if not reason.strip():
        raise OverrideRefused("Say why the limit is set.")
    if needs_approval:
        raise OverrideRefused("Another person must approve a limit that loosens a policy.")
    if until is not None and until <= since:
        raise OverrideRefused("The limit ends before it begins.")


def lift_denial(
    *,
    code: str,
    reason: str,
    by: Person,
    until: datetime,
    now: datetime,
    number: str = "",
    person_ref: str = "",
    campaign_ref: str = "",
) -> Override:
    """Lift denials with this code for the number, person or campaign named, all of them where several are (ENG-004).

    For supervisors and compliance officers alone. Raises OverrideRefused, above all for what nobody may lift.
    """
    db.require_atomic()
    checks = (
        (not by.may(LIFT_DENIALS), f"Your role does not include “{LIFT_DENIALS}”."),
        (code not in CODES, f"There is no refusal “{code[:30]}”."),
        (code in NEVER_LIFTED, f"“{CODES.get(code, code)}” is never lifted, by anybody."),
        (not reason.strip(), "Say why: the reason is kept and reported."),
        (not (number or person_ref or campaign_ref), "Name the number, the person or the campaign."),
        (not now < until <= now + OVERRIDE_LASTS_AT_MOST, "Say until when, within 30 days."),
    )
    problem = next((words for is_so, words in checks if is_so), "")
    if problem:
        raise OverrideRefused(problem)
    row = Override.objects.create(
        code=code,
        number=as_phone(number) if number else "",
        person_ref=person_ref,
        campaign_ref=campaign_ref,
        reason=reason,
        by=by.username,
        at=now,
        until=until,
    )
    audit.record(
        actor=by.username,
        verb="compliance.denial.lifted",
        target=f"number:{number}" if number else person_ref or campaign_ref,
        now=now,
        after={
            "code": code,
            "whom": [number, person_ref, campaign_ref],
            "reason": reason,
            "until": until.isoformat(),
        },
    )
    return row


def declare_emergency(
    *,
    state: str,
    area: str,
    zips: Sequence[str],
    since: datetime,
    declared_by: str,
    actor: str,
    now: datetime,
    until: datetime | None = None,
) -> EmergencyArea:
    """Store an area under a declared emergency: ZIP codes or their beginnings, or none for the whole state (ST-004)."""
    db.require_atomic()
    wrong = [each for each in zips if not re.fullmatch("[0-9]{3,5}", each)]
    checks = (
        (state not in STATE_NAMES, f"“{state[:20]}” is no state: give its two letters."),
        (not area.strip(), "Name the area, as people call it."),
        (bool(wrong), f"“{wrong[0][:10] if wrong else ''}” is no ZIP code: give three to five digits."),
        (not declared_by.strip(), "Say who declared it: the proclamation's number or name."),
        (until is not None and until <= since, "It ends before it begins."),
    )
    problem = next((words for is_so, words in checks if is_so), "")
    if problem:
        raise EmergencyRefused(problem)
    row = EmergencyArea.objects.create(
        state=state,
        area=area[:120],
        zips=sorted(set(zips)),
        since=since,
        until=until,
        declared_by=declared_by[:200],
        recorded_by=actor,
        recorded_at=now,
    )
    audit.record(
        actor=actor,
        verb="compliance.emergency.declared",
        target=f"emergency:{row.id}",
        now=now,
        after={"state": state, "area": area, "zips": row.zips, "declared_by": declared_by},
    )
    return row


def end_emergency(*, emergency_id: int, until: datetime, actor: str, now: datetime) -> None:
    """Say when an emergency ends or ended. Raises NotFound, EmergencyRefused."""
    db.require_atomic()
    row = EmergencyArea.objects.select_for_update().filter(id=emergency_id).first()
    if row is None:
        raise NotFound("There is no such emergency.")
    if until <= row.since:
        raise EmergencyRefused("It ends before it begins.")
    before = row.until.isoformat() if row.until else None
    row.until = until
    row.save(update_fields=["until"])
    audit.record(
        actor=actor,
        verb="compliance.emergency.ended",
        target=f"emergency:{row.id}",
        now=now,
        before={"until": before},
        after={"until": until.isoformat()},
    )
