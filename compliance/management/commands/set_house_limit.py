"""Sets the house's own value of one number of the rule book from the command line."""

import argparse
from datetime import date, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.rules.pack import Value
from compliance.rules.policy import PolicyTooLoose
from compliance.services import OverrideRefused, set_house_limit
from core import clock, db


def read_value(text: str) -> Value:
    """Return what is written as the kind it looks like: yes/no, a whole number, a time of day, else words."""
    if text.lower() in {"yes", "true", "no", "false"}:
        return text.lower() in {"yes", "true"}
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        return time.fromisoformat(text) if ":" in text else text
    except ValueError:
        return text


class Command(BaseCommand):
    """A stricter limit, or with --override and a second person a looser policy of ours; never a looser law."""

    help = "Set the house's own value of one number of the rule book (names: docs/compliance/)."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take name and value, the reason, and who sets and approves it."""
        parser.add_argument("name")
        parser.add_argument("value", type=read_value)
        parser.add_argument("--reason", required=True)
        parser.add_argument("--by", required=True, help="user name of the person who sets it")
        parser.add_argument("--approved-by", default="", help="another person, for an override")
        parser.add_argument("--override", action="store_true", help="loosen a policy of ours")
        parser.add_argument("--since", type=date.fromisoformat, help="first day, default today (UTC)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Set it, or say why not."""
        now = clock.now()
        try:
            with db.use_case():
                row = set_house_limit(
                    name=options["name"],
                    value=options["value"],
                    since=options["since"] or now.date(),
                    reason=options["reason"],
                    set_by=options["by"],
                    approved_by=options["approved_by"],
                    is_override=options["override"],
                    now=now,
                )
        except (PolicyTooLoose, OverrideRefused) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{row.name} is {row.value} from {row.since} on.")
