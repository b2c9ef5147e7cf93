"""What a manager decides about the order of calls. Pure.

Before any order come promised callbacks, then people who came just now where the campaign wants them called at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import msgspec

HEAVIEST: Final = 100
LONGEST_FRESH: Final = 24 * 60  # minutes


class Kind(StrEnum):
    """Who of those whose next try is due comes first."""

    DUE = "due"  # who is due longest
    BEST_TIME = "best_time"  # who is likeliest to answer now
    EAST_FIRST = "east_first"  # the sun's way, from the east to the west
    CLOSING_FIRST = "closing_first"  # where the campaign's window closes soonest


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWeight:
    """How many calls a list gets beside the others: twice the weight, twice the calls. 0: only once the others are called."""

    list_id: int
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The order of a campaign's calls."""

    kind: Kind = Kind.DUE
    weights: tuple[ListWeight, ...] = ()  # of its lists; empty: lists are not told apart
    fresh_minutes: int | None = (
        None  # who came onto a list that long ago at most is called first; None: in turn
    )

    @property
    def is_placed(self) -> bool:
        """Return whether leads are given places; else they are taken as they fall due."""
        return self.kind is not Kind.DUE or bool(self.weights)


def read(stored: Mapping[str, Any] | None) -> Order:
    """Return a stored order, the usual one where there is none. Raises msgspec.ValidationError where it is none of ours."""
    return Order() if stored is None else msgspec.convert(dict(stored), Order)


def store(order: Order) -> dict[str, Any] | None:
    """Return the order as it is stored; the usual one is nothing."""
    if order == Order():
        return None
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(order))
    return found


def without_lists(stored: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a stored order that does not tell lists apart."""
    return store(replace(read(stored), weights=()))


def faults(order: Order) -> Iterator[tuple[str, str]]:
    """Give what is wrong with an order: the field and a sentence."""
    if order.fresh_minutes is not None and not 1 <= order.fresh_minutes <= LONGEST_FRESH:
        yield "fresh_minutes", f"New people come first for 1 to {LONGEST_FRESH:,} minutes."
    for each in order.weights:
        if not 0 <= each.weight <= HEAVIEST:
            yield f"weight_{each.list_id}", f"A weight is a number from 0 to {HEAVIEST}."
    if order.weights and not any(each.weight for each in order.weights):
        yield "weights", "Give at least one list a weight above 0."
