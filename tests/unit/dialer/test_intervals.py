"""How sure a counted share is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.intervals import share


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [  # Newcombe 1998, table I
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_interval_is_wilsons(part: int, whole: int, low: float, high: float) -> None:
    found = share(part, whole)

    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_share_lies_in_its_interval(part: int, more: int) -> None:
    found = share(part, part + more)

    assert 0 <= found.low <= (found.value if found.value is not None else found.low) <= found.high <= 1


def test_more_than_all_is_no_share() -> None:
    with pytest.raises(ValueError, match="5 of 4"):
        share(5, 4)
