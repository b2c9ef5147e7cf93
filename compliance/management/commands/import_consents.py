"""Loads consents from a CSV file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance import services
from compliance.management.reporting import told, write_refused
from core import clock


class Command(BaseCommand):
    """python manage.py import_consents FILE [--refused refused.csv]"""

    help = (
        "Load consents: number, kind (pec, pewc), obtained_by, given_at, and what evidence there is. "
        "The same file twice stores nothing twice; an import lifts no do-not-call request."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path, help="the CSV file, UTF-8, with a heading")
        parser.add_argument("--refused", type=Path, help="where to write the refused rows with their reasons")
        parser.add_argument("--by", default="import_consents", help="who loads them, for the record")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the file and say what came of it."""
        path: Path = options["file"]
        try:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
                report = services.import_consents(
                    lines, label=path.name, actor=options["by"], now=clock.now()
                )
        except (OSError, services.FileRefused) as error:
            raise CommandError(str(error)) from None
        write_refused(report, options["refused"])
        self.stdout.write(told(report, options["refused"]))
