"""How running campaigns stand with the dialing loop, and why each dials as it does. Dataclasses out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from campaigns.models import Campaign
from campaigns.services.moves import DIALS
from dialer.models import PacingSample
from dialer.services.draining import Unfinished, unfinished
from dialer.standing import STOPS, Standing

LOST_AFTER = timedelta(seconds=5)  # without a look from any pacing process
SHOWN = timedelta(minutes=15)
POINTS = 90  # of the line: one each ten seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The numbers behind one decision."""

    at: datetime
    at_work: int
    idle: int
    talking: int
    under_way: int
    wanted: int
    started: int
    held: str  # dialer.pacing.Held
    budget: float | None
    tolerance: float | None
    agents_free: float | None
    answers: float | None

    @property
    def lines_per_agent(self) -> float:
        """Return the calls, ringing to talking, for each agent at work."""
        return (self.under_way + self.talking) / max(1, self.at_work)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStanding:
    """One running campaign."""

    campaign_id: int
    name: str
    chosen: str  # the mode a person chose, for people
    mode: str  # in which it dials now, for people
    standing: Standing
    words: str
    since: datetime
    decision: Decision | None  # the latest, of the last seconds

    @property
    def stops(self) -> bool:
        """Return whether it starts no call at all, though it runs."""
        return self.standing in STOPS


def standings(*, now: datetime, campaign_id: int | None = None) -> list[CampaignStanding]:
    """Return every campaign that runs or drains, or one of them, by name; two queries, four where one drains."""
    running = Campaign.objects.filter(state__in=DIALS).select_related("pacer_state")
    if campaign_id is not None:
        running = running.filter(pk=campaign_id)
    rows = list(running.order_by("name", "pk"))
    latest = PacingSample.objects.filter(
        campaign_id__in=[row.pk for row in rows], at__gt=now - LOST_AFTER
    ).order_by("campaign_id", "-at", "-pk")
    decisions = {sample.campaign_id: _decision(sample) for sample in latest.distinct("campaign_id")}
    left = unfinished([row.pk for row in rows if row.state == Campaign.State.DRAINING])
    return [
        _draining(row, left[row.pk]) if row.pk in left else _standing(row, decisions.get(row.pk), now)
        for row in rows
    ]


def line(campaign_id: int, *, now: datetime) -> Sequence[tuple[float, float]]:
    """Return the lines an agent of the last minutes: (share of the span that has passed, lines), oldest first. One query."""
    begin = now - SHOWN
    rows = PacingSample.objects.filter(campaign_id=campaign_id, at__gt=begin, at__lte=now, at_work__gt=0)
    sums: dict[int, tuple[float, int]] = {}
    for at, at_work, talking, under_way in rows.order_by("at", "pk").values_list(
        "at", "at_work", "talking", "under_way"
    ):
        point = int((at - begin) / SHOWN * POINTS)
        total, number = sums.get(point, (0.0, 0))
        sums[point] = (total + (under_way + talking) / at_work, number + 1)
    return [((point + 0.5) / POINTS, total / number) for point, (total, number) in sorted(sums.items())]


def _standing(row: Campaign, decision: Decision | None, now: datetime) -> CampaignStanding:
    state = getattr(row, "pacer_state", None)
    about: dict[str, Any] = {
        "campaign_id": row.pk,
        "name": row.name,
        "chosen": row.get_mode_display(),
        "decision": decision,
    }
    last_seen = state.seen_at if state else row.state_changed_at
    if now - last_seen > LOST_AFTER:
        return CampaignStanding(
            **about,
            mode=row.get_mode_display(),
            standing=Standing.NO_PACER,
            words="No pacing process looks after it: start run_pacer, or see why it ended.",
            since=last_seen,
        )
    if state is None:
        return CampaignStanding(
            **about, mode=row.get_mode_display(), standing=Standing.DIALING, words="", since=last_seen
        )
    return CampaignStanding(
        **about,
        mode=Campaign.Mode(state.mode).label,
        standing=Standing(state.standing),
        words=state.words,
        since=state.since,
    )


def _draining(row: Campaign, left: Unfinished) -> CampaignStanding:
    return CampaignStanding(
        campaign_id=row.pk,
        name=row.name,
        chosen=row.get_mode_display(),
        mode=row.get_mode_display(),
        standing=Standing.DRAINING,
        words=f"No other lead is offered or dialed. {left.words} It pauses by itself after them.",
        since=row.state_changed_at,
        decision=None,
    )


def _decision(row: PacingSample) -> Decision:
    return Decision(**{name: getattr(row, name) for name in Decision.__dataclass_fields__})
