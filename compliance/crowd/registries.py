"""What the seller's registry copies say of each line of a crowd, as one code."""

from collections.abc import Sequence

import numpy as np

from compliance.crowd.people import Crowd, Ints, area_codes, joined
from compliance.registry.numbering import indexes_of
from compliance.registry.snapshot import SnapshotBroken
from compliance.registry_facts import Copy
from core.errors import AppError

PLAN = 10**10  # numbers of the North American plan: country code 1 and ten digits


class CannotCount(AppError):
    """A registry file cannot be read as a whole; the text says which and what to do."""


def listings(crowd: Crowd, copies: Sequence[Copy]) -> Ints:
    """Return the codes: which copies of the seller speak for the number's area code, and in which it stands; no SQL.

    Raises CannotCount.
    """
    numbers, of_line = np.unique(crowd.numbers, return_inverse=True)
    ten_digits = numbers % PLAN
    is_ours = (numbers // PLAN == 1) & (ten_digits >= 2 * 10**9) & (ten_digits // 10**6 % 10 >= 2)
    indexes = indexes_of(ten_digits[is_ours])
    answers = []
    for copy in copies:
        listed = np.zeros(len(numbers), np.int64)
        if copy.snapshot is not None:
            try:
                listed[is_ours] = copy.snapshot.listed(indexes)
            except SnapshotBroken as error:
                raise CannotCount(_said(copy, error)) from error
        answers.append(listed)
        if copy.row.area_codes:
            answers.append(_covered(numbers, copy))
    code = joined(*answers) if answers else np.zeros(len(numbers), np.int64)
    return code[of_line]


def _covered(numbers: Ints, copy: Copy) -> Ints:
    """Whether the copy covers the number; asked once for each three digits that can decide it."""
    heads, of_number = np.unique(area_codes(numbers), return_inverse=True)
    answers = np.array([copy.covers(f"+1{head:03}") for head in heads.tolist()], np.int64)
    return answers[of_number]


def _said(copy: Copy, error: SnapshotBroken) -> str:
    return (
        f"The {copy.row.name} do-not-call registry file of {copy.row.as_of} {error}."
        " Load the same registry file again, then count."
    )
