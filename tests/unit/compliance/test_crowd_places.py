"""Numbers that are looked up together: what is said of one of them holds for all."""

from collections.abc import Hashable, Sequence

import numpy as np
import pytest
import zipcodes

from compliance.crowd.people import Address, Crowd
from compliance.crowd.places import locate
from compliance.rules import places

LINES = ["2005550", "5550100", "5551212", "5559999", "9005551", "9760100", "9769999", "9805550"]


def crowd_of(numbers: list[int], addresses: list[Address]) -> Crowd:
    """A person for each number; one address is everybody's."""
    size = len(numbers)
    return Crowd(
        numbers=np.array(numbers, np.int64),
        persons=np.arange(size),
        places=np.arange(size) if len(addresses) > 1 else np.zeros(size, np.int64),
        flagged=np.zeros(size, bool),
        at_work=np.zeros(size, bool),
        debt_refs={},
        addresses=addresses,
        asked_at={},
    )


@pytest.mark.parametrize(
    "area_code", ["407", "212", "787", "416", "250", "907", "808", "500", "900", "800", "242"]
)
def test_a_number_is_described_as_it_would_be_by_itself(area_code: str) -> None:
    numbers = np.array([int(f"1{area_code}{line}") for line in LINES], np.int64)

    codes = locate(crowd_of(numbers.tolist(), [Address("", "", "", "", "")]), []).numbers.tolist()

    described = [places.describe_number(f"+{number}") for number in numbers]
    told = [(each.problem, each.region, each.evidence and each.evidence.zones) for each in described]
    assert [codes.index(code) for code in codes] == [told.index(each) for each in told]


def test_an_address_weighs_what_it_would_by_itself() -> None:
    rows = [row for row in zipcodes.list_all() if row["country"] == "US"][::40]
    addresses = [
        Address(code, state, city, "", zone)
        for row in rows
        for code in (row["zip_code"], f" {row['zip_code']}-1234", "", "00000")
        for state in (row["state"], "Florida", "", "Nowhere")
        for city in (row["city"], "Springfield")
        for zone in ("", "America/Chicago")
    ]

    where = locate(crowd_of([12125550100] * len(addresses), addresses), [])

    told = [
        places.address_evidences(
            postal_code=each.postal_code, state=each.state, city=each.city, stated_zone=each.stated_zone
        )
        for each in addresses
    ]
    weights = [tuple((each.kind, each.states, each.zones) for each in evidences) for evidences in told]
    area_code = places.describe_number("+12125550100").evidence
    assert first_places(where.addresses.tolist()) == first_places(weights)
    assert [where.zones[index] for index in where.likely] == [
        places.likely_zone((*filter(None, [area_code]), *evidences)) for evidences in told
    ]


def first_places(values: Sequence[Hashable]) -> list[int]:
    """Where each value comes first: equal for lists that tell the same apart."""
    first: dict[Hashable, int] = {}
    return [first.setdefault(value, place) for place, value in enumerate(values)]
