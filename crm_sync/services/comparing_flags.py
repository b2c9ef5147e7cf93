"""Both sides' do-not-call flags counted: what is missing there is set again, what stands there alone counts here. Only ever stricter."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from campaigns.selectors.people import refs_of_crm
from campaigns.services import crm_flags
from core import audit, crypto, db
from core.errors import AppError
from core.jobs import enqueue_on_commit
from crm_sync import jobs, refs, registry
from crm_sync.byfile import reading
from crm_sync.models import CrmConnection, FlagComparison, SyncQueueItem
from crm_sync.protocol import CrmConnector, SyncError
from crm_sync.registry import Connect
from crm_sync.services import api_use

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
State = SyncQueueItem.State
FLAG = SyncQueueItem.Kind.DO_NOT_CALL
TOLD: Final = 20_000  # flags of ours looked at in a night, the newest first
# People beside them: the vendors answer for a hundred at once, other CRMs for one.
OTHERS: Final = {"salesforce": 5_000, "hubspot": 5_000, "rest": 300}
EXAMPLES: Final = 20
SENT_AGAIN: Final = "It was not set in the CRM any more when both sides were compared; it is set again."
NOT_READ: Final = (
    "The connection names no do-not-call field of the CRM, so nothing can be compared. Name one, and test it."
)


@dataclass
class Found:
    """What the comparison found; people by their ids in the CRM."""

    compared: int = 0
    ours: int = 0
    theirs: int = 0
    open: int = 0
    gone: int = 0
    missing: list[int] = field(default_factory=list)  # items
    learned: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


def compare_all(*, clock: Clock, connect: Connect = registry.connect) -> int:
    """Compare the flags of every connection; return how many are sent again."""
    connected = CrmConnection.objects.exclude(state=CrmConnection.State.DISCONNECTED).order_by("id")
    ids = list(connected.values_list("id", flat=True))
    return sum(compare(connection_id=each, clock=clock, connect=connect) for each in ids)


def compare(*, connection_id: int, clock: Clock, connect: Connect = registry.connect) -> int:
    """Compare a connection's flags and return how many are sent again; what went wrong is kept for people."""
    connection = (
        CrmConnection.objects.filter(id=connection_id).exclude(state=CrmConnection.State.DISCONNECTED).first()
    )
    if connection is None:
        return 0
    connector: CrmConnector | None = None
    try:
        if not _has_field(connection):
            raise AppError(NOT_READ)
        connector = connect(
            connection.kind,
            secrets=crypto.unseal(connection.secrets),
            settings=connection.settings,
            ref_prefix=refs.prefix(connection.kind, connection.id),
        )
        found = _look(connection, connector)
    except (SyncError, AppError, ValueError) as error:
        log.warning("crm_sync.flags.not_compared", connection_id=connection_id, why=str(error)[:200])
        with db.use_case():
            _store(connection, clock(), {"error": str(error)})
            _note(connection, connector, clock())
        return 0
    return _mend(connection, connector, found, clock())


def _has_field(connection: CrmConnection) -> bool:
    if connection.kind == CrmConnection.Kind.HUBSPOT:
        return bool(connection.settings.get("do_not_call_property"))
    if connection.kind == CrmConnection.Kind.BY_FILE:
        return reading.read(connection.settings["mapping"]).people.do_not_call is not None
    return True


def _look(connection: CrmConnection, connector: CrmConnector) -> Found:
    """Read what is told here, then what stands there; what is on its way meanwhile is not taken for a difference."""
    prefix = refs.prefix(connection.kind, connection.id)
    rows = SyncQueueItem.objects.filter(connection=connection, kind=FLAG).order_by("-id")[:TOLD]
    told = {row.person_id: row for row in rows.only("person_id", "payload", "state")}
    known = refs_of_crm(prefix, limit=OTHERS[connection.kind])
    others = [ref.removeprefix(prefix) for ref in known]
    people = [*told, *(each for each in others if each not in told)]
    there = {
        row.external_ref.removeprefix(prefix): row.do_not_call
        for page in connector.people_of(people)
        for row in page
    }
    found = Found(compared=len(people), gone=len(people) - len(there), theirs=sum(there.values()))
    for person_id in people:
        item = told.get(person_id)
        is_refused = bool(item.payload["do_not_call"]) if item else known.get(prefix + person_id, False)
        found.ours += is_refused
        if item is not None and item.state != State.DONE:
            found.open += 1
        elif person_id in there and is_refused != there[person_id]:
            _differs(found, person_id, item, is_refused=is_refused)
    return found


def _differs(found: Found, person_id: str, item: SyncQueueItem | None, *, is_refused: bool) -> None:
    if not is_refused:
        found.learned.append(person_id)
        found.examples.append(
            f"{person_id}: is flagged in the CRM alone, and is not called from here any more."
        )
    elif item is not None:
        found.missing.append(item.pk)
        found.examples.append(
            f"{person_id}: asked here not to be called, and is not flagged in the CRM; it is set again."
        )
    else:
        found.examples.append(
            f"{person_id}: is not flagged in the CRM any more; here the request stays until two people lift it."
        )


def _mend(connection: CrmConnection, connector: CrmConnector, found: Found, now: datetime) -> int:
    prefix = refs.prefix(connection.kind, connection.id)
    with db.use_case():
        learned = crm_flags.take_flags(
            external_refs=[prefix + each for each in found.learned],
            source=connection.kind,
            source_label=connection.name,
            now=now,
        )
        again = SyncQueueItem.objects.filter(id__in=found.missing, state=State.DONE).update(
            state=State.WAITING, attempts=0, due_at=now, reason=SENT_AGAIN
        )
        _store(
            connection,
            now,
            {
                "compared": found.compared,
                "ours": found.ours,
                "theirs": found.theirs,
                "open": found.open,
                "gone": found.gone,
                "sent_again": again,
                "learned": learned,
                "examples": found.examples[:EXAMPLES],
                "error": "",
            },
        )
        _note(connection, connector, now)
        if again or learned:
            audit.record(
                actor="reconciliation",
                verb="crm_sync.flags.mended",
                target=f"crm_connection:{connection.id}",
                now=now,
                after={"sent_again": again, "learned": learned},
            )
            enqueue_on_commit(jobs.PUSH_DUE)
    return again


def _store(connection: CrmConnection, now: datetime, values: dict[str, object]) -> None:
    FlagComparison.objects.update_or_create(connection=connection, defaults={"ran_at": now, **values})


def _note(connection: CrmConnection, connector: CrmConnector | None, now: datetime) -> None:
    if connector is not None:
        usage = connector.usage()
        api_use.note(connection.id, usage, requests=usage.requests, activities=0, now=now)
