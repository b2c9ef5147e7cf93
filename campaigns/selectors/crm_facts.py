"""What a CRM's sync needs to know of people: their facts, which CRM lists brought them, and which facts there can be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from campaigns.models import Contact, Disposition, ImportRow, Script, ScriptVersion
from campaigns.scripting.flow import Kind

COLUMNS: Final[Mapping[str, str]] = {
    "first_name": "First name",
    "last_name": "Last name",
    "company": "Company",
    "title": "Title",
    "email": "E-mail",
    "city": "City",
    "state": "State",
    "postal_code": "Postal code",
    "country": "Country",
    "owner_name": "Owner",
}


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What we know of a person, by the columns above and the keys of the house's own fields."""

    contact_id: int
    external_ref: str
    name: str
    values: Mapping[str, Any]
    custom: Mapping[str, Any]
    phones: Sequence[str]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A question whose answers can go to a CRM."""

    key: str  # of a result: its code; of a script: "<script id>:<node>"
    label: str
    kind: str  # campaigns.results.Kind
    options: Sequence[str]


def facts_by_ref(external_refs: Sequence[str]) -> dict[str, PersonFacts]:
    """Return what we know of people of CRMs, by their external_ref. Two queries."""
    rows = Contact.objects.filter(external_ref__in=list(external_refs)).prefetch_related("phones")
    return {row.external_ref or "": _facts(row) for row in rows.order_by("pk")}


def facts_of(contact_id: int) -> PersonFacts | None:
    """Return what we know of one person. Two queries."""
    row = Contact.objects.filter(pk=contact_id).prefetch_related("phones").first()
    return _facts(row) if row else None


def crm_lists_of(external_ref: str, *, campaign_id: int, prefix: str) -> list[str]:
    """Return the ids of the CRM's lists that brought a person into a campaign; `prefix` begins their imports' source_ref."""
    rows = ImportRow.objects.filter(
        contact__external_ref=external_ref,
        list_import__source_ref__startswith=prefix,
        list_import__lead_list__campaigns=campaign_id,
        list_import__lead_list__leads__contact__external_ref=external_ref,
    )
    refs = rows.order_by().values_list("list_import__source_ref", flat=True).distinct()
    return sorted(ref.removeprefix(prefix) for ref in refs)


def results() -> list[tuple[str, str]]:
    """Return (code, label) of all results on offer, each code once. One query."""
    rows = Disposition.objects.filter(retired_at__isnull=True).order_by("label", "id")
    found: dict[str, str] = {}
    for code, label in rows.values_list("code", "label"):
        found.setdefault(code, label)
    return list(found.items())


def questions() -> list[AskedFor]:
    """Return what results ask agents, each code once. One query."""
    rows = Disposition.objects.filter(retired_at__isnull=True).exclude(questions=[]).order_by("id")
    found: dict[str, AskedFor] = {}
    for asked in rows.values_list("questions", flat=True):
        for one in asked:
            found.setdefault(
                one["code"], AskedFor(one["code"], one["label"], one["kind"], tuple(one["options"]))
            )
    return sorted(found.values(), key=lambda each: (each.label, each.key))


def script_questions() -> list[AskedFor]:
    """Return the questions of scripts in their latest versions. Two queries."""
    latest: dict[int, ScriptVersion] = {}
    versions = ScriptVersion.objects.filter(nodes__isnull=False).order_by("script_id", "number")
    for version in versions:
        latest[version.script_id] = version
    names = dict(Script.objects.filter(pk__in=list(latest)).values_list("pk", "name"))
    return [
        AskedFor(
            f"{script_id}:{node.code}",
            f"{names[script_id]}: {node.title}",
            "choice",
            tuple(answer.label for answer in node.answers),
        )
        for script_id, version in latest.items()
        for node in version.flow.nodes
        if node.kind is Kind.QUESTION
    ]


def _facts(row: Contact) -> PersonFacts:
    phones = sorted(row.phones.all(), key=lambda phone: (phone.position, phone.pk))
    return PersonFacts(
        contact_id=row.pk,
        external_ref=row.external_ref or "",
        name=row.full_name,
        values={name: getattr(row, name) for name in COLUMNS},
        custom=dict(row.custom),
        phones=tuple(phone.number for phone in phones),
        changed_at=row.changed_at,
    )
