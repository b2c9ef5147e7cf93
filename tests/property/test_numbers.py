"""Whatever the number: what is said of it is what the number library says, though it is asked less."""

import phonenumbers
from hypothesis import example, given
from hypothesis import strategies as st

from compliance.rules import places
from core.types import PhoneNumber, why_never_dialed

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
