"""Which numbers a look-up would tell something new of: nothing is asked again while its answer counts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from compliance.gathering.surroundings import policy_for


def needed(of: str) -> str:
    """Return a statement of every number that `of` (a statement with a column `number`) selects, with what it lacks.

    Columns: number; lacks_line; since, the day of the newest consent, from which on the Reassigned Numbers Database (of the United
    States, FED-030) would be asked, NULL without consent or outside its numbers; lacks_holder. Parameters: those of limits().
    """
    return f"""
SELECT asked.number,
       line.checked_at IS NULL OR line.checked_at < %(line_since)s OR line.checked_at > %(now)s
         OR coalesce(line.ported_at > line.checked_at, FALSE) AS lacks_line,
       consent.day AS since,
       consent.day IS NOT NULL AND NOT coalesce(
         answer.checked_at BETWEEN %(holder_since)s AND %(now)s AND answer.since <= consent.day, FALSE) AS lacks_holder
  FROM ({of}) AS asked
  LEFT JOIN compliance_linerecord AS line ON line.number = asked.number
  LEFT JOIN LATERAL (
    SELECT max(given_at)::date AS day FROM compliance_consentrecord
     WHERE number = asked.number AND asked.number LIKE '+1%%' AND given_at <= %(now)s) AS consent ON TRUE
  LEFT JOIN LATERAL (
    SELECT checked_at, since FROM compliance_reassignedcheck
     WHERE number = asked.number AND consent.day IS NOT NULL ORDER BY checked_at DESC, id DESC LIMIT 1) AS answer ON TRUE
"""  # noqa: S608 - statements of our own code


def limits(now: datetime) -> Mapping[str, Any]:
    """Return the parameters of needed(): how old an answer may be by the limits in force. Hidden SQL: one query."""
    policy = policy_for(now)
    return {
        "now": now,
        "line_since": now - timedelta(days=policy.line_type_max_age_days),
        "holder_since": now - timedelta(days=policy.reassigned_max_age_days),
    }
