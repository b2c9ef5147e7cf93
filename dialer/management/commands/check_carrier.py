"""Ask the carrier who we are: ends the alarm about refused credentials when it answers."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from dialer.services import trouble


class Command(BaseCommand):
    """Run by hand after credentials were mended, or by a monitor: the exit code tells."""

    help = "Check that the carrier takes our credentials; end the alarm if it does. Paused campaigns stay paused."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and say what came of it."""
        try:
            found = trouble.check(actor="check_carrier", now=clock.now())
        except trouble.StillRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"The carrier takes our credentials: {found}. Paused campaigns can be resumed.")
