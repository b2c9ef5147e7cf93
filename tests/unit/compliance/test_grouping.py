"""Rows of a batch found again by number and person."""

from compliance.gathering.grouping import Grouped, who

ROWS = [
    ("+14075550123", "lead:1"),
    ("+14075550124", ""),
    ("+14075550123", "lead:2"),
    ("+14075550125", "lead:1"),
]


def test_rows_are_found_by_any_key_once_and_in_order() -> None:
    grouped = Grouped(ROWS, lambda row: who(*row))

    found = grouped.of(*who("+14075550123", "lead:1"))

    assert found == [ROWS[0], ROWS[2], ROWS[3]]


def test_nobody_is_no_person() -> None:
    grouped = Grouped([*ROWS, ("+14075550126", "")], lambda row: who(*row))

    found = grouped.of(*who("+14075550124", ""))

    assert found == [ROWS[1]]


def test_a_person_named_like_a_number_is_not_that_number() -> None:
    grouped = Grouped(ROWS, lambda row: who(*row))

    assert grouped.of(*who("+14075550199", "+14075550123")) == []
