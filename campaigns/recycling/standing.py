"""Where a person stands with a plan: which of their numbers may be tried, from when, and what is used up. Pure.

Three rules hold for every answer, and property tests hold them: nothing is tried earlier than its wait, nothing more often than its
maximum, and a promised callback stands.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from campaigns.recycling.dayparts import Window, spread_from
from campaigns.recycling.person import Person
from campaigns.recycling.plan import AtLimit, Plan, Then
from campaigns.recycling.results import Ending, NextStep, Result, next_step

WRONG_NUMBER = "wrong_number"  # campaigns.models.Disposition.Category
ROUNDS = 20  # a cap and the spread may put a try off in turn; each round is later, so few are needed


@dataclass(frozen=True, slots=True, kw_only=True)
class MayTry:
    """The numbers that may be tried now, the one to prefer first; where there are none, why, and from when one may."""

    numbers: Sequence[str]
    sentence: str = ""
    next_at: datetime | None = None  # None without numbers: never


@dataclass(frozen=True, slots=True)
class _Option:
    number: str
    open_at: datetime


def next_by_plan(
    result: Result, plan: Plan, person: Person, window: Window, *, code: str, now: datetime
) -> NextStep:
    """Return when a person is tried next, and on which number; `person` has the try that just ended among the others."""
    goes_on = (
        result.category == WRONG_NUMBER and plan.wrong_number_goes_on and len(set(person.numbers)) > 1
    ) or result.retry_minutes is not None
    if result.callback_at is not None or not goes_on or result.attempts >= result.max_attempts:
        return next_step(result, now=now)
    rule = plan.rule(code)
    if rule and rule.max_tries is not None and rule.at_limit is AtLimit.LEAD:
        times = sum(each.code == code for each in person.here)
        if times >= rule.max_tries:
            return NextStep(
                try_at=None,
                reason=f"{result.label} {_times(times)}, the campaign's limit for this result",
                ending=Ending.OUTCOME,
            )
    options = _options(plan, person)
    if not options:
        return NextStep(
            try_at=None, reason=f"{result.label}; no number is left to try", ending=Ending.NUMBERS
        )
    first = options[0]
    wait = timedelta(minutes=plan.wait_minutes(code) if first.number == _last(person) else 0)
    at, held = _put_off(max(first.open_at, now + wait), plan, person, window)
    return NextStep(try_at=at, reason=held or result.label, number=first.number)


def may_try(plan: Plan, person: Person, *, now: datetime) -> MayTry:
    """Return which numbers may be tried now by the plan. What was promised to the person is not asked here."""
    open_at, sentence = _caps(now, plan, person)
    if open_at > now:
        return MayTry(numbers=(), sentence=sentence, next_at=open_at)
    options = _options(plan, person)
    if not options:
        return MayTry(
            numbers=(), sentence="Not called: every number was tried as often as the campaign allows."
        )
    numbers = [option.number for option in options if option.open_at <= now]
    if numbers:
        return MayTry(numbers=numbers)
    return MayTry(
        numbers=(),
        sentence="Waits: the campaign leaves time between two tries.",
        next_at=min(option.open_at for option in options),
    )


def out_numbers(plan: Plan, person: Person) -> frozenset[str]:
    """Return the numbers that are not tried any more."""
    return frozenset(number for number in person.numbers if _is_out(number, plan, person))


def _is_out(number: str, plan: Plan, person: Person) -> bool:
    tried = [each for each in person.here if each.number == number]
    if number in person.wrong or (plan.max_per_number is not None and len(tried) >= plan.max_per_number):
        return True
    return any(
        rule.at_limit is AtLimit.NUMBER
        and rule.max_tries is not None
        and sum(each.code == rule.code for each in tried) >= rule.max_tries
        for rule in plan.rules
    )


def _options(plan: Plan, person: Person) -> list[_Option]:
    """Return the numbers that are not out, in the order to prefer, each with when it may be tried: caps are not asked."""
    numbers = list(dict.fromkeys(person.numbers))
    tries, last = person.here, _last(person)
    if last in numbers:
        turn = numbers.index(last)
        rule = plan.rule(tries[-1].code)
        stays = rule is None or rule.then is Then.SAME
        begins = turn if stays else turn + 1
        numbers = numbers[begins:] + numbers[:begins]
    out = out_numbers(plan, person)
    return [_Option(number, _open_at(number, plan, person)) for number in numbers if number not in out]


def _open_at(number: str, plan: Plan, person: Person) -> datetime:
    """Return from when a number may be tried: its own last result's wait, and the wait between two numbers."""
    tries = person.here
    waits = [datetime.min.replace(tzinfo=UTC)]
    own = [each for each in tries if each.number == number]
    if own:
        waits.append(own[-1].at + timedelta(minutes=plan.wait_minutes(own[-1].code)))
    if tries and tries[-1].number != number:
        waits.append(tries[-1].at + timedelta(minutes=plan.other_number_minutes))
    return max(waits)


def _last(person: Person) -> str:
    tries = person.here
    return tries[-1].number if tries else ""


def _put_off(earliest: datetime, plan: Plan, person: Person, window: Window) -> tuple[datetime, str]:
    """Return the first instant that the caps allow and, if it can be had, the spread; and in words which cap put it off."""
    at, held = _caps(earliest, plan, person)
    if not plan.spread:
        return at, held
    tried = [each.at for each in person.here]
    for _ in range(ROUNDS):
        spread = spread_from(at, tried, window, person.clock, days=plan.spread_days)
        allowed, why = _caps(spread, plan, person)
        if allowed == spread:
            return spread, held
        at, held = allowed, why
    return at, held


def _caps(at: datetime, plan: Plan, person: Person) -> tuple[datetime, str]:
    """Return the first instant from `at` on that no cap forbids, and the sentence of the last cap that did."""
    sentence = ""
    while True:
        later = max(_blocked(at, plan, person), default=None)
        if later is None:
            return at, sentence
        at, sentence = later


def _blocked(at: datetime, plan: Plan, person: Person) -> Iterator[tuple[datetime, str]]:
    """Give for each cap that is used up at an instant when it is free again."""
    if plan.max_per_day is not None:
        day = at.astimezone(person.clock).date()
        used = sum(each.at.astimezone(person.clock).date() == day for each in person.here)
        if used >= plan.max_per_day:
            midnight = datetime.combine(day + timedelta(days=1), time(0), person.clock).astimezone(UTC)
            yield (
                max(midnight, at + timedelta(seconds=1)),
                f"Tried {_times(used)} on one day, the campaign's limit is {plan.max_per_day}.",
            )
    if plan.max_per_person is not None:
        span = timedelta(days=plan.person_days)
        recent = sorted(each.at for each in person.tries if at - span < each.at)
        if len(recent) >= plan.max_per_person:
            yield (
                recent[-plan.max_per_person] + span,
                f"Tried {_times(len(recent))} in {plan.person_days} days over all campaigns, the limit is {plan.max_per_person}.",
            )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
