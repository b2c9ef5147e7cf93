"""Rows of a whole batch, found again for one request."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

Row = TypeVar("Row")


def who(number: str, person_ref: str) -> tuple[Hashable, ...]:
    """Return the keys of what concerns a number or a person; of nobody where no person is named."""
    return (number, ("person", person_ref)) if person_ref else (number,)


class Grouped(Generic[Row]):
    """Rows found by any of their keys, in the order they came."""

    def __init__(self, rows: Sequence[Row], keys: Callable[[Row], Iterable[Hashable]]) -> None:
        self._rows = rows
        self._places: dict[Hashable, list[int]] = {}
        for place, row in enumerate(rows):
            for key in keys(row):
                self._places.setdefault(key, []).append(place)

    def of(self, *keys: Hashable) -> list[Row]:
        """Return the rows that have any of the keys, each once."""
        if not self._places:
            return []
        found = [place for key in keys for place in self._places.get(key, ())]
        return [self._rows[place] for place in (sorted(set(found)) if len(keys) > 1 else found)]
