"""Takes in e-mails that ask not to be contacted, from files or from a mail server's pipe."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from compliance import services
from compliance.mail import READ_AT_MOST, read_mail
from core import clock, db

TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h: a mail server keeps the mail and comes again
NO_INPUT = 66  # EX_NOINPUT


class Command(BaseCommand):
    """python manage.py intake_email [FILE …]; without a file, one e-mail from standard input."""

    help = (
        "Take in e-mails (.eml): whoever refuses and is known under the address is revoked at once, all others wait on the page "
        "Compliance, People, E-mails. Exit code 75 asks a mail server to try again."
    )

    stealth_options = ("stdin",)  # another stream than the process's, for programs that call the command

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "files", nargs="*", type=Path, help="e-mails as files (.eml); none: standard input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Take in each, and say what became of it."""
        if not options["files"]:
            self._take("standard input", options.get("stdin") or sys.stdin.buffer)
        for path in options["files"]:
            try:
                with path.open("rb") as stream:
                    self._take(path.name, stream)
            except OSError as error:
                raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=NO_INPUT) from None

    def _take(self, name: str, stream: BinaryIO) -> None:
        data = stream.read(READ_AT_MOST + 1)
        if not data.strip():
            raise CommandError(f"{name}: no e-mail came in.", returncode=NO_INPUT)
        try:
            with db.use_case():
                taken = services.take_mail(
                    read_mail(data), seller=settings.SELLER_NAME, actor="intake_email", now=clock.now()
                )
        except Error as error:
            raise CommandError(
                f"{name}: it could not be stored ({error}). Take it in again.", returncode=TRY_AGAIN
            ) from None
        self.stdout.write(f"{name}: {_told(taken)}")


def _told(taken: services.Taken) -> str:
    if taken.settlement is None:
        return f"e-mail {taken.request.pk} waits for a person."
    count = len(taken.settlement.numbers)
    return f"e-mail {taken.request.pk} is settled: {count} numbers revoked."
