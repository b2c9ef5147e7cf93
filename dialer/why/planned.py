"""Whom of a crowd the campaign's plan of further tries holds: the same answers as when a lead is looked at, for many at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from campaigns import recycling
from campaigns.models import Campaign
from campaigns.recycling import MayTry, Plan
from campaigns.selectors import attempts
from campaigns.services.work import WorkItem, WorkPhone
from compliance.crowd.people import Crowd, Ints
from compliance.crowd.steps import Step
from core.types import as_phone
from dialer import try_reads
from dialer.callflow import NetworkOutcome
from dialer.models import Call

AT_ONCE = 2000  # people whose tries are read by one query


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanHeld:
    """Lines of a crowd that the plan holds, and the step each is held at."""

    lines: Ints
    steps: Ints


def held_by_plan(campaign: Campaign, crowd: Crowd, ends: Ints, *, now: datetime) -> PlanHeld:
    """Return the lines that are not tried now; `ends` is when the day ends for each, in microseconds since 1970.

    Hidden SQL: none without a plan; else one query, and one for each AT_ONCE people who were tried.
    """
    plan = attempts.plan_of(campaign)
    lines: list[int] = []
    steps: list[int] = []
    if plan is not None:
        for line, step in _held(campaign, plan, crowd, ends, now):
            lines.append(line)
            steps.append(int(step))
    return PlanHeld(lines=np.array(lines, np.int64), steps=np.array(steps, np.int64))


def _held(
    campaign: Campaign, plan: Plan, crowd: Crowd, ends: Ints, now: datetime
) -> Iterator[tuple[int, Step]]:
    tried = np.unique(crowd.persons[_is_tried(campaign, plan, crowd, now)]).tolist()
    people = [person for person in tried if person not in crowd.asked_at]  # a promised callback stands
    order = np.argsort(crowd.persons, kind="stable")
    ordered = crowd.persons[order]
    for begins in range(0, len(people), AT_ONCE):
        some = people[begins : begins + AT_ONCE]
        of = {
            person: order[
                np.searchsorted(ordered, person) : np.searchsorted(ordered, person, "right")
            ].tolist()
            for person in some
        }
        items = [_item(crowd, person, rows) for person, rows in of.items()]
        for person, found in try_reads.people_of(campaign, items, plan, now=now).items():
            may = recycling.may_try(plan, found, now=now)
            for line in of[person]:
                if f"+{crowd.numbers[line]}" not in may.numbers:
                    yield line, _step(may, int(ends[line]))


def _is_tried(campaign: Campaign, plan: Plan, crowd: Crowd, now: datetime) -> NDArray[np.bool_]:
    """Who was tried, as far as the plan counts: the others it holds nowhere."""
    counted = Q(campaign_id=campaign.pk) | Q(created_at__gt=now - timedelta(days=plan.person_days))
    calls = Call.objects.filter(counted).exclude(outcome=NetworkOutcome.NOT_PLACED).order_by()
    rows = list(calls.values_list("contact_id", "number").distinct())
    found: NDArray[np.bool_] = np.isin(crowd.persons, [person for person, _ in rows if person])
    found |= np.isin(crowd.numbers, [int(number) for _, number in rows])
    return found


def _item(crowd: Crowd, person: int, lines: Sequence[int]) -> WorkItem:
    address = crowd.addresses[int(crowd.places[lines[0]])]
    return WorkItem(
        campaign_lead_id=person,  # the answers are asked for by it
        contact_id=person,
        phones=[
            WorkPhone(id=0, number=as_phone(f"+{crowd.numbers[line]}"), kind="", position=position)
            for position, line in enumerate(lines)
        ],
        city=address.city,
        state=address.state,
        postal_code=address.postal_code,
        country=address.country,
        stated_zone=address.stated_zone,
        crm_do_not_call=False,  # the gate asks it; no plan does
    )


def _step(may: MayTry, ends: int) -> Step:
    if may.numbers:
        return Step.NOW  # another number of theirs is tried first
    if may.next_at is None:
        return Step.CAPS
    return Step.TODAY if may.next_at.timestamp() * 1_000_000 >= ends else Step.NOW
