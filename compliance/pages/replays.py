"""Replays and the evidence's own state, as tables. No queries."""

from collections.abc import Iterable, Sequence
from datetime import date

from compliance.pages.tables import (
    NUMBER,
    SHORT,
    WIDE,
    Cell,
    Table,
    count,
    day,
    listed,
    moment,
    phone,
    table,
    text,
    url,
)
from compliance.replay.reading import ReplayChangeRow, ReplayRow
from compliance.rules.codes import CODES
from compliance.store.status import ChainStatus
from core.background import JobFacts

DAYS_NAMED = 3


def sentence(row: ReplayRow) -> str:
    """Return what a replay says: "With these rules since 1 Oct 2026, 412 contacts that were allowed would have been refused …"."""
    return (
        f"With these rules since {day(row.since)}, {row.refused:,} {_contacts(row.refused)} allowed would have been refused, and "
        f"{row.freed:,} {_contacts(row.freed)} refused would have been allowed: {row.changed:,} of {row.verdicts:,} verdicts would have "
        "been others."
    )


def under_way_table(rows: Iterable[JobFacts]) -> Table:
    """Return replays that wait or are under way."""
    return table(
        "Replays under way",
        [("What", WIDE), ("State", SHORT), ("Looked at", NUMBER), ("Started", SHORT)],
        (
            [
                Cell(text=row.title, href=url("compliance-job", row.id), opens_row=True),
                Cell(text=row.state_label, tone="is-info"),
                count(row.done),
                moment(row.created_at, sub=f"by {row.started_by}"),
            ]
            for row in rows
        ),
        heading="Under way",
    )


def replays_table(rows: Iterable[ReplayRow]) -> Table:
    """Return the replays made, with what each says."""
    return table(
        "Replays, newest first",
        [
            ("Made", SHORT), ("Period", SHORT), ("What was otherwise", WIDE), ("Verdicts", NUMBER), ("Would be refused", NUMBER),
            ("Would be allowed", NUMBER),
        ],
        (
            [
                Cell(
                    at=row.started_at, href=url("compliance-replay", row.id), opens_row=True, sub=f"by {row.started_by}"
                ),
                text(period(row), sub=row.campaign_ref or "all campaigns"),
                text("; ".join(row.changes)),
                count(row.verdicts),
                count(row.refused),
                count(row.freed),
            ]
            for row in rows
        ),
        empty=(
            "No replay yet",
            "A replay decides the stored facts of a period again under changed rules, and says which contacts would have been refused "
            "or allowed. It changes nothing.",
        ),
    )  # fmt: skip


def period(row: ReplayRow) -> str:
    """Return the days a replay covers."""
    return f"{day(row.since)} to before {day(row.until)}"


def counts_table(row: ReplayRow) -> Table:
    """Return how many verdicts became which others."""
    changed = [each for each in row.counts if each[:2] != each[2:4]]
    return table(
        "How many verdicts became which others",
        [("Was", WIDE), ("Would be", WIDE), ("Verdicts", NUMBER)],
        (
            [
                _verdict(old, old_code),
                _verdict(new, new_code),
                count(many),
            ]
            for old, old_code, new, new_code, many in sorted(changed, key=lambda each: -each[4])
        ),
        heading="What would change",
        empty=("Nothing would change", "Every verdict of the period would have been the same."),
    )


def changes_table(rows: Iterable[ReplayChangeRow]) -> Table:
    """Return the verdicts that would have been others, each with the way to it."""
    return table(
        "Verdicts that would have been others, oldest first",
        [("Verdict", SHORT), ("Number", SHORT), ("Was", WIDE), ("Would be", WIDE)],
        (
            [
                Cell(
                    at=row.decided_at, href=url("compliance-verdict", row.decision_id), sub=f"verdict {row.decision_id}"
                )
                if row.decided_at
                else text(f"verdict {row.decision_id}", sub="of a month that was dropped"),
                phone(row.number),
                _verdict(row.old_outcome, row.old_code),
                _verdict(row.new_outcome, row.new_code),
            ]
            for row in rows
        ),
        heading="Each of them",
    )  # fmt: skip


def broken_table(found: ChainStatus) -> Table:
    """Return what the newest checks of broken days found."""
    return table(
        "What was found",
        [("Finding", WIDE)],
        ([text(finding)] for finding in found.findings),
        heading="What was found",
    )


def months_table(found: ChainStatus) -> Table:
    """Return the months of verdicts with their size."""
    return table(
        "Months of verdicts",
        [("Month", SHORT), ("Verdicts, about", NUMBER), ("Size in MB", NUMBER)],
        (
            [
                text(f"{each.month:%b %Y}" if each.month else "No month’s table"),
                count(each.rows_about) if each.rows_about >= 0 else text("not counted yet"),
                count(round(each.total_bytes / 1_000_000)),
            ]
            for each in found.partitions
        ),
        heading="Months kept",
    )


def chain_facts(found: ChainStatus) -> tuple[tuple[str, str], ...]:
    """Return how far the evidence is verified and sealed."""
    checked = (
        f"{day(found.checked_day)}: {found.checked_verdicts:,} verdicts, {found.checked_at:%Y-%m-%d %H:%M} UTC"
        if found.checked_at
        else "no day yet; each day is verified soon after midnight UTC"
    )
    return (
        ("Verified last", checked),
        ("Sealed to", day(found.sealed_to)),
        ("Not sealed yet", _days(found.unsealed_days)),
        ("Months dropped", listed((f"{month:%b %Y}" for month in found.dropped_months), "none")),
        ("Last seal", found.last_seal or "none"),
    )


def _days(days: Sequence[date]) -> str:
    if len(days) <= DAYS_NAMED:
        return listed(map(day, days), "no day")
    return f"{len(days)} days, the first {day(days[0])}, the last {day(days[-1])}"


def _verdict(outcome: str, code: str) -> Cell:
    if outcome == "allow":
        return Cell(text="Allowed", tone="is-good")
    return Cell(text="Refused", tone="is-bad", sub=CODES.get(code, code))


def _contacts(count: int) -> str:
    return "contact that was" if count == 1 else "contacts that were"
