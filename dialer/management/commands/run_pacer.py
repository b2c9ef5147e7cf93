"""Pace all running campaigns, one tick a second; any number of these may run, one at a time works on a campaign."""

import signal
import threading
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from core import clock, db
from core.errors import AppError
from dialer.services import pacing

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Long-running; stops cleanly on SIGTERM and SIGINT.

    Advisory locks end with the connection, so another pacer takes over at once.
    """

    help = "Offer cards and start calls for running campaigns."

    def add_arguments(self, parser: Any) -> None:
        """Add the tick's length."""
        parser.add_argument("--tick", type=float, default=1.0, help="seconds between ticks")

    def handle(self, *args: Any, **options: Any) -> None:
        """Loop until told to stop."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        mine: set[int] = set()
        log.info("dialer.pacer.started")
        while not stop.is_set():
            try:
                self._round(mine)
            except DatabaseError as error:
                # The locks went with the connection.
                log.warning("dialer.pacer.database_away", reason=str(error)[:200])
                mine.clear()
                connection.close()
            stop.wait(options["tick"])
        log.info("dialer.pacer.stopped")

    def _round(self, mine: set[int]) -> None:
        running = pacing.running_campaigns()
        for gone in mine - {campaign.id for campaign in running}:
            db.release_session_lock(db.lock_key("pacer", gone))
            mine.discard(gone)
        for campaign in running:
            if campaign.id not in mine and not db.try_session_lock(db.lock_key("pacer", campaign.id)):
                continue  # another pacer has it
            mine.add(campaign.id)
            try:
                pacing.tick(campaign_id=campaign.id, mode=campaign.mode, now=clock.now())
            except AppError as error:
                # A session that changed under us: the next tick sees it as it is.
                log.info("dialer.pacer.put_off", campaign=campaign.id, reason=str(error))
