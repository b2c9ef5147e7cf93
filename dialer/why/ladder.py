"""The ladder of one lead: every condition from list to gate, which of them hold it, and one sentence about all. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from campaigns.recycling import MayTry
from carriers.pool_choice import PoolStanding
from compliance.rules.decision import Outcome, Verdict
from compliance.rules.engine import say_when

OPEN = "Lead open"
NO_TIME = datetime.min.replace(tzinfo=UTC)  # before every instant


class Light(StrEnum):
    """How a condition stands."""

    PASSED = "passed"
    NOT_BOUND = "not_bound"  # asked, and says nothing about this contact
    WAITS = "waits"  # time alone, or an agent who becomes free, lifts it
    STOPS = "stops"  # somebody must do something


class Fix(StrEnum):
    """Where the missing thing is supplied."""

    NOWHERE = ""
    CAMPAIGN = "campaign"  # its page: state, agents
    SETTINGS = "settings"  # the campaign's settings
    CONTACT = "contact"  # the person's record
    CODE = "code"  # where the rule's code says
    POOLS = "pools"  # the pools of caller IDs
    PLAN = "plan"  # the campaign's plan of further tries


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One condition. `text` is a sentence without its full stop; `passes_at` is aware, None where time does not lift it."""

    name: str
    light: Light
    text: str
    passes_at: datetime | None = None
    fix: Fix = Fix.NOWHERE
    rule_id: str = ""
    code: str = ""  # of a rule that denied
    by_override: bool = False  # a supervisor may lift it with a reason


BUSY = Rung(
    name="Line free",
    light=Light.WAITS,
    text="the number is being called now, or its last call is not settled yet",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a person stands in one campaign, as stored. Without `lead_id` they are on one of its lists only."""

    campaign: str
    campaign_state: str  # campaigns.models.Campaign.State
    lists: Sequence[str]  # of the campaign, that the person is on
    agents: int  # assigned
    agents_ready: int  # who wait for a card or call; of a callback promised by one agent, that agent
    caller_usable: bool
    lead_id: int | None = None
    lead_state: str = ""  # campaigns.models.CampaignLead.State
    reason: str = ""
    held_by: str = ""  # "" while the dialer holds it
    held_at: datetime | None = None
    attempts: int = 0
    max_attempts: int = 0
    next_try_at: datetime | None = None
    is_callback: bool = False
    callback_for: str = ""
    ahead: int = 0  # leads that are offered before this one
    why_then: str = ""  # what gives it that turn
    pool: PoolStanding | None = None  # whose numbers its calls show
    plan: MayTry | None = (
        None  # what the campaign's plan says of it now; None: there is none, or it does not bind
    )
    dials_first: Sequence[str] = ()  # running campaigns of a higher priority
    left_out: bool = False  # on a list or in a segment that the campaign leaves out


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberLadder:
    """One number of the person and what every rule of the gate says about it now."""

    number: str
    kind: str
    rungs: Sequence[Rung]  # in the order of ENG-001
    allowed: bool  # now
    next_at: datetime | None  # the first instant from the lead's next try on; None: not by waiting
    sentence: str  # the gate's, of that moment
    zone: str

    @property
    def denials(self) -> Sequence[Rung]:
        """Return the rules that hold the number."""
        return [rung for rung in self.rungs if rung.light in (Light.WAITS, Light.STOPS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The first thing that holds the lead and when it will dial, in one sentence."""

    sentence: str
    tone: Light  # PASSED: would dial now
    next_at: datetime | None = None


def lead_rungs(standing: Standing, *, numbers: int, now: datetime) -> list[Rung]:
    """Return the conditions of list, campaign and lead, in order; the gate's are asked after them, for each number."""
    rungs = [_membership(standing), _running(standing), _caller(standing), _agents(standing)]
    if standing.dials_first:
        rungs.append(_priority(standing))
    if standing.lead_id is not None:
        rungs += [_state(standing), _attempts(standing)]
    rungs.append(_numbers(numbers))
    if standing.lead_state == "ready":
        rungs += [_next_try(standing, now), *_planned(standing), _turn(standing)]
    return rungs


def answer(rungs: Sequence[Rung], numbers: Sequence[NumberLadder], *, now: datetime) -> Answer:
    """Return the one sentence: what must be done comes first, then the gate's lasting refusal, then what waits."""
    stopped = next((rung for rung in rungs if rung.light is Light.STOPS), None)
    if stopped:
        return Answer(sentence=f"Does not dial: {stopped.text}.", tone=Light.STOPS)
    best = _best(numbers)
    if best.next_at is None:
        return Answer(sentence=best.sentence, tone=Light.STOPS)
    waits = [rung for rung in (*rungs, *best.rungs) if rung.light is Light.WAITS]
    held = next((rung for rung in waits if rung.name == OPEN), None)
    if held:
        return Answer(sentence=f"At work now: {held.text}.", tone=Light.WAITS)
    if not best.allowed or any(rung.passes_at for rung in waits):
        last = _last_to_pass(waits)
        zone = ZoneInfo(best.zone) if best.zone else UTC
        sentence = f"Not before {say_when(best.next_at, now, zone)}: {last.text}."
        return Answer(sentence=sentence, tone=Light.WAITS, next_at=best.next_at)
    if waits:
        return Answer(sentence=f"Could dial now, but {waits[0].text}.", tone=Light.WAITS, next_at=now)
    return Answer(
        sentence="Would dial now: it passes every condition.", tone=Light.PASSED, next_at=best.next_at
    )


def rule_rung(verdict: Verdict, *, name: str, passes_at: datetime | None) -> Rung:
    """Return the rung of one rule's verdict."""
    if verdict.outcome is Outcome.ALLOW:
        light = Light.PASSED if verdict.applies else Light.NOT_BOUND
    else:
        light = Light.WAITS if verdict.waits else Light.STOPS
    return Rung(
        name=name,
        light=light,
        text=verdict.reason,
        passes_at=passes_at,
        fix=Fix.CODE if light is Light.STOPS else Fix.NOWHERE,
        rule_id=verdict.rule_id,
        code=verdict.code,
        by_override=verdict.needs_review,
    )


def _best(numbers: Sequence[NumberLadder]) -> NumberLadder:
    """The number the dialer would take: the one that may be called soonest, of equal ones the first."""
    waiting = [(one.next_at, index) for index, one in enumerate(numbers) if one.next_at is not None]
    return numbers[min(waiting)[1] if waiting else 0]


def _last_to_pass(waits: Sequence[Rung]) -> Rung:
    """The condition that time lifts last, of equal ones the first: what is worth saying of several."""
    return max(waits, key=lambda rung: rung.passes_at or NO_TIME)


def _membership(standing: Standing) -> Rung:
    name = "In the campaign"
    lists = " and ".join(f"“{each}”" for each in standing.lists) or "no list of the campaign any more"
    if standing.lead_id is not None:
        return Rung(name=name, light=Light.PASSED, text=f"a lead of “{standing.campaign}”, on {lists}")
    if standing.left_out:
        text = f"on {lists}, but also on a list or in a segment that “{standing.campaign}” leaves out"
        return Rung(name=name, light=Light.STOPS, text=text, fix=Fix.SETTINGS)
    took = "when it starts" if standing.campaign_state in ("draft", "scheduled") else "when it is resumed"
    text = f"on {lists}, but not a lead of “{standing.campaign}” yet: it takes people from its lists {took}"
    return Rung(name=name, light=Light.STOPS, text=text, fix=Fix.CAMPAIGN)


def _running(standing: Standing) -> Rung:
    name, state = "Campaign running", standing.campaign_state
    if state == "running":
        return Rung(name=name, light=Light.PASSED, text="the campaign is running")
    what = {
        "draft": "the campaign is a draft; start it",
        "scheduled": "the campaign starts by itself at its time; start it now, if that is too late",
        "draining": "the campaign is being drained, finishing what was begun; resume it",
        "paused": "the campaign is paused; resume it",
        "stopped": "the campaign was stopped for good; a new one over the same lists would call",
    }
    return Rung(
        name=name, light=Light.STOPS, text=what.get(state, f"the campaign is {state}"), fix=Fix.CAMPAIGN
    )


def _caller(standing: Standing) -> Rung:
    name = "Caller ID usable"
    if standing.caller_usable and standing.pool is not None:
        return _pool(name, standing.pool)
    if standing.caller_usable:
        return Rung(name=name, light=Light.PASSED, text="the caller ID is an active number of the inventory")
    text = "the campaign's caller ID is not an active number of the inventory; choose another one"
    return Rung(name=name, light=Light.STOPS, text=text, fix=Fix.SETTINGS)


def _pool(name: str, pool: PoolStanding) -> Rung:
    if pool.free:
        held = f" ({pool.sentence})" if pool.resting or pool.capped else ""
        text = f"{len(pool.free)} of the numbers of the pool “{pool.name}” may be shown now{held}"
        return Rung(name=name, light=Light.PASSED, text=text)
    text = f"every number of the pool “{pool.name}” is held: {pool.sentence}; a manager can end a rest or raise the cap"
    light = Light.WAITS if pool.next_at else Light.STOPS
    return Rung(name=name, light=light, text=text, passes_at=pool.next_at, fix=Fix.POOLS)


def _priority(standing: Standing) -> Rung:
    names = ", ".join(f"“{name}”" for name in standing.dials_first[:3])
    more = len(standing.dials_first) - 3
    who = f"{names} and {more} more" if more > 0 else names
    dial = "dials" if len(standing.dials_first) == 1 else "dial"
    return Rung(
        name="Dials first",
        light=Light.PASSED,
        text=f"{who} {dial} before it where lines or calls a second are short; the campaign's settings say who dials first",
        fix=Fix.SETTINGS,
    )


def _planned(standing: Standing) -> list[Rung]:
    """What the plan of further tries says: its waits and limits are asked when a lead is looked at, whatever its next try is."""
    plan, name = standing.plan, "Plan of further tries"
    if plan is None:
        return []
    if plan.numbers:
        count = len(plan.numbers)
        text = f"the plan lets {'one number' if count == 1 else f'{count} numbers'} be tried now"
        return [Rung(name=name, light=Light.PASSED, text=text)]
    text = plan.sentence.rstrip(".")
    light = Light.WAITS if plan.next_at else Light.STOPS
    return [
        Rung(name=name, light=light, text=text[:1].lower() + text[1:], passes_at=plan.next_at, fix=Fix.PLAN)
    ]


def _agents(standing: Standing) -> Rung:
    name, who = "Agent ready", standing.callback_for
    if not standing.agents:
        text = "nobody is assigned to the campaign; assign an agent"
        return Rung(name=name, light=Light.STOPS, text=text, fix=Fix.CAMPAIGN)
    if who and not standing.agents_ready:
        return Rung(name=name, light=Light.WAITS, text=f"{who}, who promised the call, is not waiting")
    if who:
        return Rung(name=name, light=Light.PASSED, text=f"{who}, who promised the call, is waiting")
    if not standing.agents_ready:
        return Rung(name=name, light=Light.WAITS, text="no agent assigned to it is waiting")
    text = f"{standing.agents_ready} of {standing.agents} assigned agents waiting"
    return Rung(name=name, light=Light.PASSED, text=text)


def _state(standing: Standing) -> Rung:
    name = OPEN
    if standing.lead_state == "held":
        text = (
            f"{standing.held_by} has it on the desk now"
            if standing.held_by
            else "the dialer is calling it now"
        )
        return Rung(name=name, light=Light.WAITS, text=text)
    if standing.lead_state == "finished":
        why = standing.reason.rstrip(".") or "no reason was kept"
        fix = Fix.SETTINGS if standing.left_out else Fix.CONTACT
        return Rung(name=name, light=Light.STOPS, text=f"the lead is finished: {why}", fix=fix)
    return Rung(name=name, light=Light.PASSED, text="open, with nobody at work on it")


def _attempts(standing: Standing) -> Rung:
    name, used = "Attempts left", f"{standing.attempts} of {standing.max_attempts} attempts used"
    if standing.attempts >= standing.max_attempts:
        # The limit finishes a lead with its next result; what is still open was promised, or is tried once more.
        return Rung(
            name=name,
            light=Light.PASSED,
            text=f"{used}; the next result finishes it unless a call is promised",
        )
    return Rung(name=name, light=Light.PASSED, text=used)


def _next_try(standing: Standing, now: datetime) -> Rung:
    name = "Next try due"
    at = standing.next_try_at
    if at is None or at <= now:
        return Rung(name=name, light=Light.PASSED, text="due now")
    why = standing.reason.rstrip(".")
    if standing.is_callback:
        text = f"{standing.callback_for or 'the campaign'} promised to call back then"
    else:
        text = f"it waits after “{why}”" if why else "its next try is later"
    return Rung(name=name, light=Light.WAITS, text=text, passes_at=at)


def _numbers(count: int) -> Rung:
    name = "Has a number"
    if count:
        text = "one number on record" if count == 1 else f"{count} numbers on record"
        return Rung(name=name, light=Light.PASSED, text=text)
    return Rung(
        name=name,
        light=Light.STOPS,
        text="no phone number is on record; import or sync one",
        fix=Fix.CONTACT,
    )


def _turn(standing: Standing) -> Rung:
    name = "Its turn"
    why = f" ({standing.why_then})" if standing.why_then else ""
    if not standing.ahead:
        return Rung(name=name, light=Light.PASSED, text=f"first in the queue{why}")
    return Rung(name=name, light=Light.PASSED, text=f"{standing.ahead:,} due before it{why}")
