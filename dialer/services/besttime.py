"""Fits the chance of an answer to the calls of the last months, each night."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import structlog
from django.conf import settings
from django.db import connection

from campaigns import besttime
from campaigns.besttime import Cell
from campaigns.selectors.zones import place_of_area
from core import db
from dialer.models import BestTimeFit

log = structlog.get_logger(__name__)

REACH: Final = timedelta(days=90)
EARLY, MIDDLE = 0.6, 0.8  # of the calls, by time: fitted to, calibrated on; the rest are held out
AREAS: Final = "SELECT DISTINCT substr(number, 1, 5) FROM dialer_call WHERE created_at >= %(since)s"
# A person answered: not a machine by the agent's word, else by detection's. A call withdrawn, or never placed, says nothing.
CELLS: Final = """
WITH tried AS (
    SELECT call.id, call.contact_id, call.number, call.created_at,
           row_number() OVER (PARTITION BY call.contact_id, call.campaign_id ORDER BY call.created_at, call.id) - 1 AS tries,
           call.answered_at IS NOT NULL AND call.outcome = 'answered' AND NOT (
             call.agent_heard = 'machine'
             OR (call.agent_heard = '' AND call.bridged_at IS NOT NULL AND coalesce(result.category, '') = 'no_contact')
             OR (call.agent_heard = '' AND call.bridged_at IS NULL AND call.answered_by IN ('machine', 'fax'))
           ) AS is_answered
      FROM dialer_call AS call LEFT JOIN campaigns_disposition AS result ON result.id = call.disposition_id
     WHERE call.created_at >= %(since)s AND call.created_at < %(until)s AND call.state = 'ended'
       AND call.outcome NOT IN ('not_placed', 'canceled')
), cut AS (
    SELECT percentile_disc(%(early)s) WITHIN GROUP (ORDER BY created_at) AS early,
           percentile_disc(%(middle)s) WITHIN GROUP (ORDER BY created_at) AS middle FROM tried
), told AS (
    SELECT CASE WHEN tried.created_at <= cut.early THEN 0 WHEN tried.created_at <= cut.middle THEN 1 ELSE 2 END AS part,
           tried.created_at AT TIME ZONE coalesce(area.zone, %(office)s) AS local,
           coalesce(area.state, '') AS state, coalesce(phone.kind, '') AS line, least(tried.tries, %(most)s) AS tries,
           tried.is_answered
      FROM tried CROSS JOIN cut
      LEFT JOIN unnest(%(areas)s::text[], %(states)s::text[], %(zones)s::text[]) AS area(area, state, zone)
        ON area.area = substr(tried.number, 1, 5)
      LEFT JOIN campaigns_contactphone AS phone ON phone.contact_id = tried.contact_id AND phone.number = tried.number
)
SELECT part, extract(hour FROM local)::int, (extract(isodow FROM local) - 1)::int, state, line, tries,
       count(*), count(*) FILTER (WHERE is_answered)
  FROM told GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
"""


def fit(*, now: datetime) -> BestTimeFit:
    """Fit to the calls of the last months, judge on the latest of them, and keep both; the newest fit counts from now on."""
    since = now - REACH
    parts = _cells(since, now)
    found = besttime.judge(*parts)
    with db.use_case():
        row = BestTimeFit.objects.create(
            fitted_at=now,
            since=since,
            calls=found.calls,
            answers=found.answers,
            held_out=found.held_out,
            brier=found.brier,
            brier_average=found.brier_average,
            z=found.z,
            is_better=found.is_better,
            model=msgspec.to_builtins(found.model),
            bins=msgspec.to_builtins(found.bins),
        )
    log.info(
        "dialer.besttime.fitted",
        calls=found.calls,
        brier=found.brier,
        brier_average=found.brier_average,
        is_used=found.is_better,
    )
    return row


def _cells(since: datetime, until: datetime) -> Sequence[list[Cell]]:
    """Return the calls of the early, the middle and the late part of the time, counted by what the model looks at."""
    parts: list[list[Cell]] = [[], [], []]
    with connection.cursor() as cursor:
        cursor.execute(AREAS, {"since": since})
        areas = {area: place_of_area(area) for (area,) in cursor.fetchall()}
        values: dict[str, Any] = {
            "since": since,
            "until": until,
            "early": EARLY,
            "middle": MIDDLE,
            "office": settings.OFFICE_ZONE,
            "most": besttime.MOST_TRIES,
            "areas": list(areas),
            "states": [state for state, _ in areas.values()],
            "zones": [zone or None for _, zone in areas.values()],
        }
        cursor.execute(CELLS, values)
        for part, hour, weekday, state, line, tries, calls, answers in cursor.fetchall():
            levels = (str(hour), str(weekday), state, line, str(tries))
            parts[part].append(Cell(levels, calls, answers))
    return parts
