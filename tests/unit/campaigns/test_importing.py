"""Numbers no list may bring in, each refused with its reason; and those that only look like them."""

import pytest

from campaigns.importing import CleanPerson, RawPerson, Refusal, clean

OWN = frozenset({"+14075550100"})


def row(*numbers: str) -> RawPerson:
    return RawPerson(row_number=2, phones=[("main", number) for number in numbers])


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        ("911", "wrong_length", "too few or too many digits"),
        ("112", "wrong_length", "too few or too many digits"),
        ("988", "wrong_length", "too few or too many digits"),
        ("411", "wrong_length", "too few or too many digits"),
        ("12345", "wrong_length", "too few or too many digits"),
        ("898989", "wrong_length", "too few or too many digits"),
        ("+1 911 555 0123", "not_valid", "not a number in use"),
        ("+882 345 678901", "not_valid", "not a number in use"),
        ("(900) 555-0123", "never_dialed", "premium-rate"),
        ("+44 909 879 0000", "never_dialed", "premium-rate"),
        ("+1 212 976 5000", "never_dialed", "pay-per-call or directory assistance"),
        ("+1 212 555 1212", "never_dialed", "pay-per-call or directory assistance"),
        ("+1 500 555 0006", "never_dialed", "charges its callers"),
        ("(407) 555-0100", "own_number", "one of your own caller numbers"),
    ],
)
def test_a_number_that_is_never_dialed_is_refused_with_its_reason(number: str, code: str, words: str) -> None:
    refusal = clean(row(number), own=OWN)

    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    assert words in refusal.reason


@pytest.mark.parametrize("number", ["(407) 555-0911", "+1 976 555 0123", "(212) 555-0976", "+1 800 555 0199"])
def test_a_number_that_only_looks_like_one_is_taken_or_refused_for_what_it_is(number: str) -> None:
    found = clean(row(number), own=OWN)

    assert not (isinstance(found, Refusal) and found.code == "never_dialed")


def test_a_person_with_another_number_keeps_that_one() -> None:
    found = clean(row("(900) 555-0123", "(407) 555-0100", "(407) 555-0123"), own=OWN)

    assert isinstance(found, CleanPerson)
    assert [phone.number for phone in found.phones] == ["+14075550123"]
