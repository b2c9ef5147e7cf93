"""From hints to whereabouts: an area code, a ZIP, a state or a stated zone becomes candidate zones and states (TZ-001 to TZ-006).

Reference data comes from the pinned packages `zipcodes` and `phonenumbers`; the table below adds what both get wrong.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
import zipcodes
from phonenumbers import PhoneNumberType
from phonenumbers import timezone as number_zones
from phonenumbers.tzdata import TIMEZONE_DATA

from compliance.rules.facts import Evidence, EvidenceKind
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from core.types import PhoneNumber, why_never_dialed

EASTERN, CENTRAL, MOUNTAIN, PACIFIC = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)

# Area codes that span zones (TZ-005): the union of three public lists, so that no list's gap lets a call out too early.
SPLIT_AREA_CODES: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        [
            "219",
            "270",
            "334",
            "364",
            "423",
            "448",
            "483",
            "574",
            "606",
            "765",
            "812",
            "850",
            "906",
            "930",
            "931",
        ],
        frozenset({EASTERN, CENTRAL}),
    ),
    **dict.fromkeys(["308", "432", "580", "605", "620", "701", "785", "915"], frozenset({CENTRAL, MOUNTAIN})),
    **dict.fromkeys(["208", "986", "541", "458", "775"], frozenset({MOUNTAIN, PACIFIC})),
    "928": frozenset(
        {"America/Phoenix", MOUNTAIN}
    ),  # the Navajo Nation observes daylight saving time, Arizona does not
    "907": frozenset({"America/Anchorage", "America/Adak"}),
    # Canada: places that keep another province's time, or keep none of its clock changes, count too.
    **dict.fromkeys(
        ["250", "236", "257", "672", "778"],
        frozenset({"America/Vancouver", "America/Edmonton", "America/Fort_Nelson"}),
    ),
    **dict.fromkeys(
        ["306", "474", "639"], frozenset({"America/Regina", "America/Edmonton", "America/Winnipeg"})
    ),
    "807": frozenset({"America/Toronto", "America/Winnipeg", "America/Atikokan"}),
    **dict.fromkeys(
        ["418", "367", "581"], frozenset({"America/Toronto", "America/Halifax", "America/Blanc-Sablon"})
    ),
    **dict.fromkeys(["709", "879"], frozenset({"America/St_Johns", "America/Goose_Bay"})),
    "867": frozenset({"America/Whitehorse", "America/Edmonton", "America/Rankin_Inlet", "America/Iqaluit"}),
}

NORTH_AMERICAN: Final = re.compile(r"\+1[2-9][0-9]{9}")
US_REGIONS: Final = frozenset({"US", "PR", "VI", "GU", "AS", "MP"})
COUNTRY_NAMES: Final = {
    "CA": "Canada",
    "GB": "the United Kingdom",
}  # those a number's place is known in, beside the US
SUREST_FIRST: Final = (EvidenceKind.ZIP, EvidenceKind.STATE, EvidenceKind.STATED, EvidenceKind.AREA_CODE)
_GEOGRAPHIC = frozenset(
    {PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
)
_US_WORDS = frozenset(
    {"", "us", "usa", "u.s.", "u.s.a.", "united states", "united states of america", "america"}
)
_COUNTRY_WORDS: Final = {
    **dict.fromkeys(["ca", "can", "canada"], "CA"),
    **dict.fromkeys(["gb", "gbr", "uk", "u.k.", "united kingdom", "great britain"], "GB"),
    **dict.fromkeys(["england", "scotland", "wales", "northern ireland"], "GB"),
}
_STATE_WORDS: Final = {
    **{name.lower().removeprefix("the "): code for code, name in STATE_NAMES.items()},
    **{code.lower(): code for code in STATE_NAMES},
    "washington dc": "DC",
    "washington d.c.": "DC",
    "d.c.": "DC",
    "virgin islands": "VI",
    "us virgin islands": "VI",
}


@dataclass(frozen=True, slots=True)
class _Place:
    city: str
    state: str
    zones: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    by_zip: Mapping[str, _Place]
    by_city: Mapping[tuple[str, str], frozenset[str]]  # (state, city in lower case) -> zones
    state_zones: Mapping[str, frozenset[str]]
    area_code_state: Mapping[str, str]
    area_code_zones: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class NumberInfo:
    """What a number says about itself."""

    problem: str  # why it cannot be dialed; empty when it can
    region: str  # ISO country of the number, "" when none
    evidence: Evidence | None  # None when the number is tied to no place


def is_zone(name: str) -> bool:
    """Return whether the text is the IANA name of a place's zone."""
    if "/" not in name:  # "EST" and its like are offsets, not places
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a name that is a folder of the database
        return False
    return True


@cache
def _gazetteer() -> _Gazetteer:
    """Build the look-ups once a process; takes about half a second."""
    by_zip: dict[str, _Place] = {}
    by_city: dict[tuple[str, str], set[str]] = {}
    state_zones: dict[str, set[str]] = {}
    code_states: dict[str, Counter[str]] = {}
    code_zones: dict[tuple[str, str], set[str]] = {}
    known_zones: dict[str, bool] = {}
    for row in zipcodes.list_all():  # type: ignore[no-untyped-call]  # the package has no types
        state, zone = row["state"], row["timezone"]
        if row["country"] != "US" or state not in STATE_NAMES:
            continue
        if not known_zones.setdefault(zone, is_zone(zone)):
            zone = ""
        zones = {zone} - {""}
        by_zip[row["zip_code"]] = _Place(row["city"], state, frozenset(zones))
        by_city.setdefault((state, row["city"].lower()), set()).update(zones)
        state_zones.setdefault(state, set()).update(zones)
        for code in row["area_codes"]:
            code_states.setdefault(code, Counter())[state] += 1
            code_zones.setdefault((code, state), set()).update(zones)
    # The data gives an area code every ZIP that touches it, neighbours' included; an area code belongs to one state.
    area_code_state = {
        code: max(sorted(states), key=lambda each: states[each]) for code, states in code_states.items()
    }
    return _Gazetteer(
        by_zip=by_zip,
        by_city={key: frozenset(zones) for key, zones in by_city.items()},
        state_zones={state: frozenset(zones) for state, zones in state_zones.items()},
        area_code_state=area_code_state,
        area_code_zones={code: frozenset(code_zones[code, state]) for code, state in area_code_state.items()},
    )


@cache
def _describe_area(area_code: str, sample: str) -> Evidence:
    gazetteer = _gazetteer()
    parsed = phonenumbers.parse(sample, None)
    from_library = {zone for zone in number_zones.time_zones_for_number(parsed) if is_zone(zone)}
    zones = (
        from_library
        | SPLIT_AREA_CODES.get(area_code, frozenset())
        | gazetteer.area_code_zones.get(area_code, frozenset())
    )
    state = gazetteer.area_code_state.get(area_code, "")
    return Evidence(
        kind=EvidenceKind.AREA_CODE,
        source=f"area code {area_code}",
        states=frozenset({state} - {""}),
        zones=frozenset(zones),
        place=f"area code {area_code}",
    )


def describe_number(number: str) -> NumberInfo:
    """Return whether the number can be dialed, its country, and where its area code is. Raises nothing."""
    return _describe(_alike(number))


@cache
def even_area_codes() -> frozenset[str]:
    """Return the area codes where one more digit decides how a number is described.

    They are those of the mainland, Puerto Rico, and of Canada those in the same zones throughout. Elsewhere in the plan up to four
    more digits decide what is in use, and where.
    """
    regions = {str(code): _describe(f"+1{code}5550100").region for code in range(200, 1000)}
    parted = {prefix[1:4] for prefix in TIMEZONE_DATA if prefix.startswith("1") and len(prefix) > 4}
    return frozenset(
        code
        for code, region in regions.items()
        if region in ("US", "PR") or (region == "CA" and code not in parted)
    )


def _alike(number: str) -> str:
    """A number that is described as this one is, the same for many where the first digits decide; else the number itself."""
    if number[2:5] not in even_area_codes() or not NORTH_AMERICAN.fullmatch(number):
        return number
    if number.endswith("5551212"):
        return number
    if (
        number[5:8] == "976"
    ):  # charged to the caller though the area code is any (core.types.why_never_dialed)
        return number[:8] + "0100"
    return number[:6] + "550100"


@lru_cache(maxsize=1 << 16)
def _describe(number: str) -> NumberInfo:
    try:
        parsed = _parse(number)
    except phonenumbers.NumberParseException:
        return NumberInfo("it is not a phone number", "", None)
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.UNKNOWN:  # what the library calls invalid has no type, and the other way round
        return NumberInfo("no such number can exist (area code or prefix not in use)", "", None)
    region = phonenumbers.region_code_for_number(parsed) or ""
    if never := why_never_dialed(PhoneNumber(number), kind):
        return NumberInfo(never, region, None)
    if kind not in _GEOGRAPHIC:
        return NumberInfo("", region, None)
    if region in COUNTRY_NAMES:
        return NumberInfo("", region, _describe_abroad(number, region))
    if region not in US_REGIONS:
        return NumberInfo("", region, None)
    return NumberInfo("", region, _describe_area(number[2:5], number[:5] + "5550100"))


def _parse(number: str) -> phonenumbers.PhoneNumber:
    """Read the number; +1 and ten digits can be read in one way only, which spares the library's long search for others."""
    if NORTH_AMERICAN.fullmatch(number):
        return phonenumbers.PhoneNumber(country_code=1, national_number=int(number[2:]))
    return phonenumbers.parse(number, None)


def _describe_abroad(number: str, region: str) -> Evidence:
    """Where a number of Canada or the United Kingdom may be; their provinces and counties have no rows here."""
    parsed = phonenumbers.parse(number, None)
    found = {zone for zone in number_zones.time_zones_for_number(parsed) if is_zone(zone)}
    source = f"area code {number[2:5]}" if region == "CA" else f"number of {COUNTRY_NAMES[region]}"
    extra = SPLIT_AREA_CODES.get(number[2:5], frozenset()) if region == "CA" else frozenset()
    return Evidence(kind=EvidenceKind.AREA_CODE, source=source, zones=frozenset(found | extra), place=source)


def city_of_zip(code: str) -> str:
    """Return the city of a ZIP of five digits, "" when there is no such ZIP."""
    place = _gazetteer().by_zip.get(code)
    return place.city if place else ""


def region_of(country: str) -> str:
    """Return the ISO code of a country abroad whose rules are here, "" for any other text."""
    return _COUNTRY_WORDS.get(" ".join(country.lower().split()), "")


def state_code(text: str) -> str:
    """Return the USPS code for a state's name or code, "" if it is neither."""
    return _STATE_WORDS.get(" ".join(text.lower().split()), "")


@cache
def zones_of_states() -> Mapping[str, frozenset[str]]:
    """Return each zone with the words for the states that have a place in it, in lower case: {"America/Chicago": {"fl", "florida", …}}."""
    found: dict[str, set[str]] = {}
    for word, code in _STATE_WORDS.items():
        for zone in _gazetteer().state_zones.get(code, frozenset()):
            found.setdefault(zone, set()).add(word)
    return {zone: frozenset(words) for zone, words in sorted(found.items())}


def country_outside_us(text: str) -> str:
    """Return the country as written when it is another than the United States (territories count as US), else ""."""
    country = _clean(text)
    word = country.lower()
    return "" if word in _US_WORDS or _STATE_WORDS.get(word) in US_REGIONS else country


def address_evidences(*, postal_code: str, state: str, city: str, stated_zone: str) -> tuple[Evidence, ...]:
    """Return what the person's record says about where they are; unreadable parts are kept as evidence of nothing."""
    code, state, city, zone = (_clean(text) for text in (postal_code, state, city, stated_zone))
    found: list[Evidence] = []
    place = _gazetteer().by_zip.get(code[:5]) if code else None
    if place is not None:
        zones = place.zones or _gazetteer().state_zones.get(place.state, frozenset())
        found.append(
            Evidence(
                kind=EvidenceKind.ZIP,
                source=f"ZIP {code}",
                states=_only(place.state),
                zones=zones,
                place=place.city,
            )
        )
    elif code:
        found.append(Evidence(kind=EvidenceKind.ZIP, source=f"ZIP {code} (not known)"))
    if state:
        found.append(_state_evidence(state, city, place))
    if zone:
        # Compared as written: a name with anything stripped out of it was never said.
        known = zone == stated_zone.strip() and is_zone(zone)
        found.append(
            Evidence(
                kind=EvidenceKind.STATED,
                source=f"stated zone {zone}" + ("" if known else " (not known)"),
                zones=frozenset({zone} if known else ()),
                place=city,
            )
        )
    return tuple(found)


def agreed_place(*, postal_code: str, state: str, stated_zone: str) -> tuple[str, frozenset[str]] | None:
    """Return state and zones of an address whose ZIP and state agree and that states no zone, None for any other.

    Addresses with the same answer differ in words alone: their evidences have the same kinds, states and zones.
    """
    place = _gazetteer().by_zip.get(_clean(postal_code)[:5])
    if place is None or state_code(_clean(state)) != place.state or _clean(stated_zone):
        return None
    return place.state, place.zones


@cache
def _only(state: str) -> frozenset[str]:
    return frozenset({state})


def _state_evidence(state: str, city: str, place: _Place | None) -> Evidence:
    code = state_code(state)
    if not code:
        return Evidence(kind=EvidenceKind.STATE, source=f"state {state} (not known)")
    gazetteer = _gazetteer()
    if place is not None and place.state == code:
        zones: frozenset[str] = frozenset()  # the ZIP says it more exactly
    else:
        zones = gazetteer.by_city.get((code, city.lower())) or gazetteer.state_zones.get(code, frozenset())
    return Evidence(
        kind=EvidenceKind.STATE,
        source=f"state {code}" + (f", city {city}" if city else ""),
        states=_only(code),
        zones=zones,
        place=city or STATE_NAMES[code].removeprefix("the "),
    )


def zone_place(evidences: tuple[Evidence, ...], zone: str) -> str:
    """Return how people call the place that put `zone` among the candidates: "Orlando", or "Chicago time (area code 850)"."""
    for kind in SUREST_FIRST:
        for evidence in evidences:
            if evidence.kind is kind and zone in evidence.zones:
                if evidence.place and len(evidence.zones) == 1:
                    return evidence.place
                town = zone.rsplit("/", 1)[-1].replace("_", " ")
                return f"{town} time ({evidence.place or evidence.source})"
    return zone


def likely_zone(evidences: tuple[Evidence, ...]) -> str:
    """Return the zone to tell times in when any would do: that of the surest evidence; "" when none is known."""
    for kind in SUREST_FIRST:
        for evidence in evidences:
            if evidence.kind is kind and evidence.zones:
                return min(evidence.zones)
    return ""


def _clean(text: str, limit: int = 40) -> str:
    """Return what can be stored and shown: no control characters, not too long."""
    if not text:
        return ""
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())[:limit]
