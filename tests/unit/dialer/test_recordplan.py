"""Whether a call is recorded: the share, and the law of every place the person may be."""

from datetime import date
from uuid import UUID, uuid5

import pytest

from core.types import PhoneNumber
from dialer.recordplan import is_chosen, plan, states_of

ON = date(2026, 11, 23)
ATTEMPTS = [uuid5(UUID(int=0), str(number)) for number in range(4000)]


@pytest.mark.parametrize("percent", [0, 10, 50, 100])
def test_the_share_is_kept_and_each_call_gets_the_same_answer(percent: int) -> None:
    chosen = [is_chosen(each, percent) for each in ATTEMPTS]

    assert chosen == [is_chosen(each, percent) for each in ATTEMPTS]
    assert sum(chosen) / len(chosen) == pytest.approx(percent / 100, abs=0.03)


def test_who_is_chosen_at_a_smaller_share_is_chosen_at_a_larger() -> None:
    assert all(is_chosen(each, 60) for each in ATTEMPTS if is_chosen(each, 30))


@pytest.mark.parametrize(
    ("states", "strictest", "records"),
    [
        (["TX"], "one_party", True),
        (["TX", "CA"], "all_party", True),  # REC-001 T1: the strictest place counts
        (["TX", "OR"], "mixed", True),
        ([], "all_party", True),  # REC-001 T2: not known is all-party
        (["TX", "GU"], "unknown", False),  # nobody has read that law
    ],
)
def test_rec_001_the_strictest_place_decides(states: list[str], strictest: str, records: bool) -> None:
    found = plan(attempt=ATTEMPTS[0], percent=100, states=states, on=ON)

    assert (found.strictest, found.record) == (strictest, records)


def test_every_place_the_person_may_be_is_looked_at() -> None:
    found = states_of(
        PhoneNumber("+12125550142"), postal_code="32801", state="", city="Orlando", stated_zone=""
    )

    assert found == ("FL", "NY")


def test_a_campaign_that_does_not_record_says_so() -> None:
    found = plan(attempt=ATTEMPTS[0], percent=0, states=["FL"], on=ON)

    assert (found.record, found.reason) == (False, "This campaign does not record.")
