"""Whether a person may live in a city with a law of its own on debts: New York City (REGF-006). Pure.

The city is five counties, and the post calls places in it by borough and quarter (Brooklyn, Flushing, Jamaica), so that
only a ZIP says for certain that somebody lives elsewhere.
"""

from typing import Final

from compliance.rules import places

NEW_YORK_CITY: Final = "New York City"
_ITS_ZIPS: Final = ("100", "101", "102", "103", "104", "111", "112", "113", "114", "116")
_SHARED_ZIPS: Final = "110"  # Queens and Nassau County
_ITS_NAMES: Final = frozenset(
    {
        "new york",
        "new york city",
        "nyc",
        "manhattan",
        "brooklyn",
        "queens",
        "bronx",
        "the bronx",
        "staten island",
    }
)
_ITS_AREA_CODES: Final = frozenset({"212", "332", "347", "465", "646", "718", "917", "929"})


def city_of(*, number: str, postal_code: str, city: str) -> str:
    """Return New York City where the ZIP is in it, another city where everything known is elsewhere, "" where it is not certain."""
    code = postal_code.strip()[:5]
    if code.startswith(_ITS_ZIPS):
        return NEW_YORK_CITY
    named = " ".join(city.split())
    elsewhere = places.city_of_zip(code)
    if not elsewhere or code.startswith(_SHARED_ZIPS):
        return ""
    if named.casefold() in _ITS_NAMES or number[2:5] in _ITS_AREA_CODES:
        return ""
    return named or elsewhere
