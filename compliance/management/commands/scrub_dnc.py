"""Scrubs a list of numbers against the do-not-call registries in force."""

from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from compliance import services
from core import clock

OUTPUTS = ("listed", "clean", "refused")


class Command(BaseCommand):
    """python manage.py scrub_dnc LIST --listed L --clean C --refused R [--column phone]"""

    help = "Sort a list's rows: numbers on a do-not-call registry, clean ones, and lines that could not be judged."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path, help="one number a line; or CSV, with --column")
        for name in OUTPUTS:
            parser.add_argument(f"--{name}", type=Path, required=True, help=f"new file for the {name} rows")
        parser.add_argument("--column", default="", help="CSV: heading of the number's column, or its place")
        parser.add_argument("--by", default="scrub_dnc", help="who scrubs it, for the record")
        parser.add_argument("--seller", default=settings.SELLER_NAME, help="whose registry copies count")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the three files and say how many rows went where."""
        made: list[Path] = []
        try:
            with ExitStack() as stack:
                stream = stack.enter_context(options["file"].open("rb"))
                files = {}
                for name in OUTPUTS:
                    files[name] = stack.enter_context(options[name].open("xb"))
                    made.append(options[name])
                found = services.scrub_list(
                    stream,
                    services.Outputs(**files),
                    seller=options["seller"],
                    now=clock.now(),
                    column=options["column"],
                    label=options["file"].name,
                    actor=options["by"],
                )
        except (OSError, services.DncFileRefused) as error:
            for path in made:  # a list sorted in part would be taken for a whole one
                path.unlink()
            raise CommandError(_words(error)) from None
        self.stdout.write(
            f"{found.rows} rows = {found.listed} listed + {found.clean} clean + {found.refused} refused."
        )


def _words(error: OSError | services.DncFileRefused) -> str:
    if isinstance(error, FileExistsError):
        return f"{error.filename} is there already. Name a new file, nothing is written over."
    if isinstance(error, OSError):
        return f"{error.filename or 'A file'} cannot be opened or written: {error.strerror}."
    return error.public_message
