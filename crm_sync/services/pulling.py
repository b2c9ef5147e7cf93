"""Importing a CRM's list: all of it is read and staged first, and only then applied by campaigns.

Reading is a row's duty, done in slices: each page is staged in one transaction with the place to go on from, so a worker killed
anywhere repeats a page at most and neither loses nor doubles anybody. What the CRM cannot give now is asked for again later.
"""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from django.db.models import F, Q, QuerySet

from campaigns.services import imports
from core import audit, db
from core.errors import AppError, NotFound, Stale
from core.jobs import enqueue_on_commit
from crm_sync import hubspot_filters, jobs, refs, registry
from crm_sync.byfile import records
from crm_sync.models import CrmConnection, CrmQuery, ListPull, LiveList, LiveMember
from crm_sync.protocol import CrmConnector, CrmList, Fingerprinted, PeoplePage, SyncError
from crm_sync.registry import Connect
from crm_sync.services import api_use, members, tokens
from crm_sync.services.mapped_in import Incoming

log = structlog.get_logger(__name__)

State = ListPull.State
Clock = Callable[[], datetime]
OPEN = (State.WAITING, State.READING)
HINT_LOST_AFTER = timedelta(seconds=15)
DIED_AFTER = timedelta(seconds=90)  # one page takes a request, and a request is given up after its time-out
SLICE = timedelta(seconds=50)  # then another task goes on: nobody else waits longer for the worker
LONGEST_PAUSE = timedelta(minutes=5)
GIVE_UP_AFTER = 300  # failures in a row: a day of them
TRY_AGAIN = timedelta(minutes=5)  # a followed list whose first reading failed
LIST_KINDS = {
    "campaign": "Campaign",
    "lead_list_view": "Lead view",
    "contact_list_view": "Contact view",
    "report": "Report",
    "list": "List",
    "soql": "Query",
    "search": "Search",
}
QUERIES = ("soql", "search")


class _LostError(Exception):
    """Another worker has taken the reading up."""


class _StoppedError(Exception):
    """A person asked for the reading to end."""


def list_crm_lists(*, connection_id: int, clock: Clock, connect: Connect = registry.connect) -> list[CrmList]:
    """Ask the CRM for its lists. Raises NotFound, SyncError, and AppError while it is disconnected."""
    connection = connected(connection_id)
    kept = CrmQuery.objects.filter(connection=connection).order_by("name", "id")
    ours = [CrmList(row.kind, str(row.id), row.name, None, detail=_asks(row), query=row.text) for row in kept]
    return [*ours, *tokens.opened(connection, clock=clock, connect=connect).lists()]


def start_list_import(
    *,
    connection_id: int,
    list_kind: str,
    list_id: str,
    crm_list_name: str,
    list_name: str,
    by_id: int | None,
    by_name: str,
    now: datetime,
    live_list_id: int | None = None,
) -> int:
    """Open the import of a CRM's list into the Parley list `list_name` and return the import's id; reading
    follows.

    Raises NotFound, AppError while the CRM is disconnected, and what campaigns refuses (no usable list name).
    """
    connection = check_list(connection_id, list_kind, list_id)
    label = f"{LIST_KINDS[list_kind]} “{crm_list_name or list_id}” in {connection.name}"
    import_id = imports.start_import(
        list_name=list_name,
        source=connection.kind,
        source_label=label[:200],
        source_ref=f"{refs.prefix(connection.kind, connection.id)}{list_kind}:{list_id}",
        by_id=by_id,
        by_name=by_name,
        now=now,
    )
    with db.use_case():
        ListPull.objects.create(
            connection=connection,
            import_id=import_id,
            list_kind=list_kind,
            list_id=list_id,
            live_list_id=live_list_id,
            created_at=now,
            progressed_at=now,
        )
        enqueue_on_commit(jobs.IMPORT_LIST, import_id=import_id)
    return import_id


def start_first_reading(live: LiveList, *, now: datetime) -> int:
    """Have all people of a followed list read that has no members yet; return the import's id."""
    return start_list_import(
        connection_id=live.connection_id,
        list_kind=live.list_kind,
        list_id=live.list_id,
        crm_list_name=live.list_name,
        list_name=live.lead_list_name,
        by_id=None,
        by_name=live.connection.name,
        now=now,
        live_list_id=live.id,
    )


def _asks(query: CrmQuery) -> str:
    """Return what a kept query asks, in words where it was entered in fields."""
    said = query.get_kind_display()
    return f"{said}: {hubspot_filters.in_words(query.text)}" if query.kind == CrmQuery.Kind.SEARCH else said


def check_list(connection_id: int, list_kind: str, list_id: str) -> CrmConnection:
    """Return the connection of what may be a list of it; raises NotFound, and AppError while it is disconnected or for anything else."""
    connection = connected(connection_id)
    if list_kind not in LIST_KINDS or not _may_be_id(connection, list_id):
        raise AppError("This is not a list of the CRM; choose one from its page.")
    if list_kind in QUERIES:
        crm_list_of(connection_id, list_kind, list_id)
    return connection


def crm_list_of(connection_id: int, list_kind: str, list_id: str) -> CrmList:
    """Return the list as connectors are asked for it; raises AppError for a query that is not kept any more."""
    text = ""
    if list_kind in QUERIES:
        known = CrmQuery.objects.filter(connection_id=connection_id, kind=list_kind)
        query = known.filter(id=int(list_id)).first() if list_id.isdecimal() and len(list_id) < 19 else None
        if query is None:
            raise AppError("This query is not kept here any more; choose a list from the CRM's page.")
        text = query.text
    return CrmList(kind=list_kind, external_id=list_id, name="", size=None, query=text)


def stop_reading(*, import_id: int, by_name: str, now: datetime) -> None:
    """Have a reading end after the page under way; nothing of it is imported. Raises NotFound, and Stale once it has ended."""
    with db.use_case():
        pull = ListPull.objects.select_for_update().filter(import_id=import_id).first()
        if pull is None:
            raise NotFound("This import is not read from a CRM.")
        if pull.state not in OPEN:
            raise Stale("The list is read already; what is being imported is stopped on the import's page.")
        ListPull.objects.filter(id=pull.id).update(stop_asked_by=by_name, due_at=None)
        audit.record(actor=by_name, verb="crm_sync.reading.stop_asked", target=f"import:{import_id}", now=now)
        enqueue_on_commit(jobs.IMPORT_LIST, import_id=import_id)


def _may_be_id(connection: CrmConnection, list_id: str) -> bool:
    """Return whether it can be the id of a list: dashes stand in those of CRMs by mapping file alone."""
    is_plain = connection.kind == CrmConnection.Kind.BY_FILE or list_id.isalnum()
    return is_plain and records.ID.fullmatch(list_id) is not None


def import_list(*, import_id: int, clock: Clock, connect: Connect = registry.connect) -> None:
    """Read the import's list on from where it stands; when all of it is staged, have it applied.

    Does nothing if another worker reads it, or before it is due. A CRM that is down or busy is asked again later; one that refuses
    ends the import with the reason, and nothing of it is imported.
    """
    pull = _take(import_id, clock())
    if pull is None:
        return
    connector: CrmConnector | None = None
    try:
        if pull.stop_asked_by:
            raise _StoppedError(pull.stop_asked_by)
        connector = tokens.opened(connected(pull.connection_id), clock=clock, connect=connect)
        _read(pull, connector, clock)
    except _LostError:
        log.info("crm_sync.pull.taken_from_us", import_id=import_id)
    except _StoppedError as stopped:
        _end(pull, State.STOPPED, f"Stopped by {stopped}. Nothing was imported.", clock())
    except SyncError as error:
        if error.kind == "retryable" and pull.attempts < GIVE_UP_AFTER:
            _wait(pull, error, clock())
        else:
            _end(pull, State.FAILED, str(error), clock())
    except AppError as error:
        _end(pull, State.FAILED, str(error), clock())
    finally:
        if connector is not None:
            _note_use(pull, connector, clock())


def go_on(*, now: datetime) -> int:
    """Have the readings that are due go on, and those whose worker died or whose hint was lost; return how many."""
    died = ListPull.objects.filter(state=State.READING, progressed_at__lt=now - DIED_AFTER)
    with db.use_case():
        count = died.update(state=State.WAITING, due_at=now)
        due = ListPull.objects.filter(state=State.WAITING, due_at__lte=now) | ListPull.objects.filter(
            state=State.WAITING, due_at__isnull=True, progressed_at__lt=now - HINT_LOST_AFTER
        )
        import_ids = list(due.order_by("id").values_list("import_id", flat=True))
        for import_id in import_ids:
            enqueue_on_commit(jobs.IMPORT_LIST, import_id=import_id)
    if count:
        log.warning("crm_sync.pull.taken_up_again", count=count)
    return len(import_ids)


def _take(import_id: int, now: datetime) -> ListPull | None:
    """Return the reading, in our hands, or None if it is not to be read now."""
    with db.use_case():
        due = ListPull.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            Q(due_at__isnull=True) | Q(due_at__lte=now), import_id=import_id, state=State.WAITING
        )
        pull = due.first()
        if pull is None:
            return None
        pull.lease += 1
        pull.began_at = pull.began_at or now
        ListPull.objects.filter(id=pull.id).update(
            state=State.READING, lease=pull.lease, began_at=pull.began_at, progressed_at=now
        )
    return pull


def _read(pull: ListPull, connector: CrmConnector, clock: Clock) -> None:
    """Stage page after page until the list ends, the CRM has us wait, or the slice is over."""
    until = clock() + SLICE
    crm_list = crm_list_of(pull.connection_id, pull.list_kind, pull.list_id)
    mapped = Incoming(connected(pull.connection_id), connector, now=clock())
    for page in connector.read_people(crm_list, pull.cursor):
        now = clock()
        stamps = connector.stamps() if isinstance(connector, Fingerprinted) else {}
        _stage(pull, dataclasses.replace(page, people=mapped.fill(page.people)), stamps, now)
        if page.wait_seconds or now >= until:
            with db.use_case():
                due_at = now + timedelta(seconds=page.wait_seconds) if page.wait_seconds else None
                _mine(pull).update(state=State.WAITING, due_at=due_at)
                if due_at is None:
                    enqueue_on_commit(jobs.IMPORT_LIST, import_id=pull.import_id)
            return
    _finish(pull, clock())


def _stage(pull: ListPull, page: PeoplePage, stamps: Mapping[str, str], now: datetime) -> None:
    """Keep a page with the place after it, unless somebody stopped the reading or took it up."""
    with db.use_case():
        held = _mine(pull).select_for_update().first()
        if held is None:
            raise _LostError
        if held.stop_asked_by:
            raise _StoppedError(held.stop_asked_by)
        rows = [
            dataclasses.replace(person, row_number=number)
            for number, person in enumerate(page.people, start=pull.rows_read + 1)
        ]
        imports.stage_within(import_id=pull.import_id, rows=rows, now=now)
        if pull.live_list_id is not None:
            members.keep_read(
                pull.live_list_id, [row.external_ref.rpartition(":")[2] for row in rows], stamps
            )
        pull.rows_read += len(rows)
        pull.left_out += page.left_out
        pull.cursor, pull.attempts = page.cursor, 0
        pull.rows_total = pull.rows_total if page.total is None else page.total
        _mine(pull).update(
            cursor=pull.cursor,
            rows_read=pull.rows_read,
            left_out=pull.left_out,
            rows_total=pull.rows_total,
            attempts=0,
            last_error="",
            progressed_at=now,
        )


def _mine(pull: ListPull) -> QuerySet[ListPull]:
    return ListPull.objects.filter(id=pull.id, state=State.READING, lease=pull.lease)


def _finish(pull: ListPull, now: datetime) -> None:
    """Have what is staged applied. A worker killed in between does it twice, and the second time finds it done."""
    try:
        imports.begin_apply(import_id=pull.import_id, now=now)
    except Stale:
        log.info("crm_sync.pull.was_finished", import_id=pull.import_id)
    with db.use_case():
        _mine(pull).update(state=State.DONE, progressed_at=now, last_error="")
        if pull.live_list_id is not None:
            LiveList.objects.filter(id=pull.live_list_id).update(
                joined=F("joined") + pull.rows_read, due_at=now, checked_at=now, last_error=""
            )
    log.info("crm_sync.pull.done", import_id=pull.import_id, rows=pull.rows_read, left_out=pull.left_out)


def _wait(pull: ListPull, error: SyncError, now: datetime) -> None:
    """Ask again later. The import is kept open: what is staged stays."""
    pause = timedelta(seconds=error.retry_after or 2 ** min(pull.attempts + 1, 9))
    due_at = now + min(pause, LONGEST_PAUSE)
    with db.use_case():
        kept = _mine(pull).update(
            state=State.WAITING, due_at=due_at, attempts=F("attempts") + 1, last_error=str(error)
        )
        if kept:
            imports.stage_within(import_id=pull.import_id, rows=[], now=now)
    log.warning("crm_sync.pull.waits", import_id=pull.import_id, why=str(error)[:200])


def _end(pull: ListPull, state: str, why: str, now: datetime) -> None:
    """End the reading and the import with the reason, unless another worker has it, or it is being applied already."""
    with db.use_case():
        if not _mine(pull).update(state=state, last_error=why, progressed_at=now):
            return
        if pull.live_list_id is not None:
            LiveMember.objects.filter(live_list_id=pull.live_list_id).delete()
            lists = LiveList.objects.filter(id=pull.live_list_id)
            lists.update(last_error=why, due_at=now + TRY_AGAIN, is_on=state != State.STOPPED)
    try:
        imports.fail_import(import_id=pull.import_id, failure=why, now=now)
    except (NotFound, Stale) as ended:
        log.warning("crm_sync.pull.import_ended", import_id=pull.import_id, why=str(ended))
    log.warning("crm_sync.pull.ended", import_id=pull.import_id, state=str(state), why=why[:200])


def _note_use(pull: ListPull, connector: CrmConnector, now: datetime) -> None:
    usage = connector.usage()
    with db.use_case():
        api_use.note(pull.connection_id, usage, requests=usage.requests, activities=0, now=now)


def connected(connection_id: int) -> CrmConnection:
    """Return a connection that has a secret; raises NotFound, and AppError while it is disconnected."""
    connection = CrmConnection.objects.filter(id=connection_id).first()
    if connection is None:
        raise NotFound("This CRM connection does not exist.")
    if connection.state == CrmConnection.State.DISCONNECTED:
        raise AppError(f"{connection.name} is disconnected; connect it again first.")
    return connection
