"""How many leads of a campaign each condition leaves, from the list to a call that could be made now, and why the rest is held."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction
from django.db.models import Count, Min
from numpy.typing import NDArray

from campaigns.models import Campaign, CampaignLead
from campaigns.selectors import segments
from campaigns.selectors.crowd import STATES, Members, read_members
from campaigns.services.work import WorkItem, WorkPhone
from compliance.crowd.people import Address, Crowd, Ints
from compliance.crowd.sorting import Sorted, sort_crowd
from compliance.crowd.steps import Step
from compliance.rules.codes import CODES
from compliance.rules.facts import Channel, Purpose
from compliance.services import ContactRequest
from core.errors import NotFound
from core.types import as_phone
from dialer.models import DialAttempt
from dialer.models.calls import OPEN_ATTEMPTS
from dialer.services import caller_ids, offers
from dialer.why.ahead import IN_TIME, LASTING, NOBODY, Ahead, look_ahead
from dialer.why.planned import held_by_plan

Flags = NDArray[np.bool_]
TOP = 5  # reasons told for each step
EXAMPLES = 3  # people named for each reason
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNTAKEN, READY, HELD, FINISHED = range(len(STATES))
NAMES: Final = {
    Step.DIALABLE: "Has a number that can be dialed",
    Step.SUPPRESSED: "Did not ask not to be called",
    Step.LISTED: "On no registry, or lifted",
    Step.CONSENTED: "Has the consent this needs",
    Step.SET_UP: "Seller and caller ID in order",
    Step.CAPS: "Not tried too often",
    Step.TODAY: "Callable today",
    Step.NOW: "Callable now",
}
# What holds a lead that is not the gate's: codes of ours beside compliance.rules.codes.
OWN_WORDS: Final = {
    "NO_NUMBER": "No phone number",
    "NEXT_TRY": "Waits for its next try",
    "WITH_AGENT": "With an agent, or being called now",
    "PROMISED": "Promised by one agent, and a campaign that dials by itself keeps no call for one",
    "NUMBER_BUSY": "The number is being called now",
    "PLAN": "The plan of further tries holds it: a wait, or a limit",
    "POOL": "Every number of its pool of caller IDs rests or made its calls of the day",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a step held leads, how many, and the contact ids of some of them; `code` is the gate's or of OWN_WORDS."""

    text: str
    leads: int
    examples: Sequence[int]
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCount:
    """One condition: how many leads passed it and all before, how many it held, and why: the most frequent reasons."""

    name: str
    leads: int
    lost: int
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """The counts as of one instant. A lead with several numbers passes a step while any of them does."""

    campaign_id: int
    as_of: datetime
    steps: Sequence[StepCount]
    ahead: Ahead = NOBODY  # of whom it can reach, now or by waiting

    @property
    def total(self) -> int:
        """Return how many people the campaign is about."""
        return self.steps[0].leads

    @property
    def callable_today(self) -> int:
        """Return how many of them may be called in the rest of their day, those who may be now included."""
        return self.steps[-2].leads

    @property
    def callable_now(self) -> int:
        """Return how many of them may be called now."""
        return self.steps[-1].leads


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """For each person the step that holds them (NOWHERE: none) and an index into `codes`."""

    steps: Ints
    reasons: Ints
    codes: Sequence[str]
    ahead: Ahead


def waterfall(campaign_id: int, *, now: datetime) -> Waterfall:
    """Return the counts, exactly those that asking about every lead would give; a million leads take seconds.

    “Today” is the rest of the day where the person most likely is: some instant of it passes the rules, and the lead's next
    try is due by its end. Raises NotFound, compliance.crowd.registries.CannotCount.
    """
    campaign = Campaign.objects.filter(id=campaign_id).first()
    if campaign is None:
        raise NotFound("This campaign does not exist.")
    with _collector_paused(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '128MB'")
        fitting = segments.untaken_of(campaign_id, now=now)
        without = segments.untaken_left_out(campaign_id, now=now)
        members = read_members(
            campaign_id, with_debts=campaign.purpose == Purpose.DEBT, fitting=fitting, without=without
        )
        is_open = _is_open(campaign, members)
        held = _held(campaign, members, is_open, now)
    steps = [
        StepCount(name="On its lists", leads=len(members.contacts), lost=0, reasons=()),
        StepCount(
            name="Still to do",
            leads=int(is_open.sum()),
            lost=int((~is_open).sum()),
            reasons=_reasons_done(campaign_id, members, is_open),
        ),
    ]
    for step, name in NAMES.items():
        steps.append(_count(step, name, held, members.contacts[is_open]))
    return Waterfall(campaign_id=campaign_id, as_of=now, steps=steps, ahead=held.ahead)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep Python from looking for cycles among millions of small values that have none: half of the time went there."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _is_open(campaign: Campaign, members: Members) -> Flags:
    """Who is still to do: a draft takes everybody on its lists when it starts, others have taken whom they call."""
    is_open: Flags = (members.states == READY) | (members.states == HELD)
    if campaign.state in (Campaign.State.DRAFT, Campaign.State.SCHEDULED):
        is_open |= members.states == UNTAKEN
    return is_open


def _held(campaign: Campaign, members: Members, is_open: Flags, now: datetime) -> _Held:
    lines = is_open[members.owners]
    owners = (is_open.cumsum() - 1)[members.owners[lines]]
    crowd = crowd_of(members, lines)
    found = sort_crowd(crowd, requests_about(campaign, crowd, now), now=now)
    codes = [*found.codes, "NO_NUMBER", "NEXT_TRY", "WITH_AGENT", "PROMISED", "NUMBER_BUSY", "PLAN", "POOL"]
    no_number, next_try, with_agent, promised, busy, plan, pool = range(len(found.codes), len(codes))
    _hold_by_plan(campaign, crowd, found, plan, now)
    if (shown := caller_ids.standing(campaign, now=now)) is not None and not shown.free:
        _hold(
            found.steps,
            found.reasons,
            np.ones(len(found.steps), np.bool_),
            Step.NOW if shown.next_at else Step.SET_UP,
            pool,
        )
    _hold(found.steps, found.reasons, _is_busy(crowd), Step.NOW, busy)
    size = int(is_open.sum())
    steps, reasons = np.full(size, int(Step.DIALABLE)), np.full(size, no_number)
    best, person = _best_lines(found.steps, owners)
    steps[person], reasons[person] = found.steps[best], found.reasons[best]

    due = np.where(members.states[is_open] == UNTAKEN, 0, members.next_tries[is_open])
    ends = np.full(size, _micros(now + timedelta(days=1)))
    ends[person] = _ends_of_today(found, now)[found.likely[best]]
    if (
        offers.channel_of(campaign) is not Channel.LIVE_PREVIEW
    ):  # campaigns.services.work.candidates of no agent
        _hold(steps, reasons, np.isin(members.contacts[is_open], members.promised), Step.TODAY, promised)
    _hold(steps, reasons, due >= ends, Step.TODAY, next_try)
    _hold(steps, reasons, due > _micros(now), Step.NOW, next_try)
    _hold(steps, reasons, members.states[is_open] == HELD, Step.NOW, with_agent)
    lasts = np.isin(reasons, [code for code, name in enumerate(codes) if name in LASTING])
    is_in_reach = (steps == Step.NOWHERE) | (np.isin(steps, IN_TIME) & ~lasts)
    zone_of = np.full(size, -1)
    zone_of[person] = found.likely[best]
    numbers_of = np.bincount(owners[found.steps > Step.DIALABLE], minlength=size)
    ahead = look_ahead(np.flatnonzero(is_in_reach), found.zones, zone_of, numbers_of, due, now=now)
    return _Held(steps=steps, reasons=reasons, codes=codes, ahead=ahead)


def _hold_by_plan(campaign: Campaign, crowd: Crowd, found: Sorted, code: int, now: datetime) -> None:
    """Hold the lines that the plan of further tries does not let be tried now."""
    if campaign.attempt_plan is None:
        return
    held = held_by_plan(campaign, crowd, _ends_of_today(found, now)[found.likely], now=now)
    for step in (Step.CAPS, Step.TODAY, Step.NOW):
        here = np.zeros(len(found.steps), np.bool_)
        here[held.lines[held.steps == step]] = True
        _hold(found.steps, found.reasons, here, step, code)


def crowd_of(members: Members, lines: Flags) -> Crowd:
    """Return those of the members' phones that are to be asked about."""
    owners = members.owners[lines]
    return Crowd(
        numbers=members.numbers[lines],
        persons=members.contacts[owners],
        places=members.places[owners],
        flagged=members.flagged[owners],
        at_work=members.at_work[lines],
        addresses=[Address(*each) for each in members.addresses],
        asked_at=members.asked_at,
        debt_refs=members.debt_refs,
    )


def _best_lines(steps: Ints, owners: Ints) -> tuple[Ints, Ints]:
    """The number of each person that comes furthest, of equal ones the first to try; and whose it is."""
    order = np.lexsort((np.arange(len(steps)), -steps, owners))
    person, first = np.unique(owners[order], return_index=True)
    return order[first], person


def _is_busy(crowd: Crowd) -> Flags:
    """Whose number has a call under way, of this campaign or another: the dialer starts no second one."""
    open_attempts = DialAttempt.objects.filter(state__in=OPEN_ATTEMPTS).order_by("number", "id")
    numbers = [int(number) for number in open_attempts.values_list("number", flat=True)]
    return np.isin(crowd.numbers, numbers)


def _hold(steps: Ints, reasons: Ints, is_held: Flags, step: Step, code: int) -> None:
    """Hold the leads at `step` that would pass it."""
    late = is_held & (steps > step)
    steps[late], reasons[late] = int(step), code


def _ends_of_today(found: Sorted, now: datetime) -> Ints:
    """When the day ends in each likely zone."""
    ends = []
    for name in found.zones:
        zone = ZoneInfo(name or "UTC")
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        ends.append(_micros(datetime.combine(tomorrow, time(0), zone)))
    return np.array(ends, np.int64)


def _micros(instant: datetime) -> int:
    """Microseconds since 1970: what PostgreSQL keeps of an instant."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def requests_about(campaign: Campaign, crowd: Crowd, now: datetime) -> Callable[[int], ContactRequest]:
    """Return what makes the gate's request about a line of the crowd, showing one number of its pool for all.

    Hidden SQL: at most three queries.
    """
    channel, pool = offers.channel_of(campaign), caller_ids.standing(campaign, now=now)
    shown = pool.free[0] if pool and pool.free else ""
    own = offers.campaign_facts(campaign, channel, now=now)

    def request(line: int) -> ContactRequest:
        address = crowd.addresses[int(crowd.places[line])]
        kind = offers.WORK if crowd.at_work[line] else ""
        phone = WorkPhone(id=0, number=as_phone(f"+{crowd.numbers[line]}"), kind=kind)
        item = WorkItem(
            campaign_lead_id=0,
            contact_id=int(crowd.persons[line]),
            phones=[phone],
            city=address.city,
            state=address.state,
            postal_code=address.postal_code,
            country=address.country,
            stated_zone=address.stated_zone,
            crm_do_not_call=bool(crowd.flagged[line]),
            callback_asked_at=crowd.asked_at.get(int(crowd.persons[line])),
            debt_ref=crowd.debt_refs.get(int(crowd.persons[line]), ""),
        )
        return offers.request_for(
            campaign, item, phone, own=own, channel=channel, attempt_ref="why", caller_id=shown
        )

    return request


def _count(step: Step, name: str, held: _Held, contacts: Ints) -> StepCount:
    here = held.steps == step
    counts = np.bincount(held.reasons[here], minlength=len(held.codes))
    ranked = sorted(np.flatnonzero(counts).tolist(), key=lambda code: (-counts[code], held.codes[code]))
    reasons = [
        Reason(
            text=OWN_WORDS.get(held.codes[code]) or CODES.get(held.codes[code], held.codes[code]),
            leads=int(counts[code]),
            examples=contacts[np.flatnonzero(here & (held.reasons == code))[:EXAMPLES]].tolist(),
            code=held.codes[code],
        )
        for code in ranked[:TOP]
    ]
    return StepCount(name=name, leads=int((held.steps > step).sum()), lost=int(here.sum()), reasons=reasons)


def _reasons_done(campaign_id: int, members: Members, is_open: Flags) -> list[Reason]:
    """Why leads are done, in the words that were kept with them; and who was not taken from the lists yet."""
    rows = (
        CampaignLead.objects.filter(campaign_id=campaign_id, state=CampaignLead.State.FINISHED)
        .values_list("reason")
        .annotate(number=Count("id"), example=Min("contact_id"))
        .order_by("-number", "reason")[:TOP]
    )
    found = [
        Reason(text=reason or "Finished", leads=number, examples=[example])
        for reason, number, example in rows
    ]
    untaken = members.contacts[~is_open & (members.states == UNTAKEN)]
    if len(untaken):
        words = "On a list, not taken into the campaign yet"
        found.append(Reason(text=words, leads=len(untaken), examples=untaken[:EXAMPLES].tolist()))
    return sorted(found, key=lambda each: -each.leads)[:TOP]
