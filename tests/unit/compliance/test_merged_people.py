"""For which numbers of a merged person a permission counts: a merge makes nobody callable who was not."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from compliance.gathering.merged import Alias, Merged

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
NUMBERS = ("+1", "+2", "+3")
PEOPLE = ("contact:1", "contact:2", "contact:3")  # the first one stays


def request(person: str, number: str) -> Any:
    return SimpleNamespace(person_ref=person, number=number)


@given(
    held=st.fixed_dictionaries({person: st.frozensets(st.sampled_from(NUMBERS)) for person in PEOPLE}),
    said=st.frozensets(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(NUMBERS))),
)
def test_what_permits_after_the_merge_permitted_before(
    held: dict[str, frozenset[str]], said: frozenset[tuple[str, str]]
) -> None:
    known = set(held[PEOPLE[0]])
    aliases = []
    for person in PEOPLE[1:]:
        brought = tuple(sorted(held[person] - known))
        known |= set(brought)
        aliases.append(Alias(person_ref=person, survivor_ref=PEOPLE[0], numbers=brought, since=NOW))
    merged = Merged(aliases)

    for number in known:
        after = [
            person
            for person, about in said
            if about == number
            and merged.may_speak(person, request(PEOPLE[0], number), NOW - timedelta(days=1))
        ]
        before = [person for person, about in said if about == number and number in held[person]]
        assert set(after) <= set(before)
        if number in held[PEOPLE[0]]:  # what was lawful for the survivor still is, and nothing more
            assert ((PEOPLE[0], number) in said) == bool(after)


def test_what_the_person_says_after_the_merge_counts_for_all_their_numbers() -> None:
    merged = Merged([Alias(person_ref="contact:2", survivor_ref="contact:1", numbers=("+2",), since=NOW)])

    def speaks(person: str, number: str, hours: int) -> bool:
        return merged.may_speak(person, request("contact:1", number), NOW + timedelta(hours=hours))

    assert [speaks("contact:1", "+2", hours) for hours in (-1, 0, 1)] == [False, True, True]
    assert speaks("contact:1", "+1", -1)
    assert speaks("contact:2", "+2", -1)
    assert not speaks("contact:2", "+1", -1)
    assert not speaks("contact:9", "+2", 1)
    assert merged.survivor("contact:2") == "contact:1"
    assert merged.survivor("contact:9") == "contact:9"
