"""Two records of one person: the gate knows both names from then on, until they are parted again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from compliance.models import PersonAlias
from core import db

Former = Sequence[Mapping[str, Any]]


def merge_people(*, survivor: str, brought: Mapping[str, Sequence[str]], now: datetime) -> Former:
    """Let the survivor answer for the merged records; return the aliases as they were before, for part_people.

    `brought`: name of each merged record → the numbers that came with it and that the survivor did not have. Runs in the caller's
    transaction, which holds compliance.locks.lock_people for all of them.
    """
    db.require_atomic()
    names = list(brought)
    before = list(PersonAlias.objects.filter(survivor_ref__in=names).order_by("pk"))
    claimed: set[str] = set()
    for alias in before:  # a record that was merged into a merged one
        kept = [number for number in alias.numbers if number in brought[alias.survivor_ref]]
        claimed.update(kept)
        PersonAlias.objects.filter(pk=alias.pk).update(survivor_ref=survivor, numbers=kept)
    PersonAlias.objects.bulk_create(
        PersonAlias(
            person_ref=name,
            survivor_ref=survivor,
            numbers=[number for number in numbers if number not in claimed],
            since=now,
        )
        for name, numbers in brought.items()
    )
    return [
        {"person_ref": row.person_ref, "survivor_ref": row.survivor_ref, "numbers": row.numbers}
        for row in before
    ]


def part_people(*, merged: Iterable[str], former: Former) -> None:
    """Take merge_people back. The caller has asked compliance.reads.merging.since and holds the locks."""
    db.require_atomic()
    PersonAlias.objects.filter(person_ref__in=list(merged)).delete()
    for row in former:
        PersonAlias.objects.filter(person_ref=row["person_ref"]).update(
            survivor_ref=row["survivor_ref"], numbers=row["numbers"]
        )
