"""The inputs of a plan: how the text of each is read and shown. Pure."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from campaigns import breaks
from dialer.whatif.plan import Plan

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ZONES: Final = {
    "Eastern": "America/New_York", "Central": "America/Chicago", "Mountain": "America/Denver", "Arizona": "America/Phoenix",
    "Pacific": "America/Los_Angeles", "Alaska": "America/Anchorage", "Hawaii": "Pacific/Honolulu",
}  # fmt: skip
NAMES: Final = {zone: name for name, zone in ZONES.items()}
MOST_ZONES: Final = 12


class Wrong(ValueError):
    """A value nobody can read; its text says what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input. `name` is also that of the command's option and the API's parameter."""

    name: str
    label: str
    unit: str
    kind: str  # of the page's input: number, time, date, text, long (a text of several lines), choice
    read: Callable[[str, Plan], dict[str, Any]]
    show: Callable[[Plan], str]
    help: str = ""
    only: Sequence[str] = ()  # modes it matters in; empty: all
    step: str = "1"
    optional: bool = False  # may be emptied, which says something


def number(text: str, least: float, most: float, what: str) -> float:
    """Return the number a text says; raises Wrong with `what` would be right."""
    try:
        value = float(text.replace(",", "").replace("%", "").strip())
    except ValueError:
        raise Wrong(f"“{text[:40]}” is no number. {what}") from None
    if not math.isfinite(value) or not least <= value <= most:
        raise Wrong(what)
    return value


def plain(value: float) -> str:
    """Return a number without needless digits."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def whole(name: str, label: str, least: int, most: int, **more: Any) -> Field:
    """Return an input for a whole number; `of` is the plan's attribute where it has another name. An optional one may be none."""
    attribute, what = (
        more.pop("of", name),
        f"{label}: a whole number from {least:,} to {most:,}{more.pop('hint', '')}.",
    )

    def read(text: str, plan: Plan) -> dict[str, Any]:
        if not text.strip():
            return {attribute: None}
        value = number(text, least, most, what)
        if value != int(value):
            raise Wrong(what)
        return {attribute: int(value)}

    def show(plan: Plan) -> str:
        value = getattr(plan, attribute)
        return "" if value is None else str(value)

    return Field(
        name=name, label=label, kind="number", read=read, show=show,
        unit=more.pop("unit", ""), **more,
    )  # fmt: skip


def seconds(name: str, label: str, least: float, most: float, of: str, **more: Any) -> Field:
    """Return an input for a length of time."""
    what = f"{label}: from {least:g} to {most:,.0f} seconds."
    return Field(
        name=name, label=label, kind="number", unit="seconds", step="any",
        read=lambda text, plan: {of: number(text, least, most, what)},
        show=lambda plan: f"{getattr(plan, of):.0f}", **more,
    )  # fmt: skip


def percent(name: str, label: str, of: str, *, most: float = 100, **more: Any) -> Field:
    """Return an input for a share."""
    what = f"{label}: from 0 to {most:g} %."
    return Field(
        name=name, label=label, kind="number", unit="%", step="any",
        read=lambda text, plan: {of: number(text, 0, most, what) / 100},
        show=lambda plan: plain(round(getattr(plan, of) * 100, 2)), **more,
    )  # fmt: skip


def clock(name: str, label: str, of: str, *, optional: bool = False, help_: str = "") -> Field:
    """Return an input for a time of day."""

    def read(text: str, plan: Plan) -> dict[str, Any]:
        if optional and not text.strip():
            return {of: None}
        found = re.fullmatch(r"\s*([01]?\d|2[0-3]):([0-5]\d)(?::00)?\s*", text)
        if found is None:
            raise Wrong(f"“{text[:40]}” is no time of day. Write it like 09:00.")
        return {of: time(int(found[1]), int(found[2]))}

    def show(plan: Plan) -> str:
        at = getattr(plan, of)
        return f"{at:%H:%M}" if at else ""

    return Field(
        name=name, label=label, unit="", kind="time", read=read, show=show, optional=optional, help=help_
    )


def day(name: str, label: str, of: str, *, optional: bool, help_: str = "") -> Field:
    """Return an input for a day."""

    def read(text: str, plan: Plan) -> dict[str, Any]:
        if optional and not text.strip():
            return {of: None}
        try:
            day = date.fromisoformat(text.strip())
        except ValueError:
            raise Wrong(f"“{text[:40]}” is no day. Write it like 2026-11-30.") from None
        if of != "begins" or day <= plan.begins:
            return {of: day}
        # By then everybody whom only a day holds is ready.
        passed = 24 * (day - plan.begins).days
        due = tuple((at - passed, leads) for at, leads in plan.due if at > passed)
        return {of: day, "not_before": time(0), "leads": plan.leads + plan.later, "later": 0, "due": due}

    def show(plan: Plan) -> str:
        day = getattr(plan, of)
        return day.isoformat() if day else ""

    return Field(
        name=name, label=label, unit="", kind="date", read=read, show=show, help=help_, optional=optional
    )


def weekdays(text: str, plan: Plan) -> dict[str, Any]:
    """Read days as people write them."""
    what = "Choose at least one day, like Mon-Fri or Mon Wed Sat."
    known = {name.lower(): number for number, name in enumerate(DAYS)}
    days: set[int] = set()
    for part in re.split(r"[\s,;]+", re.sub(r"\s*[-–]\s*", "-", text.strip())):
        ends = [known.get(word[:3].lower(), -1) for word in part.split("-")]
        if not 1 <= len(ends) <= 2 or min(ends) < 0 or ends[0] > ends[-1]:
            raise Wrong(what)
        days.update(range(ends[0], ends[-1] + 1))
    return {"days": "".join(str(day) for day in sorted(days))}


def days_of(plan: Plan) -> str:
    """Return days as people write them: Mon-Fri Sun."""
    spans: list[list[int]] = []
    for day in map(int, plan.days):
        if spans and spans[-1][1] == day - 1:
            spans[-1][1] = day
        else:
            spans.append([day, day])
    return " ".join(f"{DAYS[first]}-{DAYS[last]}" if last > first else DAYS[first] for first, last in spans)


def resting(text: str, plan: Plan) -> dict[str, Any]:
    """Read the campaign's breaks."""
    try:
        return {"breaks": breaks.read(text)}
    except breaks.NotBreaks as wrong:
        raise Wrong(str(wrong)) from None


def places(text: str, plan: Plan) -> dict[str, Any]:
    """Read where people are: zones with their shares."""
    shares: dict[str, float] = {}
    for part in re.split(r"[,;\n]+", text):
        if not part.strip():
            continue
        found = re.fullmatch(r"\s*([A-Za-z_/+\- 0-9]*?[A-Za-z_0-9])\s+([0-9.]+)\s*%?\s*", part)
        if found is None:
            raise Wrong(
                f"“{part.strip()[:40]}” is no zone with its share. Write it like Eastern 60, Pacific 40."
            )
        zone = _zone(found[1])
        shares[zone] = shares.get(zone, 0.0) + number(
            found[2], 0.01, 1e9, f"{found[1]}: a share above 0, like 40."
        )
    if len(shares) > MOST_ZONES:
        raise Wrong(f"At most {MOST_ZONES} zones. Put the smallest together.")
    return {"zones": tuple(shares.items())}


def places_of(plan: Plan) -> str:
    """Return zones as people write them: Eastern 60, Pacific 40."""
    return ", ".join(f"{NAMES.get(zone, zone)} {plain(round(share * 100, 1))}" for zone, share in plan.where)


def person_limit(text: str, plan: Plan) -> dict[str, Any]:
    """Read how often a person may be tried in some days."""
    if not text.strip():
        return {"per_person": None}
    found = re.fullmatch(r"\s*([0-9]{1,3})\s*(?:in|/)\s*([0-9]{1,3})\s*(?:d|days?)?\s*", text)
    if found is None or not 1 <= int(found[1]) <= 50 or not 1 <= int(found[2]) <= 30:
        raise Wrong("Tries of a person: 1 to 50 in 1 to 30 days, like 7 in 7 days; empty for no limit.")
    return {"per_person": int(found[1]), "person_days": int(found[2])}


def person_limit_of(plan: Plan) -> str:
    """Return that limit as people write it."""
    return f"{plan.per_person} in {plan.person_days} days" if plan.per_person else ""


def rate_of_hour(hour: int) -> Field:
    """Return the input for the people who answer in one hour of the office's day."""
    what = f"People who answer at {hour:02}:00: from 0 to 100 %, or empty."

    def read(text: str, plan: Plan) -> dict[str, Any]:
        entered = dict(plan.entered_hours)
        entered.pop(hour, None)
        if text.strip():
            entered[hour] = number(text, 0, 100, what) / 100
        return {"entered_hours": tuple(sorted(entered.items()))}

    def show(plan: Plan) -> str:
        share = dict(plan.entered_hours).get(hour)
        return "" if share is None else plain(round(share * 100, 2))

    return Field(
        name=f"answer_rate_{hour:02}", label=f"{hour:02}:00", unit="%", kind="number", step="any", read=read, show=show,
        optional=True,
    )  # fmt: skip


def _zone(name: str) -> str:
    """Return the IANA name of a zone. Raises Wrong."""
    known = ZONES.get(name.strip().capitalize())
    if known:
        return known
    try:
        return ZoneInfo(name.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Wrong(
            f"There is no zone “{name.strip()[:40]}”. Write {', '.join(ZONES)}, or a name like America/Boise."
        ) from None
