"""Sending waiting calls and do-not-call flags: claim (transaction), write to the CRM (none), record (transaction).

A worker killed between any two steps leaves items in flight; free_stuck gives them back, and because every
write is an upsert by our call id, sending them again changes nothing but a revision.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core import crypto, db
from crm_sync import refs, registry
from crm_sync.models import CrmConnection, SyncQueueItem
from crm_sync.protocol import CallActivity, CrmConnector, DoNotCall, SyncError
from crm_sync.registry import Connect

log = structlog.get_logger(__name__)

State = SyncQueueItem.State
Clock = Callable[[], datetime]
Result = str | SyncError

BATCH = 100  # the smaller of the two CRMs' batches
ALONE_AFTER = (
    3  # pushes failed in a row, after which items go one by one: one of them may be what the CRM fails on
)
RUN_FOR = timedelta(seconds=30)  # no new batch after this; the next hint or sweep goes on
MAX_WAIT = timedelta(minutes=5)
PROBE_AFTER = timedelta(minutes=5)  # a failing connection is tried again: an administrator may have mended it


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
    while now < until:
        claimed = _claim(connection.id, 1 if failures >= ALONE_AFTER else BATCH, now)
        if not claimed:
            return confirmed
        try:
            results = _send(connection, claimed, connect)
        except Exception as error:  # noqa: BLE001 - a loop that must survive; see _pause
            _pause(connection.id, claimed, error, failures + 1, clock())
            return confirmed
        now = clock()
        confirmed += _record(connection.id, claimed, results, now)
        blocking = _blocking_error(results)
        if blocking is not None:
            _mark_failing(connection.id, blocking, now)
            return confirmed
        if failures or connection.state == CrmConnection.State.FAILING:
            _mark_working(connection.id)
            failures = 0
    return confirmed


def _due(connection_id: OuterRef | int, now: datetime) -> QuerySet[SyncQueueItem]:
    """Return items that may be sent.

    Due, and the person's first of its kind that is not sent yet, so that their order is kept.
    """
    earlier = SyncQueueItem.objects.filter(
        connection_id=OuterRef("connection_id"),
        person_id=OuterRef("person_id"),
        kind=OuterRef("kind"),
        id__lt=OuterRef("id"),
        state__in=[State.WAITING, State.IN_FLIGHT],
    )
    waiting = SyncQueueItem.objects.filter(connection_id=connection_id, state=State.WAITING, due_at__lte=now)
    return waiting.filter(~Exists(earlier))


def _claim(connection_id: int, limit: int, now: datetime) -> Sequence[SyncQueueItem]:
    with db.use_case():
        # Flags before calls, and one kind at a time: each has a request of its own.
        chosen = (
            _due(connection_id, now).order_by("-kind", "attempts", "id").select_for_update(skip_locked=True)
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


def _send(connection: CrmConnection, items: Sequence[SyncQueueItem], connect: Connect) -> Sequence[Result]:
    connector = connect(
        connection.kind,
        secrets=crypto.unseal(connection.secrets),
        settings=connection.settings,
        ref_prefix=refs.prefix(connection.kind, connection.id),
    )
    if items[0].kind == SyncQueueItem.Kind.DO_NOT_CALL:
        results = _write_flags(connector, [DoNotCall(**item.payload) for item in items])
    else:
        results = connector.log_calls([CallActivity(**item.payload) for item in items])
    if len(results) != len(items):
        raise RuntimeError(f"{connection.kind} gave {len(results)} results for {len(items)} items")
    return results


def _write_flags(connector: CrmConnector, flags: Sequence[DoNotCall]) -> Sequence[Result]:
    """Write flags; what the CRM's set-up refuses is held for a person, flag by flag, and does not keep calls from being logged."""
    try:
        results = connector.set_do_not_call(flags)
    except SyncError as error:
        if error.kind != "config":
            raise
        results = [error] * len(flags)
    return [
        SyncError(str(result), kind="permanent")
        if isinstance(result, SyncError) and result.kind == "config"
        else result
        for result in results
    ]


def _record(
    connection_id: int, items: Sequence[SyncQueueItem], results: Sequence[Result], now: datetime
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
    log.info("crm_sync.push.recorded", connection_id=connection_id, sent=len(items), confirmed=confirmed)
    return confirmed


def _after(row: SyncQueueItem, sent_version: int, result: Result, now: datetime) -> dict[str, object]:
    """Return what the item becomes.

    Done, or waiting again (newer payload, busy CRM), or held for a person.
    """
    if isinstance(result, str):
        values = {"crm_id": result, "sent_version": sent_version, "acknowledged_at": now, "reason": ""}
        if row.payload_version == sent_version:
            return {**values, "state": State.DONE}
        return {**values, "state": State.WAITING, "attempts": 0, "due_at": now}
    reason = str(result)[:500]
    if result.kind != "permanent" or row.payload_version != sent_version:
        wait = timedelta(seconds=0) if _blocks(result) else backoff(row.attempts, result.retry_after)
        return {"state": State.WAITING, "due_at": now + wait, "reason": reason}
    return {"state": State.HELD, "reason": reason}


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
    connection_id: int, items: Sequence[SyncQueueItem], error: Exception, failures: int, now: datetime
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
