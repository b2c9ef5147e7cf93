"""A lead that an agent chose themselves, by the person's record in a CRM or by a number."""

from django.db.models import Q

from campaigns.models import Campaign, CampaignLead
from core import db
from core.errors import AppError


class NotChosen(AppError):
    """The person cannot be called from this campaign; the text says why and what to do."""


def find_lead(*, campaign: Campaign, external_ref: str, number: str) -> int:
    """Return the campaign's one lead of the person with this record; where no record is given, of the one with this number.

    Raises NotChosen.
    """
    leads = CampaignLead.objects.filter(campaign=campaign)
    if external_ref:
        leads = leads.filter(contact__external_ref=external_ref)
    else:
        leads = leads.filter(contact__phones__number=number)
    found = sorted(set(leads.order_by("id").values_list("id", flat=True)[:2]))
    if not found:
        raise NotChosen(
            f"This person is on no list of “{campaign.name}”. Ask its manager to add them; calls are made for a campaign alone."
        )
    if len(found) > 1:
        raise NotChosen(
            "Several people of the campaign have this number. Open the record of the one you mean, and dial there."
        )
    return found[0]


def lock_lead(*, campaign_lead_id: int, user_id: int, also: int | None) -> None:
    """Lock the lead, and with it the one that lies before the agent, in the order of the house. Raises NotChosen if it is not free."""
    db.require_atomic()
    wanted = Q(id=campaign_lead_id) | Q(id=also)
    rows = {
        row.pk: row
        for row in CampaignLead.objects.select_for_update(of=("self",)).filter(wanted).order_by("pk")
    }
    lead = rows[campaign_lead_id]
    if lead.state == CampaignLead.State.FINISHED:
        because = f": {lead.reason.rstrip('.')}" if lead.reason else ""
        raise NotChosen(f"Nothing more is to be done about this person in the campaign{because}.")
    if lead.state == CampaignLead.State.HELD and lead.held_by_id != user_id:
        raise NotChosen("Another agent has this person before them, or on the line.")
    if lead.callback_for_id not in (None, user_id):
        raise NotChosen("Another agent promised to call this person back.")
