"""Events that must not be lost: published inside the transaction, handled by the relay, in order per key.

A handler runs in the same transaction that removes its message, so its rows and the removal stand or fall together:
a relay killed at any point repeats nothing and loses nothing. Handlers therefore write rows only, never call out.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

import structlog
from django.db import transaction

from core import db, kept, realtime
from core.models import OutboxMessage

log = structlog.get_logger(__name__)

NUDGE_TOPIC = "outbox"
MAX_BACKOFF = timedelta(minutes=10)


_first_due = kept.Query(
    lambda now: (
        OutboxMessage.objects.heads()
        .filter(due_at__lte=now)
        .order_by("id")
        .select_for_update(skip_locked=True)[:1]
    )
)


class Event(Protocol):
    """A frozen dataclass of JSON values, with the topic it is published under."""

    topic: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


Handler = Callable[[Mapping[str, Any], datetime], None]
"""Takes the event's payload and the present instant; runs inside the relay's transaction."""


def publish(event: Event, *, key: str, now: datetime) -> None:
    """Store the event in the open transaction. Events of one `key` reach handlers in the order published."""
    db.require_atomic()
    kept.insert(
        OutboxMessage(
            topic=event.topic,
            key=key,
            payload=dataclasses.asdict(event),
            created_at=now,
            due_at=now,
        )
    )
    realtime.push_on_commit(NUDGE_TOPIC, "published", {})


def relay(handlers: Mapping[str, Sequence[Handler]], *, now: datetime, limit: int = 200) -> int:
    """Handle up to `limit` due messages and return how many were handled or put off.

    Any number of relays may run: each claims one message at a time with SKIP LOCKED. Raises nothing for a failing handler:
    the failure is stored on the message, which is tried again later, and blocks only its own key.
    """
    done = 0
    while done < limit and _relay_one(handlers, now):
        done += 1
    return done


def _relay_one(handlers: Mapping[str, Sequence[Handler]], now: datetime) -> bool:
    message: OutboxMessage | None = None
    try:
        with db.use_case():
            message = _first_due.first(now)
            if message is None:
                return False
            for handler in handlers.get(message.topic, ()):
                handler(message.payload, now)
            kept.delete(OutboxMessage, pk=message.id)
    except Exception as error:
        if message is None:
            raise
        _put_off(message, error, now)
        return True
    lag = (now - message.created_at).total_seconds()
    log.info("core.outbox.handled", topic=message.topic, key=message.key, lag_seconds=round(lag, 3))
    return True


def _put_off(message: OutboxMessage, error: Exception, now: datetime) -> None:
    attempts = message.attempts + 1
    wait = min(timedelta(seconds=2 ** min(attempts, 10)), MAX_BACKOFF)
    with transaction.atomic(durable=True):
        OutboxMessage.objects.filter(id=message.id).update(
            attempts=attempts, due_at=now + wait, last_error=f"{type(error).__name__}: {error}"[:2000]
        )
    log.exception("core.outbox.handler_failed", topic=message.topic, key=message.key, attempts=attempts)
