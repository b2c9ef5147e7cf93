"""The only way to start a task: by name, by ids, after commit.

A lost hint may delay work until the next sweep, never lose it; so a broker that does not answer is logged, not raised.
"""

from functools import partial

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)

SWEEP_BACKGROUND = "core.sweep_background"


def enqueue_on_commit(name: str, **ids: str | int) -> None:
    """Start the task `name` once the open transaction has committed; at once where there is none."""
    transaction.on_commit(partial(_send, name, ids), robust=True)


def _send(name: str, ids: dict[str, str | int]) -> None:
    from kombu.exceptions import OperationalError

    try:
        current_app.send_task(name, kwargs=ids, ignore_result=True)
    except OperationalError as error:
        log.warning("core.jobs.hint_lost", job=name, reason=str(error)[:200], **ids)
