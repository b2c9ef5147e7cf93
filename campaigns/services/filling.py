"""Lists and segments → the leads of campaigns."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from campaigns import ordering
from campaigns.jobs import PACER_TOPIC
from campaigns.models import Campaign, CampaignLead
from campaigns.services import audience
from core import db, realtime

# Persons of the lists, once each: 100,000 leads stay inside the database.
_FILL = """
INSERT INTO campaigns_campaignlead
       (campaign_id, contact_id, state, next_try_at, is_callback, attempts, last_result, reason, added_at, debt_ref, fresh_until)
SELECT campaign_lists.campaign_id, lead.contact_id, %(ready)s, %(now)s, FALSE, 0, '', '', %(now)s,
       CASE WHEN COUNT(DISTINCT lead.debt_ref) = 1 THEN MIN(lead.debt_ref) ELSE '' END,
       MAX(lead.added_at) + MAX(fresh.span)
  FROM campaigns_campaign_lists AS campaign_lists
  JOIN campaigns_lead AS lead ON lead.lead_list_id = campaign_lists.leadlist_id
  LEFT JOIN unnest(%(freshening)s::bigint[], %(spans)s::interval[]) AS fresh(campaign_id, span)
    ON fresh.campaign_id = campaign_lists.campaign_id AND lead.added_at > %(now)s - fresh.span
 WHERE campaign_lists.campaign_id = ANY(%(campaigns)s)
 GROUP BY campaign_lists.campaign_id, lead.contact_id
 ORDER BY campaign_lists.campaign_id, MIN(lead.id)
    ON CONFLICT (campaign_id, contact_id) DO NOTHING
"""
# A debt that a later list names; one that is known stays what it is, since what was counted was counted for it.
_NAME_DEBTS = """
UPDATE campaigns_campaignlead AS member SET debt_ref = named.debt_ref
  FROM (
    SELECT campaign_lists.campaign_id, lead.contact_id, MIN(lead.debt_ref) AS debt_ref
      FROM campaigns_campaign_lists AS campaign_lists
      JOIN campaigns_lead AS lead ON lead.lead_list_id = campaign_lists.leadlist_id
     WHERE campaign_lists.campaign_id = ANY(%(campaigns)s)
     GROUP BY campaign_lists.campaign_id, lead.contact_id
    HAVING COUNT(DISTINCT lead.debt_ref) = 1 AND MIN(lead.debt_ref) <> ''
  ) AS named
 WHERE member.campaign_id = named.campaign_id AND member.contact_id = named.contact_id AND member.debt_ref = ''
"""


def fill_campaigns(campaign_ids: Sequence[int], *, now: datetime) -> int:
    """Add everybody on the campaigns' lists and in their segments who is not in them yet, ready from `now`; return how many.

    Takes the lock that keeps "a campaign starts" and "an import ends" from missing each other.
    """
    lock()
    with connection.cursor() as cursor:
        cursor.execute(
            _FILL,
            {
                "ready": CampaignLead.State.READY.value,
                "now": now,
                "campaigns": list(campaign_ids),
                **_freshening(campaign_ids),
            },
        )
        added = int(cursor.rowcount)
        cursor.execute(_NAME_DEBTS, {"campaigns": list(campaign_ids)})
    added += sum(audience.follow(campaign_id, now=now).added for campaign_id in sorted(campaign_ids))
    if added:
        # Somebody may wait for a call now: the loop need not wait for its next tick.
        for campaign_id in campaign_ids:
            realtime.push_on_commit(PACER_TOPIC, "look", {"campaign": campaign_id})
    return added


def fill_from_list(lead_list_id: int, *, now: datetime) -> int:
    """Add the list's new persons to the started campaigns over it; return how many leads were added."""
    lock()
    started = [Campaign.State.RUNNING, Campaign.State.DRAINING, Campaign.State.PAUSED]
    campaigns = Campaign.objects.filter(lists=lead_list_id, state__in=started).order_by("id")
    audience.follow_soon()  # who came with the list may fit segments of other campaigns
    return fill_campaigns(list(campaigns.values_list("id", flat=True)), now=now)


def _freshening(campaign_ids: Sequence[int]) -> dict[str, list[Any]]:
    """Return the campaigns that call new people first, and for how long."""
    orders = Campaign.objects.filter(id__in=campaign_ids, order_plan__isnull=False).order_by("id")
    spans = {
        campaign_id: timedelta(minutes=minutes)
        for campaign_id, stored in orders.values_list("id", "order_plan")
        if (minutes := ordering.read(stored).fresh_minutes) is not None
    }
    return {"freshening": list(spans), "spans": list(spans.values())}


def lock() -> None:
    """Wait until no other transaction is filling campaigns."""
    db.advisory_xact_lock(db.lock_key("campaigns.filling"))
