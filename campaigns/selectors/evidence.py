"""What campaigns know about a number, for an evidence pack: the people who have it, and the imports that brought it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import Prefetch

from campaigns.models import CampaignLead, Contact, ContactPhone, ImportRow, Lead, MergedPerson
from core.evidence import Asked, Row, Section, columns
from core.types import PhoneError, last_four, parse_phone

PERSON = (
    "id", "external_ref", "first_name", "last_name", "company", "city", "state", "postal_code", "country", "stated_zone",
    "crm_do_not_call", "created_at", "changed_at",
)  # fmt: skip
IMPORT = ("id", "source", "source_label", "source_ref", "state", "started_at", "finished_at")
Mask = Callable[[str], str]


def sections(asked: Asked) -> list[Section]:
    """Return who has the number, and each import row that named it."""
    return [
        Section(name="people", rows=_people(asked)),
        Section(name="imports", rows=_imports(asked)),
    ]


def contact_ids(asked: Asked) -> list[int]:
    """Return the people who have the number. Hidden SQL: one query."""
    found = ContactPhone.objects.filter(number=asked.number).order_by("contact_id")
    return list(found.values_list("contact_id", flat=True).distinct())


def external_refs(asked: Asked) -> list[str]:
    """Return how the people who have the number are named in their CRMs, also by records merged into theirs. Hidden SQL: three queries."""
    ids = contact_ids(asked)
    found = Contact.objects.filter(id__in=ids, external_ref__isnull=False).order_by("id")
    merged = MergedPerson.objects.filter(merge__survivor__in=ids, in_force=True).order_by("id")
    refs = [*found.values_list("external_ref", flat=True), *merged.values_list("external_ref", flat=True)]
    return [ref for ref in refs if ref]


def import_ids(asked: Asked) -> list[int]:
    """Return the imports that brought the number, oldest first."""
    return sorted({row.list_import_id for row in _rows_naming(asked)})


def _people(asked: Asked) -> Iterator[Row]:
    """Each person with this number alone: their other numbers are no business of this pack."""
    phones = Prefetch("phones", ContactPhone.objects.filter(number=asked.number).order_by("id"))
    lists = Prefetch("leads", Lead.objects.select_related("lead_list").order_by("id"))
    places = Prefetch("campaign_leads", CampaignLead.objects.select_related("campaign").order_by("id"))
    rows = Contact.objects.filter(id__in=contact_ids(asked)).prefetch_related(phones, lists, places)
    for row in rows.order_by("id"):
        yield columns(row, *PERSON) | {
            "phones": [columns(phone, "number", "raw", "kind", "position") for phone in row.phones.all()],
            "lists": [
                columns(lead, "added_at", "debt_ref") | {"list": lead.lead_list.name}
                for lead in row.leads.all()
            ],
            "campaigns": [
                columns(place, "state", "debt_ref", "reason", "attempts", "last_result", "added_at")
                | {"campaign": place.campaign.name, "campaign_id": place.campaign_id}
                for place in row.campaign_leads.all()
            ],
        }


def _rows_naming(asked: Asked) -> Iterator[ImportRow]:
    """The rows of its people that name the number. A row that was refused belongs to nobody, and is not found."""
    rows = ImportRow.objects.filter(contact_id__in=contact_ids(asked)).select_related(
        "list_import__lead_list", "list_import__started_by"
    )
    for row in rows.order_by("id").iterator(chunk_size=500):
        phones = row.raw.get("person", {}).get("phones", ())
        if any(_number_of(text) == asked.number for _, text in phones):
            yield row


def _imports(asked: Asked) -> Iterator[Row]:
    mask = _masking(asked.number)
    for row in _rows_naming(asked):
        run = row.list_import
        person = dict(row.raw.get("person", {}))
        yield {
            "import": columns(run, *IMPORT)
            | {
                "list": run.lead_list.name,
                "started_by": run.started_by.username if run.started_by else "",
                "header": run.header,
            },
            "row_number": row.number,
            "outcome": row.outcome,
            "contact_id": row.contact_id,
            "written": {
                "phones": [[kind, mask(text)] for kind, text in person.pop("phones", ())],
                "person": {
                    name: mask(value) if isinstance(value, str) else value for name, value in person.items()
                },
                "cells": _cells(row.raw.get("cells", ()), mask),
            },
        }


def _cells(cells: Sequence[Any], mask: Mask) -> list[str]:
    return [mask(str(cell)) for cell in cells]


def _number_of(text: str) -> str:
    try:
        return parse_phone(text)
    except PhoneError:
        return ""


def _masking(number: str) -> Mask:
    """A function that puts the last four digits in the place of any other telephone number."""

    def mask(text: str) -> str:
        found = _number_of(text)
        return f"another number, withheld {last_four(found)}" if found and found != number else text

    return mask
