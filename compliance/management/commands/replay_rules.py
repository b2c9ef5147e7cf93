"""Decides stored verdicts again under changed rules."""

import csv
from argparse import ArgumentParser
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.models import ReplayChange, ReplayRun
from compliance.replay import edits, running
from compliance.replay.reading import as_row
from compliance.rules.pack import PackError
from core import clock

COLUMNS = ("decision_id", "old_outcome", "old_code", "new_outcome", "new_code")


class Command(BaseCommand):
    """python manage.py replay_rules --from 2026-10-01 --set states.FL.weekday=09:00-19:00 [--to DATE] [--csv FILE]"""

    help = (
        "What if: decide the stored facts of a period again under changed rules, and say which verdicts would have been others. "
        f"A change is {edits.HELP}."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--from", dest="since", type=date.fromisoformat, required=True, help="first day (UTC)"
        )
        parser.add_argument(
            "--to", dest="last", type=date.fromisoformat, help="last day (UTC); default: today"
        )
        parser.add_argument(
            "--set", dest="edits", action="append", default=[], metavar="CHANGE", help=edits.HELP
        )
        parser.add_argument("--packs", type=Path, help="folder with changed rule packs")
        parser.add_argument("--campaign", default="", help="only this campaign: campaign:7")
        parser.add_argument("--processes", type=int, default=running.PROCESSES, help="how many at a time")
        parser.add_argument(
            "--in-full", action="store_true", help="ask every rule again, not only those the change reaches"
        )
        parser.add_argument("--csv", type=Path, help="write the changed verdicts to this file too")
        parser.add_argument("--by", default="replay_rules", help="who asks")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay, and say what would have been otherwise."""
        now = clock.now()
        last = options["last"] or now.date()
        if last < options["since"]:
            raise CommandError(f"--to {last} is before --from {options['since']}. Swap them.")
        scope = running.ReplayScope(
            since=options["since"], until=last + timedelta(days=1), campaign_ref=options["campaign"]
        )
        try:
            rules = edits.changed_rules(packs=options["packs"], edits=options["edits"])
            edits.check_limits(rules, first=options["since"], last=last)
            run = running.replay(
                rules,
                scope,
                actor=options["by"],
                now=now,
                processes=options["processes"],
                in_full=options["in_full"],
            )
        except (edits.BadEdit, PackError, OSError) as error:
            raise CommandError(str(error)) from None
        self._say(run, options["since"])
        if options["csv"] is not None:
            self._write(run, options["csv"])

    def _say(self, run: ReplayRun, since: date) -> None:
        row = as_row(run)
        for old, old_code, new, new_code, count in row.counts:
            if (old, old_code) != (new, new_code):
                self.stdout.write(f"{count:>10} {old_code or old} → {new_code or new}")
        self.stdout.write(
            f"With these rules since {since}, {row.refused} contacts that were allowed would have been refused, and "
            f"{row.freed} that were refused would have been allowed; {row.changed} of {row.verdicts} verdicts change."
        )
        rate = row.verdicts / row.seconds if row.seconds else 0
        self.stdout.write(f"Replay {run.pk}: {row.seconds:.1f} s, {rate:.0f} verdicts a second.")
        if row.unreadable:
            self.stdout.write(
                self.style.ERROR(
                    f"{len(row.unreadable)} verdicts could not be read, first: {row.unreadable[0]}."
                )
            )

    def _write(self, run: ReplayRun, path: Path) -> None:
        changes = ReplayChange.objects.filter(run=run).order_by("decision_id")
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(COLUMNS)
            writer.writerows(changes.values_list(*COLUMNS).iterator(chunk_size=5000))
