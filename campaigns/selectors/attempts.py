"""What a campaign's plan of further tries says, and what the page about it shows."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import connection
from django.db.models import Count, Max

from campaigns import breaks, daysoff, recycling
from campaigns.linter.recycling import LawfulHours, Planned
from campaigns.models import Campaign, ContactPhone, Disposition
from campaigns.recycling import OutcomeRule
from campaigns.selectors import legal_hours, versions
from compliance.gathering import policy_for
from compliance.rules import places
from compliance.rules.facts import Channel, Purpose
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.policy import Policy

ANYWHERE = "places we have no hours for"
# People of the lists too, so that a draft is judged by whom it will call. A person is where their first number is.
AREAS = """
SELECT substr(first.number, 1, 5) AS area, count(*)
  FROM (
    SELECT DISTINCT ON (phone.contact_id) phone.number
      FROM campaigns_contactphone AS phone
     WHERE phone.contact_id IN (
        SELECT lead.contact_id FROM campaigns_lead AS lead
         WHERE lead.lead_list_id = ANY(%(lists)s)
     )
     ORDER BY phone.contact_id, phone.position, phone.id
  ) AS first
 GROUP BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One result that leads to another try, with its row of the plan, or what it says itself."""

    code: str
    label: str
    automatic: bool
    rule: OutcomeRule


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptsPage:
    """What the page shows, and what is needed to judge a plan typed there."""

    campaign_id: int
    name: str
    state: str
    plan: recycling.Plan | None
    seen: str  # which plan the page shows
    max_attempts: int
    rows: Sequence[ResultRow]
    final: Sequence[str]  # labels of the results after which nobody is tried again
    planned: Planned


def plan_of(campaign: Campaign) -> recycling.Plan | None:
    """Return the campaign's plan; None where the plain rule holds."""
    return recycling.read(campaign.attempt_plan)


def window_of(campaign: Campaign) -> recycling.Window:
    """Return when the campaign calls, in the person's zone."""
    return recycling.Window(
        opens=campaign.window_opens,
        closes=campaign.window_closes,
        days=campaign.window_days,
        breaks=breaks.read(campaign.window_breaks),
        off=daysoff.read(campaign.days_off),
    )


def digest(stored: Mapping[str, object] | None) -> str:
    """Return what tells one stored plan from another."""
    return hashlib.sha256(json.dumps(stored, sort_keys=True).encode()).hexdigest()[:16]


def get_page(campaign_id: int, *, now: datetime) -> AttemptsPage:
    """Return the plan of a campaign's newest version, as it is or as the results say it.

    Raises NotFound. Hidden SQL: a fixed number of queries.
    """
    state = Campaign.objects.filter(pk=campaign_id).values_list("state", flat=True).first()
    setup = versions.newest(campaign_id).setup
    plan = recycling.read(setup["attempt_plan"])
    return AttemptsPage(
        campaign_id=campaign_id,
        name=setup["name"],
        state=state or "",
        plan=plan,
        seen=digest(setup["attempt_plan"]),
        max_attempts=setup["max_attempts"],
        rows=rows_of(setup["disposition_set_id"], plan),
        final=final_of(setup["disposition_set_id"]),
        planned=planned_of(setup, now=now),
    )


def rows_of(disposition_set_id: int, plan: recycling.Plan | None) -> list[ResultRow]:
    """Return the results of a set that lead to another try, with what the plan says of them, or they themselves; one query."""
    results = Disposition.objects.filter(disposition_set_id=disposition_set_id, retry_minutes__isnull=False)
    return [_row(each, plan) for each in results.order_by("position", "id")]


def final_of(disposition_set_id: int) -> list[str]:
    """Return the labels of the results of a set after which nobody is tried again; one query."""
    results = Disposition.objects.filter(
        disposition_set_id=disposition_set_id, retry_minutes__isnull=True, automatic=False
    )
    return list(results.order_by("position", "id").values_list("label", flat=True))


def _row(result: Disposition, plan: recycling.Plan | None) -> ResultRow:
    rule = plan.rule(result.code) if plan else None
    return ResultRow(
        code=result.code,
        label=result.label,
        automatic=result.automatic,
        rule=rule or OutcomeRule(code=result.code, wait_minutes=result.retry_minutes or 0),
    )


def planned_of(setup: Mapping[str, Any], *, now: datetime) -> Planned:
    """Return what the linter may know of the further tries of a frozen setup, saved or not; a fixed number of queries."""
    plan, policy, today = recycling.read(setup["attempt_plan"]), policy_for(now), now.date()
    rows, lists, days = (
        rows_of(setup["disposition_set_id"], plan),
        list(setup["list_ids"]),
        setup["window_days"],
    )
    states = _people_by_state(lists)
    declared = Campaign(purpose=setup["purpose"], answers_never_sell=setup["answers_never_sell"])
    sells = declared.purpose_in_law is Purpose.TELEMARKETING
    cap, rule = _cap(policy, states, today) if sells else (policy.attempts_per_24h, "ST-003")
    return Planned(
        plan=plan,
        window=recycling.Window(
            opens=time.fromisoformat(setup["window_opens"]),
            closes=time.fromisoformat(setup["window_closes"]),
            days=days,
            breaks=breaks.read(setup.get("window_breaks", "")),
            off=daysoff.read(setup.get("days_off", "")),
        ),
        max_attempts=setup["max_attempts"],
        results=[row.rule for row in rows],
        labels=[(row.code, row.label) for row in rows],
        most_numbers=_most_numbers(lists),
        cap_24h=cap,
        cap_rule=rule,
        hours=[
            _hours(policy, state, people, days, today, purpose=declared.purpose_in_law)
            for state, people in sorted(states.items())
        ],
        now=now,
    )


def _people_by_state(list_ids: list[int]) -> Counter[str]:
    """Return how many people of the lists are where, by USPS code; "" where nothing is known."""
    with connection.cursor() as cursor:
        cursor.execute(AREAS, {"lists": list_ids})
        rows = cursor.fetchall()
    found: Counter[str] = Counter()
    for area, people in rows:
        evidence = places.describe_number(f"{area}5550100").evidence
        found[min(evidence.states, default="") if evidence else ""] += people
    return found


def _most_numbers(list_ids: list[int]) -> int:
    counts = (
        ContactPhone.objects.filter(contact__leads__lead_list__in=list_ids)
        .order_by()
        .values("contact_id")
        .annotate(numbers=Count("id", distinct=True))
    )
    return counts.aggregate(most=Max("numbers"))["most"] or 1


def _cap(policy: Policy, states: Mapping[str, int], on: date) -> tuple[int, str]:
    """Return how often a person may be tried in 24 hours where the rules are strictest, and by which rule."""
    caps = [(policy.attempts_per_24h, "ST-003")]
    for state in states:
        rows = policy.book.hours_rows(state, Channel.LIVE_PREVIEW, on) if state else ()
        caps += [(row.cap, f"ST-003, {row.name}") for row in rows if row.cap and row.cap_hours == 24]
    return min(caps)


def _hours(policy: Policy, state: str, people: int, days: str, on: date, *, purpose: Purpose) -> LawfulHours:
    """Return the widest hours of any of the campaign's days in a state; none at all where it is closed on each."""
    of_days = legal_hours.spans(policy, state, purpose, ahead=False, on=on)
    found = [span for day in days if (span := of_days[int(day)]) is not None]
    return LawfulHours(
        place=STATE_NAMES.get(state, ANYWHERE).removeprefix("the "),
        people=people,
        opens=min((opens for opens, _ in found), default=time(0)),
        closes=max((closes for _, closes in found), default=time(0)),
    )
