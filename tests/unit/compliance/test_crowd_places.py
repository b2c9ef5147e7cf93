"""Numbers that are looked up together: what is said of one of them holds for all."""

import numpy as np
import pytest

from compliance.crowd.people import Address, Crowd
from compliance.crowd.places import locate
from compliance.rules import places

LINES = ["2005550", "5550100", "5551212", "5559999", "9005551", "9760100", "9769999", "9805550"]


@pytest.mark.parametrize(
    "area_code", ["407", "212", "787", "416", "250", "907", "808", "500", "900", "800", "242"]
)
def test_a_number_is_described_as_it_would_be_by_itself(area_code: str) -> None:
    numbers = np.array([int(f"1{area_code}{line}") for line in LINES], np.int64)
    nowhere = Address("", "", "", "", "")
    crowd = Crowd(
        numbers=numbers,
        persons=np.arange(len(numbers)),
        places=np.zeros(len(numbers), np.int64),
        flagged=np.zeros(len(numbers), bool),
        at_work=np.zeros(len(numbers), bool),
        debt_refs={},
        addresses=[nowhere],
        asked_at={},
    )

    codes = locate(crowd, []).numbers.tolist()

    described = [places.describe_number(f"+{number}") for number in numbers]
    told = [(each.problem, each.region, each.evidence and each.evidence.zones) for each in described]
    assert [codes.index(code) for code in codes] == [told.index(each) for each in told]
