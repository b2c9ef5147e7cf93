"""Whatever the number: what is said of it is what the number library says, though it is asked less."""

import random
from collections.abc import Iterator

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compliance.rules import places
from core import types
from core.types import PhoneError, PhoneNumber, parse_phone, why_never_dialed

NORTH_AMERICAN = st.integers(0, 9_999_999_999).map(lambda number: f"+1{number:010d}")
NUMBERS = st.one_of(NORTH_AMERICAN, st.from_regex(r"\+?[0-9]{0,15}", fullmatch=True), st.text(max_size=16))


@given(NUMBERS)
@example("+11234567890")  # a national prefix where an area code should be
@example("+12425550123")  # the Bahamas
@example("+18005550123")
@example("+19005550123")
@example("+14079765555")
@example("+80012345678")  # of no country
@example("+44 20 7946 0018")
def test_numbers_are_described_as_the_library_does(number: str) -> None:
    info = places.describe_number(number)

    assert (info.problem == "", info.region) == _by_library(number)


def _by_library(number: str) -> tuple[bool, str]:
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False, ""
    if not phonenumbers.is_valid_number(parsed):
        return False, ""
    return not why_never_dialed(PhoneNumber(number)), phonenumbers.region_code_for_number(parsed) or ""


@given(NORTH_AMERICAN)
def test_a_number_of_north_america_is_read_as_the_library_reads_it(number: str) -> None:
    assert places._parse(number) == phonenumbers.parse(number, None)


@given(st.sampled_from(sorted(places.even_area_codes())), st.integers(0, 9_999_999))
@example("305", 9765555)
@example("212", 5551212)
def test_where_the_first_digits_decide_the_others_change_nothing(area_code: str, rest: int) -> None:
    number = f"+1{area_code}{rest:07d}"

    described = places.describe_number(number)

    assert described == places._describe.__wrapped__(number)


HOME = ("US", "CA")
ABROAD = (
    "GB", "DE", "FR", "MX", "BR", "IN", "AU", "JM", "DO", "BS", "IT", "ES", "NL", "JP", "ZA", "NG", "PH", "IE", "SE", "PL", "AR",
)  # fmt: skip
FORMS = (
    "({a}) {e}-{l}", "{a}-{e}-{l}", "{a}.{e}.{l}", "{a}{e}{l}", "+1{a}{e}{l}", "1-{a}-{e}-{l}", "1 ({a}) {e} {l}", "+1 {a} {e} {l}",
    "1{a}{e}{l}", "({a}){e}{l}", "{a}) {e}-{l}", "({a} {e}-{l}", "+1.{a}.{e}.{l}", "{a}  {e} {l}", " {a} {e}{l} ", "{a}-{e}-{l} x12",
    "1{a}-{e}{l}", "+{a}{e}{l}", "{a}/{e}-{l}", "00{a}{e}{l}", "011 {a}{e}{l}", "{a}{e}{l}9",
)  # fmt: skip


def texts(seed: int, number: int) -> Iterator[tuple[str, str]]:
    """Give texts of numbers, in use or not, whole or broken, with the country that is assumed; the same for the same seed."""
    dice = random.Random(seed)
    used = sorted(places.even_area_codes())
    for _ in range(number):
        area = dice.choice(used) if dice.random() < 0.6 else str(dice.randrange(1000)).zfill(3)
        exchange, line = str(dice.randrange(1000)).zfill(3), str(dice.randrange(10_000)).zfill(4)
        text = dice.choice(FORMS).format(a=area, e=exchange, l=line)
        yield text, dice.choice(HOME) if dice.random() < 0.6 else dice.choice(ABROAD)


def read(parse: object, text: str, region: str) -> str:
    """Return the number, or the code of the refusal."""
    try:
        return str(parse(text, region))  # type: ignore[operator]  # either of the two below
    except PhoneError as error:
        return error.code


def differs(text: str, region: str) -> bool:
    """Return whether the number, or why it is never dialed, is another than the library says."""
    quick = read(lambda raw, at: parse_phone(raw, region=at), text, region)
    if quick != read(types._by_library, text.strip(), region):
        return True
    if not quick.startswith("+"):
        return False
    kind = phonenumbers.number_type(phonenumbers.parse(quick))
    return why_never_dialed(PhoneNumber(quick)) != why_never_dialed(PhoneNumber(quick), kind)


@given(st.tuples(st.from_regex(types._USUAL), st.sampled_from(HOME + ABROAD)))
@example(("(407) 555-0123", "US"))
@example(("1 407 555 0123", "GB"))  # of no country that is assumed
@example(("+1 800 555 0123", "DE"))
@example(("+1 242 555 0123", "US"))  # the Bahamas
@example(("1 (246) 555 0123", "CA"))
def test_a_number_in_a_usual_form_is_read_as_the_library_reads_it(written: tuple[str, str]) -> None:
    assert not differs(*written)


def test_texts_of_any_kind_are_read_as_the_library_reads_them() -> None:
    assert [written for written in texts(seed=1, number=3_000) if differs(*written)] == []


@pytest.mark.slow_lane
def test_many_texts_are_read_as_the_library_reads_them() -> None:
    assert [written for written in texts(seed=2, number=60_000) if differs(*written)] == []
