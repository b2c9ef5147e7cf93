"""Verifies stored verdicts against their hash chains and seals."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.store import sealing, verifying
from core import clock


class Command(BaseCommand):
    """python manage.py verify_decisions [--day 2026-11-23 | --from 2026-11-01 --to 2026-11-30]"""

    help = (
        "Verify the verdicts of a day, or of the days from one to another (both included; default: yesterday and today), and the "
        "chain of day seals. Says which verdict was changed, moved, added or removed. Exit code 1 if any was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--day", type=date.fromisoformat, help="one day, YYYY-MM-DD (UTC)")
        parser.add_argument(
            "--from", dest="first", type=date.fromisoformat, help="first day, YYYY-MM-DD (UTC)"
        )
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="last day, YYYY-MM-DD (UTC)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, and say what was found."""
        now = clock.now()
        first, last = self._days(options, now.date())
        began, verdicts, problems = clock.monotonic(), 0, 0
        for days in range((last - first).days + 1):
            found = sealing.check_day(first + timedelta(days=days), now=now)
            verdicts += found.verdicts
            problems += len(found.findings)
            for finding in found.findings:
                self.stdout.write(self.style.ERROR(f"{found.day}: {finding}"))
        for finding in verifying.verify_seals():
            problems += 1
            self.stdout.write(self.style.ERROR(finding))
        seconds = clock.monotonic() - began
        self.stdout.write(f"{verdicts} verdicts from {first} to {last} in {seconds:.1f} s.")
        if problems:
            raise CommandError(f"{problems} problems: these verdicts are not as the gate wrote them.")
        self.stdout.write(self.style.SUCCESS("Intact."))

    def _days(self, options: dict[str, Any], today: date) -> tuple[date, date]:
        day, first, last = options["day"], options["first"], options["last"]
        if day is not None and (first is not None or last is not None):
            raise CommandError("Use --day for one day, or --from and --to for several, not both.")
        if day is not None:
            return day, day
        first, last = first or today - timedelta(days=1), last or today
        if last < first:
            raise CommandError(f"--to {last} is before --from {first}. Swap them.")
        return first, last
