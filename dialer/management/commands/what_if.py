"""What if a campaign were launched: one JSON object, or a table for people."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.errors import AppError
from dialer.forecasts import answer, asking, running
from dialer.forecasts.held import Standing, standing
from dialer.whatif.fields import FIELDS
from dialer.why.waterfall import waterfall


class Command(BaseCommand):
    """Answers by itself, without a worker: seconds for a list of 100,000 people, up to a minute in predictive."""

    help = (
        "Forecast a campaign before its launch: finish date, talk, wait, abandonment, staff needed, and whom the rules hold. "
        "What is not given is the campaign's own. B begins as a copy of A: what differs is given with --b-…, or --against another."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take every input of the page, for A and B."""
        parser.add_argument("campaign", type=int, help="the campaign's number")
        parser.add_argument("--against", type=int, help="the number of another campaign to compare it with")
        parser.add_argument("--table", action="store_true", help="print a table for people in place of JSON")
        for prefix, whose in (("", "A"), ("b-", "B")):
            for field in FIELDS:
                words = f"{whose}: {field.label}{f', {field.unit}' if field.unit else ''}".replace("%", "%%")
                parser.add_argument(f"--{prefix}{field.name.replace('_', '-')}", help=words)

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and print the answer. Fails with a sentence for each thing that is wrong."""
        now = clock.now()
        names = [prefix + field.name for prefix in ("", asking.B) for field in FIELDS]
        given = {name: options[name] for name in names if options.get(name) is not None}
        if options["against"]:
            given[asking.AGAINST] = str(options["against"])

        def standing_of(campaign_id: int) -> Standing:
            return standing(waterfall(campaign_id, now=now))

        try:
            ask, wrong = asking.ask(options["campaign"], given, standing_of=standing_of, now=now)
        except AppError as refusal:
            raise CommandError(refusal.public_message) from refusal
        if wrong:
            raise CommandError("\n".join(f"{each.scenario.upper()}: {each.problem.text}" for each in wrong))
        played: list[int] = []
        try:
            found = answer.answer(ask, running.make(ask, report=played.append))
        except KeyboardInterrupt:
            raise CommandError(
                f"Cancelled in the middle, {len(played)} runs played. Nothing was kept."
            ) from None
        self.stdout.write("\n".join(_table(found)) if options["table"] else json.dumps(found))


def _table(found: Mapping[str, Any]) -> Iterator[str]:
    """Give the lines of the table: a column for each scenario, the middle with its band, and the basis of each input."""
    sides = [found["a"], *([found["b"]] if found["b"] else [])]
    yield _row("", [f"{letter}: {side['name']}" for letter, side in zip("AB", sides, strict=False)])
    for side in sides:
        if side["problem"]:
            yield side["problem"]
    made = [side["forecast"] or {} for side in sides]
    yield _row("Done", [_days(each.get("finish")) for each in made])
    for name, label in (
        ("talk_minutes_per_agent_hour", "Talk, minutes an hour"),
        ("idle_wait_seconds", "Wait for a call, s"),
        ("abandonment_percent", "Abandoned, %"),
        ("calls_per_hour", "Calls an hour"),
        ("people_reached", "People reached"),
    ):
        yield _row(label, [_band(each.get(name)) for each in made])
    yield _row("Agents needed", [str(each.get("agents_needed") or "–") for each in made])
    yield _row("Held back", [f"{side['list']['held_back']:,} of {side['list']['to_do']:,}" for side in sides])
    for letter, side in zip("AB", sides, strict=False):
        for row in side["list"]["held"]:
            yield f"  {letter} {row['leads']:>9,}  {row['why']}: {row['when']}"
        yield from (f"  {letter} {text}" for text in (side["forecast"] or {}).get("remarks", ()))
        for name, each in side["inputs"].items():
            yield f"  {letter} {name} {each['value'] or '–'} {each['unit']} ({each['basis'] or '–'})"
    yield from found["differences"]


def _row(label: str, cells: list[str]) -> str:
    return f"{label:<24}" + "".join(f"{cell:<36}" for cell in cells).rstrip()


def _band(each: Mapping[str, float] | None) -> str:
    return f"{each['mid']:,.1f} ({each['low']:,.1f} to {each['high']:,.1f})" if each else "–"


def _days(each: Mapping[str, str | None] | None) -> str:
    if not each:
        return "–"
    return f"{each['mid'] or 'open'} ({each['early'] or 'open'} to {each['late'] or 'open'})"
