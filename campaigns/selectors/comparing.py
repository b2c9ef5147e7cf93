"""Some records side by side: what each holds, what would be preselected, and what a merge would bring together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Sum

from campaigns import merging
from campaigns.merging import FIELDS, OWN, Order, Record
from campaigns.models import CampaignLead, Contact, ContactPhone, ContactTag, Lead, NotDuplicate
from campaigns.selectors import customfields
from campaigns.selectors.duplicates import debts_that_differ, person_ref, seen_of
from compliance import selectors as compliance
from compliance.reads.merging import on_record
from core.errors import NotFound
from core.taking import keys_to

# What moves with a record, as people call it: label of the model → word.
MOVES: Final[Mapping[str, str]] = {
    "campaigns.ContactPhone": "numbers",
    "campaigns.Lead": "lists",
    "campaigns.CampaignLead": "campaigns",
    "dialer.Call": "calls",
    "campaigns.ContactTag": "tags",
    "campaigns.ContactNote": "notes",
    "campaigns.SegmentMember": "snapshots of segments",
    "campaigns.ImportRow": "rows of imports",
    "campaigns.BulkChange": "changes with many at once",
    "campaigns.Merge": "earlier merges",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """One record beside the others."""

    id: int
    name: str
    stays: bool
    external_ref: str
    external_id: str
    do_not_call: bool
    created_at: datetime
    phones: Sequence[tuple[str, str, bool]]  # number, kind, whether it is refused
    lists: Sequence[str]
    tags: Sequence[str]
    campaigns: Sequence[str]
    moves: Sequence[tuple[str, int]]
    consents: int
    requests: int
    contacts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """One field of all the records; `cells`: the record, its value, and whether it is preselected."""

    name: str
    label: str
    cells: Sequence[tuple[int, Any, bool]]
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Records side by side. `problem` says why they cannot be merged now."""

    records: Sequence[RecordView]
    fields: Sequence[FieldRow]
    survivor: int
    seen: str
    problem: str
    was_denied: str  # who said that some of them are not the same

    @property
    def ids(self) -> Sequence[int]:
        """Return the records' ids."""
        return [record.id for record in self.records]


def told(moved: Mapping[str, int]) -> dict[str, int]:
    """Return what moved, in words."""
    return {word: moved[label] for label, word in MOVES.items() if moved.get(label)}


def usual_order(ids: Sequence[int], *, ground: str) -> Order:
    """Return the merge that would be preselected for the people."""
    rows = list(Contact.objects.filter(pk__in=ids).order_by("pk"))
    records = _records(rows)
    if len(records) < 2:
        raise NotFound("They were merged or removed meanwhile.")
    survivor = merging.survivor_of(records)
    names = [*FIELDS, *(OWN + key for key in sorted({key for row in rows for key in row.custom}))]
    return Order(
        survivor=survivor.id,
        merged=[record.id for record in records if record.id != survivor.id],
        values={name: merging.source_of(name, survivor, records).id for name in names},
        ground=ground,
        seen=seen_of(rows),
    )


def compare(ids: Sequence[int], *, survivor: int | None = None) -> Comparison:
    """Return the records side by side. Raises NotFound. Hidden SQL: a fixed number of queries, whatever the number of records."""
    rows = list(Contact.objects.filter(pk__in=list(ids)[: merging.MOST]).order_by("pk"))
    if len(rows) < 2:
        raise NotFound("Of these people fewer than two are there. Somebody may have merged or removed them.")
    records = _records(rows)
    stays = next((each for each in records if each.id == survivor), None) or merging.survivor_of(records)
    ordered = [stays, *(each for each in records if each.id != stays.id)]
    rows.sort(key=lambda row: (row.pk != stays.id, row.pk))
    there = [row.pk for row in rows]
    denied = NotDuplicate.objects.filter(first__in=there, second__in=there).order_by("-id").first()
    held = CampaignLead.objects.filter(contact_id__in=there, state=CampaignLead.State.HELD).first()
    problem = debts_that_differ(there)
    if held is not None:
        problem = "One of them is on a call or open on an agent’s desk. Merge them when that is done."
    return Comparison(
        records=_views(rows, stays.id),
        fields=_fields(ordered, stays, records),
        survivor=stays.id,
        seen=seen_of(rows),
        problem=problem,
        was_denied=denied.said_by if denied else "",
    )


def _records(rows: Sequence[Contact]) -> list[Record]:
    ids = [row.pk for row in rows]
    named = on_record(persons=[person_ref(pk) for pk in ids])
    tried = CampaignLead.objects.filter(contact_id__in=ids).order_by().values_list("contact_id")
    attempts = dict(tried.annotate(Sum("attempts")))
    return [
        Record(
            id=row.pk,
            values={name: getattr(row, name) for name in FIELDS},
            own=row.custom,
            external_ref=row.external_ref or "",
            consents=named[person_ref(row.pk)][0],
            attempts=attempts.get(row.pk) or 0,
            created_at=row.created_at,
        )
        for row in rows
    ]


def _fields(ordered: Sequence[Record], stays: Record, records: Sequence[Record]) -> list[FieldRow]:
    specs = customfields.specs()
    keys = sorted({key for record in records for key in record.own})
    labels = {OWN + key: specs[key].label if key in specs else key for key in keys}
    found = []
    for name, label in {**FIELDS, **labels}.items():
        source = merging.source_of(name, stays, records)
        values = [record.value(name) for record in ordered]
        if any(value not in ("", None) for value in values):
            cells = [(record.id, record.value(name), record.id == source.id) for record in ordered]
            found.append(
                FieldRow(name=name, label=label, cells=cells, differs=len(set(map(str, values))) > 1)
            )
    return found


def _views(rows: Sequence[Contact], survivor: int) -> list[RecordView]:
    ids = [row.pk for row in rows]
    phones: dict[int, list[tuple[str, str]]] = {pk: [] for pk in ids}
    for pk, number, kind in (
        ContactPhone.objects.filter(contact_id__in=ids)
        .order_by("position", "id")
        .values_list("contact_id", "number", "kind")
    ):
        phones[pk].append((number, kind))
    refused = compliance.refused_numbers({number for held in phones.values() for number, _ in held})
    lists = _words(Lead, ids, "lead_list__name")
    tags = _words(ContactTag, ids, "tag__name")
    places: dict[int, list[str]] = {pk: [] for pk in ids}
    for lead in CampaignLead.objects.filter(contact_id__in=ids).select_related("campaign").order_by("id"):
        callback = ", promised a call back" if lead.is_callback else ""
        result = f", {lead.last_result}" if lead.last_result else ""
        tries = "1 try" if lead.attempts == 1 else f"{lead.attempts} tries"
        places[lead.contact_id].append(
            f"{lead.campaign.name}: {lead.get_state_display().lower()}, {tries}{result}{callback}"
        )
    named = on_record(persons=[person_ref(pk) for pk in ids])
    moves = _moves(ids)
    return [
        RecordView(
            id=row.pk,
            name=row.full_name,
            stays=row.pk == survivor,
            external_ref=row.external_ref or "",
            external_id=row.external_id,
            do_not_call=row.crm_do_not_call,
            created_at=row.created_at,
            phones=[(number, kind, number in refused) for number, kind in phones[row.pk]],
            lists=lists[row.pk],
            tags=tags[row.pk],
            campaigns=places[row.pk],
            moves=moves[row.pk],
            consents=named[person_ref(row.pk)][0],
            requests=named[person_ref(row.pk)][1],
            contacts=named[person_ref(row.pk)][2],
        )
        for row in rows
    ]


def _words(model: Any, ids: Sequence[int], name: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {pk: [] for pk in ids}
    for pk, word in (
        model.objects.filter(contact_id__in=ids).order_by(name, "pk").values_list("contact_id", name)
    ):
        found[pk].append(word)
    return found


def _moves(ids: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
    """How many rows of each table move with each record."""
    found: dict[int, list[tuple[str, int]]] = {pk: [] for pk in ids}
    for key in sorted(
        keys_to(Contact),
        key=lambda each: list(MOVES).index(each.model._meta.label) if each.model._meta.label in MOVES else 99,
    ):
        if (word := MOVES.get(key.model._meta.label)) is None:
            continue
        rows = key.model._default_manager.filter(**{f"{key.attname}__in": ids}).order_by()
        for pk, number in rows.values_list(key.attname).annotate(number=Count("pk")):
            found[pk].append((word, number))
    return found
