"""Writes verdicts: the only place that inserts into the decision table. A batch is one link sequence in one lane of its day."""

from collections.abc import Callable, Iterable, Sequence
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
Insert = Callable[[str, Sequence[str], Iterable[Sequence[Any]]], None]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A lane taken: how many verdicts it has and how it ends, and ids for those to come."""

    id: int
    count: int
    last_hash: bytes
    ids: Sequence[int]


def write_decisions(rows: Sequence[NewDecision]) -> list[int]:
    """Store the verdicts in the open transaction and return their ids, in order. Hidden SQL: four statements a day touched.

    The lane stays locked until the transaction ends; others take another one. Ids are drawn with the lane in hand, so they
    ascend in every lane.
    """
    db.require_atomic()
    ids: list[int] = []
    for _, of_day in groupby(rows, key=lambda row: _day(row.decided_at)):
        found = list(of_day)
        with db.pipeline():
            take = ask_for_lane(found[0].decided_at, len(found))
        lane = take()
        with db.inserting(len(found)) as insert:
            write_in_lane(lane, found, insert)
        ids += lane.ids
    return ids


def ask_for_lane(at: datetime, rows: int) -> Callable[[], Lane]:
    """Ask for a free lane of the UTC day of `at`, and for ids of so many verdicts; what is returned takes them. For a pipeline.

    The server draws the ids after the lane was taken. A new lane is nobody else's, so that its ids may be drawn before it.
    """
    day = _day(at)
    lanes, numbers = connection.cursor(), connection.cursor()
    lanes.execute(FREE_LANE, [day])
    numbers.execute(NEXT_IDS, [rows])

    def lane() -> Lane:
        with lanes, numbers:
            free, ids = lanes.fetchone(), [int(row[0]) for row in numbers.fetchall()]
            if free is not None:
                return Lane(id=int(free[0]), count=int(free[1]), last_hash=bytes(free[2]), ids=ids)
            lanes.execute(NEW_LANE, [day])
            new = int(lanes.fetchone()[0])
        return Lane(id=new, count=0, last_hash=chain.genesis(day, new), ids=ids)

    return lane


def write_in_lane(lane: Lane, rows: Sequence[NewDecision], insert: Insert) -> None:
    """Store the verdicts, all of the lane's day, under the lane's ids, by what db.inserting yields."""
    count, last_hash = lane.count, lane.last_hash
    linked = []
    for row_id, row in zip(lane.ids, rows, strict=True):
        count += 1
        values = (row_id, *_values(row), lane.id, count, last_hash)
        last_hash = chain.row_digest(values)
        linked.append((*values, last_hash))
    insert("compliance_compliancedecision", COLUMNS, linked)
    with connection.cursor() as cursor:
        cursor.execute(MOVE_LANE, [count, last_hash, lane.id])


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


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
