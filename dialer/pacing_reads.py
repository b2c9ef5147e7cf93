"""What the pacing loop sees of all its campaigns at one instant: so many queries, however many campaigns there are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from campaigns import cards
from campaigns.cards import RunningCampaign
from campaigns.models import Campaign
from core import kept, prepared
from dialer import answerflow
from dialer.agentflow import AgentState, LegState
from dialer.answerflow import people_hung_up_on
from dialer.callflow import CallState, Party
from dialer.intervals import Share, share
from dialer.models import AgentSession, Call
from dialer.presence import away_before, seen_since
from dialer.selectors import HEARD_A_MACHINE, PERIOD

SCORES = 64  # of the next leads: what a pacer may be told
LEADS_COUNTED = 100  # of those ready now: more are not started at once
OFF = Campaign.MachineDetection.OFF
COUNTS = """
SELECT c.id,
    coalesce(sum(d.live) FILTER (WHERE d.day >= w.period), 0), coalesce(sum(d.abandoned) FILTER (WHERE d.day >= w.period), 0),
    coalesce(sum(d.machines) FILTER (WHERE d.day >= w.period), 0),
    coalesce(sum(d.live) FILTER (WHERE d.day >= w.trailing), 0), coalesce(sum(d.abandoned) FILTER (WHERE d.day >= w.trailing), 0),
    coalesce(sum(d.machines) FILTER (WHERE d.day >= w.trailing), 0)
FROM campaigns_campaign c
CROSS JOIN LATERAL (SELECT (c.started_at AT TIME ZONE 'UTC')::date AS began) b
CROSS JOIN LATERAL (
    SELECT b.began + %(days)s::int * ((%(today)s::date - b.began) / %(days)s::int) AS period,
        %(today)s::date - %(days)s::int AS trailing
) w
LEFT JOIN dialer_answeredday d ON d.campaign_id = c.id AND d.day >= least(w.period, w.trailing)
WHERE c.id = ANY(%(ids)s::bigint[]) GROUP BY c.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An agent who waits for a card or a call."""

    session_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Calls answered by a person and those abandoned in one span the law counts; people hung up on as machines are estimated in."""

    live: float = 0.0
    abandoned: float = 0.0


@dataclass(slots=True, kw_only=True)
class Look:
    """One campaign at one instant. Ages in seconds, as in dialer.pacing.PacingSnapshot."""

    campaign: RunningCampaign
    waiting: list[Waiting] = field(default_factory=list)  # longest first
    signed_on: int = 0
    idle: list[float] = field(default_factory=list)
    talking: list[float] = field(default_factory=list)
    wrapup: list[float] = field(default_factory=list)
    leaving: int = 0
    paused: int = 0
    ringing: list[float] = field(default_factory=list)
    in_detection: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)  # people whose agent's line broke off
    abandoned_now: int = 0  # calls that are not counted yet, since they have not ended
    period: Counted = field(default_factory=Counted)
    trailing: Counted = field(default_factory=Counted)
    leads_ready: int = 0  # at most LEADS_COUNTED
    next_lead_at: datetime | None = None
    ringing_scores: list[float | None] = field(default_factory=list)  # of the calls in `ringing`
    next_scores: list[float] = field(default_factory=list)
    promised: set[int] = field(default_factory=set)  # users who owe somebody a call now

    @property
    def at_work(self) -> int:
        """Return the agents at work, whatever they do; not those who pause or leave."""
        return len(self.idle) + len(self.talking) + len(self.wrapup)

    @property
    def under_way(self) -> int:
        """Return the calls started that no agent has yet."""
        return len(self.ringing) + len(self.in_detection) + len(self.answered)

    def tightest(self, cap: float) -> Counted:
        """Return the span that leaves the smallest budget under a cap, with the calls that have not ended yet."""
        spans = [
            Counted(live=each.live + self.abandoned_now, abandoned=each.abandoned + self.abandoned_now)
            for each in (self.period, self.trailing)
        ]
        return min(spans, key=lambda each: cap * each.live - each.abandoned)


def look(
    campaigns: Sequence[RunningCampaign], *, wrongly_hung_up: Mapping[int, Share], now: datetime
) -> dict[int, Look]:
    """Return each campaign as it is now, in five queries, six where one goes by scores.

    `wrongly_hung_up` is checked_machines of some minutes ago at most.
    """
    found = {campaign.id: Look(campaign=campaign) for campaign in campaigns}
    ids = list(found)
    # Calls before the counts: one that ends between is counted twice, never left out.
    _read_agents(found, ids, now)
    _read_calls(found, ids, now)
    _read_counts(found, ids, wrongly_hung_up, now)
    for campaign_id, leads in cards.leads_left(ids, now=now, limit=LEADS_COUNTED).items():
        found[campaign_id].leads_ready, found[campaign_id].next_lead_at = leads
    for campaign_id, user_id in cards.promised_now(ids, now=now):
        found[campaign_id].promised.add(user_id)
    scored = [campaign.id for campaign in campaigns if campaign.is_scored]
    for campaign_id, scores in cards.next_scores(scored, now=now, limit=SCORES).items() if scored else ():
        found[campaign_id].next_scores = scores
    return found


def checked_machines(ids: Iterable[int], *, now: datetime) -> dict[int, Share]:
    """Return how many of the calls taken for machines in the last 30 days were people, of those an agent checked. One query."""
    rows = (
        Call.objects.filter(
            campaign_id__in=list(ids),
            answered_at__gte=now - PERIOD,
            session__isnull=False,
            disposed_at__isnull=False,
            answered_by=Party.MACHINE,
        )
        .annotate(was_machine=HEARD_A_MACHINE)
        .values_list("campaign_id", "was_machine")
        .annotate(calls=Count("id"))
    )
    counts: dict[int, Counter[bool]] = {}
    for campaign_id, was_machine, calls in rows:
        counts.setdefault(campaign_id, Counter())[was_machine] += calls
    return {
        campaign_id: share(found[False], found[True] + found[False]) for campaign_id, found in counts.items()
    }


def _read_agents(found: dict[int, Look], ids: list[int], now: datetime) -> None:
    for row in _agents.rows(ids, away_before(now)):
        campaign_id, session_id, user_id, state, since, is_there, after_result, met_at = row
        one, age, talked = found[campaign_id], _age(since, now), _age(met_at, now)
        one.signed_on += 1
        match state:
            case AgentState.READY if is_there:
                one.waiting.append(Waiting(session_id=session_id, user_id=user_id))
                one.idle.append(age)
            case AgentState.READY | AgentState.NOT_READY:
                one.paused += 1
            case AgentState.ON_CALL if not after_result:
                one.talking.append(talked)
            case AgentState.WRAP_UP if not after_result:
                one.wrapup.append(age)
            case _:
                one.leaving += 1  # or busy with what ends in no foreseeable time


def _read_calls(found: dict[int, Look], ids: list[int], now: datetime) -> None:
    for (
        campaign_id,
        state,
        answered,
        party,
        abandoned,
        lost,
        attempt_id,
        placed,
        call_id,
        score,
        *whose,
    ) in _calls.rows(ids):
        one = found[campaign_id]
        if state == CallState.INTERRUPTED:
            their_call, leg = whose
            if their_call != call_id or leg != LegState.UP:
                one.alone.append(_age(lost, now))
        elif abandoned:
            one.abandoned_now += 1
        elif state in (CallState.LEAVING_MESSAGE, CallState.TRANSFERRED):
            continue
        elif answered is None:
            one.ringing.append(_age(placed, now))
            one.ringing_scores.append(score)
        elif not party and one.campaign.machine_detection != OFF:
            one.in_detection.append(_age(answered, now))
        elif party not in answerflow.NOBODY or answerflow.is_sampled(
            attempt_id, one.campaign.machine_sample_percent
        ):
            one.answered.append(_age(answered, now))


def _read_counts(
    found: dict[int, Look], ids: list[int], wrongly_hung_up: Mapping[int, Share], now: datetime
) -> None:
    today = now.astimezone(UTC).date()
    days = PERIOD // timedelta(days=1)
    for campaign_id, *sums in prepared.run_named(COUNTS, {"ids": ids, "today": today, "days": days}).rows:
        checked = wrongly_hung_up.get(campaign_id, share(0, 0))
        found[campaign_id].period = _counted(sums[:3], checked)
        found[campaign_id].trailing = _counted(sums[3:], checked)


def _counted(sums: Sequence[int], checked: Share) -> Counted:
    live, abandoned, machines = sums
    people = people_hung_up_on(machines, checked) if machines else 0.0
    return Counted(live=live + people, abandoned=abandoned + people)


def _age(since: datetime | None, now: datetime) -> float:
    """Return the seconds since an instant, which other machines' clocks may put a little ahead of ours; 0 where there was none."""
    return max(0.0, (now - since).total_seconds()) if since else 0.0


_agents = kept.Values(
    lambda ids, since: (
        AgentSession.objects.filter(ended_at__isnull=True, campaign_id__in=kept.any_of(ids))
        .annotate(is_there=ExpressionWrapper(seen_since(since), output_field=BooleanField()))
        .order_by("state_since", "pk")
        .values_list(
            "campaign_id",
            "pk",
            "user_id",
            "state",
            "state_since",
            "is_there",
            "after_result",
            "call__bridged_at",
        )
    ),
    values=2,
)
_calls = kept.Values(
    lambda ids: (
        Call.objects.filter(campaign_id__in=kept.any_of(ids))
        .exclude(state=CallState.ENDED)
        .filter(Q(session__isnull=True) | Q(state=CallState.INTERRUPTED))
        .values_list(
            "campaign_id", "state", "answered_at", "answered_by", "abandoned", "lost_since", "attempt_id",
            "attempt__placed_at", "pk", "attempt__score", "session__call_id", "session__leg_state",
        )
    )
)  # fmt: skip
