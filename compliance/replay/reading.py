"""Reads of replays for the page: what was tried, and which verdicts would have been others."""

from dataclasses import dataclass
from datetime import date, datetime

from compliance.models import ComplianceDecision, ReplayChange, ReplayRun
from core.errors import NotFound

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRow:
    """One replay as a list shows it. `refused` would have been denied and were allowed, `freed` the other way round."""

    id: int
    started_at: datetime
    started_by: str
    since: date
    until: date
    campaign_ref: str
    changes: tuple[str, ...]
    verdicts: int
    changed: int
    refused: int
    freed: int
    unreadable: tuple[int, ...]
    counts: tuple[
        tuple[str, str, str, str, int], ...
    ]  # old outcome, old code, new outcome, new code, how many
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayChangeRow:
    """One verdict that would have been another. The number is empty when the verdict's month was dropped since."""

    decision_id: int
    decided_at: datetime | None
    number: str
    old_outcome: str
    old_code: str
    new_outcome: str
    new_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayChangePage:
    """A page of changed verdicts, lowest id first; `next_after` continues it, None at the end."""

    run: ReplayRow
    rows: tuple[ReplayChangeRow, ...]
    next_after: int | None


def list_replays(*, limit: int = PAGE) -> tuple[ReplayRow, ...]:
    """Return the newest replays, newest first. Hidden SQL: one query."""
    return tuple(as_row(run) for run in ReplayRun.objects.order_by("-id")[:limit])


def replay_changes(run_id: int, *, after: int | None = None, limit: int = PAGE) -> ReplayChangePage:
    """Return the verdicts the replay would have decided otherwise; raises NotFound. Hidden SQL: three queries."""
    run = ReplayRun.objects.filter(id=run_id).first()
    if run is None:
        raise NotFound("There is no replay with this number.")
    rows = ReplayChange.objects.filter(run_id=run_id)
    if after is not None:
        rows = rows.filter(decision_id__gt=after)
    found = list(rows.order_by("decision_id")[: limit + 1])
    shown = found[:limit]
    decided = {
        row_id: (at, number)
        for row_id, at, number in ComplianceDecision.objects.filter(
            id__in=[change.decision_id for change in shown]
        ).values_list("id", "decided_at", "number")
    }
    return ReplayChangePage(
        run=as_row(run),
        rows=tuple(_change(change, *decided.get(change.decision_id, (None, ""))) for change in shown),
        next_after=shown[-1].decision_id if len(found) > limit else None,
    )


def as_row(run: ReplayRun) -> ReplayRow:
    """Return the replay as a list shows it."""
    counts = tuple(
        (old, old_code, new, new_code, count) for old, old_code, new, new_code, count in run.counts
    )
    return ReplayRow(
        id=run.pk,
        started_at=run.started_at,
        started_by=run.started_by,
        since=run.since,
        until=run.until,
        campaign_ref=run.campaign_ref,
        changes=tuple(run.changes),
        verdicts=run.verdicts,
        changed=run.changed,
        refused=sum(count for old, _, new, _, count in counts if (old, new) == ("allow", "deny")),
        freed=sum(count for old, _, new, _, count in counts if (old, new) == ("deny", "allow")),
        unreadable=tuple(run.unreadable),
        counts=counts,
        seconds=run.seconds,
    )


def _change(change: ReplayChange, decided_at: datetime | None, number: str) -> ReplayChangeRow:
    return ReplayChangeRow(
        decision_id=change.decision_id,
        decided_at=decided_at,
        number=number,
        old_outcome=change.old_outcome,
        old_code=change.old_code,
        new_outcome=change.new_outcome,
        new_code=change.new_code,
    )
