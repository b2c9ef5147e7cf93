"""Hand published events to their handlers, for ever; any number of these may run."""

import signal
import threading
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from core import clock, outbox, realtime

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Long-running; stops cleanly on SIGTERM and SIGINT."""

    help = "Relay the outbox to the handlers of config/wiring.py."

    def handle(self, *args: Any, **options: Any) -> None:
        """Loop: handle what is due, then wait for a nudge or a second."""
        from config import wiring

        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        seen = realtime.last_id(outbox.NUDGE_TOPIC)
        log.info("core.outbox.relay_started")
        while not stop.is_set():
            try:
                if outbox.relay(wiring.HANDLERS, now=clock.now()) == 0:
                    seen = realtime.wait(outbox.NUDGE_TOPIC, seen, timeout_seconds=1.0)
            except DatabaseError as error:
                log.warning("core.outbox.database_away", reason=str(error)[:200])
                connection.close()
                stop.wait(1.0)
        log.info("core.outbox.relay_stopped")
