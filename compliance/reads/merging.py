"""What stands under the names of people whose records are merged, or parted again."""

from collections.abc import Sequence
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
    RelationshipRecord,
    Suppression,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What happened to a person since an instant."""

    contacts: int
    said: int  # consents, requests, wishes and overrides that name the person


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
