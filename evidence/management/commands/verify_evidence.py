"""Checks an evidence pack."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from evidence import checking, selectors

DIFFERS = 2  # exit code; 1 is any other failure


class Command(BaseCommand):
    """python manage.py verify_evidence FILE [--offline]"""

    help = "Check a pack's archive, its evidence.json or its document. Exit code 2: it is not what was made."
    requires_system_checks: list[str] = []  # checks a file; must work where nothing else does

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path, help="the archive, evidence.json or the document")
        parser.add_argument("--offline", action="store_true", help="by the file's own hashes alone")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the file, then what the records say of it."""
        path: Path = options["file"]
        try:
            found = checking.check(path)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
        problems = list(found.problems)
        for name, rows in found.sections.items():
            self.stdout.write(f"{name}: {rows:,} rows")
        if options["offline"]:
            if found.pdf_sha256 and not found.manifest:
                self.stdout.write("A document alone holds no hash of itself: check its archive, or without --offline.")  # fmt: skip
        else:
            problems += self._recorded(found)
        if problems:
            raise CommandError("\n".join(problems), returncode=DIFFERS)
        self.stdout.write(self.style.SUCCESS("Every hash fits."))

    def _recorded(self, found: checking.Checked) -> list[str]:
        try:
            pack_id, problems = selectors.recorded_problems(found)
        except DatabaseError:
            raise CommandError("The database cannot be reached: --offline checks the file's own hashes alone.") from None  # fmt: skip
        if pack_id is not None:
            self.stdout.write(f"This is pack {pack_id} on record.")
        return problems
