"""The dialing loop: look at all campaigns of this process at once, decide for each, act, and keep why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

import structlog
from django.conf import settings

from campaigns import cards
from campaigns.cards import RunningCampaign
from campaigns.models import Campaign
from carriers import health, pools
from carriers import selectors as carriers
from compliance.gathering import policy_for
from compliance.rules.abandonment import exceeds
from compliance.rules.policy import Policy
from core import db
from core.errors import AppError
from dialer import pacing_reads
from dialer.intervals import Share
from dialer.outcome_reads import Cursor
from dialer.pacing_reads import Look
from dialer.services import autodial, caller_ids, lines, offers, pacing_record, sharing
from dialer.services.paced import ENOUGH_LINES, OVER_DIALS, Paced
from dialer.services.pacing_record import Decided
from dialer.standing import FEWEST_AGENTS, Facts, Standing, opens_at, stand

log = structlog.get_logger(__name__)

MODE = Campaign.Mode
LOOKED_UP_EVERY = timedelta(minutes=1)  # what changes over days: how often detection is wrong, and the law


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all campaigns share at one instant."""

    policy: Policy
    trouble: str  # the carrier's words, where it refuses our credentials
    callers: frozenset[str]  # numbers of ours that may be shown
    lines_left: int
    kept_back: int = 0  # calls that campaigns of a higher priority want, which other processes pace


class Pacing:
    """The campaigns that one process paces. Of any number of processes one holds a campaign, by a lock of the database."""

    def __init__(self) -> None:
        self.mine: dict[int, Paced] = {}
        self._cursor = Cursor()
        self._looked_up_at: datetime | None = None
        self._policy: Policy | None = None
        self._wrongly_hung_up: Mapping[int, Share] = {}
        self._acted_at: datetime | None = None
        self._allowance = 0.0  # calls that may start now under the carrier's limit
        self._turn = 0

    def round(self, *, now: datetime) -> int:
        """Offer cards and start calls for every campaign of this process; return how many of either."""
        running = cards.running_campaigns()
        self._let_go(mine for mine in list(self.mine) if mine not in {campaign.id for campaign in running})
        self._take(running, now)
        own = [campaign for campaign in running if campaign.id in self.mine]
        if not own:
            return 0
        for campaign in own:
            self.mine[campaign.id].follow(campaign, now=now)
        for told in self._cursor.read(list(self.mine), now=now):
            if told.campaign_id in self.mine:
                self.mine[told.campaign_id].observe([told])
        around = self._surroundings(own, now)
        looks = pacing_reads.look(own, wrongly_hung_up=self._wrongly_hung_up, now=now)
        elsewhere = sharing.look(running, self.mine, now=now)
        self._refill(now, elsewhere.started)
        self._turn += 1
        decided: list[Decided] = []
        for one in in_turn(own, self._turn):
            kept_back = elsewhere.before(one.priority)
            taken = kept_back + sum(each.started for each in decided)
            left = replace(around, lines_left=around.lines_left - taken, kept_back=kept_back)
            decided.append(self._pace(looks[one.id], left, now))
        pacing_record.keep(decided, now=now)
        return sum(each.started for each in decided)

    def forget(self) -> None:
        """Let every campaign go: the locks went with the connection."""
        self.mine.clear()

    def _take(self, running: Iterable[RunningCampaign], now: datetime) -> None:
        free = {_lock(campaign.id): campaign for campaign in running if campaign.id not in self.mine}
        if not free:
            return
        got = db.try_session_locks(list(free))
        if got and not self.mine:
            self._cursor.begin()
        for key in sorted(got):
            campaign = free[key]
            self.mine[campaign.id] = Paced(campaign, now=now)
            log.info("dialer.pacer.took", campaign=campaign.id, mode=campaign.mode)

    def _let_go(self, gone: Iterable[int]) -> None:
        for campaign_id in gone:
            db.release_session_lock(_lock(campaign_id))
            del self.mine[campaign_id]

    def _surroundings(self, own: list[RunningCampaign], now: datetime) -> Surroundings:
        if self._policy is None or self._looked_up_at is None or now - self._looked_up_at >= LOOKED_UP_EVERY:
            self._policy, self._looked_up_at = policy_for(now), now
            detecting = [one.id for one in own if one.machine_detection != Campaign.MachineDetection.OFF]
            self._wrongly_hung_up = pacing_reads.checked_machines(detecting, now=now)
        trouble = health.trouble()
        limit = settings.CARRIER_MAX_LINES
        return Surroundings(
            policy=self._policy,
            trouble=trouble.reason if trouble else "",
            callers=frozenset(carriers.active_caller_numbers()),
            lines_left=limit - lines.lines_in_use() if limit > 0 else ENOUGH_LINES,
        )

    def _refill(self, now: datetime, started: int | None) -> None:
        """Let calls start as fast as the carrier takes them, a second's worth at once; `started`: by all processes within that."""
        rate = max(0.0, float(settings.CARRIER_CPS))
        passed = 1.0 if self._acted_at is None else max(0.0, (now - self._acted_at).total_seconds())
        self._acted_at = now
        self._allowance = min(max(1.0, rate), self._allowance + rate * passed)
        if started is not None:
            self._allowance = min(self._allowance, max(0.0, max(1.0, rate) - started))

    def _pace(self, look: Look, around: Surroundings, now: datetime) -> Decided:
        """Decide for one campaign and act; a refusal or a change under us is left to the next round."""
        paced = self.mine[look.campaign.id]
        over_the_cap = _over_the_cap(look, around.policy)
        mode = MODE.PREVIEW if over_the_cap else MODE(look.campaign.mode)
        few = look.at_work < FEWEST_AGENTS
        wanted = paced.decide(look, around.policy, lines_left=around.lines_left, one_to_one=few, now=now)
        started = 0
        if not (around.trouble or _set_up_missing(look.campaign, around, now)):
            try:
                started = (
                    self._offer(look, now) if mode is MODE.PREVIEW else self._start(look, wanted, around, now)
                )
            except AppError as error:
                # A session that changed under us: the next round sees it as it is.
                log.info("dialer.pacer.put_off", campaign=look.campaign.id, reason=str(error))
        may_start = self._allowance - around.kept_back >= 1 and around.lines_left > 0
        if started or not wanted or not look.leads_ready or mode is MODE.PREVIEW:
            paced.refused_since = None
        elif paced.refused_since is None and may_start:
            paced.refused_since = now
        found = stand(_facts(look, paced, around, over_the_cap=over_the_cap, now=now), now=now)
        if mode in OVER_DIALS and found.standing in ONE_TO_ONE:
            mode = MODE.PROGRESSIVE
        return Decided(
            look=look, mode=mode, stand=found, reasons=paced.reasons, wanted=wanted, started=started
        )

    def _offer(self, look: Look, now: datetime) -> int:
        """Show cards to agents on whom no call under way counts."""
        free = look.waiting[: max(0, len(look.waiting) - look.under_way)]
        return sum(offers.offer_next(session_id=one.session_id, by_hand=True, now=now) for one in free)

    def _start(self, look: Look, wanted: int, around: Surroundings, now: datetime) -> int:
        """Start calls; who owes somebody a call gets its card, if no call under way counts on them."""
        owing = [one for one in look.waiting if one.user_id in look.promised][:wanted]
        offered = sum(offers.offer_promised(session_id=one.session_id, now=now) for one in owing)
        count = min(wanted - offered, int(self._allowance) - around.kept_back, around.lines_left)
        started = autodial.start_calls(campaign_id=look.campaign.id, count=count, now=now)
        self._allowance -= started
        return offered + started


def in_turn(campaigns: Sequence[RunningCampaign], turn: int) -> list[RunningCampaign]:
    """Return campaigns as they may dial: by priority; of the same, another one is first each turn, so that none takes all there is."""
    found: list[RunningCampaign] = []
    for _, same in groupby(
        sorted(campaigns, key=lambda one: (one.priority, one.id)), lambda one: one.priority
    ):
        row = list(same)
        begins = turn % len(row)
        found += [*row[begins:], *row[:begins]]
    return found


ONE_TO_ONE = (Standing.CONTRADICTION, Standing.FEW_AGENTS, Standing.CAP_NEAR)


def _lock(campaign_id: int) -> int:
    return db.lock_key("pacer", campaign_id)


def _over_the_cap(look: Look, policy: Policy) -> str:
    """Return in words how many calls were abandoned where the gate would refuse every call of the dialer for it, else nothing."""
    if look.campaign.mode == MODE.PREVIEW:
        return ""
    limit = policy.abandon_limit_basis_points
    for counted, span in ((look.period, "this 30-day period"), (look.trailing, "the last 30 days")):
        if exceeds(counted.abandoned, counted.live, limit):
            return (
                f"{counted.abandoned:.10g} of {counted.live:.10g} calls answered live in {span} were abandoned, more than "
                f"{limit / 100:g} % (rule FED-016)."
            )
    return ""


def _set_up_missing(campaign: RunningCampaign, around: Surroundings, now: datetime) -> str:
    if settings.CARRIER_CPS <= 0:
        return "The carrier may start no calls: PARLEY_CARRIER_CPS is 0."
    if campaign.caller_id not in around.callers:
        return "Its caller ID is not an active number of ours any more: choose another one in its settings (rule FED-025)."
    pool = campaign.caller_pool_id
    if pool is not None and not pools.has_number(pool, today=caller_ids.office_day(now), now=now):
        return "Every number of its pool rests or has made its calls of the day: a manager can end a rest or raise the cap."
    return ""


def _facts(look: Look, paced: Paced, around: Surroundings, *, over_the_cap: str, now: datetime) -> Facts:
    campaign = look.campaign
    over_dials = campaign.mode in OVER_DIALS
    return Facts(
        carrier_trouble=around.trouble,
        set_up_missing=_set_up_missing(campaign, around, now),
        opens_at=opens_at(
            campaign.window_opens,
            campaign.window_closes,
            campaign.window_days,
            breaks=campaign.window_breaks,
            off=campaign.days_off,
            now=now,
        ),
        signed_on=look.signed_on,
        at_work=look.at_work,
        leaving=look.leaving,
        leads_ready=look.leads_ready,
        next_lead_at=look.next_lead_at,
        under_way=look.under_way,
        refused_since=paced.refused_since,
        lines_left=around.lines_left,
        over_dials=over_dials,
        dials_itself=campaign.mode != MODE.PREVIEW,
        over_the_cap=over_the_cap,
        contradiction=paced.contradiction,
        budget=paced.reasons.budget if over_dials else None,
        answered_live=look.tightest(paced.cap(around.policy)).live,
    )
