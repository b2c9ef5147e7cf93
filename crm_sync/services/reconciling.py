"""Both sides counted: the calls we were told are in the CRM against those that stand there. Missing ones are sent again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import structlog
from django.db.models import QuerySet

from core import audit, db
from core.errors import AppError, NotFound
from core.jobs import enqueue_on_commit
from crm_sync import jobs, registry
from crm_sync.models import CrmConnection, Reconciliation, SyncQueueItem
from crm_sync.protocol import CrmConnector, SyncError
from crm_sync.registry import Connect
from crm_sync.services import api_use, tokens

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
State = SyncQueueItem.State
NIGHTLY_DAYS = 3  # the last ones that are over
DAYS_AT_ONCE = 31
HEARD_WITHIN = timedelta(
    days=30
)  # a call's row is made within this of its day, however long the relay was away
EXAMPLES = 20
SENT_AGAIN = "It was not in the CRM any more when both sides were compared; it is sent again."


@dataclass
class Found:
    """What the comparison of a day found."""

    ours: int
    theirs: int
    open: int
    missing: list[int] = field(default_factory=list)  # items
    deleted: int = 0
    extra: int = 0
    examples: list[str] = field(default_factory=list)


def ask_for(*, connection_id: int, by_name: str, now: datetime) -> None:
    """Have the last days compared by a worker. Raises NotFound, and AppError while the CRM is disconnected."""
    connection = CrmConnection.objects.filter(id=connection_id).first()
    if connection is None:
        raise NotFound("This CRM connection does not exist.")
    if connection.state == CrmConnection.State.DISCONNECTED:
        raise AppError("This CRM is disconnected; connect it again first.")
    with db.use_case():
        audit.record(
            actor=by_name,
            verb="crm_sync.reconciliation.asked",
            target=f"crm_connection:{connection_id}",
            now=now,
        )
        enqueue_on_commit(jobs.RECONCILE, connection_id=connection_id)


def reconcile_all(*, clock: Clock, connect: Connect = registry.connect) -> int:
    """Compare the last days of every connection; return how many calls are sent again."""
    connected = CrmConnection.objects.exclude(state=CrmConnection.State.DISCONNECTED).order_by("id")
    return sum(
        reconcile(connection_id=each, clock=clock, connect=connect)
        for each in connected.values_list("id", flat=True)
    )


def reconcile(
    *, connection_id: int, clock: Clock, connect: Connect = registry.connect, days: int = NIGHTLY_DAYS
) -> int:
    """Compare the last `days` days, today among them, by id; return how many calls are sent again.

    A day the CRM could not be asked about is kept with the reason, and looked at again the next night.
    """
    connection = CrmConnection.objects.filter(id=connection_id).first()
    if connection is None or connection.state == CrmConnection.State.DISCONNECTED:
        return 0
    today = clock().date()
    again = 0
    for back in range(min(days, DAYS_AT_ONCE)):
        again += _reconcile_day(connection, today - timedelta(days=back), clock, connect)
    return again


def _reconcile_day(connection: CrmConnection, day: date, clock: Clock, connect: Connect) -> int:
    connector: CrmConnector | None = None
    try:
        connector = tokens.opened(connection, clock=clock, connect=connect)
        found = _compare(connection, connector, day, clock())
    except (SyncError, AppError) as error:
        log.warning("crm_sync.reconciliation.failed", connection_id=connection.id, why=str(error)[:200])
        with db.use_case():
            _store(connection, day, clock(), {"error": str(error)})
            _note(connection, connector, clock())
        return 0
    now = clock()
    with db.use_case():
        again = SyncQueueItem.objects.filter(id__in=found.missing, state=State.DONE).update(
            state=State.WAITING, attempts=0, due_at=now, reason=SENT_AGAIN
        )
        _store(
            connection,
            day,
            now,
            {
                "ours": found.ours,
                "theirs": found.theirs,
                "open": found.open,
                "sent_again": again,
                "deleted": found.deleted,
                "extra": found.extra,
                "examples": found.examples[:EXAMPLES],
                "error": "",
            },
        )
        _note(connection, connector, now)
        if again:
            audit.record(
                actor="reconciliation",
                verb="crm_sync.items.sent_again",
                target=f"crm_connection:{connection.id}",
                now=now,
                after={"day": day.isoformat(), "count": again},
            )
            enqueue_on_commit(jobs.PUSH_DUE)
    return again


def _compare(connection: CrmConnection, connector: CrmConnector, day: date, now: datetime) -> Found:
    """Read the CRM's side first: what is confirmed to us meanwhile is then not taken for missing."""
    prefix = f"parley-{connection.install_key}-"
    there = {ref for page in connector.logged(day) for ref in page if ref.startswith(prefix)}
    items = list(
        _calls_of(connection, day).values_list("id", "external_call_id", "state", "crm_id", "sent_at")
    )
    done = [item for item in items if item[2] == State.DONE]
    found = Found(ours=len(done), theirs=len(there), open=len(items) - len(done))
    # A search's index lags behind the records by seconds: what was sent just now may not be in it yet.
    settled = now - timedelta(minutes=5)
    missing = [item for item in done if item[1] not in there and item[4] and item[4] < settled]
    binned = connector.deleted_by_people([item[3] for item in missing]) if missing else set()
    for item_id, ref, _, crm_id, _ in missing:
        if crm_id in binned:
            found.deleted += 1
            found.examples.append(f"{ref}: somebody deleted it in the CRM, so it stays deleted.")
        else:
            found.missing.append(item_id)
            found.examples.append(f"{ref}: was not in the CRM any more, and is sent again.")
    states = {ref: state for _, ref, state, _, _ in items}
    for ref in sorted(there):
        if states.get(ref) != State.DONE:
            found.extra += 1
            found.examples.append(f"{ref}: {_why_extra(states.get(ref))}")
    return found


def _why_extra(state: str | None) -> str:
    if state is None:
        return "stands in the CRM under that day, and not here: its date was changed there, or it is older than a restored backup."
    if state in (State.WAITING, State.IN_FLIGHT):
        return "stands in the CRM, and a newer version of it is on its way."
    return "stands in the CRM in an earlier version; the newer one waits for a person."


def _calls_of(connection: CrmConnection, day: date) -> "QuerySet[SyncQueueItem]":
    """Return the calls of a day as the CRM dates them."""
    begin = datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00") - timedelta(days=2)
    calls = SyncQueueItem.objects.filter(
        connection=connection,
        kind=SyncQueueItem.Kind.CALL,
        created_at__gte=begin,
        created_at__lt=begin + HEARD_WITHIN,
    )
    if connection.kind == CrmConnection.Kind.SALESFORCE:
        return calls.filter(payload__local_date=day.isoformat())
    return calls.filter(
        payload__started_at__startswith=day.isoformat()
    )  # written in UTC, see mapping.activity_from


def _store(connection: CrmConnection, day: date, now: datetime, values: dict[str, object]) -> None:
    Reconciliation.objects.update_or_create(
        connection=connection, day=day, kind=Reconciliation.Kind.CALL, defaults={"ran_at": now, **values}
    )


def _note(connection: CrmConnection, connector: CrmConnector | None, now: datetime) -> None:
    if connector is not None:
        usage = connector.usage()
        api_use.note(connection.id, usage, requests=usage.requests, activities=0, now=now)
