"""A few dozen people who differ in everything that rules of segments look at, and what is known of each of them."""

import random
from datetime import datetime, timedelta

from campaigns.models import (
    Campaign,
    CampaignLead,
    Contact,
    ContactPhone,
    ContactTag,
    CustomField,
    Lead,
    LeadList,
    Tag,
)
from campaigns.segments.matching import PersonFacts
from compliance import selectors as compliance
from compliance.models import ConsentRecord
from compliance.rules import places
from compliance.rules.facts import Channel, ConsentKind
from compliance.services import NewConsent, Source, grant_consent, suppress
from core import db
from core.types import PhoneNumber
from tests.factories.world import SELLER, World

TEXTS = {
    "first_name": ["", "Ida", "ida", "Éva", "Bo"],
    "last_name": ["", "Wells", "O'Brien", "Straße", "100%_"],
    "company": ["", "Wells Roofing", "Roof & Co", "\\back"],
    "title": ["", "Owner"],
    "email": ["", "ida@example.com", "BO@EXAMPLE.COM"],
    "city": ["", "Orlando", "Chicago"],
    "state": ["", "FL", "Florida", " il ", "Bavaria"],
    "postal_code": ["", "32801"],
    "country": ["", "US"],
    "owner_name": ["", "Mia Manager"],
}
OWN: dict[
    str, list[object]
] = {  # values of fields of the house's own; one that is not of the field's kind fits nothing
    "contains": [None, "Gold", "gold rush", "100%_"],
    "balance": [None, 0, -12.5, 7, 10**14, "seven"],
    "renewal": [None, "2026-11-23", "2026-11-22", "2026-12-01", 5],
    "tariff": [None, "Basic", "Plus"],
}
ZONES = ["", "", "America/Chicago", "America/New_York"]
RESULTS = ["", "Interested", "no answer"]


def make_crowd(world: World, *, now: datetime, size: int = 36) -> None:
    """Add the people, to the world's list and campaign and to one more of each."""
    dice, own_dice = random.Random(20261123), random.Random(7)
    for key, kind in (("contains", "text"), ("balance", "number"), ("renewal", "date"), ("tariff", "choice")):
        choices = ["Basic", "Plus"] if kind == "choice" else []
        CustomField.objects.create(
            key=key, label=key.capitalize(), kind=kind, choices=choices, created_at=now
        )
    lists = [world.lead_list, LeadList.objects.create(name="Autumn", created_at=now)]
    campaigns = [world.campaign, _another(world.campaign)]
    tags = [Tag.objects.create(name=name, created_at=now) for name in ("vip", "press")]
    for index in range(size):
        values = {key: dice.choice(texts) for key, texts in TEXTS.items()}
        contact = Contact.objects.create(
            **values,
            stated_zone=dice.choice(ZONES),
            external_ref=f"hubspot:1:{index}" if index % 3 else None,
            crm_do_not_call=index % 11 == 0,
            custom={
                key: value for key, values in OWN.items() if (value := own_dice.choice(values)) is not None
            },
            created_at=now - timedelta(days=dice.choice((0, 1, 7, 30)), hours=dice.choice((0, 5))),
            changed_at=now,
        )
        for position in range(dice.choice((0, 1, 2))):
            number = f"+1407555{2000 + index * 2 + position}"
            ContactPhone.objects.create(
                contact=contact, number=number, raw=number, kind="main", position=position
            )
            _said(number, dice.randrange(8), now)
        for lead_list in dice.sample(lists, dice.randrange(3)):
            Lead.objects.create(lead_list=lead_list, contact=contact, added_at=now)
        for tag in dice.sample(tags, dice.randrange(3)):
            ContactTag.objects.create(tag=tag, contact=contact, added_at=now)
        for campaign in dice.sample(campaigns, dice.randrange(3)):
            CampaignLead.objects.create(
                campaign=campaign,
                contact=contact,
                next_try_at=now,
                added_at=now,
                attempts=dice.choice((0, 0, 1, 3)),
                last_result=dice.choice(RESULTS),
                last_called_at=dice.choice((None, now - timedelta(days=2), now - timedelta(days=40))),
            )


def facts_of(contact: Contact, *, now: datetime) -> PersonFacts:
    """Read one person as rules know them, row by row."""
    numbers = {phone.number for phone in contact.phones.all()}
    leads = list(contact.campaign_leads.all())
    kinds = set(
        ConsentRecord.objects.filter(number__in=numbers, given_at__lte=now).values_list("kind", flat=True)
    )
    called = [lead.last_called_at for lead in leads if lead.last_called_at]
    if contact.stated_zone:
        zones = {contact.stated_zone}
    else:
        word = contact.state.strip(" ").lower()
        zones = {zone for zone, words in places.zones_of_states().items() if word in words}
    texts = {key: frozenset({getattr(contact, key) or ""}) for key in (*TEXTS, "external_ref")}
    return PersonFacts(
        texts={
            **texts,
            "number": frozenset(numbers),
            "last_result": frozenset(lead.last_result for lead in leads),
        },
        named={
            "zone": frozenset(zones),
            "tag": frozenset(str(each.tag_id) for each in contact.contact_tags.all()),
            "list": frozenset(str(each.lead_list_id) for each in contact.leads.all()),
            "campaign": frozenset(str(lead.campaign_id) for lead in leads),
            "consent": frozenset(kinds | ({"any"} if kinds else set())),
        },
        numbers={"attempts": max((lead.attempts for lead in leads), default=0)},
        flags={"do_not_call": contact.crm_do_not_call or bool(compliance.refused_numbers(numbers))},
        moments={"created_at": contact.created_at, "last_called_at": max(called, default=None)},
        own=contact.custom,
    )


def _another(campaign: Campaign) -> Campaign:
    fields = {
        each.attname: getattr(campaign, each.attname)
        for each in Campaign._meta.fields
        if each.attname != "id"
    }
    return Campaign.objects.create(**{**fields, "name": "Autumn solar"})


def _said(number: str, which: int, now: datetime) -> None:
    channels = {0: frozenset[Channel](), 1: frozenset({Channel.SMS}), 2: frozenset({Channel.LIVE_PREVIEW})}
    with db.use_case():
        if which in channels:
            suppress(
                number=PhoneNumber(number),
                seller=SELLER,
                reason="said so",
                raw_words="no more",
                heard_on="phone",
                actor="test",
                now=now,
                channels=channels[which],
            )
        elif which in (3, 4):
            grant_consent(
                NewConsent(
                    number=PhoneNumber(number),
                    kind=ConsentKind.PEWC if which == 3 else ConsentKind.PEC,
                    obtained_by=SELLER,
                    given_at=now - timedelta(days=3),
                    source=Source.FORM,
                    sellers=frozenset({SELLER}),
                    text_shown="I agree to be called.",
                ),
                recorded_by="test",
                now=now,
            )
