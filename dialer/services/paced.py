"""One campaign's pacer in the process that holds the campaign: what it has learned, and what it decides."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings

from campaigns.cards import RunningCampaign
from campaigns.models import Campaign
from compliance.rules.policy import Policy
from dialer import outcome_reads
from dialer.outcome_reads import Told
from dialer.pacing import (
    CallOutcome,
    Contradiction,
    PacingSnapshot,
    PowerPacer,
    PredictivePacer,
    ProgressivePacer,
    Reasons,
    check,
)
from dialer.pacing_reads import Look

log = structlog.get_logger(__name__)

MODE = Campaign.Mode
OVER_DIALS = (MODE.POWER, MODE.PREDICTIVE)
TOLD_AGAIN_FOR = 10_000  # outcomes of which it is known that they were told
ENOUGH_LINES = 10_000  # where the account has no limit of its own
Line = tuple[int, str]  # a call and the kind of its outcome


class _Pacer(Protocol):
    reasons: Reasons | None

    def calls_to_place(self, s: PacingSnapshot) -> int: ...


class Paced:
    """A campaign with its pacer, rebuilt from what is stored when a process takes the campaign over; its clock begins then."""

    def __init__(self, campaign: RunningCampaign, *, now: datetime) -> None:
        self.campaign = campaign
        self._began, self._now = now, 0.0
        self._told: dict[Line, None] = {}
        self._one_to_one = ProgressivePacer()
        self._pacer: _Pacer = self._one_to_one
        self.contradiction = ""
        self.refused_since: datetime | None = None
        self._build(now)

    def follow(self, campaign: RunningCampaign, *, now: datetime) -> None:
        """Take the campaign's settings as they are now; a pacer of another kind begins with what is stored."""
        before, self.campaign = self.campaign, campaign
        if (before.mode, before.power_ratio) != (campaign.mode, campaign.power_ratio):
            self._build(now)

    def observe(self, news: Iterable[Told]) -> None:
        """Let the pacer learn what became of calls; what it was told before is passed over."""
        for told in news:
            line = (told.call_id, told.kind)
            if line in self._told:
                continue
            self._told[line] = None
            if isinstance(self._pacer, PowerPacer | PredictivePacer):
                self._pacer.observe(self._outcome(told))
        while len(self._told) > TOLD_AGAIN_FOR:
            del self._told[next(iter(self._told))]

    def decide(self, look: Look, policy: Policy, *, lines_left: int, one_to_one: bool, now: datetime) -> int:
        """Return how many calls to start now: what the pacer says, or one to one where it must not or cannot be asked."""
        snapshot = self.snapshot(look, policy, lines_left=lines_left, now=now)
        try:
            check(snapshot)
            wanted = self._pacer.calls_to_place(snapshot)
        except Contradiction as error:
            self._alarm(str(error))
            wanted = 0
        except Exception as error:
            # A pacer that fails must not stop the campaign, nor the others of this process.
            log.exception("dialer.pacer.failed", campaign=self.campaign.id)
            self._alarm(f"The pacer failed: {type(error).__name__}.")
            wanted = 0
        else:
            self.contradiction = ""
        at_most = self._one_to_one.calls_to_place(snapshot)
        if self.contradiction:
            return at_most
        return min(wanted, at_most) if one_to_one else wanted

    @property
    def reasons(self) -> Reasons:
        """Return the numbers behind the last decision."""
        found = self._one_to_one.reasons if self.contradiction else self._pacer.reasons
        assert found is not None
        return found

    def snapshot(self, look: Look, policy: Policy, *, lines_left: int, now: datetime) -> PacingSnapshot:
        """Return what the pacer is given."""
        cap = self.cap(policy)
        counted = look.tightest(cap)
        office = now.astimezone(ZoneInfo(settings.OFFICE_ZONE))
        closes = office.replace(
            hour=look.campaign.window_closes.hour,
            minute=look.campaign.window_closes.minute,
            second=0,
            microsecond=0,
        )
        own_lines = look.under_way + len(look.talking)
        return PacingSnapshot(
            now=self._tick(now),
            time_of_day=float(office.hour * 3600 + office.minute * 60 + office.second),
            shift_end=max(self._tick(now), self._clock(closes)),
            agents_idle=look.idle,
            agents_talking=look.talking,
            agents_inbound=[],
            agents_wrapup=look.wrapup,
            agents_leaving=look.leaving,
            agents_paused=look.paused,
            calls_ringing=look.ringing,
            calls_in_amd=look.in_detection,
            calls_waiting=look.answered,
            inbound_waiting=look.alone,
            inbound_rate_forecast=0.0,
            abandoned=counted.abandoned,
            live_answered=counted.live,
            target_abandon_rate=cap,
            cps_cap=float(settings.CARRIER_CPS),
            max_lines=own_lines + max(0, lines_left),
            list_remaining=look.leads_ready,
            ring_timeout_s=float(look.campaign.ring_seconds),
            connect_deadline_s=float(policy.connect_seconds),
            amd_enabled=look.campaign.machine_detection != Campaign.MachineDetection.OFF,
            ringing_scores=_all_scored(look.ringing_scores) if look.next_scores else [],
            next_scores=look.next_scores,
        )

    def cap(self, policy: Policy) -> float:
        """Return the share of answered calls that may be abandoned: the campaign's own, never above the law's."""
        law = policy.abandon_limit_basis_points / 10_000
        own = self.campaign.abandon_percent
        return law if own is None else min(law, own / 100)

    def _build(self, now: datetime) -> None:
        """Make the mode's pacer and let it learn from what is stored."""
        self._told.clear()
        self._began, self._now = now, 0.0
        match self.campaign.mode:
            case MODE.PREDICTIVE:
                self._pacer = PredictivePacer()
            case MODE.POWER:
                self._pacer = PowerPacer(ratio=self.campaign.power_ratio)
            case _:
                self._pacer = self._one_to_one
                return
        self.observe(outcome_reads.history(self.campaign.id))

    def _tick(self, now: datetime) -> float:
        """Return the campaign's clock, which never goes back although the machine's may be set."""
        self._now = max(self._now, self._clock(now))
        return self._now

    def _clock(self, at: datetime) -> float:
        return (at - self._began).total_seconds()

    def _outcome(self, told: Told) -> CallOutcome:
        return CallOutcome(
            told.kind,
            self._clock(told.at),
            result=told.result,
            ring_s=told.ring_seconds,
            wait_s=told.wait_seconds,
            talk_s=told.talk_seconds,
            wrap_s=told.wrap_seconds,
            party=told.party,
            score=told.score,
        )

    def _alarm(self, words: str) -> None:
        if not self.contradiction:
            log.error("dialer.pacer.contradiction", campaign=self.campaign.id, reason=words)
        self.contradiction = words


def _all_scored(scores: list[float | None]) -> list[float]:
    """Return the scores of the calls that ring if each has one; else none: the pacer takes all or nothing."""
    found = [score for score in scores if score is not None]
    return found if len(found) == len(scores) else []
