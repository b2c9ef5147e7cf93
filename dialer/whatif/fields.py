"""What of a plan can be changed, with words, units and bounds: one table for the page, the command and the API. Pure."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any, Final

from dialer.whatif.plan import OVER_DIALS, Plan, seconds_of

MODES: Final = ("preview", "progressive", "power", "predictive")
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_LEADS: Final = 5_000_000
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


class _Wrong(ValueError):
    """A value nobody can read; its text says what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input. `name` is also that of the command's option and the API's parameter."""

    name: str
    label: str
    unit: str
    kind: str  # of the page's input: number, time, date, text, choice
    read: Callable[[str, Plan], dict[str, Any]]
    show: Callable[[Plan], str]
    help: str = ""
    only: Sequence[str] = ()  # modes it matters in; empty: all
    step: str = "1"


def _number(text: str, least: float, most: float, what: str) -> float:
    try:
        value = float(text.replace(",", "").replace("%", "").strip())
    except ValueError:
        raise _Wrong(f"“{text[:40]}” is no number. {what}") from None
    if not math.isfinite(value) or not least <= value <= most:
        raise _Wrong(what)
    return value


def _plain(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _whole(name: str, label: str, least: int, most: int, **more: Any) -> Field:
    attribute, what = (
        more.pop("of", name),
        f"{label}: a whole number from {least:,} to {most:,}{more.pop('hint', '')}.",
    )

    def read(text: str, plan: Plan) -> dict[str, Any]:
        value = _number(text, least, most, what)
        if value != int(value):
            raise _Wrong(what)
        return {attribute: int(value)}

    return Field(
        name=name, label=label, kind="number", read=read, show=lambda plan: str(getattr(plan, attribute)),
        unit=more.pop("unit", ""), **more,
    )  # fmt: skip


def _seconds(name: str, label: str, least: float, most: float, of: str, **more: Any) -> Field:
    what = f"{label}: from {least:g} to {most:,.0f} seconds."
    return Field(
        name=name, label=label, kind="number", unit="seconds", step="any",
        read=lambda text, plan: {of: _number(text, least, most, what)},
        show=lambda plan: f"{getattr(plan, of):.0f}", **more,
    )  # fmt: skip


def _percent(name: str, label: str, of: str, **more: Any) -> Field:
    what = f"{label}: from 0 to 100 %."
    return Field(
        name=name, label=label, kind="number", unit="%", step="any",
        read=lambda text, plan: {of: _number(text, 0, 100, what) / 100},
        show=lambda plan: _plain(round(getattr(plan, of) * 100, 2)), **more,
    )  # fmt: skip


def _answers(text: str, plan: Plan) -> dict[str, Any]:
    share = _number(text, 0, 100, "People who answer: from 0 to 100 %.") / 100
    return {"answers": share, "counted": 0}


def _clock(name: str, label: str, of: str) -> Field:
    def read(text: str, plan: Plan) -> dict[str, Any]:
        found = re.fullmatch(r"\s*([01]?\d|2[0-3]):([0-5]\d)(?::00)?\s*", text)
        if found is None:
            raise _Wrong(f"“{text[:40]}” is no time of day. Write it like 09:00.")
        return {of: time(int(found[1]), int(found[2]))}

    return Field(
        name=name,
        label=label,
        unit="",
        kind="time",
        read=read,
        show=lambda plan: f"{getattr(plan, of):%H:%M}",
    )


def _day(name: str, label: str, of: str, *, optional: bool, help_: str = "") -> Field:
    def read(text: str, plan: Plan) -> dict[str, Any]:
        if optional and not text.strip():
            return {of: None}
        try:
            day = date.fromisoformat(text.strip())
        except ValueError:
            raise _Wrong(f"“{text[:40]}” is no day. Write it like 2026-11-30.") from None
        if of != "begins" or day <= plan.begins:
            return {of: day}
        # By then everybody whom only a day holds is ready.
        return {of: day, "not_before": time(0), "leads": plan.leads + plan.later, "later": 0}

    def show(plan: Plan) -> str:
        day = getattr(plan, of)
        return day.isoformat() if day else ""

    return Field(name=name, label=label, unit="", kind="date", read=read, show=show, help=help_)


def _weekdays(text: str, plan: Plan) -> dict[str, Any]:
    what = "Choose at least one day, like Mon-Fri or Mon Wed Sat."
    known = {name.lower(): number for number, name in enumerate(DAYS)}
    days: set[int] = set()
    for part in re.split(r"[\s,;]+", re.sub(r"\s*[-–]\s*", "-", text.strip())):
        ends = [known.get(word[:3].lower(), -1) for word in part.split("-")]
        if not 1 <= len(ends) <= 2 or min(ends) < 0 or ends[0] > ends[-1]:
            raise _Wrong(what)
        days.update(range(ends[0], ends[-1] + 1))
    return {"days": "".join(str(day) for day in sorted(days))}


def _days_of(plan: Plan) -> str:
    """Return days as people write them: Mon-Fri Sun."""
    spans: list[list[int]] = []
    for day in map(int, plan.days):
        if spans and spans[-1][1] == day - 1:
            spans[-1][1] = day
        else:
            spans.append([day, day])
    return " ".join(f"{DAYS[first]}-{DAYS[last]}" if last > first else DAYS[first] for first, last in spans)


def _mode(text: str, plan: Plan) -> dict[str, Any]:
    if text not in MODES:
        raise _Wrong(f"There is no mode “{text[:40]}”. Choose one of {', '.join(MODES)}.")
    return {"mode": text}


def _detection(text: str, plan: Plan) -> dict[str, Any]:
    if text not in ("on", "off"):
        raise _Wrong("Answering-machine detection is on or off.")
    return {"detects": text == "on"}


def _leads(text: str, plan: Plan) -> dict[str, Any]:
    leads = int(_number(text, 0, MOST_LEADS, f"Leads: a whole number from 1 to {MOST_LEADS:,}."))
    if leads == plan.leads + plan.later:
        return {}
    later = min(plan.later, leads)
    return {"leads": leads - later, "later": later}


_PACED: Final = ("progressive", "power", "predictive")
FIELDS: Final[Sequence[Field]] = (
    _whole("agents", "Agents", 1, 2000, hint="; nobody is called without one"),
    _clock("opens", "From", "opens"),
    _clock("closes", "Until", "closes"),
    Field(
        name="days", label="Days", unit="", kind="text", read=_weekdays,
        show=_days_of,
    ),
    _day("begins", "First day", "begins", optional=False),
    _day(
        "finish_by", "To be done by", "finish_by", optional=True,
        help_="Then the fewest agents are told that get there.",
    ),
    Field(name="mode", label="Mode", unit="", kind="choice", read=_mode, show=lambda plan: plan.mode),
    Field(
        name="ratio", label="Calls for each free agent", unit="", kind="number", step="0.1", only=("power",),
        read=lambda text, plan: {
            "ratio": _number(text, 1, 10, "Calls for each free agent: from 1 to 10.")
        },
        show=lambda plan: _plain(plan.ratio),
    ),
    Field(
        name="cap", label="At most abandoned", unit="%", kind="number", step="any", only=OVER_DIALS,
        read=lambda text, plan: {"cap": _number(text, 0, 100, "At most abandoned: from 0 % to the law’s cap.") / 100},
        show=lambda plan: _plain(round(plan.cap * 100, 2)),
    ),
    Field(
        name="detection", label="Machine detection", unit="", kind="choice", read=_detection, only=_PACED,
        show=lambda plan: "on" if plan.detects else "off",
    ),
    Field(
        name="answer_rate", label="People who answer", unit="%", kind="number", step="any", read=_answers,
        show=lambda plan: _plain(round(plan.answers * 100, 2)), help="Of all calls started.",
    ),
    _percent("machine_rate", "Machines that answer", "machines"),
    _percent("busy_rate", "Busy", "busy"),
    _percent("failed_rate", "Not reachable", "failed"),
    _seconds("talk_seconds", "Talk", 5, 3600, "talk"),
    _seconds("wrap_seconds", "Wrap-up", 0, 3600, "wrap"),
    _seconds("reading_seconds", "Reading the card", 0, 600, "reading", only=("preview",)),
    _whole("ring_seconds", "Ring for", 1, 120, of="ring", unit="seconds"),
    _whole("attempts", "Attempts a person", 1, 50),
    Field(
        name="cps", label="Calls the carrier starts", unit="a second", kind="number", step="any",
        read=lambda text, plan: {"cps": _number(text, 0.01, 1000, "Calls the carrier starts: from 0.01 to 1,000 a second.")},
        show=lambda plan: _plain(plan.cps),
    ),
    Field(
        name="leads", label="Leads", unit="", kind="number", read=_leads,
        show=lambda plan: str(plan.leads + plan.later), help="Those the rules let through, now or in time.",
    ),
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
        if not text.strip() and field.name != "finish_by":
            continue
        try:
            made = replace(made, **field.read(text, made))
        except _Wrong as wrong:
            problems.append(Problem(field=field.name, text=str(wrong)))
    told = {problem.field for problem in problems}
    problems += [problem for problem in _problems(made, limits) if problem.field not in told]
    return made, problems


def changed(plan: Plan, own: Plan) -> frozenset[str]:
    """Return the fields in which a plan is not its campaign's own."""
    return frozenset(field.name for field in FIELDS if field.show(plan) != field.show(own))


def _problems(plan: Plan, limits: Limits) -> Iterator[Problem]:
    """Give what a plan as a whole breaks."""
    if plan.opens >= plan.closes:
        yield Problem(field="closes", text="These hours never open: choose an end after the beginning.")
    elif seconds_of(plan.closes) - seconds_of(plan.opens) < 900:
        yield Problem(
            field="closes", text="The day is under a quarter of an hour: too short to say anything of. Open it longer."
        )  # fmt: skip
    if limits.sells and (plan.opens < limits.opens or plan.closes > limits.closes):
        hours = f"{limits.opens:%H:%M} to {limits.closes:%H:%M}"
        yield Problem(
            field="opens" if plan.opens < limits.opens else "closes",
            text=f"The law allows sales calls from {hours} in the person’s zone ({HOURS_LAW}). Choose hours within.",
        )
    if plan.mode in OVER_DIALS and plan.cap > limits.cap + 1e-9:
        yield Problem(
            field="cap",
            text=f"At most {_plain(limits.cap * 100)} % of the calls answered live may be abandoned ({CAP_LAW}). "
            "Choose that or less.",
        )
    if plan.begins < limits.today:
        yield Problem(field="begins", text="The first day has passed: choose today or a later one.")
    if plan.begins > limits.today + AHEAD:
        yield Problem(field="begins", text="The first day is more than a year ahead: choose an earlier one.")
    if plan.ring < limits.ring:
        yield Problem(
            field="ring_seconds", text=f"Let it ring at least {limits.ring} seconds (rule FED-019)."
        )
    if (whole := plan.answers + plan.machines + plan.busy + plan.failed) > 1 + 1e-9:
        yield Problem(
            field="answer_rate",
            text=f"People, machines, busy and not reachable make {whole * 100:.1f} % together: more than all calls. Lower one of them.",
        )
    if plan.finish_by and plan.finish_by < plan.begins:
        yield Problem(
            field="finish_by", text="It is to be done before it begins: choose a day after the first one."
        )
