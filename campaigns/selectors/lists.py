"""Lists and the people on them, as the pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from campaigns import crmnames
from campaigns.models import (
    Campaign,
    CampaignLead,
    Contact,
    ContactPhone,
    ContactTag,
    Lead,
    LeadList,
    ListImport,
)
from campaigns.selectors import customfields, imports
from compliance import selectors as compliance
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class ListFacts:
    """One list."""

    id: int
    name: str
    people: int
    created_at: datetime
    last_import: imports.ImportFacts | None
    campaigns: Sequence["Named"]


@dataclass(frozen=True, slots=True)
class Named:
    """Something to link to."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Phone:
    """One number of a person."""

    number: str
    kind: str
    raw: str
    is_refused: bool  # a request not to be called stands on it


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands in one campaign."""

    campaign_id: int
    campaign: str
    state: str
    state_label: str
    reason: str
    last_result: str
    attempts: int
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """A person with everything pages show about them."""

    id: int
    name: str
    company: str
    title: str
    email: str
    place: str
    country: str
    stated_zone: str
    owner_name: str
    crm_url: str
    crm_name: str
    external_ref: str
    do_not_call: bool
    created_at: datetime
    changed_at: datetime
    tags: Sequence[Named]
    phones: Sequence[Phone]
    lists: Sequence[Named]
    standings: Sequence[Standing]
    external_id: str  # in the system a file came from
    own: Sequence[tuple[str, str]]  # fields of the house's own: name and value


def list_lists() -> list[ListFacts]:
    """Return all lists, newest first, in four queries."""
    rows = list(LeadList.objects.order_by("-id"))
    return _facts(rows)


def get_list(list_id: int) -> ListFacts:
    """Return one list, in four queries. Raises NotFound."""
    rows = list(LeadList.objects.filter(id=list_id))
    if not rows:
        raise NotFound("This list does not exist.")
    return _facts(rows)[0]


def get_contact(contact_id: int) -> ContactFacts:
    """Return one person, in six queries, seven with fields of the house's own. Raises NotFound."""
    row = Contact.objects.filter(id=contact_id).first()
    if row is None:
        raise NotFound("This person does not exist.")
    phones = list(ContactPhone.objects.filter(contact=row).order_by("position", "id"))
    refused = compliance.refused_numbers(phone.number for phone in phones)
    tags = ContactTag.objects.filter(contact=row).order_by("tag__name").values_list("tag_id", "tag__name")
    lists = LeadList.objects.filter(leads__contact=row).order_by("name", "id")
    standings = (
        CampaignLead.objects.filter(contact=row).select_related("campaign").order_by("-campaign_id", "id")
    )
    return ContactFacts(
        id=row.id,
        name=row.full_name,
        company=row.company,
        title=row.title,
        email=row.email,
        place=_place(row),
        country=row.country,
        stated_zone=row.stated_zone,
        owner_name=row.owner_name,
        crm_url=row.crm_url if row.crm_url.startswith(("https://", "http://")) else "",
        crm_name=crmnames.crm_name(row.external_ref or "", row.crm_url),
        external_ref=row.external_ref or "",
        do_not_call=row.crm_do_not_call,
        created_at=row.created_at,
        changed_at=row.changed_at,
        phones=[Phone(each.number, each.kind, each.raw, each.number in refused) for each in phones],
        tags=[Named(tag_id, name) for tag_id, name in tags],
        lists=[Named(found.id, found.name) for found in lists],
        standings=[_as_standing(lead) for lead in standings],
        external_id=row.external_id,
        own=[
            (spec.label, str(row.custom[key]))
            for key, spec in customfields.specs().items()
            if key in row.custom
        ]
        if row.custom
        else [],
    )


def _facts(rows: Sequence[LeadList]) -> list[ListFacts]:
    ids = [row.id for row in rows]
    counts = (
        Lead.objects.filter(lead_list_id__in=ids).order_by().values_list("lead_list_id").annotate(Count("id"))
    )
    people = dict(counts)
    latest = (
        ListImport.objects.filter(lead_list_id__in=ids)
        .select_related("lead_list", "started_by")
        .order_by("lead_list_id", "-id")
        .distinct("lead_list_id")
    )
    last_import = {found.lead_list_id: imports.as_facts(found) for found in latest}
    over: dict[int, list[Named]] = {}
    pairs = Campaign.objects.filter(lists__in=ids).order_by("name", "id").values_list("lists", "id", "name")
    for list_id, campaign_id, name in pairs:
        over.setdefault(list_id, []).append(Named(campaign_id, name))
    return [
        ListFacts(
            row.id,
            row.name,
            people.get(row.id, 0),
            row.created_at,
            last_import.get(row.id),
            over.get(row.id, []),
        )
        for row in rows
    ]


def _as_standing(lead: CampaignLead) -> Standing:
    return Standing(
        campaign_id=lead.campaign_id,
        campaign=lead.campaign.name,
        state=lead.state,
        state_label=CampaignLead.State(lead.state).label,
        reason=lead.reason,
        last_result=lead.last_result,
        attempts=lead.attempts,
        next_try_at=lead.next_try_at if lead.state == CampaignLead.State.READY else None,
    )


def _place(row: Contact) -> str:
    return " ".join(
        part for part in (f"{row.city}," if row.city else "", row.state, row.postal_code) if part
    ).rstrip(",")
