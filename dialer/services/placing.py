"""Gives the leads of campaigns their places in the order their manager chose, anew with each hour or quarter of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import connection

from campaigns import besttime, breaks, daysoff, ordering
from campaigns.models import Campaign, CampaignLead
from campaigns.ordering import Kind, Order
from campaigns.selectors import zones
from core import db, sweeps
from dialer import best_time_reads

log = structlog.get_logger(__name__)

AT_ONCE: Final = 1000  # leads whose places are stored in one transaction: nobody waits long for their locks
BUCKET: Final = timedelta(hours=1)
DIGITS: Final = 6
# A person is where the number is that is tried next, or where they said. With weights each list's people stand in a row of their own, and
# rows advance as fast as they weigh: the n-th of a list of weight w has the place (n - 1/2) / w.
PLACES: Final = """
WITH listed AS (
    SELECT DISTINCT ON (lead.contact_id) lead.contact_id, own.list_id, own.weight
      FROM campaigns_lead AS lead
      JOIN unnest(%(lists)s::bigint[], %(weights)s::float8[]) AS own(list_id, weight) ON own.list_id = lead.lead_list_id
     ORDER BY lead.contact_id, own.weight DESC, own.list_id
), valued AS (
    SELECT member.id, member.contact_id, member.next_try_at, member.place, member.score,
           coalesce(stated.value, area.value, %(otherwise)s) + coalesce(line.value, 0) + coalesce(tries.value, 0) AS value
      FROM campaigns_campaignlead AS member
      JOIN campaigns_contact AS person ON person.id = member.contact_id
      LEFT JOIN LATERAL (
        SELECT substr(phone.number, 1, 5) AS area, phone.kind
          FROM campaigns_contactphone AS phone
         WHERE phone.contact_id = member.contact_id
         ORDER BY (phone.number <> member.next_number), phone.position, phone.id LIMIT 1
      ) AS first ON TRUE
      LEFT JOIN unnest(%(areas)s::text[], %(area_values)s::float8[]) AS area(area, value) ON area.area = first.area
      LEFT JOIN unnest(%(zones)s::text[], %(zone_values)s::float8[]) AS stated(zone, value) ON stated.zone = person.stated_zone
      LEFT JOIN unnest(%(lines)s::text[], %(line_values)s::float8[]) AS line(kind, value) ON line.kind = first.kind
      LEFT JOIN unnest(%(tries)s::int[], %(try_values)s::float8[]) AS tries(attempts, value)
        ON tries.attempts = least(member.attempts, %(most_tries)s)
     WHERE member.campaign_id = %(campaign)s AND member.state = 'ready' AND member.next_try_at < %(until)s
       AND (%(everybody)s OR member.place IS NULL)
), placed AS (
    SELECT valued.id, valued.place AS before, valued.score AS score_before,
           CASE WHEN %(is_score)s THEN round((1 / (1 + exp(-valued.value)))::numeric, 6)::float8 END AS score,
           round((CASE
             WHEN %(is_mixed)s AND coalesce(listed.weight, 1) > 0 THEN
               (row_number() OVER row_of_list - 0.5) / coalesce(listed.weight, 1)
             WHEN %(is_mixed)s THEN 1e9 + row_number() OVER row_of_list
             ELSE CASE WHEN %(is_score)s THEN -valued.value ELSE valued.value END
           END)::numeric, 6)::float8 AS place
      FROM valued LEFT JOIN listed ON listed.contact_id = valued.contact_id
    WINDOW row_of_list AS (
        PARTITION BY listed.list_id
        ORDER BY CASE WHEN %(is_score)s THEN -valued.value ELSE valued.value END, valued.next_try_at, valued.id
    )
)
SELECT id, place, score FROM placed WHERE (place, score) IS DISTINCT FROM (before, score_before) ORDER BY id
"""
STORE: Final = """
UPDATE campaigns_campaignlead AS member SET place = new.place, score = new.score
  FROM unnest(%(ids)s::bigint[], %(places)s::float8[], %(scores)s::float8[]) AS new(id, place, score)
 WHERE member.id = new.id AND member.id IN (
    SELECT id FROM campaigns_campaignlead WHERE id = ANY(%(ids)s) AND state = 'ready' ORDER BY id FOR UPDATE SKIP LOCKED
 )
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What makes one lead's value: that of its place, its line and its tries, added up."""

    areas: dict[str, float] = field(default_factory=dict)
    zones: dict[str, float] = field(default_factory=dict)
    otherwise: float = 0.0
    lines: dict[str, float] = field(default_factory=dict)
    tries: Sequence[float] = ()  # by how many there were; more than the last count as it
    is_score: bool = False  # log odds of an answer: the larger the sooner


def sweep(*, now: datetime) -> int:
    """Place the leads of dialing campaigns whose places are of an earlier time, and new leads; return how many campaigns were seen to."""
    dialing = Campaign.objects.filter(state=Campaign.State.RUNNING, order_plan__isnull=False).order_by("id")
    return sweeps.for_each(dialing, lambda each: place(each, now=now), what="order of calls")


def place(campaign: Campaign, *, now: datetime) -> int:
    """Place the leads of a campaign that need it; return how many places changed. Its own transactions."""
    order = ordering.read(campaign.order_plan)
    if not order.is_placed:
        return 0
    bucket = ordering.bucket_of(now, order.kind)
    everybody = campaign.placed_at != bucket
    if not everybody and not _has_unplaced(campaign.pk, bucket + BUCKET):
        return 0
    worth = _worth(campaign, order, now)
    changed = _changed(campaign, order, worth, until=bucket + BUCKET, everybody=everybody)
    for begin in range(0, len(changed), AT_ONCE):
        _store(changed[begin : begin + AT_ONCE])
    if everybody:
        Campaign.objects.filter(pk=campaign.pk, order_plan=campaign.order_plan).update(placed_at=bucket)
    log.info("dialer.order.placed", campaign=campaign.pk, kind=order.kind, changed=len(changed))
    return len(changed)


def _has_unplaced(campaign_id: int, until: datetime) -> bool:
    return CampaignLead.objects.filter(
        campaign_id=campaign_id,
        state=CampaignLead.State.READY,
        place__isnull=True,
        next_try_at__lt=until,
    ).exists()


def _worth(campaign: Campaign, order: Order, now: datetime) -> Worth:
    """Return what the order's kind says of places; the plain value where people are told apart by lists alone."""
    if order.kind is Kind.DUE:
        return Worth()
    if order.kind is Kind.BEST_TIME:
        return _chances(campaign, now)
    areas, stated = zones.areas_of(campaign.pk), zones.stated_zones_of(campaign.pk)
    known = frozenset({zone for _, zone in areas.values() if zone} | set(stated))
    values = ordering.values_at(
        order.kind,
        known,
        opens=campaign.window_opens,
        closes=campaign.window_closes,
        breaks=breaks.read(campaign.window_breaks),
        off=daysoff.read(campaign.days_off),
        days=frozenset(int(day) for day in campaign.window_days),
        now=now,
    )
    return Worth(
        areas={area: values.by_zone.get(zone, values.otherwise) for area, (_, zone) in areas.items()},
        zones={zone: values.by_zone[zone] for zone in stated if zone in values.by_zone},
        otherwise=values.otherwise,
    )


def _chances(campaign: Campaign, now: datetime) -> Worth:
    """Return what the model of answers says of places, lines and tries at this hour; nothing where none is used."""
    model = best_time_reads.model_in_use()
    if model is None:
        return Worth()
    areas = zones.areas_of(campaign.pk)
    local = {zone: now.astimezone(ZoneInfo(zone or settings.OFFICE_ZONE)) for _, zone in areas.values()}
    hours = {
        zone: model.term("hour", str(at.hour)) + model.term("weekday", str(at.weekday()))
        for zone, at in local.items()
    }
    office = now.astimezone(ZoneInfo(settings.OFFICE_ZONE))
    return Worth(
        areas={
            area: model.base + hours[zone] + model.term("area", state)
            for area, (state, zone) in areas.items()
        },
        otherwise=model.base
        + model.term("hour", str(office.hour))
        + model.term("weekday", str(office.weekday())),
        lines={line: model.term("line", line) for line in model.terms.get("line", {})},
        tries=[model.term("tries", str(tries)) for tries in range(besttime.MOST_TRIES + 1)],
        is_score=True,
    )


def _changed(
    campaign: Campaign, order: Order, worth: Worth, *, until: datetime, everybody: bool
) -> list[tuple[int, float, float | None]]:
    weights = _weights(campaign, order)
    values: dict[str, Any] = {
        "campaign": campaign.pk,
        "until": until,
        "everybody": everybody,
        "otherwise": worth.otherwise,
        "is_score": worth.is_score,
        "is_mixed": bool(order.weights),
        "most_tries": max(0, len(worth.tries) - 1),
        "tries": list(range(len(worth.tries))),
        "try_values": list(worth.tries),
    }
    for name, of_name, pairs in (
        ("lists", "weights", weights),
        ("areas", "area_values", worth.areas),
        ("zones", "zone_values", worth.zones),
        ("lines", "line_values", worth.lines),
    ):
        values |= {name: list(pairs), of_name: list(pairs.values())}
    with connection.cursor() as cursor:
        cursor.execute(PLACES, values)
        return list(cursor.fetchall())


def _weights(campaign: Campaign, order: Order) -> dict[Any, Any]:
    """Return each list's weight; a list that came later weighs 1."""
    if not order.weights:
        return {}
    said = {each.list_id: float(each.weight) for each in order.weights}
    lists = campaign.lists.order_by("id").values_list("id", flat=True)
    return {list_id: said.get(list_id, 1.0) for list_id in lists}


def _store(rows: Sequence[tuple[int, float, float | None]]) -> None:
    """Store places; a lead that somebody holds right now keeps the one it has."""
    ids, places, scores = zip(*rows, strict=True)
    with db.use_case(), connection.cursor() as cursor:
        cursor.execute(STORE, {"ids": list(ids), "places": list(places), "scores": list(scores)})
