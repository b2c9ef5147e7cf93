"""Importing a CRM's list: all pages are read and staged first.

Campaigns applies them only after the last one.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from campaigns.services import imports
from core import crypto, db
from core.errors import AppError, NotFound, Stale
from core.jobs import enqueue_on_commit
from crm_sync import jobs, refs, registry
from crm_sync.byfile import records
from crm_sync.models import CrmConnection, ListPull
from crm_sync.protocol import CrmConnector, CrmList, SyncError
from crm_sync.registry import Connect

log = structlog.get_logger(__name__)

State = ListPull.State
Clock = Callable[[], datetime]
HINT_LOST_AFTER = timedelta(seconds=15)
DIED_AFTER = timedelta(seconds=90)  # one page takes a request, and a request is given up after its time-out
LIST_KINDS = {
    "campaign": "Campaign",
    "lead_list_view": "Lead view",
    "contact_list_view": "Contact view",
    "list": "List",
}


def list_crm_lists(*, connection_id: int, connect: Connect = registry.connect) -> list[CrmList]:
    """Ask the CRM for its lists. Raises NotFound, SyncError, and AppError while it is disconnected."""
    return list(_connector(connection_id, connect).lists())


def start_list_import(
    *,
    connection_id: int,
    list_kind: str,
    list_id: str,
    crm_list_name: str,
    list_name: str,
    by_id: int,
    by_name: str,
    now: datetime,
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
            created_at=now,
            progressed_at=now,
        )
        enqueue_on_commit(jobs.IMPORT_LIST, import_id=import_id)
    return import_id


def check_list(connection_id: int, list_kind: str, list_id: str) -> CrmConnection:
    """Return the connection of what may be a list of it; raises NotFound, and AppError while it is disconnected or for anything else."""
    connection = _connected(connection_id)
    if list_kind not in LIST_KINDS or not _may_be_id(connection, list_id):
        raise AppError("This is not a list of the CRM; choose one from its page.")
    return connection


def _may_be_id(connection: CrmConnection, list_id: str) -> bool:
    """Return whether it can be the id of a list: dashes stand in those of CRMs by mapping file alone."""
    is_plain = connection.kind == CrmConnection.Kind.BY_FILE or list_id.isalnum()
    return is_plain and records.ID.fullmatch(list_id) is not None


def import_list(*, import_id: int, clock: Clock, connect: Connect = registry.connect) -> None:
    """Read the import's list page by page, stage the rows, then have them applied; does nothing if already
    begun.

    A CRM that fails in between ends the import with the reason, and nothing of it is imported.
    """
    with db.use_case():
        waiting = ListPull.objects.filter(import_id=import_id, state=State.WAITING)
        if not waiting.update(state=State.READING, progressed_at=clock()):
            return
    pull = ListPull.objects.get(import_id=import_id)
    try:
        connector = _connector(pull.connection_id, connect)
        crm_list = CrmList(kind=pull.list_kind, external_id=pull.list_id, name="", size=None)
        for page in connector.people(crm_list):
            imports.stage_rows(import_id=import_id, rows=page, now=clock())
            ListPull.objects.filter(id=pull.id).update(progressed_at=clock())
        imports.begin_apply(import_id=import_id, now=clock())
    except (SyncError, AppError) as error:
        _fail(pull, str(error), clock())
        return
    ListPull.objects.filter(id=pull.id).update(state=State.DONE, progressed_at=clock())


def free_stuck_pulls(*, now: datetime) -> int:
    """Start reading where the hint was lost, end imports whose reader died; return how many died."""
    forgotten = ListPull.objects.filter(state=State.WAITING, progressed_at__lt=now - HINT_LOST_AFTER)
    with db.use_case():
        for import_id in forgotten.order_by("id").values_list("import_id", flat=True):
            enqueue_on_commit(jobs.IMPORT_LIST, import_id=import_id)
    died = list(
        ListPull.objects.filter(state=State.READING, progressed_at__lt=now - DIED_AFTER).order_by("id")
    )
    for pull in died:
        _fail(pull, "Reading the list was cut off. Nothing was imported; start the import again.", now)
    return len(died)


def _fail(pull: ListPull, why: str, now: datetime) -> None:
    """End the import with the reason, unless all its rows were staged and it is being applied."""
    state = State.FAILED
    try:
        imports.fail_import(import_id=pull.import_id, failure=why, now=now)
    except Stale:
        state = State.DONE
    except NotFound:
        log.warning("crm_sync.pull.import_gone", import_id=pull.import_id)
    ListPull.objects.filter(id=pull.id).update(state=state, progressed_at=now)
    log.warning("crm_sync.pull.ended", import_id=pull.import_id, state=str(state), why=why[:200])


def _connected(connection_id: int) -> CrmConnection:
    connection = CrmConnection.objects.filter(id=connection_id).first()
    if connection is None:
        raise NotFound("This CRM connection does not exist.")
    if connection.state == CrmConnection.State.DISCONNECTED:
        raise AppError(f"{connection.name} is disconnected; connect it again first.")
    return connection


def _connector(connection_id: int, connect: Connect) -> CrmConnector:
    connection = _connected(connection_id)
    return connect(
        connection.kind,
        secrets=crypto.unseal(connection.secrets),
        settings=connection.settings,
        ref_prefix=refs.prefix(connection.kind, connection.id),
    )
