"""What a campaign's plan of further tries says, and what the page about it shows."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import connection
from django.db.models import Count, Max

from campaigns import recycling
from campaigns.linter.recycling import LawfulHours, Planned
from campaigns.models import Campaign, ContactPhone, Disposition
from campaigns.recycling import OutcomeRule
from campaigns.selectors import legal_hours
from compliance.gathering import policy_for
from compliance.rules import places
from compliance.rules.facts import Channel, Purpose
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.policy import Policy
from core.errors import NotFound

ANYWHERE = "places we have no hours for"
# People of the lists too, so that a draft is judged by whom it will call. A person is where their first number is.
AREAS = """
SELECT substr(first.number, 1, 5) AS area, count(*)
  FROM (
    SELECT DISTINCT ON (phone.contact_id) phone.number
      FROM campaigns_contactphone AS phone
     WHERE phone.contact_id IN (
        SELECT lead.contact_id FROM campaigns_lead AS lead
          JOIN campaigns_campaign_lists AS lists ON lists.leadlist_id = lead.lead_list_id
         WHERE lists.campaign_id = %(campaign)s
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
        opens=campaign.window_opens, closes=campaign.window_closes, days=campaign.window_days
    )


def digest(stored: Mapping[str, object] | None) -> str:
    """Return what tells one stored plan from another."""
    return hashlib.sha256(json.dumps(stored, sort_keys=True).encode()).hexdigest()[:16]


def get_page(campaign_id: int, *, now: datetime) -> AttemptsPage:
    """Return the plan of a campaign, as it is or as the results say it. Raises NotFound. Hidden SQL: a fixed number of queries."""
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound("This campaign does not exist.")
    plan = plan_of(campaign)
    results = list(
        Disposition.objects.filter(disposition_set_id=campaign.disposition_set_id).order_by("position", "id")
    )
    rows = [_row(each, plan) for each in results if each.retry_minutes is not None]
    return AttemptsPage(
        campaign_id=campaign.pk,
        name=campaign.name,
        state=campaign.state,
        plan=plan,
        seen=digest(campaign.attempt_plan),
        max_attempts=campaign.max_attempts,
        rows=rows,
        final=[each.label for each in results if each.retry_minutes is None and not each.automatic],
        planned=_planned(campaign, plan, rows, policy_for(now), now),
    )


def _row(result: Disposition, plan: recycling.Plan | None) -> ResultRow:
    rule = plan.rule(result.code) if plan else None
    return ResultRow(
        code=result.code,
        label=result.label,
        automatic=result.automatic,
        rule=rule or OutcomeRule(code=result.code, wait_minutes=result.retry_minutes or 0),
    )


def _planned(
    campaign: Campaign,
    plan: recycling.Plan | None,
    rows: Sequence[ResultRow],
    policy: Policy,
    now: datetime,
) -> Planned:
    states = _people_by_state(campaign.pk)
    sells = campaign.purpose_in_law is Purpose.TELEMARKETING
    today = now.date()
    cap, rule = _cap(policy, states, today) if sells else (policy.attempts_per_24h, "ST-003")
    return Planned(
        plan=plan,
        window=window_of(campaign),
        max_attempts=campaign.max_attempts,
        results=[row.rule for row in rows],
        labels=[(row.code, row.label) for row in rows],
        most_numbers=_most_numbers(campaign.pk),
        cap_24h=cap,
        cap_rule=rule,
        hours=[
            _hours(policy, state, people, campaign.window_days, today, purpose=campaign.purpose_in_law)
            for state, people in sorted(states.items())
        ],
        now=now,
    )


def _people_by_state(campaign_id: int) -> Counter[str]:
    """Return how many people of the campaign's lists are where, by USPS code; "" where nothing is known."""
    with connection.cursor() as cursor:
        cursor.execute(AREAS, {"campaign": campaign_id})
        rows = cursor.fetchall()
    found: Counter[str] = Counter()
    for area, people in rows:
        evidence = places.describe_number(f"{area}5550100").evidence
        found[min(evidence.states, default="") if evidence else ""] += people
    return found


def _most_numbers(campaign_id: int) -> int:
    counts = (
        ContactPhone.objects.filter(contact__leads__lead_list__campaigns=campaign_id)
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
