"""Who may live in New York City, whose own cap on debt contacts then counts (REGF-006)."""

import pytest

from compliance.rules.cities import NEW_YORK_CITY, city_of

BUFFALO, NEW_YORK = "+17165550123", "+12125550123"


@pytest.mark.parametrize(
    ("number", "postal_code", "city", "found"),
    [
        (BUFFALO, "10001", "New York", NEW_YORK_CITY),
        (BUFFALO, "11201-1234", "Brooklyn", NEW_YORK_CITY),
        (BUFFALO, "11354", "Flushing", NEW_YORK_CITY),
        (BUFFALO, "10451", "", NEW_YORK_CITY),
        (BUFFALO, "14201", "Buffalo", "Buffalo"),
        (BUFFALO, "14201", " ", "Buffalo"),
        (BUFFALO, "32801", "Orlando", "Orlando"),
        (BUFFALO, "11501", "Mineola", "Mineola"),  # Nassau County
    ],
)
def test_a_zip_says_whether_it_is_the_city(number: str, postal_code: str, city: str, found: str) -> None:
    assert city_of(number=number, postal_code=postal_code, city=city) == found


@pytest.mark.parametrize(
    ("number", "postal_code", "city"),
    [
        (BUFFALO, "", "Buffalo"),  # a name alone may be a quarter's, or out of date
        (BUFFALO, "", "Jamaica"),
        (BUFFALO, "00000", "Buffalo"),
        (BUFFALO, "K1A 0B1", "Ottawa"),
        (BUFFALO, "11004", "Glen Oaks"),  # Queens and Nassau share the prefix
        (BUFFALO, "14201", "Staten  Island"),  # ZIP and name do not agree
        (NEW_YORK, "14201", "Buffalo"),  # the number is of the city
    ],
)
def test_what_is_not_certain_is_left_open_so_that_the_cap_counts(
    number: str, postal_code: str, city: str
) -> None:
    assert city_of(number=number, postal_code=postal_code, city=city) == ""
