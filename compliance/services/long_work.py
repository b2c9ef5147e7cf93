"""What takes longer than a page may wait: replays and registry copies. Each is checked, kept as a job, and done by a worker."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from compliance import jobs
from compliance.importing import RegistryFile, check_registry_file, import_registry_file
from compliance.registry.sources import CHUNK, ByteStream
from compliance.registry_facts import folder
from compliance.replay import edits, running
from compliance.rules.pack import PackError
from core import background, clock, db
from core.background import Arguments, Outcome, Report
from core.errors import AppError

INCOMING = "incoming"
FORGOTTEN_AFTER_SECONDS = 2 * 24 * 3600.0  # a file nobody came for: its job was stopped or lost


class ReplayRefused(AppError):
    """The replay cannot be made as asked; the text says what is wrong with which change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOrder:
    """What a replay is asked for: UTC days [since, last], one campaign or ("") all, changes as compliance.replay.edits reads them."""

    since: date
    last: date
    edits: tuple[str, ...]
    campaign_ref: str = ""


def start_replay(order: ReplayOrder, *, by: str, now: datetime) -> int:
    """Check the order and have a worker replay it; return the job's id. Raises ReplayRefused. In the open transaction."""
    _rules(order)
    arguments = {
        "since": order.since.isoformat(),
        "last": order.last.isoformat(),
        "edits": list(order.edits),
        "campaign_ref": order.campaign_ref,
        "by": by,
    }
    title = f"Replay since {order.since.day} {order.since:%b %Y}: {'; '.join(order.edits)}"
    return background.start(
        task=jobs.RUN_REPLAY, title=title, arguments=arguments, unit="verdicts", by=by, now=now
    )


def start_registry_import(stream: ByteStream, told: RegistryFile, *, by: str, now: datetime) -> int:
    """Check what is told of a registry file, keep the file, and have a worker load it; return the job's id.

    Raises DncFileRefused for a wrong description. Copies the file: outside any transaction.
    """
    db.refuse_in_atomic("Copying a registry file")
    check_registry_file(told, now)
    path = folder() / INCOMING / uuid.uuid4().hex
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_forgotten(path.parent.iterdir(), now)
    stream.seek(0)
    with path.open("xb") as kept:
        while data := stream.read(CHUNK):
            kept.write(data)
    arguments = asdict(told) | {
        "as_of": told.as_of.isoformat(),
        "area_codes": sorted(told.area_codes),
        "file": path.name,
        "by": by,
    }
    with db.use_case():
        return background.start(
            task=jobs.IMPORT_REGISTRY,
            title=f"Registry copy “{told.name}” of {told.as_of.day} {told.as_of:%b %Y}",
            arguments=arguments,
            unit="rows",
            by=by,
            now=now,
        )


def replay(arguments: Arguments, report: Report) -> Outcome:
    """Do a replay that start_replay kept."""
    order = ReplayOrder(
        since=date.fromisoformat(arguments["since"]),
        last=date.fromisoformat(arguments["last"]),
        edits=tuple(arguments["edits"]),
        campaign_ref=arguments["campaign_ref"],
    )
    scope = running.ReplayScope(
        since=order.since, until=order.last + timedelta(days=1), campaign_ref=order.campaign_ref
    )
    run = running.replay(
        _rules(order), scope, actor=arguments["by"], now=clock.now(), processes=1, report=report
    )
    return Outcome(
        said=f"{run.changed:,} of {run.verdicts:,} verdicts would have been others.", result_ref=str(run.pk)
    )


def import_registry(arguments: Arguments, report: Report) -> Outcome:
    """Load a registry file that start_registry_import kept, and remove what was kept of it."""
    path = folder() / INCOMING / Path(arguments["file"]).name
    told = RegistryFile(
        name=arguments["name"],
        seller=arguments["seller"],
        san=arguments["san"],
        as_of=date.fromisoformat(arguments["as_of"]),
        area_codes=frozenset(arguments["area_codes"]),
        kind=arguments["kind"],
        base_id=arguments["base_id"],
    )
    try:
        with path.open("rb") as stream:
            row = import_registry_file(
                stream,
                told,
                actor=arguments["by"],
                now=clock.now(),
                report=lambda rows: report(rows, None),
            )
    except FileNotFoundError:
        raise AppError("The uploaded file is not there any more. Upload it again.") from None
    finally:
        path.unlink(missing_ok=True)
    if row.active:
        said = (
            f"The copy is in force with {row.numbers:,} numbers. Of the file’s rows {row.accepted:,} were accepted, "
            f"{row.duplicates:,} were there already and {row.refused:,} refused."
        )
    else:
        said = (
            f"{row.refused:,} lines could not be read, which is more than 0.1 %: the copy is not in force. "
            "Fix the file and upload it again, or decide under Registries to put the copy in force as it is."
        )
    return Outcome(said=said, result_ref=str(row.id))


def _rules(order: ReplayOrder) -> edits.ChangedRules:
    if order.last < order.since:
        raise ReplayRefused(f"The last day, {order.last}, is before the first, {order.since}.")
    try:
        rules = edits.changed_rules(edits=_once(order.edits))
        edits.check_limits(rules, first=order.since, last=order.last)
    except (edits.BadEdit, PackError) as error:
        raise ReplayRefused(str(error)) from None
    return rules


def _once(texts: Iterable[str]) -> Sequence[str]:
    return list(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _remove_forgotten(paths: Iterable[Path], now: datetime) -> None:
    for path in paths:
        if now.timestamp() - path.stat().st_mtime > FORGOTTEN_AFTER_SECONDS:
            path.unlink(missing_ok=True)
