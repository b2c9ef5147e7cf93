"""What surrounds a contact: seller, caller ID, sender, emergencies, the house's limits, the clock itself."""

from collections.abc import Iterable, Mapping, Set
from datetime import datetime, time, timedelta
from typing import Any, cast

import structlog
from django.db import connection

from compliance.gathering import attempts
from compliance.models import (
    CallerAuthority,
    ContactLedger,
    EmergencyArea,
    HouseLimitRow,
    SellerRegistration,
    SenderRegistration,
)
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
from core import clock

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


def callers(caller_ids: Set[str]) -> dict[str, list[CallerAuthority]]:
    """Return the inventory's rows of each caller ID."""
    found: dict[str, list[CallerAuthority]] = {}
    for row in CallerAuthority.objects.raw(
        "SELECT * FROM compliance_callerauthority WHERE number = ANY(%(numbers)s) ORDER BY id",
        {"numbers": list(caller_ids)},
    ):
        found.setdefault(row.number, []).append(row)
    return found


def caller_of(request: ContactRequest, rows: list[CallerAuthority], dials_today: int) -> CallerFacts:
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


def registrations(sellers: Set[str], states: Set[str]) -> dict[tuple[str, str], list[RegistrationFact]]:
    """Return the papers of each seller in each of the states, newest first."""
    rows = SellerRegistration.objects.raw(
        """
        SELECT * FROM compliance_sellerregistration
        WHERE seller = ANY(%(sellers)s) AND state = ANY(%(states)s) ORDER BY valid_from DESC, id DESC
        """,
        {"sellers": list(sellers), "states": list(states)},
    )
    found: dict[tuple[str, str], list[RegistrationFact]] = {}
    for row in rows:
        fact = RegistrationFact(
            state=row.state,
            certificate=row.certificate,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            exemption=row.exemption,
            covers_texts_only=row.covers_texts_only,
        )
        found.setdefault((row.seller, row.state), []).append(fact)
    return found


def emergencies(states: Set[str], at: datetime) -> list[EmergencyArea]:
    """Return the emergencies under way in the states, oldest first."""
    rows = EmergencyArea.objects.raw(
        """
        SELECT * FROM compliance_emergencyarea
        WHERE state = ANY(%(states)s) AND since <= %(at)s AND (until IS NULL OR until > %(at)s) ORDER BY since, id
        """,
        {"states": list(states), "at": at},
    )
    return list(rows)


def emergencies_of(
    request: ContactRequest, evidences: tuple[Evidence, ...], rows: list[EmergencyArea]
) -> tuple[EmergencyFact, ...]:
    """Return the emergencies the person may be in: by their ZIP where one of the state is known, else by the state alone."""
    states = {state for evidence in evidences for state in evidence.states}
    of_zip = {state for each in evidences if each.kind is EvidenceKind.ZIP for state in each.states}
    code = request.postal_code.strip()
    return tuple(
        EmergencyFact(state=row.state, area=row.area, since=row.since, until=row.until)
        for row in rows
        if row.state in states
        and (row.state not in of_zip or not row.zips or any(code.startswith(each) for each in row.zips))
    )


def policy_for(at: datetime) -> Policy:
    """Return the limits of the day with the house's stricter ones. Hidden SQL: one query.

    A limit of the house that the law has overtaken since counts no more: the law's own number is the stricter one.
    """
    rows = HouseLimitRow.objects.raw(
        """
        SELECT * FROM compliance_houselimitrow
        WHERE since <= %(day)s AND (until IS NULL OR until > %(day)s) ORDER BY id
        """,
        {"day": at.date()},
    )
    book = shipped()
    legal = {row.name: row for row in book.numbers if row.is_in_force(at.date())}
    return in_force(at, book, tuple(_usable(rows, legal)))


def value_from_json(legal: LegalNumber, stored: object) -> Value:
    """Return a stored value as the number's own type; raises ValueError if it is none."""
    if isinstance(legal.value, time) and isinstance(stored, str):
        return time.fromisoformat(stored)
    if isinstance(stored, bool | int | str):
        return stored
    raise ValueError(f"{stored!r} is no value for {legal.name}.")


def _usable(rows: Iterable[HouseLimitRow], legal: Mapping[str, LegalNumber]) -> Iterable[HouseLimit]:
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


def clock_problem(at: datetime) -> str:
    """Return why the time cannot be trusted, "" when it can: against the database's clock, and the newest contact's.

    The clocks compared are the real ones, so a demo's shifted time does not matter; the newest contact was stamped in it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT clock_timestamp(), (SELECT at FROM "{ContactLedger._meta.db_table}" ORDER BY id DESC LIMIT 1)'  # noqa: S608
        )
        database_now, newest = cursor.fetchone()
    off = clock.drift_from(database_now)
    if abs(off) > CLOCKS_MAY_DIFFER_BY:
        seconds = round(off.total_seconds())
        return f"this server's clock is {abs(seconds)} seconds {'ahead of' if seconds > 0 else 'behind'} the database's"
    if newest is not None and newest - at > CLOCKS_MAY_DIFFER_BY:
        return f"this server's time is {round((newest - at).total_seconds())} seconds before the newest contact's"
    return ""
