"""What a plan of further tries contradicts: the campaign's window, its caps, the law's, the people's zones. Pure.

Each check is a function from what is planned to its findings; `findings` asks all of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from campaigns import waits
from campaigns.linter.base import Finding, Severity, ordered
from campaigns.recycling.dayparts import DayPart, Window, open_parts
from campaigns.recycling.plan import OutcomeRule, Plan, Then

EMPTY: Final = Plan()


@dataclass(frozen=True, slots=True, kw_only=True)
class LawfulHours:
    """When people in one place may be called at all, in their own time, on the campaign's days."""

    place: str  # as people say it: "Florida", "Chicago time"
    people: int  # of the campaign, there
    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A campaign as far as further tries go."""

    plan: Plan | None  # None: the plain rule
    window: Window
    max_attempts: int
    results: Sequence[OutcomeRule] = ()  # what the results of the set say, where the plan has no row
    labels: Sequence[tuple[str, str]] = ()  # of the results, by code
    most_numbers: int = 1  # that one person of the campaign has
    cap_24h: int = (
        3  # tries of one person the rule book allows in 24 hours, the strictest of the states called
    )
    cap_rule: str = "ST-003"
    hours: Sequence[LawfulHours] = ()
    ends_on: datetime | None = None  # when the campaign stops
    now: datetime

    @property
    def rules(self) -> list[OutcomeRule]:
        """Return every row that counts: the plan's, and of the results those it has none for."""
        own = list(self.plan.rules) if self.plan else []
        known = {rule.code for rule in own}
        return own + [rule for rule in self.results if rule.code not in known]

    def label(self, code: str) -> str:
        """Return what a result is called."""
        return dict(self.labels).get(code, code)


def findings(planned: Planned) -> list[Finding]:
    """Return everything found, errors first."""
    checks = (
        *_day_over_the_law(planned),
        *_day_over_the_person(planned),
        *_waits_under_the_caps(planned),
        *_loops(planned),
        *_numbers_double(planned),
        *_zones_never_open(planned),
        *_parts_never_open(planned),
        *_never_reached(planned),
        *_later_than_the_end(planned),
    )
    return ordered(checks)


def _day_over_the_law(planned: Planned) -> Iterator[Finding]:
    most = planned.plan.max_per_day if planned.plan else None
    if most is not None and most > planned.cap_24h:
        yield Finding(
            code="DAY_OVER_LAW",
            severity=Severity.WARNING,
            sentence=f"{most} tries a day are planned; the rules allow {planned.cap_24h} in 24 hours (rule {planned.cap_rule}). The gate "
            "refuses the rest, each time anew.",
            field="max_per_day",
            fix=f"Allow at most {planned.cap_24h} tries on one day.",
        )


def _day_over_the_person(planned: Planned) -> Iterator[Finding]:
    plan = planned.plan or EMPTY
    if plan.max_per_day and plan.max_per_person and plan.max_per_day > plan.max_per_person:
        yield Finding(
            code="DAY_OVER_PERSON",
            severity=Severity.WARNING,
            sentence=f"{plan.max_per_day} tries on one day can never be made: over all campaigns {plan.max_per_person} in "
            f"{plan.person_days} days are the limit.",
            field="max_per_day",
            fix=f"Allow at most {plan.max_per_person} tries on one day.",
        )


def _waits_under_the_caps(planned: Planned) -> Iterator[Finding]:
    """A wait so short that the day's cap is used up long before the day is over: every further try is put off by the cap, not the wait."""
    plan = planned.plan or EMPTY
    most = min(plan.max_per_day or planned.cap_24h, planned.cap_24h)
    open_minutes = _minutes(planned.window.closes) - _minutes(planned.window.opens)
    for rule in planned.rules:
        if is_loop(rule) or (rule.max_tries is not None and rule.max_tries <= most):
            continue
        if rule.wait_minutes * most < open_minutes // 4:
            yield Finding(
                code="WAIT_UNDER_CAP",
                severity=Severity.WARNING,
                sentence=f"After “{planned.label(rule.code)}” people are tried again in {waits.say(rule.wait_minutes)}: "
                f"{'the one try' if most == 1 else f'all {most} tries'} of a day are used up within {waits.say(rule.wait_minutes * most)}, "
                "and nobody who comes home later is reached.",
                field=f"wait_{rule.code}",
                fix=f"Wait {waits.say(max(1, open_minutes // (4 * most)))} or more, or limit how often a call may end so.",
            )


def _loops(planned: Planned) -> Iterator[Finding]:
    """Tries that follow each other at once: the same number is dialed again and again until a cap stops it."""
    for rule in planned.rules:
        if is_loop(rule):
            yield Finding(
                code="RETRY_LOOP",
                severity=Severity.ERROR,
                sentence=f"After “{planned.label(rule.code)}” the same number is tried again at once: a line that is busy or out of order "
                "is dialed over and over until a limit stops it.",
                field=f"wait_{rule.code}",
                fix="Wait at least some minutes, or go to the next number.",
            )


def _numbers_double(planned: Planned) -> Iterator[Finding]:
    plan = planned.plan or EMPTY
    turning = [rule for rule in planned.rules if rule.then is Then.NEXT]
    if not turning or planned.most_numbers < 2:
        return
    a_day = min(plan.max_per_day or planned.cap_24h, planned.cap_24h)
    tries = planned.most_numbers * (plan.max_per_number or planned.max_attempts)
    if plan.other_number_minutes * a_day < 120 and plan.max_per_day is None:
        yield Finding(
            code="NUMBERS_DOUBLE",
            severity=Severity.WARNING,
            sentence=f"The next number is tried {waits.say(plan.other_number_minutes)} after the last one: who has {planned.most_numbers} "
            f"numbers is called {planned.most_numbers} times as often, and the person's {planned.cap_24h} tries in 24 hours are used up.",
            field="other_number_minutes",
            fix="Wait longer between two numbers, or limit the tries of one person on one day.",
        )
    if plan.max_per_number is not None and tries > planned.max_attempts:
        yield Finding(
            code="NUMBERS_OVER_ATTEMPTS",
            severity=Severity.NOTE,
            sentence=f"{planned.most_numbers} numbers with {plan.max_per_number} tries each make {tries}; the campaign ends a person after "
            f"{planned.max_attempts} attempts, whichever number they were.",
            field="max_per_number",
            fix="Nothing, if that is meant: the campaign's attempts are the limit.",
        )


def _zones_never_open(planned: Planned) -> Iterator[Finding]:
    if not planned.window.days:
        return
    for one in planned.hours:
        opens, closes = max(one.opens, planned.window.opens), min(one.closes, planned.window.closes)
        if opens < closes:
            continue
        yield Finding(
            code="ZONE_NEVER_OPEN",
            severity=Severity.ERROR if one.people == _people(planned) else Severity.WARNING,
            sentence=f"{one.people:,} people in {one.place} can never be called: the campaign calls from "
            f"{planned.window.opens:%H:%M} to {planned.window.closes:%H:%M} in their time, the rules allow {one.opens:%H:%M} to "
            f"{one.closes:%H:%M}.",
            field="window_opens",
            fix="Widen the campaign's window.",
        )


def _parts_never_open(planned: Planned) -> Iterator[Finding]:
    if not (planned.plan and planned.plan.spread):
        return
    found = open_parts(planned.window)
    missing = [part for part in DayPart if part not in found]
    if len(found) <= 1:
        yield Finding(
            code="SPREAD_HAS_ONE_PART",
            severity=Severity.ERROR,
            sentence="Tries are to fall into different parts of the day, but the campaign's window is open in "
            f"{'none' if not found else f'one alone ({next(iter(found))})'}.",
            field="spread",
            fix="Widen the campaign's window, or do not spread the tries.",
        )
    elif missing:
        yield Finding(
            code="PART_NEVER_OPEN",
            severity=Severity.NOTE,
            sentence=f"The campaign's window is never open in: {', '.join(missing)}. Tries are spread over the other parts.",
            field="spread",
            fix="Widen the campaign's window, if people are to be tried then as well.",
        )
    if DayPart.WEEKEND in found and planned.plan.spread_days < 5:
        yield Finding(
            code="WEEKEND_OUT_OF_REACH",
            severity=Severity.NOTE,
            sentence=f"A try is put off by {planned.plan.spread_days} days at most, so early in the week the weekend is not waited for.",
            field="spread_days",
            fix="Let a try be put off by 5 days or more, if everybody is to be tried on a weekend.",
        )


def _never_reached(planned: Planned) -> Iterator[Finding]:
    """Maxima that another one makes unreachable."""
    for rule in planned.plan.rules if planned.plan else ():
        if rule.max_tries is not None and rule.max_tries > planned.max_attempts:
            yield Finding(
                code="LIMIT_NEVER_REACHED",
                severity=Severity.NOTE,
                sentence=f"{rule.max_tries} calls may end “{planned.label(rule.code)}”, but the campaign makes {planned.max_attempts} "
                "attempts at most.",
                field=f"max_{rule.code}",
                fix=f"Allow {planned.max_attempts} or fewer, or leave it empty.",
            )


def _later_than_the_end(planned: Planned) -> Iterator[Finding]:
    if planned.ends_on is None:
        return
    left = planned.ends_on - planned.now
    for rule in planned.rules:
        if timedelta(minutes=rule.wait_minutes) > left:
            yield Finding(
                code="WAIT_PAST_END",
                severity=Severity.WARNING,
                sentence=f"After “{planned.label(rule.code)}” people wait {waits.say(rule.wait_minutes)}, and the campaign ends "
                "before: they are never tried again.",
                field=f"wait_{rule.code}",
                fix="Wait less, or let the campaign run longer.",
            )


def is_loop(rule: OutcomeRule) -> bool:
    """Return whether the same number is dialed over and over until a limit stops it."""
    return rule.wait_minutes == 0 and rule.then is Then.SAME


def _people(planned: Planned) -> int:
    return sum(one.people for one in planned.hours)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
