"""What is entered: read, shown as it was, and refused with what to do."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.whatif.fields import BY_NAME, FIELDS, change, changed
from tests.unit.dialer.whatif.making import LIMITS, plan


def test_what_is_shown_is_read_as_it_was() -> None:
    own = plan(mode="power", counted=1240, answers=1 / 3, later=7)

    made, problems = change(own, {field.name: field.show(own) for field in FIELDS}, LIMITS)

    assert (made, problems) == (own, [])
    assert changed(made, own) == frozenset()


def test_a_rate_entered_is_taken_as_it_is() -> None:
    made, _ = change(plan(counted=1240), {"answer_rate": "30"}, LIMITS)

    assert (made.answers, made.counted) == (0.3, 0)
    assert changed(made, plan()) == {"answer_rate"}


def test_every_input_can_be_changed() -> None:
    given_ = {
        "agents": "12", "opens": "10:00", "closes": "18:30", "days": "sat Sunday", "begins": "2026-11-28",
        "finish_by": "2026-12-20", "mode": "power", "ratio": "1.5", "cap": "2", "detection": "off", "answer_rate": "30 %",
        "machine_rate": "10", "busy_rate": "1", "failed_rate": "2", "talk_seconds": "90", "wrap_seconds": "0",
        "reading_seconds": "5", "ring_seconds": "20", "attempts": "3", "cps": "0.5", "leads": "100,000",
        "breaks": "12:00-13:00", "works_from": "09:30", "works_until": "18:00", "break_rate": "10", "per_number": "2",
        "per_day": "1", "per_person": "7 in 14 days", "order": "closing_first", "zones": "Eastern 60, America/Boise 40",
        "callback_rate": "12", "callback_days": "2.5", **{f"answer_rate_{hour:02}": "15" for hour in range(24)},
    }  # fmt: skip

    made, problems = change(plan(later=50), given_, LIMITS)

    assert problems == []
    assert given_.keys() == BY_NAME.keys() == changed(made, plan(later=50))
    assert (made.per_person, made.person_days, made.callback_days) == (7, 14, 2.5)
    assert list(made.zones) == [("America/New_York", 60), ("America/Boise", 40)]
    assert (made.opens, made.closes, made.days) == (time(10), time(18, 30), "56")
    assert (made.begins, made.not_before) == (date(2026, 11, 28), time(0))
    assert (made.leads, made.later) == (100_000, 0)


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("agents", "0", "nobody is called without one"),
        ("agents", "-3", "a whole number from 1 to 2,000"),
        ("agents", "2.5", "a whole number"),
        ("agents", "99999999999999999999", "from 1 to 2,000"),
        ("agents", "ten", "is no number"),
        ("answer_rate", "-1", "from 0 to 100 %"),
        ("answer_rate", "101", "from 0 to 100 %"),
        ("answer_rate", "nan", "from 0 to 100 %"),
        ("answer_rate", "inf", "from 0 to 100 %"),
        ("machine_rate", "1e9", "from 0 to 100 %"),
        ("machine_rate", "90", "more than all calls"),
        ("opens", "18:00", "These hours never open"),
        ("closes", "09:10", "under a quarter of an hour"),
        ("opens", "25:00", "is no time of day"),
        ("opens", "07:00", "47 CFR 64.1200(c)(1)"),
        ("closes", "22:00", "08:00 to 21:00"),
        ("days", "Nonday", "at least one day"),
        ("days", "-", "at least one day"),
        ("days", "Fri-Mon", "at least one day"),
        ("begins", "2020-01-01", "has passed"),
        ("begins", "9999-12-31", "more than a year ahead"),
        ("begins", "tomorrow", "is no day"),
        ("finish_by", "2026-11-01", "before it begins"),
        ("mode", "warp", "There is no mode “warp”"),
        ("detection", "maybe", "is on or off"),
        ("ring_seconds", "10", "rule FED-019"),
        ("talk_seconds", "0", "from 5 to 3,600 seconds"),
        ("attempts", "0", "from 1 to 50"),
        ("cps", "0", "from 0.01 to 1,000"),
        ("leads", "100000000000", "from 1 to 5,000,000"),
        ("colour", "red", "There is no input “colour”"),
        ("breaks", "noon", "Write it like 12:00-14:00"),
        ("breaks", "08:00-10:00", "not inside the hours"),
        ("breaks", "09:00-17:00", "leave nothing"),
        ("works_from", "18:00", "The team goes before it comes"),
        ("works_until", "09:05", "under a quarter of an hour"),
        ("zones", "Asia/Tokyo 100", "nobody’s hours are open"),
        ("zones", "Narnia 40", "There is no zone “Narnia”"),
        ("zones", "../../etc/passwd 40", "no zone"),
        ("zones", "Eastern", "no zone with its share"),
        ("zones", "Eastern 0", "a share above 0"),
        ("zones", ", ".join(f"Etc/GMT+{n} 1" for n in range(1, 13)) + ", Etc/GMT-1 1", "At most 12 zones"),
        ("break_rate", "99", "from 0 to 60 %"),
        ("per_number", "0", "from 1 to 50"),
        ("per_day", "1.5", "a whole number"),
        ("per_person", "often", "like 7 in 7 days"),
        ("per_person", "7 in 400 days", "1 to 30 days"),
        ("order", "best_time", "There is no order"),
        ("callback_rate", "120", "from 0 to 100 %"),
        ("callback_days", "0", "from 0.01 to 90"),
        ("answer_rate_09", "101", "from 0 to 100 %, or empty"),
        ("answer_rate_09", "90", "more than all calls"),
    ],
)
def test_what_cannot_be_played_is_refused_with_what_to_do(field: str, text: str, says: str) -> None:
    _, [problem] = change(plan(), {field: text}, LIMITS)

    assert says in problem.text


def test_a_cap_over_the_laws_is_refused_with_its_citation() -> None:
    _, [problem] = change(plan(mode="predictive"), {"cap": "4"}, LIMITS)

    assert problem.field == "cap"
    assert "rule FED-016: 16 CFR 310.4(b)(4)(i), 47 CFR 64.1200(a)(7)" in problem.text


@pytest.mark.parametrize(
    ("text", "days"),
    [("Mon-Fri", "01234"), ("mon – wed, Sunday", "0126"), ("Sat", "5"), ("Mon Tue Tue", "01")],
)
def test_days_are_read_as_people_write_them(text: str, days: str) -> None:
    made, problems = change(plan(), {"days": text}, LIMITS)

    assert (made.days, problems) == (days, [])


def test_everything_wrong_is_told_at_once() -> None:
    _, problems = change(plan(), {"agents": "0", "answer_rate": "101", "opens": "x"}, LIMITS)

    assert [problem.field for problem in problems] == ["agents", "opens", "answer_rate"]


def test_more_kinds_of_people_than_can_be_told_apart_are_refused() -> None:
    _, [problem] = change(
        plan(), {"attempts": "50", "per_day": "20", "zones": "Eastern 5, Pacific 5"}, LIMITS
    )

    assert problem.field == "attempts"
    assert "2,000 kinds of people" in problem.text


def test_an_emptied_input_is_none_again() -> None:
    own = plan(per_number=3, breaks=((time(12), time(13)),), works_from=time(10), entered_hours=((9, 0.1),))

    made, problems = change(
        own, {"per_number": "", "breaks": "", "works_from": "", "answer_rate_09": "", "agents": ""}, LIMITS
    )

    assert (made, problems) == (plan(), [])


def test_who_waits_for_a_time_moves_with_the_first_day() -> None:
    own = plan(leads=100, later=50, due=((20, 10), (30, 40)))

    made, _ = change(own, {"begins": "2026-11-24"}, LIMITS)

    assert (made.leads, made.later, made.due) == (150, 0, ((6, 40),))


def test_an_hours_own_rate_stands_where_the_whole_days_is_changed() -> None:
    own = plan(by_hour=((9, 0.5), (10, 1.5)))

    made, _ = change(own, {"answer_rate": "30", "answer_rate_10": "12"}, LIMITS)

    assert [round(made.answers_at(hour), 4) for hour in (9, 10, 11)] == [0.15, 0.12, 0.3]
    assert changed(made, own) == {"answer_rate", "answer_rate_10"}


@given(st.dictionaries(st.sampled_from(sorted(BY_NAME)), st.text(max_size=30), max_size=5))
def test_no_text_breaks_it(given_: dict[str, str]) -> None:
    made, problems = change(plan(), given_, LIMITS)

    assert problems or made.agents >= 1
    assert all(problem.text.endswith(".") for problem in problems)
