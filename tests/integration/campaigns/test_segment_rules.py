"""The two readings of a rule agree: the database's, and the one for one person."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.models import Contact
from campaigns.segments import tree
from campaigns.segments.fields import DATES, DAYS, WITHOUT_VALUE, Catalogue, Field, Kind, Operator
from campaigns.segments.matching import PersonFacts, matches
from campaigns.selectors import matching
from tests.conftest import NOW
from tests.examples import examples
from tests.factories.crowd import RESULTS, TEXTS, facts_of, make_crowd
from tests.factories.world import make_world

pytestmark = pytest.mark.django_db

WORDS = sorted({text.strip() for texts in (*TEXTS.values(), RESULTS) for text in texts if text.strip()})
PARTS = [*WORDS, "roof", "o", "%", "_", "\\", "ss", "ß", "é", "555", "hubspot:1", "FL", "zz"]


@pytest.fixture
def crowd(db: None) -> tuple[dict[int, PersonFacts], Catalogue]:
    """Everybody with what is known of them."""
    make_crowd(make_world(NOW), now=NOW)
    people = {row.pk: facts_of(row, now=NOW) for row in Contact.objects.order_by("pk")}
    return people, matching.current_catalogue()


def condition(fields: Catalogue) -> st.SearchStrategy[tree.Condition]:
    """Any condition the builder can make."""

    def of(field: Field, operator: Operator) -> st.SearchStrategy[tree.Condition]:
        value: st.SearchStrategy[Any] = st.sampled_from(PARTS)
        if operator in WITHOUT_VALUE:
            value = st.just("")
        elif field.kind is Kind.NUMBER:
            value = st.integers(0, 5)
        elif field.kind is Kind.AMOUNT:
            value = st.sampled_from(("0", "-12.5", "7", "7.0", "100000000000000", "-1"))
        elif operator in DAYS:
            value = st.sampled_from((0, 1, 2, 7, 39, 40, 100_000))
        elif operator in DATES:
            value = st.sampled_from(("2026-11-23", "2026-11-22", "2026-10-14", "0001-01-01", "9999-12-31"))
        elif field.kind in (Kind.CHOICE, Kind.NAMED):
            value = st.sampled_from(sorted(field.choices))
        return st.builds(tree.Condition, st.just(field.key), st.just(operator), value)

    pairs = [(field, operator) for field in fields.values() for operator in field.operators]
    return st.sampled_from(pairs).flatmap(lambda pair: of(*pair))


def rule(fields: Catalogue) -> st.SearchStrategy[tree.Group]:
    """Any rule of up to three levels."""
    group = lambda members: st.builds(  # noqa: E731 - shorter than its name
        tree.Group,
        st.sampled_from((tree.ALL, tree.ANY)),
        st.lists(members, min_size=1, max_size=3).map(tuple),
    )
    return group(condition(fields) | group(condition(fields) | group(condition(fields))))


def found_by_database(node: tree.Node, fields: Catalogue) -> set[int]:
    return set(matching.people_who(node, fields, now=NOW).values_list("pk", flat=True))


def found_by_facts(node: tree.Node, people: dict[int, PersonFacts], fields: Catalogue) -> set[int]:
    return {pk for pk, facts in people.items() if matches(node, facts, fields, now=NOW)}


def test_both_readings_find_the_same_people(crowd: Any) -> None:
    people, fields = crowd

    @settings(max_examples=examples(300))
    @given(rule(fields))
    def agree(node: tree.Group) -> None:
        assert found_by_database(node, fields) == found_by_facts(node, people, fields)

    agree()


@pytest.mark.slow_lane
def test_every_operator_of_every_field_agrees_and_divides_the_crowd(crowd: Any) -> None:
    people, fields = crowd
    undivided = []
    values: dict[Kind, list[Any]] = {
        Kind.TEXT: PARTS, Kind.NUMBER: [0, 1, 3], Kind.FLAG: [""], Kind.MOMENT: [7, "2026-11-20"],
        Kind.AMOUNT: ["0", "7", "-12.5"], Kind.DAY: [0, "2026-11-23", "2026-11-30"],
    }  # fmt: skip

    for field in fields.values():
        sizes = set()
        for operator in field.operators:
            for value in sorted(field.choices) or values[field.kind]:
                if (operator in DATES) != isinstance(value, str) and field.kind in (Kind.MOMENT, Kind.DAY):
                    value = "2026-11-20" if operator in DATES else 7
                node = tree.Condition(field.key, operator, "" if operator in WITHOUT_VALUE else value)
                by_facts = found_by_facts(node, people, fields)
                assert found_by_database(node, fields) == by_facts, node
                sizes.add(len(by_facts))
        if sizes <= {0, len(people)}:
            undivided.append(field.key)

    assert undivided == []


def test_what_is_read_back_is_the_same_rule(crowd: Any) -> None:
    _, fields = crowd

    @given(rule(fields))
    def agree(node: tree.Group) -> None:
        assert tree.read(tree.dump(node), fields) == node
        assert tree.words(node, fields)

    agree()
