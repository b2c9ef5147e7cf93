"""What-if: the quick replay, which asks only the rules a change can reach, answers as the full one does."""

import random
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.replay.deciding import Replayer, Row, SetLimit
from compliance.replay.edits import BadEdit, ChangedRules, changed_rules, check_limits
from compliance.replay.reads import affected, names_of
from compliance.rules import engine, stored
from compliance.rules.facts import (
    Channel,
    ContactFacts,
    LineType,
    OverrideFact,
    Purpose,
    RegistryListing,
    SuppressionFact,
    SuppressionScope,
)
from compliance.rules.pack import PackError, RuleBook
from compliance.rules.packfile import SHIPPED, shipped
from compliance.rules.policy import HouseLimit, Policy, in_force
from tests.rules.making import SELLER, attempt, facts

PLACES = [
    ("+12125550123", {"state": "NY", "postal_code": "10001"}),
    ("+14075550123", {"state": "FL", "postal_code": "32801"}),
    ("+13125550123", {"state": "IL", "postal_code": "60601"}),
    ("+18505550123", {"state": "FL", "postal_code": "32501"}),
    ("+17135550123", {"state": "TX"}),
    ("+18005550123", {}),
    ("+12065550123", {"stated_zone": "America/Los_Angeles"}),
    ("+16175550123", {"state": "MA"}),
]
EDITS = [
    "states.FL.weekday=10:00-17:00",
    "states.FL.sunday=closed",
    "states.FL.cap=1",
    "states.??.weekday=10:00-16:00",
    "numbers.attempts_per_24h=1",
    "numbers.registry_max_age_days=2",
    "numbers.federal_closes=19:00",
    "numbers.close_margin_seconds=3600",
    "house.federal_opens=10:00",
    "house.attempts_per_24h=1",
    "numbers.line_type_max_age_days=1",
]


def random_facts(rng: random.Random) -> ContactFacts:
    """Return facts that a gate might see; about half are denied."""
    number, address = rng.choice(PLACES)
    when = datetime(
        2026, rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23), rng.randint(0, 59), tzinfo=UTC
    )
    found = facts(
        when,
        number=number,
        **address,
        channel=rng.choice(list(Channel)),
        purpose=rng.choice([Purpose.TELEMARKETING] * 4 + list(Purpose)),
        line_type=rng.choice(list(LineType)),
        attempts=tuple(
            attempt(when - timedelta(hours=rng.randint(1, 40))) for _ in range(rng.choice([0, 0, 1, 2, 3]))
        ),
        crm_do_not_call=rng.random() < 0.05,
    )
    changes: dict[str, Any] = {}
    if rng.random() < 0.5:
        changes["registry"] = replace(
            found.registry,
            as_of=(when - timedelta(days=rng.randint(0, 40))).date(),
            listings=(RegistryListing(name="national", as_of=when.date()),) if rng.random() < 0.1 else (),
        )
    if rng.random() < 0.05:
        changes["suppressions"] = (
            SuppressionFact(
                seller=SELLER, scope=SuppressionScope.SELLER, reason="asked", heard_on="", at=when
            ),
        )
    if rng.random() < 0.2:
        code = rng.choice(["HOURS_STATE", "FREQ_STATE", "HOURS_FED"])
        changes["overrides"] = (
            OverrideFact(code=code, by="sol", reason="r", at=when - timedelta(1), until=when + timedelta(1)),
        )
    return replace(found, **changes)


def as_row(row_id: int, seen: ContactFacts, house: tuple[HouseLimit, ...] = ()) -> Row:
    """Return what the gate stores for the facts under the limits of the house."""
    decision = engine.decide(seen, in_force(seen.at, shipped(), house))
    return (
        row_id,
        decision.outcome.value,
        decision.code,
        decision.rules_hash,
        stored.facts_as_text(seen),
        stored.verdicts_as_text(decision.verdicts),
        seen.at,
    )


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    rng = random.Random(20261122)
    return [as_row(index, random_facts(rng)) for index in range(400)]


@pytest.mark.parametrize("edit", EDITS)
def test_the_quick_replay_says_what_the_full_one_says(rows: list[Row], edit: str) -> None:
    rules = changed_rules(edits=[edit])

    quick = Replayer(rules.book, rules.house).tally(rows)
    full = Replayer(rules.book, rules.house, in_full=True).tally(rows)

    assert (quick.counts, quick.changes, quick.unreadable) == (full.counts, full.changes, [])
    assert quick.counts.total() == len(rows)


def test_changes_taken_together_are_replayed_alike(rows: list[Row]) -> None:
    rules = changed_rules(edits=EDITS[:3] + EDITS[5:9])

    assert (
        Replayer(rules.book, rules.house).tally(rows).changes
        == Replayer(rules.book, rules.house, in_full=True).tally(rows).changes
        != []
    )


def test_the_full_replay_says_what_decide_says(rows: list[Row]) -> None:
    rules = changed_rules(edits=["states.FL.weekday=10:00-17:00"])
    replayer = Replayer(rules.book, in_full=True)

    for row in rows[:200]:
        seen = stored.facts_from_text(row[4])
        assert replayer.new_code(row) == engine.decide(seen, in_force(seen.at, rules.book)).code


def test_the_same_rules_change_nothing(rows: list[Row]) -> None:
    same = RuleBook(packs=shipped().packs)

    assert Replayer(same, in_full=True).tally(rows).changes == []
    assert affected(engine.RULES, shipped(), same) == ()
    assert Replayer(same).tally(rows).changes == []


def test_verdicts_of_other_rules_are_decided_anew_in_full(rows: list[Row]) -> None:
    rules = changed_rules(edits=["numbers.registry_max_age_days=2"])
    older = [(*row[:3], "another hash", row[4], "[]", row[6]) for row in rows]

    assert Replayer(rules.book).tally(older).changes == Replayer(rules.book, in_full=True).tally(rows).changes


STRICTER = HouseLimit(name="attempts_per_24h", value=1, since=date(2026, 3, 1), until=date(2026, 10, 1))
SET_AT = datetime(2026, 3, 5, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def limited_rows() -> list[Row]:
    """Verdicts of a house that allows one attempt a day, from the fifth of March to the end of September."""
    rng = random.Random(7)
    seen = [random_facts(rng) for _ in range(400)]
    return [as_row(at, each, (STRICTER,) if each.at >= SET_AT else ()) for at, each in enumerate(seen)]


@pytest.mark.parametrize("in_full", [False, True])
def test_the_limits_the_house_had_set_by_then_hold_again(limited_rows: list[Row], in_full: bool) -> None:
    same = RuleBook(packs=shipped().packs)
    limits = (SetLimit(at=SET_AT, limit=STRICTER),)

    known = Replayer(same, limits=limits, in_full=in_full).tally(limited_rows)
    ignored = Replayer(same, in_full=in_full).tally(limited_rows)

    assert known.changes == []
    assert {change[2] for change in ignored.changes} == {"FREQ_STATE"}


@pytest.mark.parametrize("edit", EDITS)
def test_under_limits_of_the_house_the_quick_replay_says_what_the_full_one_says(
    limited_rows: list[Row], edit: str
) -> None:
    rules = changed_rules(edits=[edit])
    limits = (SetLimit(at=SET_AT, limit=STRICTER),)

    quick = Replayer(rules.book, rules.house, limits=limits).tally(limited_rows)
    full = Replayer(rules.book, rules.house, limits=limits, in_full=True).tally(limited_rows)

    assert quick.changes == full.changes


def test_a_what_if_may_give_a_limit_of_the_house_another_value(limited_rows: list[Row]) -> None:
    rules = changed_rules(edits=["house.attempts_per_24h=2"])
    limits = (SetLimit(at=SET_AT, limit=STRICTER),)

    found = Replayer(rules.book, rules.house, limits=limits).tally(limited_rows)

    by_id = {row[0]: row for row in limited_rows}
    freed = [by_id[change[0]][6] for change in found.changes if change[2] == "FREQ_STATE"]
    assert freed
    assert all(SET_AT <= at < datetime(2026, 10, 1, tzinfo=UTC) for at in freed)


def test_a_limit_of_the_house_that_the_changed_law_overtakes_counts_no_more(limited_rows: list[Row]) -> None:
    loose = HouseLimit(name="attempts_per_24h", value=2, since=date(2026, 1, 1))
    rules = changed_rules(edits=["numbers.attempts_per_24h=1"])
    rows = [as_row(row[0], stored.facts_from_text(row[4]), (loose,)) for row in limited_rows]

    limits = (SetLimit(at=datetime(2025, 12, 31, tzinfo=UTC), limit=loose),)
    found = Replayer(rules.book, limits=limits).tally(rows)

    assert found.changes == Replayer(rules.book, in_full=True).tally(rows).changes != []


def test_verdicts_that_cannot_be_read_are_counted_and_named(rows: list[Row]) -> None:
    rules = changed_rules(edits=["numbers.registry_max_age_days=2"])
    torn = [(at, "allow", "", "h", text, "[]", rows[0][6]) for at, text in [(7, '{"at": 1}'), (8, "no JSON")]]

    found = Replayer(rules.book).tally([*rows, *torn])

    assert found.unreadable == [7, 8]
    assert found.counts.total() == len(rows)


class Recording:
    """A policy, or a book, that notes what is read of it."""

    def __init__(self, inner: Any, seen: set[str]) -> None:
        self.inner, self.seen = inner, seen

    def __getattr__(self, name: str) -> Any:
        self.seen.add(name)
        value = getattr(self.inner, name)
        return Recording(value, self.seen) if name == "book" else value


@pytest.mark.parametrize("rule", engine.RULES, ids=lambda rule: rule.__name__)
def test_a_rule_reads_nothing_that_its_code_does_not_utter(rule: engine.Rule) -> None:
    rng = random.Random(7)
    seen: set[str] = set()
    for _ in range(150):
        looked_at = random_facts(rng)
        rule(looked_at, Recording(in_force(looked_at.at), seen))  # type: ignore[arg-type]

    assert seen <= names_of(rule)


def test_only_rules_that_read_a_number_are_asked_again() -> None:
    after = changed_rules(edits=["numbers.attempts_per_24h=2"])

    assert [engine.RULES[place].__name__ for place in affected(engine.RULES, shipped(), after.book)] == [
        "not_too_often"
    ]


def test_only_rules_that_read_rows_of_hours_are_asked_again_for_one() -> None:
    after = changed_rules(edits=["states.FL.weekday=10:00-17:00"])

    asked = {engine.RULES[place].__name__ for place in affected(engine.RULES, shipped(), after.book)}

    assert asked == {"state_hours", "state_days", "not_too_often"}


def test_a_changed_row_of_hours_reaches_rules_that_read_rows_or_the_days_that_follow_from_them() -> None:
    def hours(facts: ContactFacts, policy: Policy) -> Any:
        return policy.book.hours_rows("FL", facts.channel, facts.at.date())

    def days(facts: ContactFacts, policy: Policy) -> Any:
        return policy.book.closed_days("??", facts.at.date())

    def states_of_the_person(facts: ContactFacts, policy: Policy) -> Any:
        return policy.book.version, facts.states

    after = changed_rules(edits=["states.FL.weekday=10:00-17:00"])
    rules: tuple[Any, ...] = (hours, days, states_of_the_person)

    assert affected(rules, shipped(), after.book) == (0, 1)


def test_a_rule_that_looks_names_up_at_run_time_is_always_asked_again() -> None:
    def by_name(facts: ContactFacts, policy: Policy) -> Any:
        return getattr(policy, facts.seller)

    def deep(facts: ContactFacts, policy: Policy) -> Any:
        return (lambda: by_name(facts, policy))()

    after = changed_rules(edits=["numbers.attempts_per_24h=2"])

    rules: tuple[Any, ...] = (deep, lambda facts, policy: policy.federal_opens)

    assert affected(rules, shipped(), after.book) == (0,)


class ByObject:
    """A rule that is no function: its code cannot be followed by name."""

    def __call__(self, facts: ContactFacts, policy: Policy) -> Any:
        return policy.federal_opens


def test_a_rule_whose_code_cannot_be_followed_is_always_asked_again() -> None:
    def by_another_book(facts: ContactFacts, policy: Policy) -> Any:
        return in_force(facts.at)

    def by_every_row(facts: ContactFacts, policy: Policy) -> Any:
        return policy.book.numbers[0]

    after = changed_rules(edits=["numbers.attempts_per_24h=2"])
    rules: tuple[Any, ...] = (ByObject(), by_another_book, by_every_row)

    assert affected(rules, shipped(), after.book) == (0, 1, 2)


def test_every_number_changed_alone_reaches_the_rules_that_read_it() -> None:
    uttered = {rule: names_of(rule) for rule in engine.RULES}
    for name in (
        each.name for each in fields(Policy) if each.name not in {"book", "house", "lifted", "overridden"}
    ):
        row = next(row for row in shipped().numbers if row.name == name)
        value = f"{row.value:%H:%M}" if isinstance(row.value, time) else str(row.value).lower()
        edit = f"house.{name}={value}"
        places = affected(engine.RULES, shipped(), shipped(), changed_rules(edits=[edit]).house)
        assert set(places) >= {at for at, rule in enumerate(engine.RULES) if name in uttered[rule]}


def test_an_edit_changes_what_it_names_and_the_hash() -> None:
    rules = changed_rules(edits=["states.FL.weekday=09:00-19:00", "numbers.attempts_per_24h=2"])
    (row,) = rules.book.hours_rows("FL", Channel.LIVE_PREVIEW, date(2026, 11, 23))

    assert str(row.weekday) == "09:00–19:00"
    assert in_force(datetime(2026, 11, 23, tzinfo=UTC), rules.book).attempts_per_24h == 2
    assert engine.rules_hash(rules.book) != engine.rules_hash(shipped())
    assert rules.words == ("states.FL.weekday=09:00-19:00", "numbers.attempts_per_24h=2")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("states.ZZ.weekday=09:00-19:00", "no pack has such a row"),
        ("numbers.no_such_number=2", "no pack has such a row"),
        ("numbers.attempts_per_24h=09:00", "write one of that kind"),
        ("states.FL.weekday=19:00-09:00", "Swap them"),
        ("states.FL.weekdays=09:00-19:00", "nobody knows the key"),
        ("attempts=2", "is not a change"),
        ("states.FL.weekday", "is not a change"),
        ("states.FL=2", "is not a change"),
        ("house.attempts_per_24h=[1]", "is a number, a time"),
    ],
)
def test_an_edit_that_cannot_be_made_says_why(edit: str, said: str) -> None:
    with pytest.raises((BadEdit, PackError), match=said):
        changed_rules(edits=[edit])


@pytest.mark.parametrize(
    ("edit", "said"),
    [("house.federal_closes=23:00", "is law"), ("house.nothing=1", "no limit called")],
)
def test_a_house_limit_looser_than_the_law_is_refused(edit: str, said: str) -> None:
    with pytest.raises(BadEdit, match=said):
        check_limits(changed_rules(edits=[edit]), first=date(2026, 11, 1), last=date(2026, 11, 30))


def test_nothing_to_change_is_said() -> None:
    with pytest.raises(BadEdit, match="Nothing is changed"):
        changed_rules()


def test_a_folder_of_packs_replaces_those_it_holds(tmp_path: Path) -> None:
    (tmp_path / "us").mkdir()
    for path in (SHIPPED / "us").glob("*.toml"):
        (tmp_path / "us" / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    pack = tmp_path / "us" / "pack.toml"
    pack.write_text(pack.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")

    for folder in (tmp_path, tmp_path / "us"):
        rules: ChangedRules = changed_rules(packs=folder)
        assert [pack.jurisdiction for pack in rules.book.packs] == ["us", "ca", "uk"]
        assert rules.book.packs[0].digest != shipped().packs[0].digest
        assert rules.book.packs[1].digest == shipped().packs[1].digest
    with pytest.raises(BadEdit, match="holds no pack"):
        changed_rules(packs=tmp_path / "nowhere")
