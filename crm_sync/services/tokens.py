"""Access that has to be renewed (OAuth): by one process for all of them, before it ends or when the CRM refuses it.

Where refresh tokens work once, two processes that renewed at the same time would lock each other out: the one that has claimed the row
asks the CRM, outside any transaction, and stores what it got; the others find it there.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db.models import Q

from core import crypto, db
from core.errors import AppError
from crm_sync import refs, registry
from crm_sync.models import CrmConnection
from crm_sync.protocol import CrmConnector, SyncError
from crm_sync.registry import Connect

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
AHEAD = timedelta(minutes=5)  # renewed so long before it ends: meanwhile the old one still works
CLAIMED_FOR = timedelta(seconds=60)  # longer than a request's time-out


def opened(connection: CrmConnection, *, clock: Clock, connect: Connect = registry.connect) -> CrmConnector:
    """Return a connector with access that is good, and that can renew it. Raises SyncError, and SecretUnreadable."""
    secrets = crypto.unseal(connection.secrets)
    renew = None
    if "refresh_token" in secrets:
        secrets = _fresh(connection, secrets, clock)
        renew = partial(renewed, connection.id, clock=clock)
    return connect(
        connection.kind,
        secrets=secrets,
        settings=connection.settings,
        ref_prefix=refs.prefix(connection.kind, connection.id),
        renew=renew,
    )


def renewed(connection_id: int, refused: str, *, clock: Clock) -> str:
    """Return an access token in place of the one the CRM refuses, or that ends soon.

    Raises SyncError: retryable while another process asks for it, unauthorized once the consent was taken back.
    """
    secrets = _secrets(connection_id)
    if secrets.get("token") != refused:
        return secrets["token"]  # another process was sooner
    now = clock()
    free = CrmConnection.objects.filter(Q(token_claimed_until__isnull=True) | Q(token_claimed_until__lte=now))
    with db.use_case():
        claimed = free.filter(id=connection_id).update(token_claimed_until=now + CLAIMED_FOR)
    if not claimed:
        raise SyncError("The CRM's access is being renewed.", kind="retryable", retry_after=2)
    try:
        return _ask_and_store(connection_id, refused, clock)
    finally:
        with db.use_case():
            CrmConnection.objects.filter(id=connection_id).update(token_claimed_until=None)


def until(seconds: float | None, now: datetime) -> str:
    """Return when access ends, as it is stored; "" where the CRM does not say."""
    return (now + timedelta(seconds=seconds)).isoformat() if seconds else ""


def _fresh(connection: CrmConnection, secrets: dict[str, str], clock: Clock) -> dict[str, str]:
    ends, now = secrets.get("token_until", ""), clock()
    if not ends or datetime.fromisoformat(ends) - now > AHEAD:
        return secrets
    try:
        return {**secrets, "token": renewed(connection.id, secrets["token"], clock=clock)}
    except SyncError as error:
        if error.kind != "retryable" or datetime.fromisoformat(ends) <= now:
            raise
        return secrets  # it still works


def _ask_and_store(connection_id: int, refused: str, clock: Clock) -> str:
    connection = CrmConnection.objects.get(id=connection_id)
    secrets = crypto.unseal(connection.secrets)
    if secrets.get("token") != refused:  # between our reading and our claim
        return secrets["token"]
    grant = registry.token_endpoint(connection.kind).renew(secrets, connection.settings)
    now = clock()
    new = {
        **secrets,
        "token": str(grant.access_token),
        "refresh_token": grant.refresh_token or secrets["refresh_token"],
        "token_until": until(grant.seconds, now),
    }
    with db.use_case():
        same = CrmConnection.objects.filter(id=connection_id, secrets=connection.secrets)
        stored = same.update(secrets=crypto.seal(new))
    log.info("crm_sync.token.renewed", connection_id=connection_id, stored=bool(stored))
    return new["token"]


def _secrets(connection_id: int) -> Mapping[str, str]:
    connection = CrmConnection.objects.filter(id=connection_id).exclude(secrets="").first()
    if connection is None:
        raise AppError("This CRM is disconnected; connect it again first.")
    return crypto.unseal(connection.secrets)
