"""Reads of stored verdicts: the explorer's pages and one verdict with all it was based on."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from compliance.models import ComplianceDecision
from compliance.rules import stored
from compliance.rules.decision import Verdict
from compliance.rules.facts import ContactFacts
from core.errors import NotFound

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFilters:
    """What the verdict explorer is narrowed to; empty means all."""

    outcome: str = ""
    codes: tuple[str, ...] = ()  # any of these refusals
    number: str = ""
    campaign_ref: str = ""
    channel: str = ""
    purpose: str = ""
    since: date | None = None  # first and last day, UTC
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One decision as a list shows it."""

    id: int
    decided_at: datetime
    number: str
    outcome: str
    code: str
    sentence: str
    channel: str
    purpose: str
    campaign_ref: str
    next_allowed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage:
    """A page of decisions, newest first; `next_before` continues it, None at the end."""

    rows: tuple[DecisionRow, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionDetail:
    """One decision with all it was based on."""

    row: DecisionRow
    attempt_ref: str
    person_ref: str
    seller: str
    verdicts: tuple[Verdict, ...]
    facts: ContactFacts
    rules_version: str
    rules_hash: str


def list_decisions(filters: DecisionFilters, *, before: int | None = None, limit: int = PAGE) -> DecisionPage:
    """Return decisions, newest first, after the one with the id `before`. Hidden SQL: one query, a second one within days.

    Newest is the highest id; within a range of days it is the latest instant, so that an index finds the page.
    """
    rows = _narrowed(filters)
    within_days = filters.since is not None or filters.until is not None
    if before is not None:
        rows = rows.filter(_after(before) if within_days else Q(id__lt=before))
    order = ("-decided_at", "-id") if within_days else ("-id",)
    found = list(rows.defer("verdicts", "facts").order_by(*order)[: limit + 1])
    shown = tuple(_decision_row(row) for row in found[:limit])
    return DecisionPage(rows=shown, next_before=shown[-1].id if len(found) > limit else None)


def _narrowed(filters: DecisionFilters) -> "QuerySet[ComplianceDecision]":
    rows = ComplianceDecision.objects.all()
    equal = {
        name: value
        for name in ("outcome", "number", "campaign_ref", "channel", "purpose")
        if (value := getattr(filters, name))
    }
    if filters.codes:
        rows = rows.filter(code__in=filters.codes)
    if filters.since is not None:
        rows = rows.filter(decided_at__gte=datetime.combine(filters.since, time(0), UTC))
    if filters.until is not None:
        rows = rows.filter(decided_at__lt=datetime.combine(filters.until + timedelta(days=1), time(0), UTC))
    return rows.filter(**equal)


def _after(before: int) -> Q:
    """What follows this decision in a list ordered by instant."""
    last = ComplianceDecision.objects.filter(id=before).values_list("decided_at", flat=True).first()
    if last is None:
        return Q(id__lt=before)
    return Q(decided_at__lt=last) | Q(decided_at=last, id__lt=before)


def get_decision(decision_id: int) -> DecisionDetail:
    """Return one decision; raises NotFound. Hidden SQL: one query."""
    row = ComplianceDecision.objects.filter(id=decision_id).first()
    if row is None:
        raise NotFound("There is no verdict with this number.")
    return DecisionDetail(
        row=_decision_row(row),
        attempt_ref=row.attempt_ref,
        person_ref=row.person_ref,
        seller=row.seller,
        verdicts=stored.verdicts_from_json(json.loads(row.verdicts)),
        facts=stored.facts_from_json(json.loads(row.facts)),
        rules_version=row.rules_version,
        rules_hash=row.rules_hash,
    )


def number_of_decision(decision_id: int) -> str:
    """Return the number a decision is about; raises NotFound. Hidden SQL: one query."""
    found = ComplianceDecision.objects.filter(id=decision_id).values_list("number", flat=True).first()
    if found is None:
        raise NotFound("There is no verdict with this number.")
    return found


def decisions_for_number(number: str, *, limit: int = PAGE) -> tuple[DecisionRow, ...]:
    """Return the number's newest decisions. Hidden SQL: one query."""
    return list_decisions(DecisionFilters(number=number), limit=limit).rows


def _decision_row(row: ComplianceDecision) -> DecisionRow:
    return DecisionRow(
        id=row.id,
        decided_at=row.decided_at,
        number=row.number,
        outcome=row.outcome,
        code=row.code,
        sentence=row.sentence,
        channel=row.channel,
        purpose=row.purpose,
        campaign_ref=row.campaign_ref,
        next_allowed_at=row.next_allowed_at,
    )
