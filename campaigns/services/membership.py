"""Lists whose members somebody else decides (a CRM): who leaves is off the list, and not called from it any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection

from campaigns.models import CampaignLead, Contact, LeadList, MergedPerson
from campaigns.services import filling
from core import db
from core.errors import AppError

LEFT = "Left the list in the CRM"  # how the reason begins by which a lead that comes back is known

# Whoever the CRM's records are here, those too that were merged into somebody.
_NAMED = """(
        SELECT id FROM campaigns_contact WHERE external_ref = ANY(%(refs)s)
         UNION
        SELECT merge.survivor_id FROM campaigns_mergedperson AS merged JOIN campaigns_merge AS merge ON merge.id = merged.merge_id
         WHERE merged.in_force AND merged.external_ref = ANY(%(refs)s))"""
# Free leads of these people in campaigns over the list, unless another of the campaign's lists has them too.
_FINISH = f"""
UPDATE campaigns_campaignlead AS member
   SET state = %(finished)s, reason = %(reason)s, left_out = FALSE, is_callback = FALSE, callback_for_id = NULL, callback_asked_at = NULL
 WHERE (member.state = %(ready)s OR member.left_out)
   AND member.contact_id IN {_NAMED}
   AND member.campaign_id IN (SELECT campaign_id FROM campaigns_campaign_lists WHERE leadlist_id = %(list)s)
   AND NOT EXISTS (
         SELECT 1
           FROM campaigns_campaign_lists AS campaign_lists
           JOIN campaigns_lead AS lead ON lead.lead_list_id = campaign_lists.leadlist_id
          WHERE campaign_lists.campaign_id = member.campaign_id AND lead.contact_id = member.contact_id)
"""  # noqa: S608 - our own text
_LEAVE = f"DELETE FROM campaigns_lead WHERE lead_list_id = %(list)s AND contact_id IN {_NAMED}"  # noqa: S608 - our own text
_REOPEN = f"""
UPDATE campaigns_campaignlead AS member
   SET state = %(ready)s, next_try_at = GREATEST(member.next_try_at, %(now)s), reason = 'Came back to the list in the CRM.'
 WHERE member.state = %(finished)s AND starts_with(member.reason, %(left)s)
   AND member.campaign_id IN (SELECT campaign_id FROM campaigns_campaign_lists WHERE leadlist_id = %(list)s)
   AND member.contact_id IN (
         SELECT contact.id
           FROM campaigns_contact AS contact
           JOIN campaigns_lead AS lead ON lead.contact_id = contact.id AND lead.lead_list_id = %(list)s
          WHERE contact.id IN {_NAMED})
"""  # noqa: S608 - our own text


class ListRefused(AppError):
    """There can be no list of that name."""


def ensure_list(*, name: str, by_id: int | None, now: datetime) -> int:
    """Return the id of the list of that name, made if it is not there. Raises ListRefused. In the open transaction."""
    db.require_atomic()
    name = name.strip()
    if not name or len(name) > 120 or "\x00" in name:
        raise ListRefused("Give the list a name of at most 120 characters.")
    made, _ = LeadList.objects.get_or_create(name=name, defaults={"created_at": now, "created_by_id": by_id})
    return int(made.pk)


def leave_list(*, lead_list_id: int, refs: Sequence[str], left_lately: Sequence[str], told_by: str) -> int:
    """Take people off the list and finish their free leads in its campaigns; return how many leads were finished.

    `refs` are Contact.external_ref; `told_by` says for people who decided it. A lead that was being called when its person left is
    finished once it is free again: they are named in `left_lately`. Who is on another list of a campaign, or was put on this one by
    hand since, stays in it. In the open transaction.
    """
    db.require_atomic()
    filling.lock()
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE, {"list": lead_list_id, "refs": list(refs)})
        cursor.execute(
            _FINISH,
            {
                "ready": CampaignLead.State.READY.value,
                "finished": CampaignLead.State.FINISHED.value,
                "reason": f"{LEFT}: {told_by}."[:300],
                "list": lead_list_id,
                "refs": [*refs, *left_lately],
            },
        )
        return int(cursor.rowcount)


def come_back(*, lead_list_id: int, refs: Sequence[str], now: datetime) -> int:
    """Make leads ready again of those who had left and are on the list again; return how many. In the open transaction."""
    db.require_atomic()
    with connection.cursor() as cursor:
        cursor.execute(
            _REOPEN,
            {
                "ready": CampaignLead.State.READY.value,
                "finished": CampaignLead.State.FINISHED.value,
                "left": LEFT,
                "now": now,
                "list": lead_list_id,
                "refs": list(refs),
            },
        )
        return int(cursor.rowcount)


def rename_people(*, heirs: Mapping[str, str]) -> int:
    """Give people the ref they have since a merge or conversion in the CRM, so that they stay one person here; return how many.

    Where somebody has the new ref already, both stay: their histories are not ours to join. In the open transaction.
    """
    db.require_atomic()
    taken = set(
        Contact.objects.filter(external_ref__in=list(heirs.values())).values_list("external_ref", flat=True)
    )
    merged = MergedPerson.objects.filter(in_force=True)
    taken |= set(merged.filter(external_ref__in=list(heirs.values())).values_list("external_ref", flat=True))
    renamed = 0
    for old, new in sorted(heirs.items()):
        merged.filter(external_ref=old).update(external_ref="" if new in taken else new)
        if new not in taken:
            renamed += Contact.objects.filter(external_ref=old).update(external_ref=new)
            taken.add(new)
    return renamed
