"""Who is asked about, as arrays: one line a number of a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
FULL = 2**62  # what a code may not reach
MANY = 2**31  # codes greater than this are numbered anew before they are joined


@dataclass(frozen=True, slots=True)
class Address:
    """What a person's record says about where they are, as written."""

    postal_code: str
    state: str
    city: str
    country: str
    stated_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Numbers and who has them; the arrays are of one length."""

    numbers: Ints  # E.164 without the plus
    persons: Ints  # the id in "contact:<id>"
    places: Ints  # index into `addresses`
    flagged: NDArray[np.bool_]  # the CRM says do not call
    at_work: NDArray[np.bool_]  # the number is said to be their workplace's
    addresses: Sequence[Address]
    asked_at: Mapping[int, datetime]  # person → when they asked to be called back
    debt_refs: Mapping[int, str]  # person → the debt they are called about, of those whose debt is known

    def __len__(self) -> int:
        """Return how many numbers there are."""
        return len(self.numbers)


def area_codes(numbers: Ints) -> Ints:
    """Return the second to fourth digit of each number: where a US number has its area code."""
    scale = 10 ** np.maximum(np.floor(np.log10(numbers)).astype(np.int64) - 3, 0)
    found: Ints = numbers // scale % 1000
    return found


def coded(values: Sequence[object]) -> Ints:
    """Return a small number for each value, the same for equal ones, in order of first appearance."""
    known: dict[object, int] = {}
    return np.fromiter((known.setdefault(value, len(known)) for value in values), np.int64, len(values))


def joined(*parts: Ints) -> Ints:
    """Return one code for each line of several codes, the same for equal lines."""
    code, size = np.zeros(len(parts[0]), np.int64), 1
    for part in parts:
        if len(part) and (part.min() < 0 or part.max() > MANY):
            part = np.unique(part, return_inverse=True)[1].astype(np.int64)
        span = int(part.max(initial=0)) + 1
        if size * span >= FULL:
            code = np.unique(code, return_inverse=True)[1].astype(np.int64)
            size = int(code.max(initial=0)) + 1
        code, size = code * span + part, size * span
    return code


def own_code(codes: Ints, alone: NDArray[np.bool_]) -> Ints:
    """Return the codes with one of its own for each line marked `alone`: it is like nobody else."""
    found = codes.copy()
    found[alone] = int(codes.max(initial=0)) + 1 + np.arange(int(alone.sum()))
    return found
