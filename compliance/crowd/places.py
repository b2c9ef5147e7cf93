"""Codes for where numbers and addresses are: alike for the rules means the same zones, states and kinds of evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter

import numpy as np

from compliance.crowd.people import Address, Crowd, Ints, coded
from compliance.models import EmergencyArea
from compliance.rules import places
from compliance.rules.facts import Evidence

_weight = attrgetter(*(each.name for each in fields(Evidence) if each.name not in ("source", "place")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """For each line of a crowd: codes of number, address and country, and an index into `zones`, the likely ones."""

    numbers: Ints
    addresses: Ints
    countries: Ints
    likely: Ints
    zones: Sequence[str]


def locate(crowd: Crowd, emergencies: Sequence[EmergencyArea]) -> Where:
    """Return the codes for the crowd: each different address, and each beginning of a number, is looked up once."""
    samples, of_number = np.unique(_alike(crowd.numbers), return_index=True, return_inverse=True)[1:]
    infos = [places.describe_number(f"+{crowd.numbers[index]}") for index in samples]
    number_codes = coded(
        [(info.problem, info.region, _bare(filter(None, [info.evidence]))) for info in infos]
    )
    evidences, weights = _told(crowd.addresses)
    address_codes = coded(
        [
            (weight, _touched(address, emergencies))
            for address, weight in zip(crowd.addresses, weights, strict=True)
        ]
    )
    outside = {name: places.country_outside_us(name) for name in {each.country for each in crowd.addresses}}
    countries = coded([outside[address.country] for address in crowd.addresses])
    numbers, addresses = number_codes[of_number], address_codes[crowd.places]
    pairs, first, likely = np.unique(
        numbers * (int(address_codes.max(initial=0)) + 1) + addresses, return_index=True, return_inverse=True
    )
    del pairs
    zones = []
    for index in first:
        own = infos[of_number[index]].evidence
        zones.append(places.likely_zone(((own,) if own else ()) + evidences[crowd.places[index]]))
    return Where(
        numbers=numbers,
        addresses=addresses,
        countries=countries[crowd.places],
        likely=likely.astype(np.int64),
        zones=zones,
    )


def _alike(numbers: Ints) -> Ints:
    """What of a number decides how it is described: its first digits where that is known, else all of it."""
    even = np.array([int(code) for code in places.even_area_codes()], np.int64)
    is_of_plan = (numbers // 10**10 == 1) & (numbers < 10**11)
    is_even = is_of_plan & np.isin(numbers // 10**7 % 1000, even)
    first = np.where(is_even, numbers // 10**6, np.where(is_of_plan, numbers // 10**3, numbers))
    # Charged to the caller though the area code is any (core.types.why_never_dialed).
    first = np.where(is_of_plan & (numbers // 10**4 % 1000 == 976), numbers // 10**4, first)
    return np.where(is_of_plan & (numbers % 10**7 == 555_1212), numbers, first)


def _told(addresses: Sequence[Address]) -> tuple[list[tuple[Evidence, ...]], list[int]]:
    """The evidences of each address, or of one that weighs the same for the rules; and a number of what they weigh."""
    alike: dict[object, tuple[tuple[Evidence, ...], int]] = {}
    known: dict[object, int] = {}
    found = []
    for address in addresses:
        agreed = places.agreed_place(
            postal_code=address.postal_code, state=address.state, stated_zone=address.stated_zone
        )
        told = alike.get(agreed) if agreed else None
        if told is None:
            evidences = _evidences(address)
            told = evidences, known.setdefault(_bare(evidences), len(known))
        if agreed:
            alike[agreed] = told
        found.append(told)
    return [evidences for evidences, _ in found], [weight for _, weight in found]


def _evidences(address: Address) -> tuple[Evidence, ...]:
    return places.address_evidences(
        postal_code=address.postal_code,
        state=address.state,
        city=address.city,
        stated_zone=address.stated_zone,
    )


def _bare(evidences: Iterable[Evidence]) -> tuple[object, ...]:
    """Evidence without the words that only sentences use."""
    return tuple(map(_weight, evidences))


def _touched(address: Address, emergencies: Sequence[EmergencyArea]) -> tuple[int, ...]:
    """The emergencies that name the address's ZIP code."""
    code = address.postal_code.strip() if emergencies else ""
    return tuple(row.pk for row in emergencies if any(code.startswith(each) for each in row.zips))
