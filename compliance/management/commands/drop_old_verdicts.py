"""Removes months of verdicts whose retention is over."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from compliance.store import retention
from core import clock


class Command(BaseCommand):
    """python manage.py drop_old_verdicts [--apply --by NAME]"""

    help = (
        "List the months of verdicts older than PARLEY_VERDICT_RETENTION_YEARS, verified; with --apply, drop them and record what "
        "they held. A month that does not verify, or is not sealed, is kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--apply", action="store_true", help="drop them; without it nothing is changed")
        parser.add_argument("--by", default="", help="who decided it; needed with --apply")

    def handle(self, *args: Any, **options: Any) -> None:
        """List or drop."""
        if options["apply"] and not options["by"].strip():
            raise CommandError("Dropping verdicts needs a name: --by NAME. It goes to the audit trail.")
        now = clock.now()
        old_months = retention.find_old_months(now=now)
        self.stdout.write(
            f"Retention is {settings.VERDICT_RETENTION_YEARS} years; {len(old_months)} months are older."
        )
        kept = 0
        for old in old_months:
            held = f"{old.month:%Y-%m}: {old.allowed} allowed, {old.denied} denied"
            if old.problems:
                kept += 1
                self.stdout.write(self.style.ERROR(f"{held}; kept: {'; '.join(old.problems[:5])}"))
            elif options["apply"]:
                retention.drop_month(old, actor=options["by"].strip(), now=now)
                self.stdout.write(f"{held}; dropped")
            else:
                self.stdout.write(f"{held}; would be dropped with --apply")
        if kept:
            raise CommandError(f"{kept} months were kept because they do not verify. Look into them first.")
