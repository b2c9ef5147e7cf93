"""Rows of a store → the lines of a crowd they are about, and one code for all the rows of a line."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Case, DateField, F, Func, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Substr
from numpy.typing import NDArray

from compliance.crowd.clocks import NEVER
from compliance.crowd.people import Crowd, Ints
from compliance.models import PersonAlias
from core.copying import ints_of, micros_sql

IS_CONTACT = r"^contact:[0-9]{1,18}$"
NOBODY = -1  # a person of another kind than a contact
NUMBER = Cast(Substr("number", 2), BigIntegerField())
NO_NUMBER = Cast(Value(0), BigIntegerField())
NO_PERSON = Cast(Value(0), BigIntegerField())
PERSON = Case(
    When(person_ref="", then=Value(0)),
    When(person_ref__regex=IS_CONTACT, then=Cast(Substr("person_ref", 9), BigIntegerField())),
    default=Value(NOBODY),
    output_field=BigIntegerField(),
)


@dataclass(frozen=True, slots=True)
class Heirs:
    """Which contact a merged one is now."""

    merged: Ints  # ascending
    survivors: Ints

    def of(self, persons: Ints) -> Ints:
        """Return the persons by the names they have now."""
        if not len(self.merged):
            return persons
        at = np.minimum(self.merged.searchsorted(persons), len(self.merged) - 1)
        return np.where(self.merged[at] == persons, self.survivors[at], persons)


def heirs() -> Heirs:
    """Return every merged contact with its survivor. Hidden SQL: one query."""
    rows = PersonAlias.objects.filter(person_ref__regex=IS_CONTACT, survivor_ref__regex=IS_CONTACT)
    pairs = sorted(
        (int(old.removeprefix("contact:")), int(new.removeprefix("contact:")))
        for old, new in rows.order_by("pk").values_list("person_ref", "survivor_ref")
    )
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return Heirs(found[:, 0], found[:, 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a store says of numbers and persons (0 = not named): a code of what is told; ids, instants and days by name."""

    numbers: Ints
    persons: Ints
    told: Ints
    times: Mapping[str, Ints]  # instants in microseconds, NEVER for none; days as ordinals, 0 for none


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Which row is about which line of the crowd."""

    rows: Ints
    lines: Ints

    def where(self, wanted: NDArray[np.bool_]) -> "Pairs":
        """Return some of them."""
        return Pairs(rows=self.rows[wanted], lines=self.lines[wanted])


class Matcher:
    """Finds the lines of a crowd by number and by person."""

    def __init__(self, crowd: Crowd) -> None:
        """Sort the crowd both ways, once for all stores."""
        self.crowd = crowd
        self._heirs = heirs()
        self._by_number, self._by_person = crowd.numbers.argsort(), crowd.persons.argsort()
        self._numbers = crowd.numbers[self._by_number]
        self._persons = crowd.persons[self._by_person]

    def same_number(self, rows: Rows) -> Pairs:
        """Return the lines with the rows' numbers, whoever the person is."""
        return _pairs(self._numbers, self._by_number, rows.numbers)

    def same_person(self, rows: Rows) -> Pairs:
        """Return the lines of the rows' persons, whatever the number is."""
        return _pairs(self._persons, self._by_person, rows.persons)

    def of_pair(self, rows: Rows) -> Pairs:
        """Return the lines with the rows' numbers, of the persons they name; of anybody where they name none."""
        found = self.same_number(rows)
        named = rows.persons[found.rows]
        return found.where((named == 0) | (named == self.crowd.persons[found.lines]))

    def other_numbers(self, rows: Rows) -> Pairs:
        """Return the lines of the rows' persons with another number than the row's."""
        found = self.same_person(rows)
        return found.where(rows.numbers[found.rows] != self.crowd.numbers[found.lines])

    def read(self, store: "QuerySet[Any]", **columns: Any) -> Rows:
        """Return a store's rows as arrays, as read() does; people whose records were merged by the names they have now."""
        rows = read(store, **columns)
        return replace(rows, persons=self._heirs.of(rows.persons))

    def is_merged(self, survivors: Sequence[str]) -> NDArray[np.bool_]:
        """Return which lines are of people named so (contact:<id>)."""
        named = [int(ref.removeprefix("contact:")) for ref in survivors if re.fullmatch(IS_CONTACT, ref)]
        return np.isin(self.crowd.persons, named)


def read(
    store: "QuerySet[Any]",
    *,
    told: Sequence[str],
    number: Any = NUMBER,
    person: Any = PERSON,
    ids: Sequence[str] = (),
    instants: Sequence[str] = (),
    days: Sequence[str] = (),
) -> Rows:
    """Return a store's rows as arrays. What the columns of `told` say is one code: their hash of 64 bits."""
    record = Func(*(F(name) for name in told), function="ROW")
    columns = {
        "_number": number,
        "_person": person,
        "_told": Func(record, Value(0), function="hash_record_extended", output_field=BigIntegerField()),
        **{f"_{name}": F(name) for name in ids},
        **{f"_{name}": _micros(name) for name in instants},
        **{f"_{name}": _ordinal(name) for name in days},
    }
    rows = store if store.query.distinct else store.order_by()
    query, params = rows.annotate(**columns).values_list(*columns).query.sql_with_params()
    numbers, persons, code, *times = ints_of(query, params, columns=len(columns))
    return Rows(
        numbers=numbers,
        persons=persons,
        told=np.unique(code, return_inverse=True)[1].astype(np.int64),
        times=dict(zip((*ids, *instants, *days), times, strict=True)),
    )


def combined(lines: Ints, classes: Ints, size: int) -> Ints:
    """Return a code for each of `size` lines: 0 where no class is given, else alike where the same classes are, in any order."""
    codes = np.zeros(size, np.int64)
    if not len(lines):
        return codes
    order = np.lexsort((classes, lines))
    lines, classes = lines[order], classes[order]
    starts = np.flatnonzero(np.r_[True, lines[1:] != lines[:-1]])
    counts = np.diff(np.r_[starts, len(lines)])
    single = starts[counts == 1]
    codes[lines[single]] = classes[single] + 1
    several: dict[bytes, int] = {}
    first_free = int(classes.max()) + 2
    for start, count in zip(starts[counts > 1].tolist(), counts[counts > 1].tolist(), strict=True):
        key = classes[start : start + count].tobytes()
        codes[lines[start]] = several.setdefault(key, first_free + len(several))
    return codes


def _micros(name: str) -> Any:
    epoch = Func(F(name), template=micros_sql("%(expressions)s"), output_field=BigIntegerField())
    return Coalesce(epoch, Value(NEVER))


def _ordinal(name: str) -> Any:
    """The day as Python counts days."""
    since = Func(
        F(name),
        template="(%(expressions)s - DATE '0001-01-01' + 1)::bigint",
        output_field=DateField(),
    )
    return Coalesce(since, Value(0), output_field=BigIntegerField())


def _pairs(ascending: Ints, order: Ints, wanted: Ints) -> Pairs:
    left, right = ascending.searchsorted(wanted, "left"), ascending.searchsorted(wanted, "right")
    counts = np.where(wanted > 0, right - left, 0)
    rows = np.repeat(np.arange(len(wanted)), counts)
    offsets = np.arange(int(counts.sum())) - np.repeat(counts.cumsum() - counts, counts)
    return Pairs(rows=rows, lines=order[np.repeat(left, counts) + offsets])
