"""People who look alike: the list of them, some of them side by side, and what a merge would bring together."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from campaigns import merging
from campaigns.merging import GROUNDS
from campaigns.models import (
    CampaignLead,
    Contact,
    ContactPhone,
    DuplicateGroup,
    Lead,
    Merge,
    MergedPerson,
    NotDuplicate,
)
from campaigns.paging import Cursor, Page, page_of
from core.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """People who look alike, in the list."""

    id: int
    ground: str
    key: str
    is_sure: bool
    members: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the last search found."""

    at: datetime | None
    groups: int
    sure: int
    by_ground: Sequence[tuple[str, str, int]]  # ground, its words, groups


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeFacts:
    """One merge."""

    id: int
    survivor_id: int
    name: str
    others: str
    at: datetime
    by: str
    told: Mapping[str, int]
    undone_at: datetime | None
    undone_by: str


def person_ref(contact_id: int) -> str:
    """Return the name the gate knows a person by."""
    return f"contact:{contact_id}"


def seen_of(people: Iterable[Contact]) -> str:
    """Return what tells whether somebody changed one of the people since."""
    told = sorted((row.pk, row.changed_at.isoformat()) for row in people)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:24]


def groups_with(ids: Iterable[int]) -> "QuerySet[DuplicateGroup]":
    """Return the groups that one of the people is in."""
    return DuplicateGroup.objects.filter(members__overlap=list(ids))


def sure_groups(*, upto: int) -> "QuerySet[DuplicateGroup]":
    """Return the groups about which there is no doubt, up to one that was seen; the strongest first."""
    return DuplicateGroup.objects.filter(is_sure=True, pk__lte=upto).order_by("pk")


def last_group() -> int:
    """Return the id of the group found last, 0 where none was: what is found later was not seen."""
    return DuplicateGroup.objects.order_by("-id").values_list("id", flat=True).first() or 0


def found() -> Found:
    """Return what the last search found, in numbers. Hidden SQL: two queries."""
    counts = dict(DuplicateGroup.objects.order_by().values_list("ground").annotate(Count("id")))
    first = DuplicateGroup.objects.order_by("id").values_list("found_at", flat=True).first()
    sure = DuplicateGroup.objects.filter(is_sure=True).count() if counts else 0
    return Found(
        at=first,
        groups=sum(counts.values()),
        sure=sure,
        by_ground=[(ground, words, counts[ground]) for ground, words in GROUNDS if ground in counts],
    )


def list_groups(cursor: Cursor, *, ground: str = "", sure: bool = False) -> Page[GroupRow]:
    """Return one page of the groups, the strongest ground first. Hidden SQL: two queries."""
    rows = DuplicateGroup.objects.filter(
        Q(ground=ground) if ground else Q(), Q(is_sure=True) if sure else Q()
    )
    page = page_of(rows, cursor, lambda row: row)
    names = names_of({pk for row in page.rows for pk in row.members})
    shown = [
        GroupRow(
            id=row.pk,
            ground=row.get_ground_display(),
            key=row.key,
            is_sure=row.is_sure,
            members=[(pk, names[pk]) for pk in row.members if pk in names],
        )
        for row in page.rows
    ]
    return Page(shown, page.first, page.last, page.has_previous, page.has_next)


def get_group(group_id: int) -> tuple[list[int], str]:
    """Return who is in a group and on what ground. Raises NotFound."""
    row = DuplicateGroup.objects.filter(pk=group_id).first()
    if row is None:
        raise NotFound(
            "This group is not there any more: somebody merged them, said that they differ, or looked anew."
        )
    return list(row.members), row.ground


def names_of(ids: Iterable[int]) -> dict[int, str]:
    """Return the names of people."""
    return {row.pk: row.full_name for row in Contact.objects.filter(pk__in=list(ids)).order_by("pk")}


def like(contact_id: int, limit: int = merging.MOST) -> list[int]:
    """Return who looks like the person now: the same number, e-mail or ID. Hidden SQL: three queries.

    Each likeness is looked for by its own index and the answers are joined: asked for any of them at once, the planner walks everybody.
    """
    row = Contact.objects.filter(pk=contact_id).first()
    if row is None:
        return []
    pairs = NotDuplicate.objects.filter(Q(first=row) | Q(second=row)).values_list("first_id", "second_id")
    others = {pk for pair in pairs for pk in pair} | {row.pk}
    numbers = ContactPhone.objects.filter(contact=row).values("number")
    same = ContactPhone.objects.filter(number__in=numbers).exclude(contact_id__in=others)
    found = same.order_by().values_list("contact_id", flat=True)
    texts = {"email__iexact": row.email, "external_id": row.external_id}
    people = Contact.objects.exclude(pk__in=others).order_by()
    more = [
        people.filter(**{name: text}).values_list("pk", flat=True) for name, text in texts.items() if text
    ]
    return list(found.union(*more).order_by("contact_id")[:limit])


def debts_that_differ(ids: Sequence[int]) -> str:
    """Return the words that refuse a merge of people with two debts on one list or in one campaign; empty where there are none."""
    places: Sequence[tuple[Any, str, str]] = (
        (Lead, "lead_list__name", "on the list"),
        (CampaignLead, "campaign__name", "in the campaign"),
    )
    for model, name, where in places:
        debts: dict[str, str] = {}
        rows = model.objects.filter(contact_id__in=ids).exclude(debt_ref="").order_by("pk")
        for place, debt in rows.values_list(name, "debt_ref"):
            if debts.setdefault(place, debt) != debt:
                return (
                    f"They are {where} “{place}” with two debts, “{debts[place]}” and “{debt}”. A person has one debt on a list: "
                    "put one of them on a list of its own first."
                )
    return ""


def current_id(contact_id: int) -> int | None:
    """Return whom a merged record is now; None where it was not merged."""
    row = MergedPerson.objects.filter(was=contact_id, in_force=True).select_related("merge").first()
    return row.merge.survivor_id if row else None


def merges_of(contact_id: int) -> list[MergeFacts]:
    """Return the merges a person came out of, newest first. Hidden SQL: two queries."""
    return _merges(Merge.objects.filter(survivor=contact_id))


def recent_merges(limit: int = 20) -> list[MergeFacts]:
    """Return the latest merges, newest first. Hidden SQL: two queries."""
    return _merges(Merge.objects.all(), limit)


def _merges(rows: "QuerySet[Merge]", limit: int = 50) -> list[MergeFacts]:
    chosen = rows.defer("taken").prefetch_related("people").order_by("-id")[:limit]
    return [
        MergeFacts(
            id=row.pk,
            survivor_id=row.survivor_id,
            name=row.name,
            others=", ".join(person.name for person in row.people.all()),
            at=row.at,
            by=row.by,
            told=row.told,
            undone_at=row.undone_at,
            undone_by=row.undone_by,
        )
        for row in chosen
    ]
