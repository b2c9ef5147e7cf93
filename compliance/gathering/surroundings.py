"""What surrounds a contact: seller, caller ID, sender, emergencies, the house's limits, the clock itself.

As in compliance.gathering.numbers a part of the statement stands beside what its rows are decoded as.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, cast

import msgspec
import structlog
from django.db import connection

from compliance.gathering import attempts
from compliance.models import SenderRegistration
from compliance.rules.facts import (
    CallerFacts,
    ContactRequest,
    EmergencyFact,
    Evidence,
    EvidenceKind,
    RegistrationFact,
    SenderFacts,
)
from compliance.rules.pack import LegalNumber, Value
from compliance.rules.packfile import shipped
from compliance.rules.policy import HouseLimit, Policy, in_force, why_too_loose
from core import clock, prepared

log = structlog.get_logger(__name__)

# The carrier's cap is on the brand, over all its long codes and providers; a sender of no known brand may be of any (A2P-004).
SENDERS = """
SELECT mine.*, (
    SELECT coalesce(sum(l.parts), 0) FROM compliance_senderregistration other
    JOIN compliance_contactledger l ON l.caller_id = other.number AND l.at >= %(midnight)s AND l.channel = ANY(%(texts)s)
    WHERE other.kind = 'long_code' AND (other.brand = mine.brand OR other.brand = '' OR mine.brand = '')
) AS parts_today
FROM compliance_senderregistration mine WHERE mine.number = ANY(%(numbers)s) ORDER BY mine.id
"""
CLOCKS_MAY_DIFFER_BY = timedelta(seconds=5)

CALLERS = """
SELECT mine.* FROM unnest(%(callers)s) AS asked(number), LATERAL (
    SELECT id, number, seller, active, authority, takes_requests, tested_on
    FROM compliance_callerauthority c WHERE c.number = asked.number OFFSET 0
) mine ORDER BY mine.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A row of the inventory of caller IDs."""

    id: int
    number: str
    seller: str
    active: bool
    authority: str
    takes_requests: bool
    tested_on: date | None


def caller_of(request: ContactRequest, rows: Sequence[Caller], dials_today: int) -> CallerFacts:
    """Return what the inventory says of the request's caller ID: the seller's own row, else one for every seller, else any."""
    row = min(
        rows, key=lambda each: (each.seller != request.seller, each.seller != "", each.id), default=None
    )
    if row is None:
        return CallerFacts(dials_today=dials_today)
    return CallerFacts(
        known=True,
        active=row.active,
        seller=row.seller,
        authority=row.authority,
        takes_requests=row.takes_requests,
        tested_on=row.tested_on,
        dials_today=dials_today,
    )


def senders(numbers: Set[str], at: datetime) -> dict[str, SenderFacts]:
    """Return the registration of each messaging sender, with what its brand sent today; no query without one."""
    if not numbers:
        return {}
    rows = SenderRegistration.objects.raw(
        SENDERS,
        {"numbers": list(numbers), "midnight": attempts.midnight(at), "texts": list(attempts.TEXTS)},
    )
    return {
        row.number: SenderFacts(
            kind=row.kind,
            brand=row.brand,
            brand_approved=row.brand_approved,
            campaign_approved=row.campaign_approved,
            attached=row.attached,
            in_pool=row.in_pool,
            use_case=row.use_case,
            toll_free_verified=row.toll_free_verified,
            political_token=row.political_token,
            free_to_end_user=row.free_to_end_user,
            parts_today=cast(Any, row).parts_today,
            daily_cap=row.daily_cap,
        )
        for row in rows
    }


# Newest first.
REGISTRATIONS = """
SELECT r.seller,
    (SELECT f FROM (
        SELECT r.state, r.certificate, r.valid_from, r.valid_to, r.exemption, r.covers_texts_only
    ) f) AS fact
FROM compliance_sellerregistration r
WHERE r.seller = ANY(%(sellers)s) AND r.state = ANY(%(states)s) ORDER BY r.valid_from DESC, r.id DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A seller's papers in a state."""

    seller: str
    fact: RegistrationFact


# Those under way, oldest first.
EMERGENCIES = """
SELECT e.zips, (SELECT f FROM (SELECT e.state, e.area, e.since, e.until) f) AS fact
FROM compliance_emergencyarea e
WHERE e.state = ANY(%(states)s) AND e.since <= %(at)s AND (e.until IS NULL OR e.until > %(at)s) ORDER BY e.since, e.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """A declared emergency and the beginnings of its ZIPs; none = the whole state."""

    zips: tuple[str, ...]
    fact: EmergencyFact


def emergencies_of(
    request: ContactRequest, evidences: tuple[Evidence, ...], rows: Sequence[Emergency]
) -> tuple[EmergencyFact, ...]:
    """Return the emergencies the person may be in: by their ZIP where one of the state is known, else by the state alone."""
    states = {state for evidence in evidences for state in evidence.states}
    of_zip = {state for each in evidences if each.kind is EvidenceKind.ZIP for state in each.states}
    code = request.postal_code.strip()
    return tuple(
        row.fact
        for row in rows
        if row.fact.state in states
        and (row.fact.state not in of_zip or not row.zips or any(code.startswith(each) for each in row.zips))
    )


HOUSE = """
SELECT json_agg(r)::text FROM (
    SELECT id, name, value, since, until, is_override FROM compliance_houselimitrow
    WHERE since <= %(day)s AND (until IS NULL OR until > %(day)s) ORDER BY id
) r
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    """A row of HOUSE."""

    id: int
    name: str
    value: object
    since: date
    until: date | None
    is_override: bool


_decode_limits = msgspec.json.Decoder(tuple[_Limit, ...]).decode


def policy_for(at: datetime) -> Policy:
    """Return the limits of the day with the house's stricter ones. Hidden SQL: one query.

    A limit of the house that the law has overtaken since counts no more: the law's own number is the stricter one.
    """
    [(rows,)] = prepared.run_named(HOUSE, {"day": at.date()}).rows
    return _policy(at.date(), rows or "[]")


def ask_for_policy(at: datetime) -> Callable[[], Policy]:
    """Ask for what policy_for returns; what is returned takes it, so that a pipeline may hold other questions too."""
    cursor = connection.cursor()
    cursor.execute(HOUSE, {"day": at.date()})

    def policy() -> Policy:
        with cursor:
            (rows,) = cursor.fetchone()
        return _policy(at.date(), rows or "[]")

    return policy


@lru_cache(maxsize=64)
def _policy(day: date, rows: str) -> Policy:
    """The same rows on the same day make the same policy, whoever asks."""
    book = shipped()
    legal = {row.name: row for row in book.numbers if row.is_in_force(day)}
    noon = datetime.combine(day, time(12), UTC)
    return in_force(noon, book, tuple(_usable(_decode_limits(rows), legal)))


def value_from_json(legal: LegalNumber, stored: object) -> Value:
    """Return a stored value as the number's own type; raises ValueError if it is none."""
    if isinstance(legal.value, time) and isinstance(stored, str):
        return time.fromisoformat(stored)
    if isinstance(stored, bool | int | str):
        return stored
    raise ValueError(f"{stored!r} is no value for {legal.name}.")


def _usable(rows: Iterable[_Limit], legal: Mapping[str, LegalNumber]) -> Iterable[HouseLimit]:
    for row in rows:
        number = legal.get(row.name)
        problem = (
            why_too_loose(number, value_from_json(number, row.value), is_override=row.is_override)
            if number
            else "the rule book has no such number"
        )
        if number is None or problem:
            log.warning("compliance.house_limit.overtaken", id=row.id, name=row.name, reason=problem)
            continue
        yield HouseLimit(
            name=row.name,
            value=value_from_json(number, row.value),
            since=row.since,
            until=row.until,
            is_override=row.is_override,
        )


def clock_problem(at: datetime, *, database_now: datetime, newest: datetime | None) -> str:
    """Return why the time cannot be trusted, "" when it can: against the database's clock, and the newest contact's.

    The clocks compared are the real ones, so a demo's shifted time does not matter; the newest contact was stamped in it.
    """
    off = clock.drift_from(database_now)
    if abs(off) > CLOCKS_MAY_DIFFER_BY:
        seconds = round(off.total_seconds())
        return f"this server's clock is {abs(seconds)} seconds {'ahead of' if seconds > 0 else 'behind'} the database's"
    if newest is not None and newest - at > CLOCKS_MAY_DIFFER_BY:
        return f"this server's time is {round((newest - at).total_seconds())} seconds before the newest contact's"
    return ""
