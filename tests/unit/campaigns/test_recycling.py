"""Further tries: the table of rules, and what no plan whatever may do."""

from datetime import UTC, date, datetime, time, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import recycling
from campaigns.recycling import AtLimit, Ending, OutcomeRule, Person, Plan, Result, Then, Try, Window

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)  # Monday, 11:00 in New York
HOME, MOBILE, WORK = "+14075550101", "+14075550102", "+14075550103"
ZONE = "America/New_York"
ALL_WEEK = Window(opens=time(9), closes=time(20))
BUSY = OutcomeRule(code="busy", wait_minutes=30, max_tries=2)
NO_ANSWER = OutcomeRule(code="no_answer", wait_minutes=240, then=Then.NEXT)


def person(*tries: Try, numbers: tuple[str, ...] = (HOME, MOBILE), wrong: tuple[str, ...] = ()) -> Person:
    return Person(numbers=numbers, tries=tries, zone=ZONE, wrong=frozenset(wrong))


def tried(code: str, *, minutes_ago: int = 1, number: str = HOME, here: bool = True) -> Try:
    return Try(at=NOW - timedelta(minutes=minutes_ago), number=number, code=code, here=here)


def result(category: str = "no_contact", **changes: object) -> Result:
    values: dict[str, object] = {
        "category": category,
        "label": "Busy",
        "retry_minutes": 60,
        "attempts": 1,
        "max_attempts": 6,
        "callback_at": None,
    }
    return Result(**{**values, **changes})  # type: ignore[arg-type]  # a table of settings


def after(code: str, plan: Plan, who: Person, said: Result | None = None) -> recycling.NextStep:
    return recycling.next_by_plan(said or result(), plan, who, ALL_WEEK, code=code, now=NOW)


@pytest.mark.parametrize(
    ("code", "tries", "plan", "minutes", "number"),
    [
        ("busy", [tried("busy")], Plan(rules=(BUSY,)), 30, HOME),
        ("other", [tried("other")], Plan(rules=(BUSY,)), 240, HOME),  # a result without a row: the usual wait
        ("no_answer", [tried("no_answer")], Plan(rules=(NO_ANSWER,)), 59, MOBILE),  # an hour after the try began
        (
            "no_answer",
            [tried("no_answer", number=MOBILE), tried("no_answer", minutes_ago=200)],
            Plan(rules=(NO_ANSWER,)),
            59,
            HOME,  # its own wait is over sooner than the one between two numbers
        ),
        (
            "no_answer",
            [tried("no_answer", number=MOBILE), tried("no_answer", minutes_ago=10)],
            Plan(rules=(NO_ANSWER,)),
            230,
            HOME,
        ),
        (
            "busy",
            [tried("busy"), tried("busy", minutes_ago=100)],
            Plan(rules=(OutcomeRule(code="busy", wait_minutes=30),), max_per_number=2),
            59,
            MOBILE,
        ),
        (
            "busy",
            [tried("busy"), tried("busy", minutes_ago=100)],
            Plan(rules=(OutcomeRule(code="busy", wait_minutes=30, max_tries=2, at_limit=AtLimit.NUMBER),)),
            59,
            MOBILE,
        ),
    ],
)  # fmt: skip
def test_the_wait_and_the_number_after_a_result(
    code: str, tries: list[Try], plan: Plan, minutes: int, number: str
) -> None:
    found = after(code, plan, person(*tries))

    assert (found.try_at, found.number) == (NOW + timedelta(minutes=minutes), number)


@pytest.mark.parametrize(
    ("who", "plan", "said", "ending"),
    [
        (person(tried("busy")), Plan(rules=(BUSY,)), result(retry_minutes=None), Ending.RESULT),
        (person(tried("busy")), Plan(rules=(BUSY,)), result(attempts=6), Ending.ATTEMPTS),
        (person(tried("busy"), tried("busy", minutes_ago=90)), Plan(rules=(BUSY,)), result(), Ending.OUTCOME),
        (person(tried("busy"), numbers=(HOME,)), Plan(max_per_number=1), result(), Ending.NUMBERS),
        (
            person(tried("wrong"), numbers=(HOME, MOBILE), wrong=(HOME, MOBILE)),
            Plan(),
            result("wrong_number", retry_minutes=None),
            Ending.NUMBERS,
        ),
        (
            person(tried("wrong"), wrong=(HOME,)),
            Plan(wrong_number_goes_on=False),
            result("wrong_number", retry_minutes=None),
            Ending.RESULT,
        ),
        (
            person(tried("wrong"), numbers=(HOME,), wrong=(HOME,)),
            Plan(),
            result("wrong_number", retry_minutes=None),
            Ending.RESULT,
        ),
    ],
)
def test_what_ends_a_record(who: Person, plan: Plan, said: Result, ending: Ending) -> None:
    found = after("busy", plan, who, said)

    assert found.try_at is None
    assert found.ending is ending
    assert found.reason


def test_a_wrong_number_goes_on_with_the_next_number() -> None:
    found = after(
        "wrong", Plan(), person(tried("wrong"), wrong=(HOME,)), result("wrong_number", retry_minutes=None)
    )

    assert found.number == MOBILE


def test_a_try_of_another_campaign_counts_against_the_persons_cap_alone() -> None:
    elsewhere = [tried("busy", minutes_ago=60 * 24 * day, here=False) for day in (1, 3)]

    found = after(
        "busy", Plan(rules=(BUSY,), max_per_person=3, person_days=7), person(tried("busy"), *elsewhere)
    )

    assert found.try_at == NOW - timedelta(days=3) + timedelta(days=7)
    assert "over all campaigns" in found.reason


def test_a_used_up_day_goes_on_at_the_persons_midnight() -> None:
    found = after("busy", Plan(rules=(BUSY,), max_per_day=1), person(tried("busy")))

    assert found.try_at == datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def test_tries_are_spread_over_the_parts_of_the_day() -> None:
    plan = Plan(rules=(OutcomeRule(code="no_answer", wait_minutes=60),), spread=True)
    at, tries, parts = NOW, [], []

    for _ in range(4):
        tries.append(Try(at=at, number=HOME, code="no_answer"))
        who = Person(numbers=(HOME,), tries=tries, zone=ZONE)
        step = recycling.next_by_plan(result(), plan, who, ALL_WEEK, code="no_answer", now=at)
        assert step.try_at is not None
        at = step.try_at
        parts.append(recycling.part_of(at, who.clock))

    # Monday's evening after its afternoon; the weekend is further than three days, so the fourth is not put off for it.
    assert parts[:2] == ["afternoon", "evening"]


def test_a_part_without_an_open_window_is_not_waited_for() -> None:
    mornings = Window(opens=time(9), closes=time(12), days="01234")

    assert recycling.open_parts(mornings) == {recycling.DayPart.MORNING}
    plan = Plan(rules=(OutcomeRule(code="busy", wait_minutes=10),), spread=True)
    found = recycling.next_by_plan(result(), plan, person(tried("busy")), mornings, code="busy", now=NOW)
    assert found.try_at == NOW + timedelta(minutes=10)


def test_what_may_be_tried_now_says_why_not() -> None:
    capped = recycling.may_try(Plan(max_per_person=1), person(tried("busy", here=False)), now=NOW)
    waiting = recycling.may_try(Plan(rules=(BUSY,)), person(tried("busy")), now=NOW)
    fresh = recycling.may_try(Plan(rules=(BUSY,)), person(), now=NOW)
    used_up = recycling.may_try(Plan(max_per_number=1), person(tried("busy"), numbers=(HOME,)), now=NOW)

    assert (capped.numbers, capped.next_at) == ((), NOW + timedelta(days=7, minutes=-1))
    assert waiting.next_at == NOW + timedelta(minutes=29)
    assert list(fresh.numbers) == [HOME, MOBILE]
    assert (used_up.numbers, used_up.next_at) == ((), None)
    assert all(one.sentence for one in (used_up, capped, waiting))


def test_a_plan_comes_back_from_its_store_as_it_was() -> None:
    plan = Plan(rules=(BUSY, NO_ANSWER), max_per_day=2, spread=True)

    assert recycling.read(recycling.store(plan)) == plan
    assert recycling.read(None) is None
    with pytest.raises(msgspec.ValidationError):
        recycling.read({"rules": "none"})


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        (Plan(max_per_day=0), "max_per_day"),
        (Plan(person_days=31), "person_days"),
        (Plan(rules=(BUSY, BUSY)), "rules"),
        (Plan(rules=(OutcomeRule(code="busy", wait_minutes=-1),)), "rules"),
        (Plan(rules=(OutcomeRule(code="busy", wait_minutes=1, max_tries=0),)), "rules"),
    ],
)
def test_a_plan_out_of_range_is_named(plan: Plan, field: str) -> None:
    assert [name for name, _ in recycling.faults(plan)] == [field]


plans = st.builds(
    Plan,
    rules=st.lists(
        st.builds(
            OutcomeRule,
            code=st.sampled_from(["busy", "no_answer", "failed"]),
            wait_minutes=st.integers(0, 3000),
            max_tries=st.none() | st.integers(1, 5),
            then=st.sampled_from(Then),
            at_limit=st.sampled_from(AtLimit),
        ),
        max_size=3,
        unique_by=lambda rule: rule.code,
    ).map(tuple),
    max_per_number=st.none() | st.integers(1, 5),
    max_per_day=st.none() | st.integers(1, 3),
    max_per_person=st.none() | st.integers(1, 5),
    person_days=st.integers(1, 10),
    other_number_minutes=st.integers(0, 600),
    spread=st.booleans(),
    spread_days=st.integers(1, 5),
)
windows = st.builds(
    Window,
    opens=st.times(max_value=time(11)).map(lambda at: at.replace(second=0, microsecond=0)),
    closes=st.sampled_from([time(12), time(17), time(20), time(23, 59)]),
    days=st.sampled_from(["0123456", "01234", "56", "2"]),
)
zones = st.sampled_from([ZONE, "America/Havana", "Pacific/Apia", "Asia/Kolkata", "America/Phoenix"])
instants = st.integers(0, 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
codes = st.lists(st.sampled_from(["busy", "no_answer", "failed", "machine"]), min_size=1, max_size=12)


@given(plans, windows, zones, instants, codes, st.lists(st.integers(1, 6), max_size=4))
def test_no_plan_tries_too_early_or_too_often(
    plan: Plan, window: Window, zone: str, now: datetime, results: list[str], elsewhere: list[int]
) -> None:
    """Follow a person along their results, as the dialer would: what is asked at the dial agrees with what was said after the call."""
    tries = [Try(at=now - timedelta(days=days), number=HOME, code="busy", here=False) for days in elsewhere]
    for code in results:
        who = Person(numbers=(HOME, MOBILE, WORK), tries=tuple(tries), zone=zone)
        allowed = recycling.may_try(plan, who, now=now)
        if not allowed.numbers:
            if allowed.next_at is None:
                return
            assert allowed.next_at > now
            now = allowed.next_at
            continue
        dialed = allowed.numbers[0]
        _holds_to_the_plan(plan, who, dialed, now)
        tries.append(Try(at=now, number=dialed, code=code))
        said = result(attempts=len([each for each in tries if each.here]), max_attempts=50)
        who = Person(numbers=(HOME, MOBILE, WORK), tries=tuple(tries), zone=zone)
        step = recycling.next_by_plan(said, plan, who, window, code=code, now=now + timedelta(seconds=20))
        if step.try_at is None:
            assert step.ending is not None
            return
        assert step.try_at >= now + timedelta(seconds=20)
        assert step.number in recycling.may_try(plan, who, now=step.try_at).numbers
        now = step.try_at


def _holds_to_the_plan(plan: Plan, who: Person, dialed: str, now: datetime) -> None:
    here = who.here
    own = [each for each in here if each.number == dialed]
    if own:
        assert now >= own[-1].at + timedelta(minutes=plan.wait_minutes(own[-1].code))
    if here and here[-1].number != dialed:
        assert now >= here[-1].at + timedelta(minutes=plan.other_number_minutes)
    assert plan.max_per_number is None or len(own) < plan.max_per_number
    today: date = now.astimezone(who.clock).date()
    of_day = [each for each in here if each.at.astimezone(who.clock).date() == today]
    assert plan.max_per_day is None or len(of_day) < plan.max_per_day
    recent = [each for each in who.tries if each.at > now - timedelta(days=plan.person_days)]
    assert plan.max_per_person is None or len(recent) < plan.max_per_person


@given(plans, instants, st.integers(1, 400), st.integers(0, 60))
def test_a_promised_callback_stands(plan: Plan, now: datetime, hours: int, attempts: int) -> None:
    promised = now + timedelta(hours=hours)
    who = person(*(tried("busy", minutes_ago=each) for each in range(1, 9)))

    found = recycling.next_by_plan(
        result("callback", callback_at=promised, retry_minutes=None, attempts=attempts),
        plan,
        who,
        ALL_WEEK,
        code="callback",
        now=now,
    )

    assert (found.try_at, found.is_callback) == (promised, True)
