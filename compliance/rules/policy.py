"""The numbers the rules use on a given day. The law sets them; the house may only make them stricter.

What is marked as our own policy can be loosened too, but only by an override that is recorded (ENG-004).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time
from functools import lru_cache

from compliance.rules.pack import LegalNumber, RuleBook, Value
from compliance.rules.packfile import shipped


class PolicyTooLoose(ValueError):
    """Somebody tried to set a house limit that allows more than the law; says what the law's is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseLimit:
    """The house's own value of one number, in force on [since, until). `is_override`: may loosen a policy of ours."""

    name: str
    value: Value
    since: date
    until: date | None = None
    is_override: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Limits in force on one day, and the book they come from. Times are local times of the person called.

    Each field is set by the row of its name in a pack's numbers.toml; units stand there.
    """

    book: RuleBook
    house: tuple[HouseLimit, ...] = ()  # the house's own values in force that day
    lifted: frozenset[str] = (
        frozenset()
    )  # codes an override lifted for this contact: rules of several reasons tell the next one
    overridden: frozenset[str] = field(default=frozenset())  # policies of ours that an override loosened
    federal_opens: time
    federal_closes: time
    close_margin_seconds: int
    registry_max_age_days: int
    state_lists_required: bool
    relationship_purchase_months: int
    relationship_inquiry_months: int
    relationship_purchase_days: int
    relationship_inquiry_days: int
    seller_named_required: bool
    written_consent_in_fifth_circuit: bool
    texts_are_calls_in_seventh_circuit: bool
    revocation_stops: str
    abandon_limit_basis_points: int
    abandon_period_days: int
    connect_seconds: int
    min_ring_seconds: int
    exempt_recordings: int
    exempt_recordings_days: int
    health_recordings_per_day: int
    health_recordings_per_week: int
    free_texts_exempt: bool
    caller_test_max_age_days: int
    caller_dials_per_day: int
    reassigned_max_age_days: int
    line_type_max_age_days: int
    attempts_per_24h: int
    debt_calls: int
    debt_calls_days: int
    debt_silence_days: int
    debt_wish_days: int
    debt_opens: time
    debt_closes: time
    message_parts: int
    conversation_hours: int
    jurisdictions: str
    ca_weekday_opens: time
    ca_weekday_closes: time
    ca_weekend_opens: time
    ca_weekend_closes: time
    ca_abandon_limit_basis_points: int
    ca_registry_max_age_days: int
    uk_abandon_alarm_basis_points: int
    uk_no_repeat_hours: int
    uk_machine_no_repeat_hours: int
    uk_registry_max_age_days: int


def in_force(at: datetime, book: RuleBook | None = None, house: tuple[HouseLimit, ...] = ()) -> Policy:
    """Return the limits on the UTC day of `at`, the house's stricter ones applied.

    Raises LookupError if a number has no row for that day, PolicyTooLoose if a house limit allows more than it may.
    """
    return _on(at.date(), book or shipped(), house)


@lru_cache(maxsize=512)
def _on(on: date, book: RuleBook, house: tuple[HouseLimit, ...]) -> Policy:
    rows = {row.name: row for row in book.numbers if row.is_in_force(on)}
    missing = _names() - set(rows)
    if missing:
        raise LookupError(f"No row in force on {on} for {', '.join(sorted(missing))}.")
    values: dict[str, Value] = {name: rows[name].value for name in _names()}
    loosened = set()
    standing = _standing(house, on)
    for limit in standing:
        row = rows.get(limit.name)
        if row is None:
            raise PolicyTooLoose(f"There is no limit called “{limit.name}”.")
        problem = why_too_loose(row, limit.value, is_override=limit.is_override)
        if problem:
            raise PolicyTooLoose(problem)
        if _is_looser(row, limit.value):
            loosened.add(limit.name)
        values[limit.name] = limit.value
    return Policy(book=book, house=tuple(standing), overridden=frozenset(loosened), **values)  # type: ignore[arg-type]  # a test holds each row's type to its field


def why_too_loose(row: LegalNumber, value: Value, *, is_override: bool = False) -> str:
    """Return why the house may not set the number to this value, "" when it may."""
    if type(value) is not type(row.value):
        return f"{row.name} is a {type(row.value).__name__}; {value!r} is not."
    if not _is_looser(row, value):
        return ""
    if row.basis == "law":
        return f"{row.name} is law ({row.citation}): {row.value}. The house may only be stricter."
    if not is_override:
        return f"{row.name} is a policy ({row.value}). Loosening it takes an override with a reason."
    return ""


def _is_looser(row: LegalNumber, value: Value) -> bool:
    if value == row.value:
        return False
    if row.stricter == "fixed" or isinstance(value, bool | str) or isinstance(row.value, bool | str):
        return True
    if isinstance(value, time) and isinstance(row.value, time):
        return value > row.value if row.stricter == "lower" else value < row.value
    if isinstance(value, int) and isinstance(row.value, int):
        return value > row.value if row.stricter == "lower" else value < row.value
    return True


def _standing(house: Iterable[HouseLimit], on: date) -> list[HouseLimit]:
    """The limits in force that day, the newest of each name last."""
    standing = [limit for limit in house if limit.since <= on and (limit.until is None or on < limit.until)]
    return sorted(standing, key=lambda limit: (limit.since, limit.name))


def limits_on(house: Iterable[HouseLimit], book: RuleBook, on: date) -> tuple[HouseLimit, ...]:
    """Return the limits that stand on the day, the newest of each name last; one the book's law has overtaken counts no more."""
    rows = {row.name: row for row in book.numbers if row.is_in_force(on)}
    return tuple(
        limit
        for limit in _standing(house, on)
        if limit.name in rows
        and not why_too_loose(rows[limit.name], limit.value, is_override=limit.is_override)
    )


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(each.name for each in fields(Policy)) - {"book", "house", "lifted", "overridden"}
