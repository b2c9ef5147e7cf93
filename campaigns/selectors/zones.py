"""Where people are as far as an order of calls needs it: a zone for each area code. The gate decides by more, and anew."""

from collections.abc import Mapping, Sequence
from functools import cache

from django.db import connection

from compliance.rules import places

AREAS = """
SELECT DISTINCT substr(phone.number, 1, 5)
  FROM campaigns_campaignlead AS member
  JOIN campaigns_contactphone AS phone ON phone.contact_id = member.contact_id
 WHERE member.campaign_id = %(campaign)s AND member.state = 'ready'
"""
STATED = """
SELECT DISTINCT person.stated_zone
  FROM campaigns_campaignlead AS member
  JOIN campaigns_contact AS person ON person.id = member.contact_id
 WHERE member.campaign_id = %(campaign)s AND member.state = 'ready' AND person.stated_zone <> ''
"""


@cache
def place_of_area(area: str) -> tuple[str, str]:
    """Return state and likeliest zone of an area code like “+1407”, "" where not known."""
    evidence = places.describe_number(f"{area}5550100").evidence
    if evidence is None:
        return "", ""
    return min(evidence.states, default=""), min(evidence.zones, default="")


def areas_of(campaign_id: int) -> Mapping[str, tuple[str, str]]:
    """Return state and zone of every area code of the people who wait. One query."""
    return {area: place_of_area(area) for area in _words(AREAS, campaign_id)}


def stated_zones_of(campaign_id: int) -> Sequence[str]:
    """Return the zones that people who wait have told us. One query."""
    return [zone for zone in _words(STATED, campaign_id) if places.is_zone(zone)]


def _words(statement: str, campaign_id: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"campaign": campaign_id})
        return [word for (word,) in cursor.fetchall()]
