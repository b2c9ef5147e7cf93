"""Loads a do-not-call registry file of any size."""

import hashlib
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from compliance import services
from compliance.forms import split_area_codes
from core import clock, db

CHUNK = 1024 * 1024


class Command(BaseCommand):
    """python manage.py import_dnc FILE --san NUMBER --as-of 2026-11-12 [--name national] [--area-codes 407,321]"""

    help = "Load a copy of a do-not-call registry: one number a line. Replaces the seller's older copies it covers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path, help="the text file")
        parser.add_argument(
            "--name", default="national", help="national, or the two letters of a state's own list"
        )
        parser.add_argument("--seller", default=settings.SELLER_NAME, help="the seller who obtained the copy")
        parser.add_argument("--san", required=True, help="subscription account number it was obtained with")
        parser.add_argument("--as-of", required=True, help="date of the copy, YYYY-MM-DD")
        parser.add_argument("--area-codes", default="", help="area codes it covers; without it, all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the file and say what came of it."""
        path: Path = options["file"]
        try:
            as_of = date.fromisoformat(options["as_of"])
        except ValueError:
            raise CommandError(
                f"--as-of must be a date like 2026-11-12, not “{options['as_of'][:40]}”."
            ) from None
        try:
            digest = hashlib.sha256()
            with path.open("rb") as stream:
                while chunk := stream.read(CHUNK):
                    digest.update(chunk)
            with path.open("rb") as stream, db.use_case():
                row = services.import_dnc(
                    lines=services.read_lines(stream),
                    name=options["name"],
                    seller=options["seller"],
                    san=options["san"],
                    as_of=as_of,
                    file_sha256=digest.hexdigest(),
                    actor="import_dnc",
                    now=clock.now(),
                    area_codes=split_area_codes(options["area_codes"]),
                )
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
        except services.DncFileRefused as error:
            raise CommandError(error.public_message) from None
        self.stdout.write(
            f"{row.accepted} numbers, {row.duplicates} duplicates, {row.refused} lines refused."
        )
        if not row.active:
            first = row.refused_lines[0]
            raise CommandError(
                f"More than 0.1 % of the lines could not be read, so the copy is not in force. "
                f"First: line {first[0]}, “{first[1]}”, is {first[2]}."
            )
        self.stdout.write(self.style.SUCCESS("The copy is in force."))
