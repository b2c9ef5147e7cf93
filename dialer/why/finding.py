"""From what somebody typed to people: a number in any written form, a part of one, a name, or "#" and a lead's number."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from campaigns.models import CampaignLead, Contact, ContactPhone
from core.types import PhoneError, parse_phone

LIMIT = 50
PART_OF_NUMBER = 4  # digits; fewer fit too many


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A person who may be meant."""

    contact_id: int
    name: str
    company: str
    place: str
    numbers: Sequence[str]
    campaigns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """Who fits what was typed, at most LIMIT of them; `number` is the number it was read as, "" for none."""

    rows: Sequence[Match]
    has_more: bool = False
    number: str = ""
    campaign_id: int = 0  # of the lead that was named by its number


def find(text: str, *, campaign_id: int = 0) -> Matches:
    """Return the people who fit; with `campaign_id` only those who are leads of it or on its lists. At most four queries."""
    text = text.replace("\x00", "").strip()[:100]
    if text.startswith("#"):
        return _by_lead(text[1:])
    number = _as_number(text)
    rows = _matching(text, number)
    if campaign_id:
        rows = rows.filter(
            Q(campaign_leads__campaign_id=campaign_id) | Q(leads__lead_list__campaigns=campaign_id)
        ).distinct()
    found = _read(rows.order_by("-id")[: LIMIT + 1])
    return Matches(rows=found[:LIMIT], has_more=len(found) > LIMIT, number=number)


def get(contact_id: int) -> Matches:
    """Return one person, nobody if there is none."""
    return Matches(rows=_read(Contact.objects.filter(id=contact_id).order_by("id")[:1]))


def _by_lead(digits: str) -> Matches:
    lead = None
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        lead = CampaignLead.objects.filter(id=int(digits)).values("contact_id", "campaign_id").first()
    if lead is None:
        return Matches(rows=())
    return Matches(rows=get(lead["contact_id"]).rows, campaign_id=lead["campaign_id"])


def _as_number(text: str) -> str:
    try:
        return parse_phone(text)
    except PhoneError:
        return ""


def _matching(text: str, number: str) -> QuerySet[Contact]:
    if number:
        return Contact.objects.filter(phones__number=number)
    digits = "".join(letter for letter in text if letter.isascii() and letter.isdigit())
    if digits and not any(letter.isalpha() for letter in text):
        if len(digits) < PART_OF_NUMBER:
            return Contact.objects.none()
        part = ContactPhone.objects.filter(contact_id=OuterRef("id"), number__contains=digits)
        return Contact.objects.filter(Exists(part))
    words = Q()
    for word in text.split():
        words &= Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(company__icontains=word)
    return Contact.objects.filter(words) if words else Contact.objects.none()


def _read(rows: QuerySet[Contact]) -> list[Match]:
    phones = Prefetch("phones", ContactPhone.objects.order_by("position", "id"))
    leads = Prefetch("campaign_leads", CampaignLead.objects.only("id", "contact_id").order_by("id"))
    return [
        Match(
            contact_id=row.id,
            name=row.full_name,
            company=row.company,
            place=", ".join(part for part in (row.city, row.state) if part),
            numbers=[phone.number for phone in row.phones.all()],
            campaigns=len(row.campaign_leads.all()),
        )
        for row in rows.prefetch_related(phones, leads)
    ]
