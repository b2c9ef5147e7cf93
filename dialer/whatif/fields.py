"""What of a plan can be changed, with words, units and bounds: one table for the page, the command and the API. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any, Final

from campaigns import breaks
from dialer.whatif.hours import slots
from dialer.whatif.inputs import (
    Field,
    Wrong,
    clock,
    day,
    days_of,
    number,
    percent,
    person_limit,
    person_limit_of,
    places,
    places_of,
    plain,
    rate_of_hour,
    resting,
    seconds,
    weekdays,
    whole,
)
from dialer.whatif.plan import ORDERS, OVER_DIALS, Plan, seconds_of

MODES: Final = ("preview", "progressive", "power", "predictive")
MOST_LEADS: Final = 5_000_000
MOST_KINDS: Final = (
    1000  # of leads told apart: zones x attempts x tries a day; more would take a worker minutes
)
AHEAD: Final = timedelta(days=366)
HOURS_LAW: Final = "rule FED-001: 47 CFR 64.1200(c)(1)"
CAP_LAW: Final = "rule FED-016: 16 CFR 310.4(b)(4)(i), 47 CFR 64.1200(a)(7)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the law bounds, from the rule book in force. Shares from 0 to 1."""

    cap: float
    ring: int  # seconds
    opens: time
    closes: time
    sells: bool  # the hours bind sales
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a plan cannot be played: the field, and what to do."""

    field: str
    text: str


def _answers(text: str, plan: Plan) -> dict[str, Any]:
    share = number(text, 0, 100, "People who answer: from 0 to 100 %.") / 100
    return {"answers": share, "counted": 0}


def _mode(text: str, plan: Plan) -> dict[str, Any]:
    if text not in MODES:
        raise Wrong(f"There is no mode “{text[:40]}”. Choose one of {', '.join(MODES)}.")
    return {"mode": text}


def _detection(text: str, plan: Plan) -> dict[str, Any]:
    if text not in ("on", "off"):
        raise Wrong("Answering-machine detection is on or off.")
    return {"detects": text == "on"}


def _leads(text: str, plan: Plan) -> dict[str, Any]:
    leads = int(number(text, 0, MOST_LEADS, f"Leads: a whole number from 1 to {MOST_LEADS:,}."))
    if leads == plan.leads + plan.later:
        return {}
    later = min(plan.later, leads)
    kept = min(1.0, leads / max(1, plan.leads + plan.later))
    due = tuple((at, round(count * kept)) for at, count in plan.due)
    return {"leads": leads - later, "later": later, "due": due}


def _order(text: str, plan: Plan) -> dict[str, Any]:
    if text not in ORDERS:
        raise Wrong(f"There is no order “{text[:40]}” here. Choose one of {', '.join(ORDERS)}.")
    return {"order": text}


_PACED: Final = ("progressive", "power", "predictive")
FIELDS: Final[Sequence[Field]] = (
    whole("agents", "Agents", 1, 2000, hint="; nobody is called without one"),
    clock("opens", "From", "opens"),
    clock("closes", "Until", "closes"),
    Field(
        name="days", label="Days", unit="", kind="text", read=weekdays,
        show=days_of,
    ),
    Field(
        name="breaks", label="Breaks", unit="", kind="long", read=resting, show=lambda plan: breaks.say(plan.breaks), optional=True,
        help="Nobody is called then. Like 12:00-13:00, 16:00-16:15.",
    ),
    clock("works_from", "Team at work from", "works_from", optional=True, help_="By the office’s clock. Empty: as From."),
    clock("works_until", "Team at work until", "works_until", optional=True, help_="By the office’s clock. Empty: as Until."),
    percent("break_rate", "Agents’ breaks", "break_share", most=60, help="Of their paid time."),
    day("begins", "First day", "begins", optional=False),
    day(
        "finish_by", "To be done by", "finish_by", optional=True,
        help_="Then the fewest agents are told that get there.",
    ),
    Field(name="mode", label="Mode", unit="", kind="choice", read=_mode, show=lambda plan: plan.mode),
    Field(
        name="ratio", label="Calls for each free agent", unit="", kind="number", step="0.1", only=("power",),
        read=lambda text, plan: {
            "ratio": number(text, 1, 10, "Calls for each free agent: from 1 to 10.")
        },
        show=lambda plan: plain(plan.ratio),
    ),
    Field(
        name="cap", label="At most abandoned", unit="%", kind="number", step="any", only=OVER_DIALS,
        read=lambda text, plan: {"cap": number(text, 0, 100, "At most abandoned: from 0 % to the law’s cap.") / 100},
        show=lambda plan: plain(round(plan.cap * 100, 2)),
    ),
    Field(
        name="detection", label="Machine detection", unit="", kind="choice", read=_detection, only=_PACED,
        show=lambda plan: "on" if plan.detects else "off",
    ),
    Field(
        name="answer_rate", label="People who answer", unit="%", kind="number", step="any", read=_answers,
        show=lambda plan: plain(round(plan.answers * 100, 2)), help="Of all calls started.",
    ),
    percent("machine_rate", "Machines that answer", "machines"),
    percent("busy_rate", "Busy", "busy"),
    percent("failed_rate", "Not reachable", "failed"),
    seconds("talk_seconds", "Talk", 5, 3600, "talk"),
    seconds("wrap_seconds", "Wrap-up", 0, 3600, "wrap"),
    seconds("reading_seconds", "Reading the card", 0, 600, "reading", only=("preview",)),
    whole("ring_seconds", "Ring for", 1, 120, of="ring", unit="seconds"),
    whole("attempts", "Attempts a person", 1, 50),
    whole("per_number", "Tries of one number", 1, 50, optional=True, help="Empty: no limit of its own."),
    whole("per_day", "Tries of a person a day", 1, 20, optional=True, help="Empty: no limit of its own."),
    Field(
        name="per_person", label="Tries of a person over all campaigns", unit="", kind="text", read=person_limit,
        show=person_limit_of, optional=True, help="Like 7 in 7 days; empty: no limit of its own. Taken as an even spacing.",
    ),
    Field(
        name="order", label="Who comes first", unit="", kind="choice", read=_order, show=lambda plan: plan.order,
        help="Matters where people are in several zones.",
    ),
    Field(
        name="cps", label="Calls the carrier starts", unit="a second", kind="number", step="any",
        read=lambda text, plan: {"cps": number(text, 0.01, 1000, "Calls the carrier starts: from 0.01 to 1,000 a second.")},
        show=lambda plan: plain(plan.cps),
    ),
    percent("callback_rate", "Ask to be called again", "callback_rate", help="Of those who talk with an agent."),
    Field(
        name="callback_days", label="Called again after", unit="days", kind="number", step="any",
        read=lambda text, plan: {"callback_days": number(text, 0.01, 90, "Called again after: from 0.01 to 90 days.")},
        show=lambda plan: plain(plan.callback_days),
    ),
    Field(
        name="zones", label="Where people are", unit="% by zone", kind="long", read=places, show=places_of, optional=True,
        help="Each zone’s hours open and close by its own clock.",
    ),
    Field(
        name="leads", label="Leads", unit="", kind="number", read=_leads,
        show=lambda plan: str(plan.leads + plan.later), help="Those the rules let through, now or in time.",
    ),
    *(rate_of_hour(hour) for hour in range(24)),
)  # fmt: skip
BY_NAME: Final[Mapping[str, Field]] = {field.name: field for field in FIELDS}


def change(plan: Plan, given: Mapping[str, str], limits: Limits) -> tuple[Plan, list[Problem]]:
    """Return the plan with what was given in place of its own values, and everything that keeps it from being played.

    What is empty or unchanged stays, with its basis. Names that are no fields are problems too.
    """
    problems = [
        Problem(field=name, text=f"There is no input “{name[:40]}”. There are {', '.join(BY_NAME)}.")
        for name in given
        if name not in BY_NAME
    ]
    made = plan
    for field in FIELDS:
        text = given.get(field.name)
        if text is None or text.strip() == field.show(plan):
            continue
        if not text.strip() and not field.optional:
            continue
        try:
            made = replace(made, **field.read(text, made))
        except Wrong as wrong:
            problems.append(Problem(field=field.name, text=str(wrong)))
    told = {problem.field for problem in problems}
    problems += [problem for problem in _problems(made, limits) if problem.field not in told]
    return made, problems


def changed(plan: Plan, own: Plan) -> frozenset[str]:
    """Return the fields in which a plan is not its campaign's own."""
    return frozenset(field.name for field in FIELDS if field.show(plan) != field.show(own))


def _problems(plan: Plan, limits: Limits) -> Iterator[Problem]:
    """Give what a plan as a whole breaks."""
    yield from _closed(plan)
    if limits.sells and (plan.opens < limits.opens or plan.closes > limits.closes):
        hours = f"{limits.opens:%H:%M} to {limits.closes:%H:%M}"
        yield Problem(
            field="opens" if plan.opens < limits.opens else "closes",
            text=f"The law allows sales calls from {hours} in the person’s zone ({HOURS_LAW}). Choose hours within.",
        )
    if plan.mode in OVER_DIALS and plan.cap > limits.cap + 1e-9:
        yield Problem(
            field="cap",
            text=f"At most {plain(limits.cap * 100)} % of the calls answered live may be abandoned ({CAP_LAW}). "
            "Choose that or less.",
        )
    if plan.begins < limits.today:
        yield Problem(field="begins", text="The first day has passed: choose today or a later one.")
    if plan.begins > limits.today + AHEAD:
        yield Problem(field="begins", text="The first day is more than a year ahead: choose an earlier one.")
    if plan.kinds > MOST_KINDS:
        yield Problem(
            field="attempts",
            text=f"So many attempts, tries a day and zones make {plan.kinds:,} kinds of people; at most {MOST_KINDS:,} are told apart. "
            "Lower one of them, or leave the tries a day empty.",
        )
    if plan.ring < limits.ring:
        yield Problem(
            field="ring_seconds", text=f"Let it ring at least {limits.ring} seconds (rule FED-019)."
        )
    others = plan.machines + plan.busy + plan.failed
    rates = [
        ("answer_rate", plan.answers),
        *((f"answer_rate_{hour:02}", share) for hour, share in plan.entered_hours),
    ]
    for name, share in rates:
        if share + others > 1 + 1e-9:
            text = f"People, machines, busy and not reachable make {(share + others) * 100:.1f} % together: more than all calls."
            yield Problem(field=name, text=f"{text} Lower one of them.")
    if plan.finish_by and plan.finish_by < plan.begins:
        yield Problem(
            field="finish_by", text="It is to be done before it begins: choose a day after the first one."
        )


def _closed(plan: Plan) -> Iterator[Problem]:
    """Give what keeps everybody from being called at any time."""
    if plan.opens >= plan.closes:
        yield Problem(field="closes", text="These hours never open: choose an end after the beginning.")
    elif seconds_of(plan.closes) - seconds_of(plan.opens) < 900:
        yield Problem(
            field="closes", text="The day is under a quarter of an hour: too short to say anything of. Open it longer."
        )  # fmt: skip
    faults = breaks.faults(plan.breaks, plan.opens, plan.closes) if plan.opens < plan.closes else []
    for fault in faults:
        yield Problem(field="breaks", text=fault)
    since, until = plan.shift
    if since >= until:
        if plan.works_from or plan.works_until:
            yield Problem(
                field="works_until", text="The team goes before it comes: choose an end after the beginning."
            )
    elif seconds_of(until) - seconds_of(since) < 900 and (plan.works_from or plan.works_until):
        yield Problem(
            field="works_until",
            text="The team is at work under a quarter of an hour: too short to say anything of.",
        )
    elif plan.opens < plan.closes and not faults and next(slots(plan), None) is None:
        yield Problem(
            field="works_from",
            text="While the team is at work nobody’s hours are open: choose other hours, days or zones.",
        )
