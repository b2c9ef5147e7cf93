"""Loads a do-not-call registry file of any size."""

import time
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from compliance import services
from compliance.forms.registry import split_area_codes
from core import clock

SAID_EVERY_SECONDS = 2.0
WAITS_FOR_A_PERSON = 2  # exit code; 1 is any other failure


class Command(BaseCommand):
    """python manage.py import_dnc FILE --san NUMBER --as-of 2026-11-12 [--kind change] [--name national] [--area-codes 407,321]"""

    help = (
        "Load a do-not-call registry file: text, gzip or zip, one number a line, or a change file. "
        "Replaces the seller's older copies it covers. Exit code 2: loaded, but a person must put it in force."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path, help="the file, as downloaded")
        parser.add_argument(
            "--name",
            default="national",
            help="national, the two letters of a state's own list, DNCL (Canada), TPS or CTPS (UK)",
        )
        parser.add_argument("--seller", default=settings.SELLER_NAME, help="the seller who obtained the copy")
        parser.add_argument("--san", required=True, help="subscription account number it was obtained with")
        parser.add_argument("--as-of", required=True, help="date of the copy, YYYY-MM-DD")
        parser.add_argument("--area-codes", default="", help="area codes a full list covers; without it, all")
        parser.add_argument("--kind", default="full", help="full, or change for a list of changes")
        parser.add_argument(
            "--base", type=int, help="for a change file: the copy it changes, if several are in force"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the file and say what came of it."""
        try:
            as_of = date.fromisoformat(options["as_of"])
        except ValueError:
            raise CommandError(
                f"--as-of must be a date like 2026-11-12, not “{options['as_of'][:40]}”."
            ) from None
        told = services.RegistryFile(
            name=options["name"],
            seller=options["seller"],
            san=options["san"],
            as_of=as_of,
            area_codes=split_area_codes(options["area_codes"]),
            kind=options["kind"],
            base_id=options["base"],
        )
        self._load(options["file"], told)

    def _load(self, path: Path, told: services.RegistryFile) -> None:
        started = time.monotonic()
        try:
            with path.open("rb") as stream:
                row = services.import_registry_file(
                    stream, told, actor="import_dnc", now=clock.now(), report=self._progress()
                )
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
        except services.DncFileRefused as error:
            raise CommandError(error.public_message) from None
        seconds = time.monotonic() - started
        rows = row.accepted + row.duplicates + row.refused
        self.stdout.write(
            f"{row.numbers} numbers in the copy. {rows} rows = {row.accepted} accepted + "
            f"{row.duplicates} duplicates + {row.refused} lines refused, "
            f"in {seconds:.1f} s ({rows / max(seconds, 0.001):,.0f} a second)."
        )
        if row.needs_person:
            first = row.refused_lines[0]
            raise CommandError(
                f"More than 0.1 % of the lines could not be read, so the copy is not in force. "
                f"First: line {first[0]}, “{first[1]}”, is {first[2]}. All of them: {row.refused_file} in "
                f"{settings.REGISTRY_DIR}. Correct the file and load it again, or put copy {row.id} in force "
                "on the page Compliance, Registry copies.",
                returncode=WAITS_FOR_A_PERSON,
            )
        self.stdout.write(self.style.SUCCESS("The copy is in force."))

    def _progress(self) -> Any:
        started = said = time.monotonic()

        def report(rows: int) -> None:
            nonlocal said
            now = time.monotonic()
            if now - said >= SAID_EVERY_SECONDS:
                said = now
                self.stderr.write(f"{rows:,} rows, {rows / (now - started):,.0f} a second")

        return report
