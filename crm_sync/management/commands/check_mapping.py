"""Read a mapping file and say everything that is wrong in it, each with its line; asks no CRM and no database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm_sync.byfile import reading
from crm_sync.byfile.nodes import MOST_CHARACTERS, BadMapping


class Command(BaseCommand):
    """What the connection's page says of a file, for those who keep it in a repository."""

    help = "Check a CRM's mapping file and name every mistake with its line."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read it; mistakes are lines of FILE:LINE: what, as editors read them."""
        path: Path = options["file"]
        try:
            text = path.read_bytes()[: MOST_CHARACTERS * 4 + 1].decode("utf-8-sig")
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError:
            raise CommandError(f"{path} is no text in UTF-8. Save it as UTF-8.") from None
        try:
            file = reading.read(text.replace("\r\n", "\n"))
        except BadMapping as error:
            for each in error.problems:
                self.stdout.write(f"{path}:{each.line}: {each.path + ': ' if each.path else ''}{each.says}")
            raise CommandError(f"{len(error.problems)} to mend in {path}.") from None
        beyond = ", ".join(file.capabilities()) or "nothing"
        self.stdout.write(f"{path} is good: {file.name}; beyond lists, people and calls it says: {beyond}.")
