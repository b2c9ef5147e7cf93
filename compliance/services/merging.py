"""Two records of one person: the gate knows both names from then on, until they are parted again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from compliance.gathering import attempts
from compliance.models import (
    ConsentRecord,
    ContactLedger,
    ContactOutcome,
    DebtWish,
    Override,
    PersonAlias,
    RelationshipRecord,
    Suppression,
)
from core import db

Former = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What happened to a person since an instant."""

    contacts: int
    said: int  # consents, requests, wishes and overrides that name the person


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
    """Take merge_people back. The caller has asked since() and holds the locks."""
    db.require_atomic()
    PersonAlias.objects.filter(person_ref__in=list(merged)).delete()
    for row in former:
        PersonAlias.objects.filter(person_ref=row["person_ref"]).update(
            survivor_ref=row["survivor_ref"], numbers=row["numbers"]
        )


def since(*, person: str, numbers: Sequence[str], at: datetime) -> Since:
    """Return what happened to the person since: contacts on any of the numbers, and what was said about the person."""
    contacts = ContactLedger.objects.filter(Q(person_ref=person) | Q(number__in=list(numbers)), at__gte=at)
    said = (
        Suppression.objects.filter(person_ref=person, number__in=list(numbers), at__gte=at).count()
        + ConsentRecord.objects.filter(person_ref=person, recorded_at__gte=at).count()
        + RelationshipRecord.objects.filter(person_ref=person, at__gte=at).count()
        + DebtWish.objects.filter(person_ref=person, at__gte=at).count()
        + Override.objects.filter(person_ref=person, at__gte=at).count()
    )
    return Since(contacts=contacts.count(), said=said)


def under_way(*, persons: Sequence[str], now: datetime) -> set[str]:
    """Return who of the people is being called now, as far as nobody has told the end of it."""
    rows = (
        attempts.counted(now)
        .filter(person_ref__in=list(persons), at__gt=now - attempts.OPEN_FOR)
        .exclude(channel__in=attempts.TEXTS)
        .order_by()
    )
    found = list(rows.values_list("decision_id", "person_ref"))
    over = ContactOutcome.objects.filter(decision_id__in=[decision for decision, _ in found])
    ended = set(over.order_by().values_list("decision_id", flat=True))
    return {person for decision, person in found if decision not in ended}


def on_record(*, persons: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    """Return of each name how many consents, other words (wishes, pairs of a wrong number) and contacts stand under it."""
    stores: Sequence[tuple[int, Any]] = (
        (0, ConsentRecord),
        (1, Suppression),
        (1, DebtWish),
        (2, ContactLedger),
    )
    found = {person: [0, 0, 0] for person in persons}
    for place, store in stores:
        rows = store.objects.filter(person_ref__in=list(persons)).order_by()
        for person in rows.values_list("person_ref", flat=True):
            found[person][place] += 1
    return {person: (counts[0], counts[1], counts[2]) for person, counts in found.items()}
