"""Registry files of other countries' numbers: what is read as one, and that a file never answers for another plan's numbers."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.registry.changes import read_change
from compliance.registry.loading import Loaded, load_changes, load_full
from compliance.registry.numbering import BLOCKS, LINES
from compliance.registry.plans import NORTH_AMERICA, UNITED_KINGDOM, Plan, plan_of
from compliance.registry.snapshot import Snapshot
from core.types import PhoneNumber

LONDON = PhoneNumber("+442079460018")
SHORT = PhoneNumber("+44169772123")  # a number of nine digits, as Brampton has them
MANY = 30_000  # more than one piece that is read line by line


def load(data: bytes, folder: Path, plan: Plan = UNITED_KINGDOM) -> Loaded:
    return load_full(io.BytesIO(data), folder=folder, stem="test", source_sha256="a" * 64, plan=plan)


@pytest.mark.parametrize(
    "line",
    [
        b"02079460018",
        b"020 7946 0018",
        b"+44 20 7946 0018",
        b"+44 (0)20 7946 0018",
        b"00442079460018",
        b"442079460018",
        b'"2079460018"',
        b" 0207-946-0018 \r",
    ],
)
def test_every_usual_spelling_is_the_same_uk_number(line: bytes) -> None:
    assert UNITED_KINGDOM.read(line) == UNITED_KINGDOM.index_of(LONDON)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello", "not a United Kingdom number: 0 and nine or ten digits, or +44"),
        (b"4075550123", "not a United Kingdom number: 0 and nine or ten digits, or +44"),
        (b"+14075550123", "not a United Kingdom number: 0 and nine or ten digits, or +44"),
        (b"0207946001", "not a United Kingdom number: 0 and nine or ten digits, or +44"),
        (b"020794600181", "not a United Kingdom number: 0 and nine or ten digits, or +44"),
        (b"09098790879", "a premium-rate number (09), which no list holds"),
        (b"0207\x009460018", "not plain text: it holds a NUL byte"),
        (b"0" * 300, "longer than 200 characters"),
    ],
)
def test_what_is_no_uk_number_is_refused_with_the_reason(line: bytes, reason: str) -> None:
    assert UNITED_KINGDOM.read(line) is None
    assert UNITED_KINGDOM.why_not(line) == reason


TEN_DIGITS = st.builds(
    lambda first, rest: f"{first}{rest:09d}", st.sampled_from("123578"), st.integers(0, 10**9 - 1)
)
NINE_DIGITS = st.builds(
    lambda first, rest: f"{first}{rest:08d}", st.sampled_from("158"), st.integers(0, 10**8 - 1)
)


@given(TEN_DIGITS | NINE_DIGITS)
def test_every_uk_number_has_a_place_in_the_file(digits: str) -> None:
    place = UNITED_KINGDOM.index_of(f"+44{digits}")

    assert place is not None
    assert 0 <= place < BLOCKS * LINES


@given(TEN_DIGITS, TEN_DIGITS)
def test_two_uk_numbers_of_ten_digits_share_a_place_only_if_they_are_one(one: str, other: str) -> None:
    same = UNITED_KINGDOM.index_of(f"+44{one}") == UNITED_KINGDOM.index_of(f"+44{other}")

    assert same == (one == other)


def test_a_uk_file_answers_for_uk_numbers_and_for_no_others(tmp_path: Path) -> None:
    place = UNITED_KINGDOM.index_of(LONDON)
    assert place is not None
    same_place = next(
        PhoneNumber(f"+1{area}{prefix}{place % LINES:04d}")
        for area in [200 + place // LINES // 800]
        for prefix in [200 + place // LINES % 800]
    )
    loaded = load(b"Number\n020 7946 0018\n016977 2123\n02079460018\nnobody\n", tmp_path)

    copy = Snapshot(tmp_path / loaded.file)

    assert (loaded.accepted, loaded.duplicates, loaded.refused, loaded.rows) == (2, 1, 1, 4)
    assert NORTH_AMERICA.index_of(same_place) == place
    assert [copy.is_listed(number) for number in (LONDON, SHORT, same_place)] == [True, True, False]


def test_a_north_american_file_never_answers_for_a_uk_number(tmp_path: Path) -> None:
    place = UNITED_KINGDOM.index_of(LONDON)
    assert place is not None
    listed = f"{200 + place // LINES // 800}{200 + place // LINES % 800}{place % LINES:04d}\n"

    copy = Snapshot(tmp_path / load(listed.encode(), tmp_path, NORTH_AMERICA).file)

    assert not copy.is_listed(LONDON)


def test_a_large_uk_file_is_read_whole_with_its_lines_counted(tmp_path: Path) -> None:
    lines = [f"0207{number:07d}" for number in range(MANY)]
    lines[MANY - 2] = "nobody"

    loaded = load("\n".join(lines).encode(), tmp_path)

    assert (loaded.accepted, loaded.refused) == (MANY - 1, 1)
    assert loaded.refused_lines[0].line == MANY - 1


def test_changes_of_a_uk_copy_are_read_as_uk_numbers(tmp_path: Path) -> None:
    base = Snapshot(tmp_path / load(b"02079460018\n", tmp_path).file)
    told = io.BytesIO(b"02079460018,2026-11-13,D\n016977 2123,2026-11-13,A\n4075550123,2026-11-13,A\n")

    loaded = load_changes(told, base, folder=tmp_path, stem="next", source_sha256="b" * 64)

    copy = Snapshot(tmp_path / loaded.file)
    assert (loaded.accepted, loaded.removed, loaded.refused) == (2, 1, 1)
    assert (copy.is_listed(LONDON), copy.is_listed(SHORT)) == (False, True)
    assert read_change(b"02079460018,2026-11-13,D") is None


@pytest.mark.parametrize(
    ("name", "prefix"), [("TPS", "+44"), ("CTPS", "+44"), ("DNCL", "+1"), ("national", "+1"), ("FL", "+1")]
)
def test_a_lists_name_says_whose_numbers_it_holds(name: str, prefix: str) -> None:
    assert plan_of(name).prefix == prefix
