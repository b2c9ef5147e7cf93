"""Makes an evidence pack about a number."""

import shutil
import zipfile
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.types import PhoneError, PhoneNumber, parse_phone
from evidence import services
from evidence.canonical import JSON_NAME, PDF_NAME


class Command(BaseCommand):
    """python manage.py export_evidence "(407) 555-0123" --out FOLDER [--complaint REF] [--from DAY] [--to DAY]"""

    help = "Write everything known about a number as JSON and PDF, hash-linked to the pack made before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("number", help="the number, in any way of writing it")
        parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
        parser.add_argument("--complaint", default="", help="the complaint's reference")
        parser.add_argument("--from", dest="since", help="contacts from this day on, YYYY-MM-DD, UTC")
        parser.add_argument("--to", dest="until", help="contacts up to this day, YYYY-MM-DD, UTC")
        parser.add_argument("--reason", default="By command", help="why it is made; kept with the pack")
        parser.add_argument("--by", default="export_evidence", help="who makes it; kept with the pack")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the pack and copy it to the folder: archive, document, data. File names do not hold the number."""
        out: Path = options["out"]
        if not out.is_dir():
            raise CommandError(f"{out} is no folder. Make it first, readable by you alone.")
        order = services.Order(
            number=_number(options["number"]),
            complaint=options["complaint"],
            reason=options["reason"],
            since=_day("--from", options["since"]),
            until=_day("--to", options["until"]),
        )
        try:
            made = services.make_pack(order, actor=options["by"], now=clock.now())
            target = out / made.path.name
            shutil.copy(made.path, target)
            with zipfile.ZipFile(target) as packed:
                for name in (JSON_NAME, PDF_NAME):
                    with packed.open(name) as part, target.with_suffix(Path(name).suffix).open("wb") as file:
                        shutil.copyfileobj(part, file)
        except services.PackRefused as error:
            raise CommandError(error.public_message) from None
        except OSError as error:
            raise CommandError(f"The pack cannot be written: {error}.") from None
        self.stdout.write(f"Pack {made.id}: {target}")
        self.stdout.write(f"Manifest SHA-256 {made.sha256}")


def _number(text: str) -> PhoneNumber:
    try:
        return parse_phone(text)
    except PhoneError as error:
        raise CommandError(str(error)) from None


def _day(option: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CommandError(f"{option} must be a date like 2026-11-12, not “{(text or '')[:40]}”.") from None
