"""A replay's part for one process: reads a stretch of verdicts with a connection of its own, and decides them again."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from compliance.replay.deciding import Replayer, SetLimit, Tally
from compliance.rules.pack import RuleBook
from compliance.rules.policy import HouseLimit

# Of a verdict that allowed no rule's answer is asked for, and to unpack and send them all takes a third of the reading.
SELECT = """
    SELECT id, outcome, code, rules_hash, facts, CASE WHEN outcome = 'deny' THEN verdicts ELSE '' END, decided_at
    FROM compliance_compliancedecision
    WHERE id >= %s AND id < %s AND decided_at >= %s AND decided_at < %s AND (%s = '' OR campaign_ref = %s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What every process of a replay is told: rules, and which verdicts: those decided in [start, end).

    `house` is of the what-if, `limits` are all that were ever set, in that order.
    """

    book: RuleBook
    house: tuple[HouseLimit, ...]
    limits: tuple[SetLimit, ...]
    start: datetime
    end: datetime
    campaign_ref: str
    in_full: bool


class Worker:
    """Decides stretches again; made once in each process."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.replayer = Replayer(job.book, job.house, limits=job.limits, in_full=job.in_full)

    def stretch(self, cursor: Any, first: int, end: int) -> Tally:
        """Decide the verdicts with ids in [first, end) again."""
        job = self.job
        cursor.execute(SELECT, [first, end, job.start, job.end, job.campaign_ref, job.campaign_ref])
        return self.replayer.tally(cursor.fetchall())


_process: dict[str, Any] = {}


def begin(job: Job, conninfo: Mapping[str, Any]) -> None:
    """Make this process's worker and connection.

    The facts of a verdict hold no cycles, so reference counts free them; the collector would only walk them again and again.
    """
    gc.disable()
    _process["worker"] = Worker(job)
    _process["connection"] = psycopg.connect(**conninfo, autocommit=True)


def stretch(bounds: tuple[int, int]) -> Tally:
    """Decide one stretch in this process."""
    with _process["connection"].cursor() as cursor:
        found: Tally = _process["worker"].stretch(cursor, *bounds)
    return found
