"""Loads an internal do-not-call list from a CSV file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from compliance import services
from compliance.management.reporting import told, write_refused
from core import clock


class Command(BaseCommand):
    """python manage.py import_suppressions FILE [--seller NAME] [--refused refused.csv]"""

    help = "Put numbers on the internal do-not-call list: number, and kind, scope, reason, raw_words, asked_at where known."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path, help="the CSV file, UTF-8, with a heading")
        parser.add_argument("--seller", default=settings.SELLER_NAME, help="whose list it is")
        parser.add_argument("--refused", type=Path, help="where to write the refused rows with their reasons")
        parser.add_argument("--by", default="import_suppressions", help="who loads them, for the record")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the file and say what came of it."""
        path: Path = options["file"]
        try:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
                report = services.import_suppressions(
                    lines,
                    seller=options["seller"],
                    label=path.name,
                    actor=options["by"],
                    now=clock.now(),
                )
        except (OSError, services.FileRefused) as error:
            raise CommandError(str(error)) from None
        write_refused(report, options["refused"])
        self.stdout.write(told(report, options["refused"]))
