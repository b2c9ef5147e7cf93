"""Writes verdicts: the only place that inserts into the decision table. A batch is one link sequence in one lane of its day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from django.db import connection

from compliance.store import chain
from core import db

COLUMNS = (*chain.COLUMNS, "row_hash")
# A lane another transaction holds is skipped, never waited for; a sealed one takes no more.
FREE_LANE = """
    SELECT id, count, last_hash FROM compliance_chainlane
    WHERE day = %s AND seal_id IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
NEW_LANE = "INSERT INTO compliance_chainlane (day, count, last_hash) VALUES (%s, 0, '') RETURNING id"
NEXT_IDS = "SELECT nextval('compliance_decision_id') FROM generate_series(1, %s)"
MOVE_LANE = "UPDATE compliance_chainlane SET count = %s, last_hash = %s WHERE id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """A verdict to be stored. `verdicts` and `facts` are JSON text; `decided_at` is aware."""

    attempt_ref: str
    number: str
    person_ref: str
    channel: str
    purpose: str
    seller: str
    campaign_ref: str
    outcome: str
    code: str
    sentence: str
    verdicts: str
    facts: str
    rules_version: str
    rules_hash: str
    next_allowed_at: datetime | None
    decided_at: datetime


def write_decisions(rows: Sequence[NewDecision]) -> list[int]:
    """Store the verdicts in the open transaction and return their ids, in order. Hidden SQL: four statements a day touched.

    The lane stays locked until the transaction ends; others take another one. Ids are drawn with the lane in hand, so they
    ascend in every lane.
    """
    db.require_atomic()
    ids: list[int] = []
    for day, of_day in groupby(rows, key=lambda row: row.decided_at.astimezone(UTC).date()):
        ids += _write_day(day, list(of_day))
    return ids


def _write_day(day: date, rows: Sequence[NewDecision]) -> list[int]:
    (lane, count, last_hash), ids = _take_lane(day, len(rows))
    linked = []
    for row_id, row in zip(ids, rows, strict=True):
        count += 1
        values = (row_id, *_values(row), lane, count, last_hash)
        last_hash = chain.row_digest(values)
        linked.append((*values, last_hash))
    db.copy_rows("compliance_compliancedecision", COLUMNS, linked)
    with connection.cursor() as cursor:
        cursor.execute(MOVE_LANE, [count, last_hash, lane])
    return ids


def _take_lane(day: date, rows: int) -> tuple[tuple[int, int, bytes], list[int]]:
    """A free lane, how many it has and how it ends; and the rows' ids.

    Both are asked for in one round trip; the server draws the ids after the lane was taken. A new lane is nobody else's, so that
    its ids may be drawn before it.
    """
    with connection.cursor() as lanes, connection.cursor() as numbers:
        with db.pipeline():
            lanes.execute(FREE_LANE, [day])
            numbers.execute(NEXT_IDS, [rows])
        free, ids = lanes.fetchone(), [int(row[0]) for row in numbers.fetchall()]
        if free is not None:
            return (int(free[0]), int(free[1]), bytes(free[2])), ids
        lanes.execute(NEW_LANE, [day])
        lane = int(lanes.fetchone()[0])
    return (lane, 0, chain.genesis(day, lane)), ids


def _values(row: NewDecision) -> tuple[Any, ...]:
    """The columns between id and lane."""
    return (
        row.attempt_ref,
        row.number,
        row.person_ref,
        row.channel,
        row.purpose,
        row.seller,
        row.campaign_ref,
        row.outcome,
        row.code,
        row.sentence,
        row.verdicts,
        row.facts,
        row.rules_version,
        row.rules_hash,
        row.next_allowed_at.astimezone(UTC) if row.next_allowed_at else None,
        row.decided_at.astimezone(UTC),
    )
