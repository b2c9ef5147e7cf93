"""Verifies a day's verdicts against their hash chains, lanes and seals: finds what was changed, moved, added or removed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
from django.db import connection

from compliance.models import ChainLane, DaySeal, DroppedMonth
from compliance.store import chain
from core import db

BATCH, CHUNK = 50_000, 200  # rows a query, and rows the driver hands over at a time
SELECT = f"SELECT {', '.join(chain.COLUMNS)}, row_hash FROM compliance_compliancedecision"  # noqa: S608 - our own columns
ID, OUTCOME, LANE, POSITION, PREV_HASH = (
    chain.COLUMNS.index(name) for name in ("id", "outcome", "lane", "position", "prev_hash")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCheck:
    """What the verification of one day found; no findings = intact."""

    day: date
    allowed: int
    denied: int
    findings: tuple[str, ...]

    @property
    def verdicts(self) -> int:
        """Return how many verdicts were read."""
        return self.allowed + self.denied


@dataclass(slots=True)
class _Lane:
    """A lane as it is being walked. `count` is where it stood when we began: what came later is not ours to judge."""

    count: int
    last_hash: bytes
    running: bytes
    position: int = 0
    is_broken: bool = False


@dataclass(slots=True)
class _Walk:
    """One pass over a day."""

    lanes: dict[int, _Lane]
    newest: dict[int, int] = field(default_factory=dict)  # highest position seen in each lane
    outcomes: dict[str, int] = field(default_factory=dict)


def verify_day(day: date) -> DayCheck:
    """Return what is wrong with the UTC day's verdicts; of a month that was dropped nothing is left to be wrong.

    May run while the gate writes. Hidden SQL: a query for every 50,000 rows.
    """
    if DroppedMonth.objects.filter(month=day.replace(day=1)).exists():
        return DayCheck(day=day, allowed=0, denied=0, findings=())
    walk = _Walk(lanes=_lanes(day))
    _follow(walk, _rows(day))
    findings = [
        f"lane {number}: {problem}"
        for number, lane in sorted(walk.lanes.items())
        if lane.is_broken or lane.position != lane.count or (lane.count and lane.running != lane.last_hash)
        for problem in _look_closer(day, number, lane)
    ]
    findings += _beyond_the_lanes(day, walk)
    findings += _against_seals(day, walk)
    return DayCheck(
        day=day,
        allowed=walk.outcomes.get("allow", 0),
        denied=sum(count for outcome, count in walk.outcomes.items() if outcome != "allow"),
        findings=tuple(findings),
    )


def verify_seals() -> tuple[str, ...]:
    """Return what is wrong with the chain of day seals itself. Hidden SQL: one query."""
    found: list[str] = []
    previous = b""
    for seal in DaySeal.objects.order_by("id").iterator():
        if bytes(seal.prev_hash) != previous:
            found.append(
                f"the seal of {seal.day} does not follow the one before it: a seal was removed or replaced"
            )
        if seal_hash(seal) != bytes(seal.seal_hash):
            found.append(f"the seal of {seal.day} was changed")
        previous = bytes(seal.seal_hash)
    return tuple(found)


def seal_hash(seal: DaySeal) -> bytes:
    """Return the hash that the seal's contents give."""
    return chain.digest(
        [
            seal.day,
            seal.sealed_at.astimezone(UTC),
            seal.allowed,
            seal.denied,
            seal.problems,
            seal.lanes,
            bytes(seal.prev_hash),
        ]
    )


def bounds(day: date) -> tuple[datetime, datetime]:
    """Return the instants [from, to) of the UTC day."""
    start = datetime.combine(day, time(0), UTC)
    return start, start + timedelta(days=1)


def _lanes(day: date) -> dict[int, _Lane]:
    return {
        lane.pk: _Lane(count=lane.count, last_hash=bytes(lane.last_hash), running=chain.genesis(day, lane.pk))
        for lane in ChainLane.objects.filter(day=day).order_by("id")
    }


def _rows(day: date) -> Iterator[tuple[Any, ...]]:
    """The day's rows in order of id, which is the order in each lane; the server reads on while those before are checked."""
    where = "decided_at >= %s AND decided_at < %s"
    with db.driver_cursor() as cursor:
        cursor.execute(
            f"SELECT min(id), max(id) FROM compliance_compliancedecision WHERE {where}",  # noqa: S608
            bounds(day),
        )
        first, last = cursor.fetchone() or (None, None)
        after = (first or 0) - 1
        while last is not None and after < last:
            # The limit keeps the planner from sorting the day.
            query = f"{SELECT} WHERE {where} AND id > %s AND id <= %s ORDER BY id LIMIT {BATCH}"
            before = after
            for row in cursor.stream(query, [*bounds(day), after, last], binary=True, size=CHUNK):
                yield row
                after = row[ID]
            if after == before:
                return


def _follow(walk: _Walk, rows: Iterable[tuple[Any, ...]]) -> None:
    lanes, newest, outcomes = walk.lanes, walk.newest, walk.outcomes
    for row in rows:
        number, position, row_hash = row[LANE], row[POSITION], row[-1]
        if position > newest.get(number, 0):
            newest[number] = position
        outcomes[row[OUTCOME]] = outcomes.get(row[OUTCOME], 0) + 1
        lane = lanes.get(number)
        if lane is None or position > lane.count:
            continue
        if (
            position != lane.position + 1
            or row[PREV_HASH] != lane.running
            or chain.row_digest(row[:-1]) != row_hash
        ):
            lane.is_broken = True
        lane.position, lane.running = position, row_hash


def _look_closer(day: date, number: int, lane: _Lane) -> list[str]:
    """Say in words what is wrong with one lane: its rows are read again, by themselves."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{SELECT} WHERE decided_at >= %s AND decided_at < %s AND lane = %s AND position <= %s",
            [*bounds(day), number, lane.count],
        )
        links = [
            chain.Link(row[ID], row[POSITION], row[PREV_HASH], row[-1], chain.row_digest(row[:-1]) == row[-1])
            for row in cursor.fetchall()
        ]
    return chain.broken_links(
        links, count=lane.count, last_hash=lane.last_hash, start=chain.genesis(day, number)
    )


def _beyond_the_lanes(day: date, walk: _Walk) -> list[str]:
    """Rows that no lane accounts for: neither those of the beginning, nor those of now."""
    now = dict(ChainLane.objects.filter(day=day).values_list("id", "count"))
    found = []
    for number, position in sorted(walk.newest.items()):
        if number not in now:
            found.append(f"lane {number}: its verdicts stand in no lane of {day}; the lane was removed")
        elif position > now[number]:
            found.append(f"lane {number}: positions {now[number] + 1} to {position} were added after its end")
    return found


def _against_seals(day: date, walk: _Walk) -> list[str]:
    seals = list(DaySeal.objects.filter(day=day).order_by("id"))
    if not seals:
        return []
    found = []
    sealed = {lane: (count, last) for seal in seals for lane, count, last in msgspec.json.decode(seal.lanes)}
    for number, (count, last) in sorted(sealed.items()):
        lane = walk.lanes.get(number)
        if lane is None or (lane.count, lane.last_hash.hex()) != (count, last):
            found.append(f"lane {number}: it is not what the seal of {day} says ({count} verdicts)")
    if sealed.keys() == walk.lanes.keys():
        said = (sum(seal.allowed for seal in seals), sum(seal.denied for seal in seals))
        have = (walk.outcomes.get("allow", 0), walk.outcomes.get("deny", 0))
        if said != have:
            found.append(
                f"the seals of {day} count {said[0]} allowed and {said[1]} denied; {have[0]} and {have[1]} stand"
            )
    return found
