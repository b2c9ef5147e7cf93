"""When a person may be called: federal hours, state hours, days and holidays, debt hours, the campaign's schedule.

Every candidate zone is checked against every candidate state (ST-001, TZ-001): one that fails is enough to deny.
An emergency is told at any hour (FED-024).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Protocol

from compliance.rules.clocks import (
    ONE_DAY,
    Clock,
    days_between,
    hour_minute,
    instants,
    local_clock,
    second_of_day,
)
from compliance.rules.days import local_days
from compliance.rules.decision import Outcome, Verdict, allowed, denied, denied_for_now, not_bound
from compliance.rules.facts import ContactFacts, Purpose
from compliance.rules.jurisdictions.holidays import closed_days
from compliance.rules.overlay import rows_on, state_names
from compliance.rules.pack import Hours, StateRow
from compliance.rules.places import zone_place
from compliance.rules.policy import Policy
from compliance.rules.purposes import binds_us, is_emergency, is_telemarketing

SEARCH_DAYS = 14
SECONDS_A_DAY = 24 * 60 * 60
NO_ZONE = "the time zone is not known"
ABROAD_REASON = "the hours of the United States do not bind numbers abroad"
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class WindowRule(Protocol):
    """A rule about the hour. `at` asks it about another instant than facts.at, for the search of the next opening."""

    def __call__(self, facts: ContactFacts, policy: Policy, at: datetime | None = None) -> Verdict:
        """Return the verdict at that instant."""


def federal_hours(facts: ContactFacts, policy: Policy, at: datetime | None = None) -> Verdict:
    """Deny telemarketing outside 08:00–21:00 in any candidate zone; it may not ring past closing either. FED-001."""
    if not binds_us(facts):
        return not_bound("FED-001", ABROAD_REASON)
    if not is_telemarketing(facts):
        return not_bound("FED-001", "the federal hours bind sales contacts only")
    if not facts.zones:
        return denied("FED-001", "TZ_UNKNOWN", NO_ZONE)
    hours, words = _span(policy.federal_opens, policy.federal_closes)
    for zone in facts.zones:
        problem = _outside(hours, "federal law", facts, policy, local_clock(at or facts.at, zone))
        if problem:
            return denied_for_now("FED-001", "HOURS_FED", problem, zone=zone)
    return allowed("FED-001", f"inside {words} in every zone")


def state_hours(facts: ContactFacts, policy: Policy, at: datetime | None = None) -> Verdict:
    """Deny telemarketing outside the hours of any candidate state, read in any candidate zone. ST-001."""
    if not binds_us(facts):
        return not_bound("ST-001", ABROAD_REASON)
    if not is_telemarketing(facts):
        return not_bound("ST-001", "the state hours bind sales contacts only")
    if not facts.zones:
        return denied("ST-001", "TZ_UNKNOWN", NO_ZONE)
    when = at or facts.at
    for zone in facts.zones:
        for row in rows_on(facts, policy, when, local_clock(when, zone).day).rows:
            for name in (zone, row.also_in_zone) if row.also_in_zone else (zone,):
                clock = local_clock(when, name)
                hours, who = _hours_on(row, clock, policy)
                problem = hours and _outside(hours, who, facts, policy, clock)
                if problem:
                    return denied_for_now("ST-001", "HOURS_STATE", problem, zone=zone)
    return allowed("ST-001", f"inside the hours of {state_names(facts, policy, when)}")


def state_days(facts: ContactFacts, policy: Policy, at: datetime | None = None) -> Verdict:
    """Deny telemarketing on a Sunday or holiday of any candidate state that forbids it. ST-002."""
    if not binds_us(facts):
        return not_bound("ST-002", ABROAD_REASON)
    if not is_telemarketing(facts):
        return not_bound("ST-002", "the state calendars bind sales contacts only")
    if not facts.zones:
        return denied("ST-002", "TZ_UNKNOWN", NO_ZONE)
    days = local_days(facts, at)
    for zone in facts.zones:
        day = days[0] if len(days) == 1 else local_clock(at or facts.at, zone).day
        for row in rows_on(facts, policy, at, day).rows:
            if row.hours(day.weekday()) is None:
                name, place = DAY_NAMES[day.weekday()], zone_place(facts.evidences, zone)
                reason = f"{name} in {place}, {row.name} allows no calls on {name}s"
                return denied_for_now("ST-002", "DAY_STATE", reason, zone=zone)
            if not row.closed_on_holidays:
                continue
            holiday = closed_days(policy.book, row.state, day.year).get(day)
            if holiday:
                place = zone_place(facts.evidences, zone)
                reason = f"{holiday} in {place}, {row.name} allows no calls on holidays"
                return denied_for_now("ST-002", "HOLIDAY_STATE", reason, zone=zone)
    return allowed("ST-002", f"a calling day of {state_names(facts, policy, at)}")


def debt_hours(facts: ContactFacts, policy: Policy, at: datetime | None = None) -> Verdict:
    """Deny a debt contact outside 08:00–21:00 in any candidate zone, at a time or place the person ruled out. REGF-003."""
    if facts.purpose is not Purpose.DEBT:
        return not_bound("REGF-003", "the hours for debts bind debt contacts only")
    if facts.debt.workplace:
        reason = "the number is their workplace, where such calls are not allowed; use another number"
        return denied("REGF-003", "REGF_TIME", reason)
    if facts.debt.ruled_out_here:
        reason = "they asked not to be called on this number about the debt; use another number"
        return denied("REGF-003", "REGF_TIME", reason)
    if not facts.zones:
        return denied("REGF-003", "TZ_UNKNOWN", NO_ZONE)
    hours, words = _span(policy.debt_opens, policy.debt_closes)
    for zone in facts.zones:
        clock = local_clock(at or facts.at, zone)
        problem = _outside(hours, "the law on debts", facts, policy, clock) or _ruled_out(
            facts, policy, clock
        )
        if problem:
            return denied_for_now("REGF-003", "REGF_TIME", problem, zone=zone)
    return allowed("REGF-003", f"inside {words} in every zone, at no time they ruled out")


def campaign_hours(facts: ContactFacts, policy: Policy, at: datetime | None = None) -> Verdict:
    """Deny any purpose but an emergency outside the campaign's own schedule in any candidate zone."""
    if is_emergency(facts):
        return not_bound("CAMPAIGN", "an emergency waits for no schedule")
    if not facts.zones:
        return denied("CAMPAIGN", "TZ_UNKNOWN", NO_ZONE)
    window = facts.window
    hours, words = _span(window.opens, window.closes)
    for zone in facts.zones:
        clock = local_clock(at or facts.at, zone)
        if clock.weekday not in window.days and "DAY_CAMPAIGN" not in policy.lifted:
            place = zone_place(facts.evidences, zone)
            reason = f"{DAY_NAMES[clock.weekday]} in {place}, the campaign does not call that day"
            return denied_for_now("CAMPAIGN", "DAY_CAMPAIGN", reason, zone=zone)
        if clock.day in window.off and "DAY_CAMPAIGN" not in policy.lifted:
            reason = (
                f"{clock.day:%-d %B} in {zone_place(facts.evidences, zone)} is one of the campaign's days off"
            )
            return denied_for_now("CAMPAIGN", "DAY_CAMPAIGN", reason, zone=zone)
        problem = _outside(hours, "the campaign", facts, policy, clock) or _in_break(facts, policy, clock)
        if problem and "HOURS_CAMPAIGN" not in policy.lifted:
            return denied_for_now("CAMPAIGN", "HOURS_CAMPAIGN", problem, zone=zone)
    return allowed("CAMPAIGN", f"inside the campaign's schedule {words}")


WINDOW_RULES: tuple[WindowRule, ...] = (federal_hours, state_hours, state_days, debt_hours, campaign_hours)


def is_open(
    facts: ContactFacts,
    policy: Policy,
    at: datetime | None = None,
    rules: tuple[WindowRule, ...] = WINDOW_RULES,
) -> bool:
    """Return whether the window rules pass at facts.at, or at `at`; never where no zone is known, but for emergencies."""
    return all(rule(facts, policy, at).outcome is Outcome.ALLOW for rule in rules)


def next_open(
    facts: ContactFacts, policy: Policy, rules: tuple[WindowRule, ...] = WINDOW_RULES
) -> datetime | None:
    """Return the first instant from facts.at on at which the window rules pass, None if none within 14 days.

    A window can only begin to be open where some clock strikes an opening time or midnight, or is put forward or back.
    """
    if is_open(facts, policy, rules=rules):
        return facts.at
    if not facts.zones:
        return None
    points = _turning_points(facts, policy)
    return next((point for point in points if is_open(facts, policy, point, rules)), None)


def _turning_points(facts: ContactFacts, policy: Policy) -> Iterator[datetime]:
    """Every instant of the next 14 days, in order, at which the answer of a window rule can turn from no to yes."""
    start = facts.at.astimezone(UTC)
    for offset in range(SEARCH_DAYS):
        begin, end = start + offset * ONE_DAY, start + (offset + 1) * ONE_DAY
        times, clocks = _openings(facts, policy, begin, end)
        yield from sorted(
            {
                point
                for zone in clocks
                for day in days_between(begin, end, zone)
                for point in instants(zone, day, times)
                if begin < point <= end
            }
        )


def _openings(
    facts: ContactFacts, policy: Policy, begin: datetime, end: datetime
) -> tuple[frozenset[time], set[str]]:
    """The times at which something opens between the two instants, and the clocks they are read on."""
    times = {time(0), facts.window.opens, *(until for _, until in facts.window.breaks)}
    clocks = set(facts.zones)
    if facts.purpose is Purpose.DEBT:
        times |= {policy.debt_opens, *(until for _, until in facts.debt.inconvenient)}
        times |= {until for _, _, until in facts.debt.inconvenient_on}
    if is_telemarketing(facts) and binds_us(facts):
        times.add(policy.federal_opens)
        for zone in facts.zones:
            for day in days_between(begin, end, zone):
                # What binds can change in between: a consent runs out, a line's type grows old.
                for instant in (begin, end):
                    found = rows_on(facts, policy, instant, day)
                    times |= found.opens
                    clocks |= found.clocks
    return frozenset(times), clocks


@lru_cache(maxsize=1024)
def _span(opens: time, closes: time) -> tuple[Hours, str]:
    """The hours between two times, and how a sentence writes them."""
    hours = Hours(opens, closes)
    return hours, str(hours)


def _outside(hours: Hours, who: str, facts: ContactFacts, policy: Policy, clock: Clock) -> str:
    """Say why the contact would fall outside [opens, closes) on that clock; "" when it would not."""
    if clock.time < hours.opens:
        return f"{_where(facts, clock)}, {who} allows from {hour_minute(hours.opens)}"
    closes = hours.closes
    if clock.time >= closes:
        return f"{_where(facts, clock)}, {who} allows until {hour_minute(closes)}"
    if clock.second + _lead(facts, policy) >= second_of_day(closes):
        return f"{_where(facts, clock)}, it could ring past {hour_minute(closes)} when {who} stops"
    return ""


def _in_break(facts: ContactFacts, policy: Policy, clock: Clock) -> str:
    """Say which break of the campaign's schedule the contact would fall into or ring into; "" when none."""
    for since, until in facts.window.breaks:
        if clock.time < until and clock.second + _lead(facts, policy) >= second_of_day(since):
            pause = f"from {hour_minute(since)} to {hour_minute(until)}"
            if clock.time < since:
                return f"{_where(facts, clock)}, it could ring into the campaign's break {pause}"
            return f"{_where(facts, clock)}, the campaign has a break {pause}"
    return ""


def _hours_on(row: StateRow, clock: Clock, policy: Policy) -> tuple[Hours | None, str]:
    """The row's hours of the clock's day, and whose they are, as a sentence says it."""
    if row.holiday is not None and clock.day in closed_days(policy.book, row.state, clock.day.year):
        return row.holiday, f"{row.name} on holidays"
    return row.hours(clock.weekday), row.name


def _ruled_out(facts: ContactFacts, policy: Policy, clock: Clock) -> str:
    """Say which time the person called inconvenient the contact would touch, "" when none. From > to runs over midnight."""
    ends = clock.second + max(0, _lead(facts, policy))
    for since, until in facts.debt.inconvenient:
        first, last = second_of_day(since), second_of_day(until)
        if last <= first:
            last += SECONDS_A_DAY
        for shift in (-SECONDS_A_DAY, 0, SECONDS_A_DAY):
            if clock.second < last + shift and ends >= first + shift:
                named = f"{hour_minute(since)}–{hour_minute(until)}"
                return f"{_where(facts, clock)}, they asked not to be called {named}"
    return _ruled_out_on_a_day(facts, clock, ends)


def _ruled_out_on_a_day(facts: ContactFacts, clock: Clock, ends: int) -> str:
    """The same of weekdays. What ends at or before its beginning runs into the next day."""
    for weekday, since, until in facts.debt.inconvenient_on:
        first, last = second_of_day(since), second_of_day(until)
        if last <= first:
            last += SECONDS_A_DAY
        for days in (-1, 0, 1):
            shift = days * SECONDS_A_DAY
            is_day = (clock.weekday + days) % 7 == weekday
            if is_day and clock.second < last + shift and ends >= first + shift:
                hours = "" if since == until else f" {hour_minute(since)}–{hour_minute(until)}"
                return f"{_where(facts, clock)}, they asked not to be called on {DAY_NAMES[weekday]}s{hours}"
    return ""


def _lead(facts: ContactFacts, policy: Policy) -> int:
    """Seconds the contact may take to reach the person."""
    return facts.ring_seconds + policy.close_margin_seconds


def _where(facts: ContactFacts, clock: Clock) -> str:
    named = "Central Standard Time" if clock.zone == "Etc/GMT+6" else zone_place(facts.evidences, clock.zone)
    return f"{hour_minute(clock.time)} in {named}"
