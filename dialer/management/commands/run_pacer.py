"""Pace all running campaigns, at every event and each second; any number of these may run, one at a time works on a campaign."""

import signal
import threading
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from compliance.rules import places
from core import clock, db, memory, realtime
from dialer.jobs import PACER_TOPIC
from dialer.services.pacing import Pacing

log = structlog.get_logger(__name__)

NOBODYS_NUMBER = "+12025550100"
LEAST_GAP_SECONDS = 0.2  # between two rounds, however much happens


class Command(BaseCommand):
    """Long-running; stops cleanly on SIGTERM and SIGINT.

    Advisory locks end with the connection, so another pacer takes over at its next round.
    """

    help = "Offer cards and start calls for running campaigns."

    def add_arguments(self, parser: Any) -> None:
        """Add the time between rounds."""
        parser.add_argument(
            "--tick", type=float, default=1.0, help="seconds between rounds when nothing happens"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Loop until told to stop."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        # What the gate knows of places takes seconds to read: a process that takes over must not begin with that.
        places.describe_number(NOBODYS_NUMBER)
        memory.settle()
        pacing, heard = Pacing(), realtime.last_id(PACER_TOPIC)
        log.info("dialer.pacer.started")
        while not stop.is_set():
            began = clock.monotonic()
            try:
                pacing.round(now=clock.now())
            except DatabaseError as error:
                log.warning("dialer.pacer.database_away", reason=str(error)[:200])
                pacing.forget()
                db.drop_session_locks()
            heard = self._wait(stop, heard, began, options["tick"])
        log.info("dialer.pacer.stopped")

    def _wait(self, stop: threading.Event, heard: str, began: float, tick: float) -> str:
        """Wait for the next round: until something happens, at most the tick; return the last event heard of."""
        stop.wait(max(0.0, LEAST_GAP_SECONDS - (clock.monotonic() - began)))
        left = tick - (clock.monotonic() - began)
        if stop.is_set() or left <= 0:
            return heard
        return realtime.wait(PACER_TOPIC, heard, left)
