"""Sending what waits for the CRMs: claim (transaction), write to the CRM (none), record (transaction).

A worker killed between any two steps leaves items in flight; free_stuck gives them back, and because every
write is an upsert by our call id, sending them again changes nothing but a revision.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, SmallIntegerField, When

from core import crypto, db
from crm_sync import quota, registry
from crm_sync.models import CrmConnection, FieldDecision, SyncQueueItem
from crm_sync.protocol import CrmConnector, DoNotCall, SyncError
from crm_sync.registry import Connect
from crm_sync.selectors import quotas
from crm_sync.services import api_use, outgoing, tokens, writing

log = structlog.get_logger(__name__)

State = SyncQueueItem.State
Clock = Callable[[], datetime]

ALONE_AFTER = (
    3  # pushes failed in a row, after which items go one by one: one of them may be what the CRM fails on
)
FOLLOWED = 6  # attempts after which nobody is followed through merges any more
RUN_FOR = timedelta(seconds=30)  # no new batch after this; the next hint or sweep goes on
MAX_WAIT = timedelta(minutes=5)
PROBE_AFTER = timedelta(minutes=5)  # a failing connection is tried again: an administrator may have mended it


@dataclass(frozen=True, slots=True)
class Moved:
    """The person was merged or converted: the item goes to who they became."""

    person_id: str


Result = str | SyncError | Moved
Kind = SyncQueueItem.Kind
WAITS_FOR_NO_CALL = (Kind.CALL, Kind.DO_NOT_CALL, Kind.OPT_OUT)
URGENT_FIRST = Case(
    When(kind=Kind.DO_NOT_CALL, then=0),
    When(kind=Kind.OPT_OUT, then=1),
    When(kind=Kind.CALL, then=2),
    default=3,
    output_field=SmallIntegerField(),
)


def push_due(*, clock: Clock, connect: Connect = registry.connect) -> int:
    """Send what is due on every connection and return how many calls and flags the CRMs confirmed.

    `clock` is read before and after each request, because the lag shown to people is measured with it.
    """
    started = clock()
    ready = CrmConnection.objects.exclude(state=CrmConnection.State.DISCONNECTED).filter(
        Q(paused_until__isnull=True) | Q(paused_until__lte=started), Exists(_due(OuterRef("id"), started))
    )
    confirmed = 0
    for connection in ready.order_by("id"):
        confirmed += _push_connection(connection, clock, started + RUN_FOR, connect)
    return confirmed


def _push_connection(connection: CrmConnection, clock: Clock, until: datetime, connect: Connect) -> int:
    confirmed, failures, now = 0, connection.failures, clock()
    line = Line(connection, connect, clock)
    if _hold_back(connection, now):
        return confirmed
    while now < until:
        limit = 1 if failures >= ALONE_AFTER else registry.BATCHES[connection.kind]
        claimed = _claim(connection.id, limit, now)
        if not claimed:
            return confirmed
        try:
            results = line.send(claimed, now)
        except Exception as error:  # noqa: BLE001 - a loop that must survive; see _pause
            _pause(connection.id, claimed, error, failures + 1, line, clock())
            return confirmed
        now = clock()
        confirmed += _record(connection.id, claimed, results, line, now)
        blocking = _blocking_error(results)
        if blocking is not None:
            _mark_failing(connection.id, blocking, now)
            return confirmed
        if failures or connection.last_error:
            _mark_working(connection.id)
            failures, connection.last_error = 0, ""
        connection.refresh_from_db(fields=["api_used", "api_limit", "api_read_at"])
        if _hold_back(connection, now) or (len(claimed) < limit and _gather(connection, line, now)):
            return confirmed
    return confirmed


def _hold_back(connection: CrmConnection, now: datetime) -> bool:
    """Pause the connection if the day's limit is nearly used up, and say so; the rest of it is the other apps'."""
    known = quotas.quota_of(connection, now)
    until = quota.held_until(known, now) if known else None
    if known is None or until is None:
        return False
    said = (
        f"{known.used:,} of the {known.limit:,} API requests of the day are used; the rest is left to your other apps. "
        "Sending goes on in small steps, and in full once the CRM allows more."
    )
    with db.use_case():
        CrmConnection.objects.filter(id=connection.id).update(paused_until=until, last_error=said)
    log.warning("crm_sync.push.held_back", connection_id=connection.id, used=known.used, limit=known.limit)
    return True


def _gather(connection: CrmConnection, line: "Line", now: datetime) -> bool:
    """Wait for more to send together where the day's limit would not do otherwise."""
    known = quotas.quota_of(connection, now)
    wait = quota.gap(known, now, per_push=line.requests_a_push) if known else timedelta(0)
    if not wait:
        return False
    with db.use_case():
        CrmConnection.objects.filter(id=connection.id).update(paused_until=now + wait)
    return True


def _due(connection_id: OuterRef | int, now: datetime) -> QuerySet[SyncQueueItem]:
    """Return items that may be sent.

    Due, and the person's first of its kind that is not sent yet, so that their order is kept. What a call brought along, or came after
    it, also waits for the call: the CRM never shows a promise or a status without the call it is of. Only a no waits for nothing.
    """
    open_ones = SyncQueueItem.objects.filter(
        connection_id=OuterRef("connection_id"),
        person_id=OuterRef("person_id"),
        state__in=[State.WAITING, State.IN_FLIGHT],
    )
    earlier = open_ones.filter(kind=OuterRef("kind"), id__lt=OuterRef("id"))
    # By the last change, not by id: the call that keeps a promise is made after the promise, and told together with its keeping.
    its_call = open_ones.filter(kind=Kind.CALL, changed_at__lte=OuterRef("changed_at"))
    waiting = SyncQueueItem.objects.filter(connection_id=connection_id, state=State.WAITING, due_at__lte=now)
    return waiting.filter(~Exists(earlier), Q(kind__in=WAITS_FOR_NO_CALL) | ~Exists(its_call))


def _claim(connection_id: int, limit: int, now: datetime) -> Sequence[SyncQueueItem]:
    with db.use_case():
        # A no to being contacted before all else, and one kind at a time: each has requests of its own.
        chosen = (
            _due(connection_id, now)
            .order_by(URGENT_FIRST, "kind", "attempts", "id")
            .select_for_update(skip_locked=True)
        )
        items = list(chosen[:limit])
        items = [item for item in items if item.kind == items[0].kind]
        ids = [item.id for item in items]
        rows = SyncQueueItem.objects.filter(id__in=ids)
        rows.update(state=State.IN_FLIGHT, in_flight_since=now, sent_at=now, attempts=F("attempts") + 1)
        rows.filter(first_sent_at__isnull=True).update(first_sent_at=now)
    for item in items:
        item.in_flight_since = now
    return items


class Line:
    """One connection's connector for as long as a push lasts: made on first use, asked what it cost."""

    def __init__(self, connection: CrmConnection, connect: Connect, clock: Clock) -> None:
        self._connection, self._connect, self._clock = connection, connect, clock
        self._made: CrmConnector | None = None
        self._noted = 0  # requests that are kept already
        self._pushes = 0
        self._outgoing: outgoing.Outgoing | None = None
        self.decisions: Mapping[int, Sequence[FieldDecision]] = {}  # of the last items, by item

    def send(self, items: Sequence[SyncQueueItem], now: datetime) -> Sequence[Result]:
        """Write the items, all of one kind; return what became of each, in order."""
        connector = self._connector()
        self._outgoing = self._outgoing or outgoing.Outgoing(self._connection, connector)
        self._pushes += 1
        self.decisions = {}
        results: Sequence[str | SyncError]
        if items[0].kind == Kind.DO_NOT_CALL:
            results = writing.write_flags(connector, [DoNotCall(**outgoing.sent_of(item)) for item in items])
        elif items[0].kind == Kind.CALL:
            results = writing.log_calls(connector, self._outgoing.calls(items, now), self._connection.id)
        else:
            written = self._outgoing.write(items, now)
            results, self.decisions = written.results, written.decisions
        if len(results) != len(items):
            raise RuntimeError(f"{self._connection.kind} gave {len(results)} results for {len(items)} items")
        return _follow(connector, items, results)

    def note(self, activities: int, now: datetime) -> None:
        """Keep what was asked of the CRM since the last time; must run in the push's transaction."""
        if self._made is None:
            return
        usage = self._made.usage()
        api_use.note(
            self._connection.id,
            usage,
            requests=usage.requests - self._noted,
            activities=activities,
            now=now,
        )
        self._noted = usage.requests

    @property
    def requests_a_push(self) -> float:
        """Return how many requests a push took on average."""
        return self._noted / max(self._pushes, 1)

    def _connector(self) -> CrmConnector:
        if self._made is None:
            self._made = tokens.opened(self._connection, clock=self._clock, connect=self._connect)
        return self._made


def _follow(
    connector: CrmConnector, items: Sequence[SyncQueueItem], results: Sequence[str | SyncError]
) -> Sequence[Result]:
    """Replace refusals of people who are gone by who they became, where the CRM knows of a merge or conversion.

    Not without end: after some attempts such an item is held like any other.
    """
    gone = {
        item.person_id
        for item, result in zip(items, results, strict=True)
        if isinstance(result, SyncError) and result.kind == "gone" and item.attempts < FOLLOWED
    }
    if not gone:
        return results
    try:
        heirs = connector.successors(sorted(gone))
    except SyncError as error:  # asked again with the next attempt; what was written is written
        return [
            error if isinstance(result, SyncError) and result.kind == "gone" else result for result in results
        ]
    return [
        Moved(heirs[item.person_id])
        if isinstance(result, SyncError) and result.kind == "gone" and item.person_id in heirs
        else result
        for item, result in zip(items, results, strict=True)
    ]


def _record(
    connection_id: int,
    items: Sequence[SyncQueueItem],
    results: Sequence[Result],
    line: Line,
    now: datetime,
) -> int:
    """Store each result; items that another worker holds by now (this one was too slow) are left to it."""
    confirmed = 0
    with db.use_case():
        ids = [item.id for item in items]
        locked = SyncQueueItem.objects.select_for_update().filter(id__in=ids).order_by("id")
        rows = {row.id: row for row in locked}
        for item, result in zip(items, results, strict=True):
            row = rows[item.id]
            if row.state != State.IN_FLIGHT or row.in_flight_since != item.in_flight_since:
                continue
            values = _after(row, item.payload_version, result, now)
            SyncQueueItem.objects.filter(id=item.id).update(in_flight_since=None, **values)
            confirmed += isinstance(result, str)
            if isinstance(result, str):
                FieldDecision.objects.bulk_create(line.decisions.get(item.id, ()))
            if isinstance(result, Moved):
                _take_along(connection_id, item.person_id, result.person_id)
        line.note(confirmed, now)
    log.info("crm_sync.push.recorded", connection_id=connection_id, sent=len(items), confirmed=confirmed)
    return confirmed


def _take_along(connection_id: int, old: str, new: str) -> None:
    """Send what else waits for a merged person to who they became: their items stay in one order, and nothing is refused again."""
    waiting = SyncQueueItem.objects.select_for_update(skip_locked=True).filter(
        connection_id=connection_id, person_id=old, state=State.WAITING
    )
    for each in waiting.order_by("id"):
        edits = {**each.edits, "person_id": new}
        SyncQueueItem.objects.filter(id=each.id).update(person_id=new, edits=edits)


def _after(row: SyncQueueItem, sent_version: int, result: Result, now: datetime) -> dict[str, object]:
    """Return what the item becomes.

    Done, or waiting again (newer payload, busy CRM), or held for a person.
    """
    if isinstance(result, str):
        values = {"crm_id": result, "sent_version": sent_version, "acknowledged_at": now, "reason": ""}
        if row.payload_version == sent_version:
            return {**values, "state": State.DONE}
        return {**values, "state": State.WAITING, "attempts": 0, "due_at": now}
    if isinstance(result, Moved):
        edits = {**row.edits, "person_id": result.person_id}
        return {"state": State.WAITING, "due_at": now, "person_id": result.person_id, "edits": edits}
    reason = str(result)[:500]
    if result.kind not in ("permanent", "gone") or row.payload_version != sent_version:
        wait = timedelta(seconds=0) if _blocks(result) else backoff(row.attempts, result.retry_after)
        return {"state": State.WAITING, "due_at": now + wait, "reason": reason}
    return {"state": State.HELD, "reason": reason, "held_for_setup": result.code == outgoing.SETUP}


def backoff(attempts: int, retry_after: float | None) -> timedelta:
    """Return how long to wait after `attempts` failures.

    2, 4, 8 … seconds, five minutes at most, never less than asked.
    """
    doubled = min(timedelta(seconds=2 ** min(attempts, 10)), MAX_WAIT)
    return max(doubled, timedelta(seconds=retry_after or 0))


def _blocks(error: SyncError) -> bool:
    return error.kind in ("unauthorized", "config")


def _blocking_error(results: Sequence[Result]) -> SyncError | None:
    return next((item for item in results if isinstance(item, SyncError) and _blocks(item)), None)


def _pause(
    connection_id: int,
    items: Sequence[SyncQueueItem],
    error: Exception,
    failures: int,
    line: Line,
    now: datetime,
) -> None:
    """Give the batch back after a push that failed as a whole; nothing of it is lost.

    A refusal of the account marks the connection failing; everything else is tried again after a growing
    pause. An error we did not foresee must not stop the other connections: it is logged with its trace, and
    the pause keeps it from coming back at every sweep.
    """
    if isinstance(error, SyncError | crypto.SecretUnreadable):
        reason = str(error)
    else:
        reason = "Parley had a fault of its own while sending; it is in the log, and sending is tried again."
        log.exception("crm_sync.push.failed", connection_id=connection_id)
    refused = isinstance(error, crypto.SecretUnreadable) or (isinstance(error, SyncError) and _blocks(error))
    retry_after = error.retry_after if isinstance(error, SyncError) else None
    with db.use_case():
        mine = SyncQueueItem.objects.filter(
            id__in=[item.id for item in items],
            state=State.IN_FLIGHT,
            in_flight_since=items[0].in_flight_since,
        )
        mine.update(state=State.WAITING, in_flight_since=None, due_at=now, reason=reason[:500])
        line.note(0, now)
        if not refused:
            pause = backoff(failures, retry_after)
            CrmConnection.objects.filter(id=connection_id).update(
                failures=failures, paused_until=now + pause, last_error=reason
            )
            log.warning(
                "crm_sync.push.paused", connection_id=connection_id, failures=failures, why=reason[:200]
            )
    if refused:
        _mark_failing(connection_id, error, now)


def _mark_failing(connection_id: int, error: Exception, now: datetime) -> None:
    with db.use_case():
        still_connected = CrmConnection.objects.filter(id=connection_id).exclude(
            state=CrmConnection.State.DISCONNECTED
        )
        still_connected.update(
            state=CrmConnection.State.FAILING,
            last_error=str(error),
            failures=F("failures") + 1,
            paused_until=now + PROBE_AFTER,
        )
    log.warning("crm_sync.connection.failing", connection_id=connection_id, why=str(error)[:200])


def _mark_working(connection_id: int) -> None:
    with db.use_case():
        still_connected = CrmConnection.objects.filter(id=connection_id).exclude(
            state=CrmConnection.State.DISCONNECTED
        )
        still_connected.update(
            state=CrmConnection.State.CONNECTED, last_error="", failures=0, paused_until=None
        )
