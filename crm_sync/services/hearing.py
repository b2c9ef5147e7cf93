"""What HubSpot tells by webhook: checked, kept once each, and a hint to ask for the followed lists at once."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from core import crypto, db
from core.errors import AppError, NotFound
from crm_sync import hubspot_signature
from crm_sync.models import CrmConnection, WebhookEvent
from crm_sync.services import live

log = structlog.get_logger(__name__)

# What may change who is on a list, or what we know of them.
KNOWN: Final = frozenset(
    {
        "contact.creation", "contact.deletion", "contact.merge", "contact.restore", "contact.propertyChange",
        "contact.privacyDeletion", "contact.associationChange",
    }
)  # fmt: skip
AT_ONCE: Final = 100  # events of one request, says HubSpot
KEPT_FOR: Final = timedelta(days=30)


class NotGenuine(AppError):
    """The request is not HubSpot's, or too old."""


class NotReadable(AppError):
    """The request is HubSpot's, and cannot be read."""


def hear(
    *, install_key: str, method: str, uri: str, body: bytes, headers: Mapping[str, str], now: datetime
) -> int:
    """Keep the events that are new and return how many; known kinds have the followed lists asked at once.

    Raises NotFound for no connection that expects webhooks, NotGenuine, and NotReadable.
    """
    connection = CrmConnection.objects.filter(install_key=install_key, kind="hubspot").first()
    secret = (
        crypto.unseal(connection.secrets).get("client_secret", "")
        if connection and connection.secrets
        else ""
    )
    if connection is None or not secret:
        raise NotFound("No HubSpot connection expects webhooks here; enter its client secret first.")
    why = hubspot_signature.why_refused(
        secret=secret, method=method, uri=uri, body=body, headers=headers, now=now
    )
    if why:
        log.warning("crm_sync.webhook.refused", connection_id=connection.id, why=why)
        raise NotGenuine(why)
    events = _read(body)
    with db.use_case():
        new = [event for event in events if _keep(connection.id, event, now)]
        if any(_kind(event) in KNOWN for event in new):
            live.ask_soon(connection_id=connection.id, now=now)
    return len(new)


def forget_old(*, now: datetime) -> int:
    """Remove events kept long enough; return how many."""
    count, _ = WebhookEvent.objects.filter(received_at__lt=now - KEPT_FOR).delete()
    return count


def _read(body: bytes) -> Sequence[Mapping[str, Any]]:
    """Return the events, without what PostgreSQL cannot store."""
    try:
        events = _storable(json.loads(body))
        json.dumps(events, allow_nan=False)
    except (ValueError, RecursionError):
        raise NotReadable("The body is not JSON that can be kept.") from None
    if (
        not isinstance(events, list)
        or len(events) > AT_ONCE
        or not all(isinstance(each, dict) for each in events)
    ):
        raise NotReadable(f"The body must be a list of at most {AT_ONCE} events.")
    return events


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value


def _kind(event: Mapping[str, Any]) -> str:
    return str(event.get("subscriptionType", ""))[:60]


def _keep(connection_id: int, event: Mapping[str, Any], now: datetime) -> bool:
    """Store one event; return whether it is new."""
    key = f"{event.get('eventId', '')}:{event.get('subscriptionId', '')}:{event.get('objectId', '')}"
    kind = _kind(event)
    _, created = WebhookEvent.objects.get_or_create(
        connection_id=connection_id,
        key=key[:120],
        defaults={"kind": kind, "is_known": kind in KNOWN, "body": event, "received_at": now},
    )
    return created
