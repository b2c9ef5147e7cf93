"""Set up our numbers at the carrier, and our inventory by theirs. Shows what it would do unless told to do it."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from carriers import numbers, registry
from carriers.numbers import Difference
from carriers.protocol import CarrierError
from core import clock
from dialer.services import trouble
from dialer.urls_out import number_setup, text_status_url


class Command(BaseCommand):
    """Run it after a number was bought or given back, and after the public address changed."""

    help = "Compare the account's numbers with what Parley needs; --apply puts it right. Nothing is ever deleted."

    def add_arguments(self, parser: Any) -> None:
        """Add the switch that makes it act."""
        parser.add_argument("--apply", action="store_true", help="do it, instead of only showing it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, print, and act if asked to."""
        wanted = number_setup()
        if (
            options["apply"]
            and not settings.PUBLIC_URL.startswith("https://")
            and not settings.TWILIO_BASE_URL
        ):
            raise CommandError(
                f"The carrier cannot reach {settings.PUBLIC_URL} safely. Set PARLEY_PUBLIC_URL to your https address first."
            )
        carrier = registry.carrier()
        try:
            found = carrier.own_numbers()
            rows = numbers.differences(found, wanted=wanted, ours=numbers.inventory())
            self._print(rows, count=len(found))
            if rows and options["apply"]:
                labels = {each.number: each.label for each in found}
                now = clock.now()
                numbers.apply(
                    rows, carrier=carrier, wanted=wanted, labels=labels, actor="configure_numbers", now=now
                )
        except CarrierError as error:
            trouble.notice(error, now=clock.now())
            raise CommandError(
                f"The carrier refused: {error} Nothing more was changed; run it again."
            ) from error
        self.stdout.write(
            f"Status callback for texts, to be entered at your messaging service: {text_status_url()}"
        )
        self._say_end(rows, applied=options["apply"])

    def _print(self, rows: Sequence[Difference], *, count: int) -> None:
        self.stdout.write(f"The account has {count} number{'' if count == 1 else 's'}.")
        for row in rows:
            self.stdout.write(f"{row.number:<16} {row.what:<16} {row.found} → {row.wanted}")

    def _say_end(self, rows: Sequence[Difference], *, applied: bool) -> None:
        by_hand = sum(not row.can_be_applied for row in rows)
        if not rows:
            self.stdout.write("Everything is as it should be.")
        elif applied:
            self.stdout.write(f"{len(rows) - by_hand} put right.")
        else:
            self.stdout.write(f"{len(rows)} to put right. Nothing was changed; run it with --apply to do it.")
        if by_hand:
            raise CommandError(f"{by_hand} must be put right at the carrier by hand, as said above.")
