"""What became of calls, for the pacers: those of the past once, and from then on each once as it becomes known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import Max, QuerySet

from campaigns.models import Campaign
from core import kept, prepared
from dialer import answerflow
from dialer.agentflow import AgentNews
from dialer.callflow import CallNews, CallState, NetworkOutcome, Party
from dialer.models import AgentStateChange, Call, CallEvent
from dialer.selectors import HEARD_A_MACHINE

REMEMBERED = 1500  # calls of the past that a pacer begins with
OVERLAP = 200  # events before the newest that may belong to transactions still under way
LATE = timedelta(seconds=60)  # longer than any of ours lasts: a number missing until then was given back
AT_ONCE = 5000
# Two questions and not one with OR: each is a walk along the key, however large the table grows.
UNREAD = f"""
(SELECT id, {{0}} FROM {{1}} WHERE id = ANY(%s::bigint[]) ORDER BY id)
UNION ALL (SELECT id, {{0}} FROM {{1}} WHERE id > %s ORDER BY id LIMIT {AT_ONCE})"""  # noqa: S608 - names of our own tables
CALLS_MOVED = UNREAD.format("call_id, event, to_state, ignored", "dialer_callevent")
AGENTS_MOVED = UNREAD.format("session_id, event, at", "dialer_agentstatechange")
FAILURES = {
    NetworkOutcome.BUSY: "busy",
    NetworkOutcome.NO_ANSWER: "no_answer",
    NetworkOutcome.FAILED: "invalid",
}
COLUMNS = (
    "pk", "campaign_id", "outcome", "answered_by", "abandoned", "created_at", "answered_at", "bridged_at", "ended_at",
    "disposed_at", "attempt__placed_at", "attempt__reserved_by_id", "attempt__score", "campaign__machine_detection", "was_machine",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of one call: dialer.pacing.CallOutcome with the call it is about and the instant it became known."""

    campaign_id: int
    call_id: int
    kind: Literal["attempt", "abandoned", "handled"]
    at: datetime
    result: str = ""
    ring_seconds: float = 0.0
    wait_seconds: float = 0.0
    talk_seconds: float = 0.0
    wrap_seconds: float = 0.0
    party: str = ""
    score: float = 0.0  # the chance of an answer as it was dialed; 0: no model was used


def history(campaign_id: int, *, limit: int = REMEMBERED) -> list[Told]:
    """Return what became of a campaign's latest ended calls, in the order it became known. One query."""
    latest = Call.objects.filter(campaign_id=campaign_id, state=CallState.ENDED).order_by("-pk")
    found = [told for row in _rows(latest)[:limit] for told in _told(row)]
    return sorted(found, key=lambda told: (told.at, told.call_id))


class Cursor:
    """Reads the history of calls and agents from where it was read last, so that nothing is left out or told twice.

    Numbers are given when a row is written and seen when its transaction ends, so a higher one may be seen first: what is missing
    below the highest is asked for again, until no transaction can be that old.
    """

    def __init__(self) -> None:
        self._calls, self._agents = _Numbers(), _Numbers()

    def begin(self) -> None:
        """Begin a little before the newest: what is read twice the caller knows, what is missed nobody does. Two queries."""
        self._calls.begin(_newest(CallEvent.objects.all()))
        self._agents.begin(_newest(AgentStateChange.objects.all()))

    def read(self, campaign_ids: Sequence[int], *, now: datetime) -> list[Told]:
        """Return what became known of the campaigns' calls since the last time; at most four queries."""
        ended_or_met = [
            call_id
            for _, call_id, event, state, ignored in self._calls.unread(CALLS_MOVED, now)
            if not ignored and (event == CallNews.JOINED or state == CallState.ENDED)
        ]
        disposed = {
            (session_id, at)
            for _, session_id, event, at in self._agents.unread(AGENTS_MOVED, now)
            if event in (AgentNews.DISPOSED_READY, AgentNews.DISPOSED_NOT_READY)
        }
        ids, rows = list(campaign_ids), []
        if ended_or_met:
            rows += _by_id.rows(ended_or_met, ids)
        if disposed:
            sessions = [session_id for session_id, _ in disposed]
            since = min(at for _, at in disposed)
            rows += [row for row in _by_result.rows(sessions, since, ids) if _whose(row) in disposed]
        touched = {row[0]: dict(zip((*COLUMNS, "session_id"), row, strict=True)) for row in rows}
        found = [told for row in touched.values() for told in _told(row)]
        return sorted(found, key=lambda told: (told.at, told.call_id))


class _Numbers:
    """Which numbers of an ever growing table have been read."""

    def __init__(self) -> None:
        self._last = 0
        self._missing: dict[int, datetime] = {}

    def begin(self, newest: int) -> None:
        self._last, self._missing = max(0, newest - OVERLAP), {}

    def unread(self, statement: str, now: datetime) -> Sequence[tuple[Any, ...]]:
        """Return the rows not read yet; their first column is the number."""
        found = prepared.run(statement, [list(self._missing), self._last]).rows
        seen = {row[0] for row in found}
        highest = max(seen | {self._last})
        gaps = set(range(self._last + 1, highest)) - seen
        self._missing = {
            number: since
            for number, since in self._missing.items()
            if number not in seen and now - since < LATE
        } | dict.fromkeys(gaps, now)
        self._last = highest
        return found


def _newest(rows: QuerySet[Any]) -> int:
    return int(rows.aggregate(newest=Max("pk"))["newest"] or 0)


def _rows(calls: QuerySet[Call]) -> Any:
    return calls.annotate(was_machine=HEARD_A_MACHINE).values(*COLUMNS)


def _whose(row: tuple[Any, ...]) -> tuple[Any, Any]:
    """Return which agent gave the call's result, and when."""
    return row[-1], row[COLUMNS.index("disposed_at")]


_judged = (
    Call.objects.annotate(was_machine=HEARD_A_MACHINE).order_by("pk").values_list(*COLUMNS, "session_id")
)
_by_id = kept.Values(
    lambda calls, campaigns: _judged.filter(
        pk__in=kept.any_of(calls), campaign_id__in=kept.any_of(campaigns)
    ),
    values=2,
)
_by_result = kept.Values(
    lambda sessions, since, campaigns: _judged.filter(
        session_id__in=kept.any_of(sessions),
        disposed_at__gte=since,
        campaign_id__in=kept.any_of(campaigns),
    ),
    values=3,
)


def _told(row: dict[str, Any]) -> Iterator[Told]:
    """Give everything that is known of one call."""
    about: dict[str, Any] = {"campaign_id": row["campaign_id"], "call_id": row["pk"]}
    bridged, ended, answered = row["bridged_at"], row["ended_at"], row["answered_at"]
    result = _result(row)
    if result and row["attempt__reserved_by_id"] is None:
        rang_until = answered or ended
        yield Told(
            **about,
            kind="attempt",
            at=bridged or ended,
            result=result,
            ring_seconds=_seconds(row["attempt__placed_at"] or row["created_at"], rang_until),
            score=row["attempt__score"] or 0.0,
        )
    if ended and row["abandoned"] and answered:
        yield Told(**about, kind="abandoned", at=ended, wait_seconds=_seconds(answered, ended))
    if bridged and ended and row["disposed_at"]:
        yield Told(
            **about,
            kind="handled",
            at=row["disposed_at"],
            talk_seconds=_seconds(bridged, ended),
            wrap_seconds=_seconds(ended, row["disposed_at"]),
            party="machine" if row["was_machine"] else "human",
        )


def _result(row: dict[str, Any]) -> str:
    """Return how an attempt resolved; empty where it has not, or was no attempt on the person."""
    if not row["bridged_at"] and not row["ended_at"]:
        return ""
    if not row["bridged_at"] and row["outcome"] != NetworkOutcome.ANSWERED:
        return FAILURES.get(row["outcome"], "")
    if row["campaign__machine_detection"] == Campaign.MachineDetection.OFF:
        return "answered"
    is_machine = not row["bridged_at"] and Party(row["answered_by"] or Party.UNKNOWN) in answerflow.NOBODY
    return "machine" if is_machine else "human"


def _seconds(since: datetime, until: datetime) -> float:
    return max(0.0, (until - since).total_seconds())
