"""How campaigns stand and the numbers behind each decision: written in bulk, kept for a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from core import db, kept
from dialer.models import PacerState, PacingSample
from dialer.pacing import Reasons
from dialer.pacing_reads import Look
from dialer.standing import Stand

_states = kept.Query(lambda ids: PacerState.objects.filter(campaign_id__in=kept.any_of(ids)))
EVERY = timedelta(seconds=1)
KEPT_FOR = timedelta(hours=24)
PURGED_AT_ONCE = 10_000
MOST = 32_767  # what a small integer holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision for one campaign."""

    look: Look
    mode: str  # in which it dialed
    stand: Stand
    reasons: Reasons
    wanted: int
    started: int  # calls, or cards in preview


def keep(decided: Sequence[Decided], *, now: datetime) -> None:
    """Store how campaigns stand and why they dial as they do: at most once a second each, a change at once. Three queries."""
    # One process paces a campaign, so nobody else writes its row between this and what follows.
    before = {row.campaign_id: row for row in _states.rows([each.look.campaign.id for each in decided])}
    due = [each for each in decided if _is_due(before.get(each.look.campaign.id), each, now)]
    if not due:
        return
    with db.use_case():
        PacerState.objects.bulk_create(
            [_state(before.get(each.look.campaign.id), each, now) for each in due],
            update_conflicts=True,
            unique_fields=["campaign"],
            update_fields=["standing", "words", "since", "mode", "seen_at"],
        )
        PacingSample.objects.bulk_create([_sample(each, now) for each in due if _says_something(each)])


def purge(*, now: datetime) -> int:
    """Delete decisions older than a day, so many at once; return how many."""
    gone = 0
    while True:
        old = PacingSample.objects.filter(at__lt=now - KEPT_FOR).order_by("pk")
        number = _delete(old)
        gone += number
        if number < PURGED_AT_ONCE:
            return gone


def _delete(rows: "QuerySet[PacingSample]") -> int:
    ids = list(rows.values_list("pk", flat=True)[:PURGED_AT_ONCE])
    return PacingSample.objects.filter(pk__in=ids).delete()[0]


def _is_due(before: PacerState | None, each: Decided, now: datetime) -> bool:
    if before is None or now - before.seen_at >= EVERY:
        return True
    return (before.standing, before.mode) != (each.stand.standing, each.mode)


def _says_something(each: Decided) -> bool:
    return bool(each.look.at_work or each.look.under_way)


def _state(before: PacerState | None, each: Decided, now: datetime) -> PacerState:
    goes_on = before is not None and before.standing == each.stand.standing
    return PacerState(
        campaign_id=each.look.campaign.id,
        standing=each.stand.standing,
        words=each.stand.words[:300],
        since=before.since if before is not None and goes_on else now,
        mode=each.mode,
        seen_at=now,
    )


def _sample(each: Decided, now: datetime) -> PacingSample:
    look, why = each.look, each.reasons
    counts = {
        "at_work": look.at_work,
        "idle": len(look.idle),
        "talking": len(look.talking),
        "under_way": look.under_way,
        "wanted": each.wanted,
        "started": each.started,
    }
    return PacingSample(
        campaign_id=look.campaign.id,
        at=now,
        mode=each.mode,
        standing=each.stand.standing,
        held=why.held,
        budget=why.budget,
        tolerance=why.tolerance,
        agents_free=why.agents_free,
        answers=why.answers,
        **{name: min(MOST, count) for name, count in counts.items()},
    )
