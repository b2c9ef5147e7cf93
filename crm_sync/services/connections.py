"""Connecting a CRM, testing it again, renewing its secret, disconnecting it.

The CRM is asked before a row is written.
"""

import dataclasses
import secrets as random_secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from campaigns.services import crm_links
from core import audit, crypto, db
from core.errors import AppError, NotFound
from core.jobs import enqueue_on_commit
from crm_sync import jobs, refs, registry
from crm_sync.models import CrmConnection, SyncQueueItem
from crm_sync.protocol import Check, CrmConnector, SyncError
from crm_sync.registry import Connect
from crm_sync.services import flags, tokens

State = CrmConnection.State
Clock = Callable[[], datetime]


class CrmRefusedError(AppError):
    """The CRM could not be reached with what was entered; the text says which call failed and what to do."""


class NameTakenError(AppError):
    """Another connection has this name."""


@dataclasses.dataclass(frozen=True, slots=True)
class Tested:
    """What a test of a connection found."""

    checks: Sequence[Check]
    facts: Mapping[str, str]

    @property
    def problem(self) -> str:
        """Return the first thing that is missing, or "" if all is there."""
        return next((f"{check.name}: {check.detail}" for check in self.checks if not check.ok), "")


def connect_crm(
    *,
    kind: str,
    name: str,
    secrets: Mapping[str, str],
    settings: Mapping[str, str],
    by_id: int,
    by_name: str,
    clock: Clock,
    connect: Connect = registry.connect,
) -> int:
    """Test the CRM, then store the connection and return its id.

    Raises NameTakenError, or CrmRefusedError, with nothing stored. What the CRM lacks (a field, a right)
    does not prevent connecting: the connection is then failing and says what to set up.
    """
    check_name(name)
    tested = _test(connect(kind, secrets=secrets, settings=settings, ref_prefix=refs.prefix(kind, 0)))
    now = clock()
    with db.use_case():
        connection, created = CrmConnection.objects.get_or_create(
            name=name,
            defaults={
                "kind": kind,
                "secrets": crypto.seal(secrets),
                "settings": {**settings, **tested.facts},
                "install_key": random_secrets.token_hex(4),
                "created_at": now,
                "created_by_id": by_id,
                **_health(tested, now),
            },
        )
        if not created:
            raise NameTakenError(f"There is a connection named “{name}” already; choose another name.")
        audit.record(
            actor=by_name,
            verb="crm_sync.connection.connected",
            target=f"crm_connection:{connection.id}",
            now=now,
            after={"kind": kind, "name": name, **settings},
        )
    return connection.id


def check_name(name: str) -> None:
    """Raise NameTakenError if a connection has this name."""
    if CrmConnection.objects.filter(name=name).exists():
        raise NameTakenError(f"There is a connection named “{name}” already; choose another name.")


def renew(
    *,
    connection_id: int,
    secrets: Mapping[str, str],
    settings: Mapping[str, str],
    by_name: str,
    clock: Clock,
    connect: Connect = registry.connect,
) -> None:
    """Test the new secret and settings, then put them in place of the old; also brings back a disconnected
    CRM.

    Raises NotFound, or CrmRefusedError with nothing changed.
    """
    connection = _get(connection_id)
    kind = connection.kind
    tested = _test(connect(kind, secrets=secrets, settings=settings, ref_prefix=refs.prefix(kind, 0)))
    now = clock()
    with db.use_case():
        CrmConnection.objects.filter(id=connection_id).update(
            secrets=crypto.seal(secrets), settings={**settings, **tested.facts}, **_health(tested, now)
        )
        audit.record(
            actor=by_name,
            verb="crm_sync.connection.renewed",
            target=f"crm_connection:{connection_id}",
            now=now,
            before={key: value for key, value in connection.settings.items() if key in settings},
            after=dict(settings),
        )
        _move_pages(connection, tested)
        flags.send_held_again(connection_id, now=now)
        enqueue_on_commit(jobs.PUSH_DUE)


def _move_pages(connection: CrmConnection, tested: Tested) -> None:
    """Follow the pages of a CRM by mapping file where the file says that they are elsewhere now."""
    there = tested.facts.get("record_url", "")
    if connection.kind == CrmConnection.Kind.BY_FILE and there != connection.settings.get("record_url", ""):
        crm_links.move_pages(prefix=refs.prefix(connection.kind, connection.pk), template=there)


def check_again(*, connection_id: int, clock: Clock, connect: Connect = registry.connect) -> str:
    """Ask the CRM again, store what it says, and return the problem in words, or "" if everything is there.

    Raises NotFound, and AppError for a connection without a secret.
    """
    connection = _get(connection_id)
    if connection.state == State.DISCONNECTED:
        raise AppError("This CRM is disconnected; enter its secret again to connect it.")
    try:
        tested = _test(tokens.opened(connection, clock=clock, connect=connect))
    except (CrmRefusedError, SyncError, crypto.SecretUnreadable) as error:
        now = clock()
        with db.use_case():
            still_connected = CrmConnection.objects.filter(id=connection_id).exclude(state=State.DISCONNECTED)
            still_connected.update(state=State.FAILING, last_error=str(error), checked_at=now)
        return str(error)
    now = clock()
    with db.use_case():
        still_connected = CrmConnection.objects.filter(id=connection_id).exclude(state=State.DISCONNECTED)
        still_connected.update(settings={**connection.settings, **tested.facts}, **_health(tested, now))
        flags.send_held_again(connection_id, now=now)
        enqueue_on_commit(jobs.PUSH_DUE)
    return tested.problem


def disconnect(*, connection_id: int, by_name: str, now: datetime) -> None:
    """Forget the secret; calls not yet sent stay and wait. Raises NotFound."""
    with db.use_case():
        connection = CrmConnection.objects.select_for_update().filter(id=connection_id).first()
        if connection is None:
            raise NotFound("This CRM connection does not exist.")
        CrmConnection.objects.filter(id=connection_id).update(
            state=State.DISCONNECTED, secrets="", checks=[], last_error="", paused_until=None, failures=0
        )
        audit.record(
            actor=by_name,
            verb="crm_sync.connection.disconnected",
            target=f"crm_connection:{connection_id}",
            now=now,
            after={
                "waiting": SyncQueueItem.objects.filter(connection_id=connection_id, state="waiting").count()
            },
        )


def reseal_all(*, now: datetime) -> tuple[int, list[str]]:
    """Encrypt every secret with the first key; return how many, and the names of connections whose secret no key reads.

    A secret that is renewed meanwhile is left as it is: it is sealed with the first key already.
    """
    done, unreadable = 0, []
    for connection in CrmConnection.objects.exclude(secrets="").order_by("id"):
        try:
            sealed = crypto.seal(crypto.unseal(connection.secrets))
        except crypto.SecretUnreadable:
            unreadable.append(connection.name)
            continue
        with db.use_case():
            same = CrmConnection.objects.filter(id=connection.id, secrets=connection.secrets)
            done += same.update(secrets=sealed)
    with db.use_case():
        audit.record(
            actor="rotate_crm_secrets",
            verb="crm_sync.secrets.rotated",
            target="crm_connections",
            now=now,
            after={"count": done, "unreadable": unreadable},
        )
    return done, unreadable


def _get(connection_id: int) -> CrmConnection:
    connection = CrmConnection.objects.filter(id=connection_id).first()
    if connection is None:
        raise NotFound("This CRM connection does not exist.")
    return connection


def _test(connector: CrmConnector) -> Tested:
    try:
        return Tested(facts=connector.prepare(), checks=connector.check())
    except SyncError as error:
        raise CrmRefusedError(str(error)) from error


def _health(tested: Tested, now: datetime) -> dict[str, object]:
    return {
        "state": State.FAILING if tested.problem else State.CONNECTED,
        "checks": [dataclasses.asdict(check) for check in tested.checks],
        "last_error": tested.problem,
        "checked_at": now,
        "failures": 0,
        "paused_until": None,
    }
