"""Steps 10 and 11 of ENG-001: zones, the federal and state clocks (table 4.2), holidays, emergencies, the campaign's hours."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

from compliance.rules.vocabulary import Channel, LineType
from tests.oracle.book_consent import usable_consents
from tests.oracle.book_holidays import CLOSING_STATES, closed_days
from tests.oracle.case import Case, Refusal, Refusals

Hours = tuple[float, float] | None  # opening and closing hour; None = closed that day
MARGIN = 30  # seconds added to the ring before closing (FED-001)
STRICTEST = "strictest"
CENTRAL_STANDARD = timezone(timedelta(hours=-6))

# Table 4.2 where it is not "FED": Monday to Friday, Saturday, Sunday. Section 13.7: stricter wins.
TABLE: dict[str, tuple[Hours, Hours, Hours]] = {
    STRICTEST: ((10, 18), (10, 17), None),  # ST-001
    "AL": ((8, 20), (8, 20), None),
    "CT": ((9, 20), (9, 20), (9, 20)),
    "FL": ((8, 20), (8, 20), (8, 20)),
    "IL": ((8, 21), (8, 21), (8, 21)),
    "KY": ((10, 21), (10, 21), (10, 21)),
    "LA": ((8, 20), (8, 20), None),
    "MD": ((8, 20), (8, 20), (8, 20)),
    "MA": ((8, 20), (8, 20), (8, 20)),
    "MI": ((9, 21), (9, 21), (9, 21)),
    "MN": ((9, 21), (9, 21), (9, 21)),
    "MS": ((8, 20), (8, 20), None),
    "NV": ((9, 20), (9, 20), (9, 20)),
    "NJ": ((8, 20), (8, 20), (8, 20)),
    "NM": ((9, 21), (9, 21), (9, 21)),
    "NY": ((8, 21), (8, 21), (8, 21)),
    "NC": ((8, 21), (8, 21), (8, 21)),
    "ND": ((8, 21), (8, 21), (8, 21)),
    "OK": ((8, 20), (8, 20), (8, 20)),
    "OR": ((8, 20), (8, 20), (8, 20)),
    "RI": ((9, 18), (10, 17), None),
    "SC": ((8, 21), (8, 21), (8, 21)),
    "SD": ((9, 21), (9, 21), None),
    "TN": ((8, 21), (8, 21), (8, 21)),
    "TX": ((9, 21), (9, 21), (12, 21)),
    "UT": ((8, 21), (8, 21), None),
    "VA": ((8, 21), (8, 21), (8, 21)),
    "WA": ((8, 20), (8, 20), (8, 20)),
    "WV": ((8, 21), (8, 21), (8, 21)),
    "WI": ((8, 21), (8, 21), (8, 21)),
    "WY": ((8, 20), (8, 20), (8, 20)),
    "PR": ((9, 21), (9, 21), (9, 21)),
}
FED: tuple[Hours, Hours, Hours] = ((8, 21), (8, 21), (8, 21))  # "FED = 08:00-21:00 every day"
PENNSYLVANIA = (((8, 21), (8, 21), (13.5, 21)), ((9, 19), (9, 19), None))
ACT_47 = date(2026, 10, 18)
# Rows for machines: PREREC alone, or PREREC and LIVE_PREDICTIVE.
RECORDED: dict[str, tuple[Hours, Hours, Hours]] = {
    "CA": ((9, 21), (9, 21), (9, 21)),
    "IN": ((9, 20), (9, 20), (9, 20)),
    "NE": ((8, 21), (8, 21), (13, 21)),
}
AUTOMATED: dict[str, tuple[Hours, Hours, Hours]] = {
    "IL": ((9, 21), (9, 21), (9, 21)),
    "ME": ((9, 17), None, None),
}
LIFTED_BY_CONSENT = {"UT", "VA"}


def zones(case: Case) -> Refusals:
    """Step 10, TZ-002: the area code is of a place, and a VOIP number, which may be anywhere, is not all we have.

    FED-024 T1: "ALLOW at any hour"; where it is any hour, no clock has to be known.
    """
    if case.emergency:
        return
    evidences = case.facts.evidences
    if not any(e.kind.value == "area_code" and e.zones for e in evidences):
        yield Refusal("TZ-002", "TZ_UNKNOWN", "the area code is unknown or tied to no place")
    elif case.line is LineType.VOIP and all(e.kind.value == "area_code" for e in evidences):
        yield Refusal("TZ-002", "TZ_UNKNOWN", "VOIP, and only its area code")


def is_open(clock: datetime, opens: float, closes: float, ring: int) -> bool:
    """Return whether the local time is in the hours, the ring and the margin included."""
    second = clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6
    return opens * 3600 <= second and second + ring + MARGIN < closes * 3600


def federal(case: Case) -> Refusals:
    """FED-001: sales only from 8 to 21 on every candidate clock, consent or not; a nonprofit's own calls are outside."""
    if not case.telemarketing or case.nonprofit_itself:
        return
    for clock in case.clocks:
        if not is_open(clock, 8, 21, case.facts.ring_seconds):
            yield Refusal("FED-001", "HOURS_FED", f"{clock:%a %H:%M:%S} in {clock.tzinfo}")


def state(case: Case) -> Refusals:
    """ST-001 and ST-002: the row of every candidate state, and the strictest if the state is a guess, on every clock."""
    if not case.telemarketing:
        return
    for name in sorted(case.states):
        if name in LIFTED_BY_CONSENT and not case.state_is_guess and usable_consents(case, written=False):
            continue
        for clock in case.clocks:
            yield from state_on(case, name, clock)
        if name == "MS":
            yield from state_on(case, name, case.facts.at.astimezone(CENTRAL_STANDARD))
    if case.state_is_guess:
        for clock in case.clocks:
            yield from state_on(case, STRICTEST, clock)


def state_on(case: Case, name: str, clock: datetime) -> Refusals:
    """Refuse if that row is closed on that clock."""
    day = clock.date()
    said = f"{name}: {clock:%a %Y-%m-%d %H:%M:%S} in {clock.tzinfo}"
    for hours in rows(name, day, case.facts.channel):
        if hours is None:
            yield Refusal("ST-001", "DAY_STATE", said)
        elif not is_open(clock, *hours, case.facts.ring_seconds):
            yield Refusal("ST-001", "HOURS_STATE", said)
    if (name in CLOSING_STATES and day in closed_days(name, day.year)) or (
        name == STRICTEST and day in closed_days("", day.year)
    ):
        yield Refusal("ST-002", "HOLIDAY_STATE", said)
    recorded = name == "NE" and case.facts.channel is Channel.PREREC and day in closed_days("NE", day.year)
    if recorded and not is_open(clock, 13, 21, case.facts.ring_seconds):
        yield Refusal("ST-002", "HOURS_STATE", said)  # table 4.2: holidays "ADAD 13-21"


@lru_cache(maxsize=100_000)
def rows(name: str, day: date, channel: Channel) -> tuple[Hours, ...]:
    """Return the hours of the day of every row of the state that binds the channel."""
    part = {5: 1, 6: 2}.get(day.weekday(), 0)
    return tuple(row[part] for row in week_rows(name, day, channel))


def week_rows(name: str, day: date, channel: Channel) -> Iterator[tuple[Hours, Hours, Hours]]:
    """Yield the weeks of the state that bind the channel on the day."""
    if name == "PA":
        yield PENNSYLVANIA[day >= ACT_47]
    else:
        yield TABLE.get(name, FED)
    if channel is Channel.PREREC and name in RECORDED:
        yield RECORDED[name]
    if channel in {Channel.PREREC, Channel.LIVE_PREDICTIVE} and name in AUTOMATED:
        yield AUTOMATED[name]


def declared_emergency(case: Case) -> Refusals:
    """ST-004: no sales into an area under a declared emergency in NY and LA; T2, asked for, is REVIEW."""
    if not case.telemarketing:
        return
    for area in case.facts.emergencies:
        begun = area.since <= case.facts.at
        if area.state in {"NY", "LA"} and begun and (area.until is None or case.facts.at < area.until):
            yield Refusal("ST-004", "SOE_STATE", f"{area.area}, {area.state}")


def campaign(case: Case) -> Refusals:
    """ST-001: the campaign's own days and hours, on every clock; an emergency is for any hour (FED-024 T1)."""
    if case.emergency:
        return
    window = case.facts.window
    for clock in case.clocks:
        if clock.weekday() not in window.days:
            yield Refusal("ST-001", "DAY_CAMPAIGN", f"{clock:%a} in {clock.tzinfo}")
        if not is_open(clock, hour(window.opens), hour(window.closes), case.facts.ring_seconds):
            yield Refusal("ST-001", "HOURS_CAMPAIGN", f"{clock:%H:%M:%S} in {clock.tzinfo}")


def hour(clock: time) -> float:
    """Return the time of day in hours."""
    return clock.hour + clock.minute / 60 + clock.second / 3600
