"""Reads: the evidence for the rules, and what the pages show. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from compliance.models import ContactLedger, DncEntry, DncListImport, OpenClearance, Suppression
from compliance.rules import frequency, places
from compliance.rules.facts import (
    AttemptFact,
    CampaignWindow,
    Channel,
    ContactFacts,
    ContactRequest,
    Purpose,
    RegistryFacts,
    RegistryListing,
    SuppressionFact,
    SuppressionScope,
)
from compliance.rules.policy import in_force
from compliance.rules.registry import NATIONAL
from compliance.store.explorer import (
    DecisionDetail,
    DecisionFilters,
    DecisionPage,
    DecisionRow,
    decisions_for_number,
    get_decision,
    list_decisions,
)

__all__ = [
    "DecisionDetail",
    "DecisionFilters",
    "DecisionPage",
    "DecisionRow",
    "RegistryImportRow",
    "SuppressionPage",
    "SuppressionRow",
    "decisions_for_number",
    "get_decision",
    "list_decisions",
    "list_registry_imports",
    "list_suppressions",
    "load_facts",
]

PAGE = 50
# An attempt whose clearance ran out unused never rang, so it does not count; the minute allows for servers' clocks to differ.
UNUSED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Snapshot:
    id: int
    name: str
    seller: str
    as_of: date
    area_codes: frozenset[str]

    def covers(self, number: str) -> bool:
        return not self.area_codes or number[2:5] in self.area_codes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    person_ref: str
    fact: AttemptFact


def load_facts(requests: Sequence[ContactRequest], at: datetime) -> list[ContactFacts]:
    """Gather the evidence for each request, in order. Hidden SQL: four queries, however many requests."""
    numbers = {request.number for request in requests}
    persons = {request.person_ref for request in requests} - {""}
    suppressions: dict[str, list[SuppressionFact]] = {}
    for row in Suppression.objects.filter(number__in=numbers).order_by("id"):
        fact = SuppressionFact(
            seller=row.seller,
            scope=SuppressionScope(row.scope),
            reason=row.reason,
            heard_on=row.heard_on,
            at=row.at,
        )
        suppressions.setdefault(row.number, []).append(fact)
    snapshots = _active_snapshots({request.seller for request in requests})
    listed: dict[str, set[int]] = {}
    for number, snapshot_id in DncEntry.objects.filter(
        number__in=numbers, snapshot_id__in=[snapshot.id for snapshot in snapshots]
    ).values_list("number", "snapshot_id"):
        listed.setdefault(number, set()).add(snapshot_id)
    attempts = _recent_attempts(numbers, persons, at)
    return [
        _facts(
            request,
            at,
            suppressions=tuple(suppressions.get(request.number, ())),
            registry=_registry(request, snapshots, listed.get(request.number, set())),
            attempts=tuple(
                attempt.fact
                for attempt in attempts
                if attempt.fact.number == request.number
                or (request.person_ref and attempt.person_ref == request.person_ref)
            ),
        )
        for request in requests
    ]


def _facts(
    request: ContactRequest,
    at: datetime,
    *,
    suppressions: tuple[SuppressionFact, ...],
    registry: RegistryFacts,
    attempts: tuple[AttemptFact, ...],
) -> ContactFacts:
    number = places.describe_number(request.number)
    address = places.address_evidences(
        postal_code=request.postal_code,
        state=request.state,
        city=request.city,
        stated_zone=request.stated_zone,
    )
    return ContactFacts(
        at=at,
        number=request.number,
        channel=request.channel,
        purpose=request.purpose,
        seller=request.seller,
        campaign_ref=request.campaign_ref,
        person_ref=request.person_ref,
        attempt_ref=request.attempt_ref,
        caller_id=request.caller_id,
        ring_seconds=request.ring_seconds,
        number_problem=number.problem,
        region=number.region,
        country_stated=places.country_outside_us(request.country),
        evidences=((number.evidence,) if number.evidence else ()) + address,
        window=CampaignWindow(
            opens=request.window_opens, closes=request.window_closes, days=request.window_days
        ),
        suppressions=suppressions,
        crm_do_not_call=request.crm_do_not_call,
        campaign=request.campaign,
        message=request.message,
        debt=request.debt,
        registry=registry,
        attempts=attempts,
    )


def _active_snapshots(sellers: set[str]) -> list[_Snapshot]:
    rows = DncListImport.objects.filter(active=True, seller__in=sellers).order_by("-as_of", "-id")
    return [
        _Snapshot(
            id=row.id, name=row.name, seller=row.seller, as_of=row.as_of, area_codes=frozenset(row.area_codes)
        )
        for row in rows
    ]


def _registry(request: ContactRequest, snapshots: Sequence[_Snapshot], listed: set[int]) -> RegistryFacts:
    own = [snapshot for snapshot in snapshots if snapshot.seller == request.seller]
    national = [snapshot for snapshot in own if snapshot.name == NATIONAL]
    covering = [snapshot.as_of for snapshot in national if snapshot.covers(request.number)]
    return RegistryFacts(
        seller_has_snapshot=bool(national),
        covers_number=bool(covering),
        as_of=max(covering, default=None),
        listings=tuple(
            RegistryListing(name=snapshot.name, as_of=snapshot.as_of)
            for snapshot in own
            if snapshot.id in listed
        ),
    )


def _recent_attempts(numbers: set[Any], persons: set[str], at: datetime) -> list[_Attempt]:
    never_rang = OpenClearance.objects.filter(
        Q(voided_at__isnull=False) | Q(consumed_at__isnull=True, expires_at__lte=at - UNUSED_AFTER),
        decision_id=OuterRef("decision_id"),
    )
    rows = (
        ContactLedger.objects.filter(
            Q(number__in=numbers) | Q(person_ref__in=persons), at__gt=at - frequency.REACH
        )
        .exclude(Exists(never_rang))
        .order_by("id")
    )
    return [
        _Attempt(
            person_ref=row.person_ref,
            fact=AttemptFact(
                at=row.at,
                number=row.number,
                channel=Channel(row.channel),
                purpose=Purpose(row.purpose),
                seller=row.seller,
                campaign_ref=row.campaign_ref,
            ),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionRow:
    """One request not to be called."""

    id: int
    number: str
    seller: str
    scope: str
    reason: str
    raw_words: str
    heard_on: str
    recorded_by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionPage:
    """A page of requests, newest first; `next_before` continues it, None at the end."""

    rows: tuple[SuppressionRow, ...]
    next_before: int | None


def list_suppressions(
    *, number_contains: str = "", before: int | None = None, limit: int = PAGE
) -> SuppressionPage:
    """Return requests not to be called, newest first; `number_contains` holds digits. Hidden SQL: one query."""
    rows = Suppression.objects.all()
    if number_contains:
        rows = rows.filter(number__contains=number_contains)
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[: limit + 1])
    shown = tuple(
        SuppressionRow(
            id=row.id,
            number=row.number,
            seller=row.seller,
            scope=row.scope,
            reason=row.reason,
            raw_words=row.raw_words,
            heard_on=row.heard_on,
            recorded_by=row.recorded_by,
            at=row.at,
        )
        for row in found[:limit]
    )
    return SuppressionPage(rows=shown, next_before=shown[-1].id if len(found) > limit else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryImportRow:
    """One registry copy with its age."""

    id: int
    name: str
    seller: str
    san: str
    area_codes: tuple[str, ...]
    as_of: date
    age_days: int
    is_too_old: bool
    accepted: int
    duplicates: int
    refused: int
    refused_lines: tuple[tuple[int, str, str], ...]
    imported_by: str
    imported_at: datetime
    active: bool
    file_sha256: str


def list_registry_imports(*, now: datetime, limit: int = PAGE) -> tuple[RegistryImportRow, ...]:
    """Return registry copies, active ones first, then newest. Hidden SQL: one query."""
    limit_days = in_force(now).registry_max_age_days
    rows = DncListImport.objects.order_by("-active", "-as_of", "-id")[:limit]
    return tuple(
        RegistryImportRow(
            id=row.id,
            name=row.name,
            seller=row.seller,
            san=row.san,
            area_codes=tuple(row.area_codes),
            as_of=row.as_of,
            age_days=(now.date() - row.as_of).days,
            is_too_old=(now.date() - row.as_of).days > limit_days,
            accepted=row.accepted,
            duplicates=row.duplicates,
            refused=row.refused,
            refused_lines=tuple((line[0], line[1], line[2]) for line in row.refused_lines),
            imported_by=row.imported_by,
            imported_at=row.imported_at,
            active=row.active,
            file_sha256=row.file_sha256,
        )
        for row in rows
    )
