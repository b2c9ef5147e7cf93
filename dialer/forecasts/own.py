"""A campaign's own plan: its settings, its list as the gate sees it, its calls of the last weeks; each figure with its basis."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count

from campaigns import breaks, ordering
from campaigns.models import Campaign, CampaignAgent, CampaignLead, Disposition
from campaigns.selectors import attempts
from compliance.gathering import policy_for
from compliance.rules.facts import Purpose
from core.errors import NotFound
from dialer.forecasts import measured
from dialer.forecasts.held import Standing
from dialer.forecasts.measured import Breaks, Measured
from dialer.whatif.fields import Limits
from dialer.whatif.inputs import MOST_ZONES, ZONES
from dialer.whatif.plan import ORDERS, USUAL_BREAKS, Plan, Retries
from dialer.why.ahead import Ahead

USUAL: Final = "a usual value: nothing measured yet"
SETTING: Final = "from the campaign’s settings"
USUAL_SHARES: Final = {"answers": 0.22, "machines": 0.30, "busy": 0.04, "failed": 0.05}
USUAL_TALK, USUAL_READING = 120.0, 15.0  # seconds
USUAL_AGENTS: Final = 5
MOST_BREAKS: Final = 0.6  # of the paid time, as in dialer.whatif.fields
LEAST_ZONE: Final = 0.001  # of the people: who is in a smaller zone counts with the largest
DOUBTED: Final = 50  # calls that a usual share of answers is trusted like
FREELY: Final = 10.0  # calls a second, where the carrier sets no limit worth playing


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A campaign as it would be launched now, where each figure comes from (field → words), and what the law bounds."""

    campaign_id: int
    name: str
    plan: Plan
    sources: Mapping[str, str]
    limits: Limits
    standing: Standing
    hours: Mapping[int, tuple[int, int]]  # hour → calls, people who answered, where measured


def own_plan(campaign_id: int, standing: Standing, *, now: datetime) -> Own:
    """Return a campaign's own plan. At most nine queries. Raises NotFound."""
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound("This campaign does not exist.")
    found, whose = _measured(campaign, now)
    shares, share_sources = _shares(found, whose)
    lengths, length_sources = _lengths(campaign, found, whose)
    agents = CampaignAgent.objects.filter(campaign=campaign).count()
    limits, ahead = _limits(campaign, now), standing.ahead
    resting = measured.breaks([campaign.pk], now=now)
    office = now.astimezone(ZoneInfo(settings.OFFICE_ZONE))
    plan = Plan(
        agents=agents or USUAL_AGENTS,
        opens=max(campaign.window_opens, limits.opens) if limits.sells else campaign.window_opens,
        closes=min(campaign.window_closes, limits.closes) if limits.sells else campaign.window_closes,
        days=campaign.window_days,
        breaks=_breaks(campaign, limits),
        zones=_zones(ahead, office),
        office=settings.OFFICE_ZONE,
        break_share=min(MOST_BREAKS, resting.share) if resting else USUAL_BREAKS,
        begins=office.date(),
        not_before=time(office.hour),
        mode=campaign.mode,
        ratio=float(campaign.power_ratio),
        cap=limits.cap if campaign.abandon_percent is None else min(limits.cap, float(campaign.abandon_percent) / 100),
        ring=campaign.ring_seconds,
        attempts=campaign.max_attempts,
        **_limits_of_tries(campaign),
        numbers=_shares_of(ahead.numbers),
        order=_order(campaign),
        retries=_retries(campaign),
        detects=campaign.machine_detection != Campaign.MachineDetection.OFF,
        cps=min(FREELY, settings.CARRIER_CPS) if settings.CARRIER_CPS > 0 else 1.0,
        has_learned=whose == "this campaign",
        leads=standing.now + standing.today,
        later=standing.later,
        due=_due(ahead, office),
        tried=_tried(campaign_id),
        **shares,
        **lengths,
    )  # fmt: skip
    return Own(
        campaign_id=campaign_id, name=campaign.name, plan=plan,
        sources={
            **_sources(campaign, agents), **share_sources, **length_sources, **_hour_sources(plan, found),
            "break_rate": _source_of_breaks(resting),
        }, limits=limits,
        standing=standing, hours=found.hours if found else {},
    )  # fmt: skip


def _sources(campaign: Campaign, agents: int) -> dict[str, str]:
    """Return where what is neither counted nor measured comes from."""
    assigned = "as many as are assigned" if agents else "a usual value: nobody is assigned yet"
    return {
        **dict.fromkeys(
            ("opens", "closes", "days", "breaks", "mode", "ratio", "detection", "ring_seconds", "attempts"),
            SETTING,
        ),
        **dict.fromkeys(
            ("per_number", "per_day", "per_person"),
            "from its plan of further tries" if campaign.attempt_plan else "",
        ),
        "order": _source_of_order(campaign),
        "zones": "from its lists, as the gate places people",
        "callback_days": "a usual value",
        "cap": SETTING if campaign.abandon_percent is not None else "as much as the law allows",
        "agents": assigned,
        "begins": "today",
        "finish_by": "",
        "cps": "the carrier’s limit" if 0 < settings.CARRIER_CPS <= FREELY else "a usual value",
        "leads": "from its lists, by the rules",
    }


def _limits_of_tries(campaign: Campaign) -> dict[str, Any]:
    planned = attempts.plan_of(campaign)
    if planned is None:
        return {}
    names = ("max_per_number", "max_per_day", "max_per_person")
    return {name.removeprefix("max_"): getattr(planned, name) for name in names} | {
        "person_days": planned.person_days
    }


def _order(campaign: Campaign) -> str:
    kind = ordering.read(campaign.order_plan).kind.value
    return kind if kind in ORDERS else ORDERS[0]


def _source_of_order(campaign: Campaign) -> str:
    if ordering.read(campaign.order_plan).kind.value == _order(campaign):
        return SETTING
    return "as they fall due: who is likeliest to answer is not told apart here"


def _source_of_breaks(found: Breaks | None) -> str:
    if found is None:
        return "a usual value"
    return f"from the latest {found.sign_ons:,} sign-ons of the last four weeks, this campaign"


def _hour_sources(plan: Plan, found: Measured | None) -> dict[str, str]:
    """Return what counts for each hour for which nothing is entered."""
    known, sources = dict(plan.by_hour), {}
    for hour in range(24):
        calls, _ = found.hours.get(hour, (0, 0)) if found else (0, 0)
        if hour in known:
            sources[f"answer_rate_{hour:02}"] = f"measured {plan.answers_at(hour):.1%}, {calls:,} calls"
        else:
            why = f"too few: {calls:,} calls" if calls else "no calls"
            sources[f"answer_rate_{hour:02}"] = f"as the whole day; {why}"
    return sources


def _measured(campaign: Campaign, now: datetime) -> tuple[Measured | None, str]:
    """Return the campaign's own calls of the last weeks, else those of its purpose, and whose they are."""
    found = measured.measure([campaign.pk], now=now)
    if found:
        return found, "this campaign"
    others = Campaign.objects.filter(purpose=campaign.purpose).exclude(pk=campaign.pk)
    found = measured.measure(list(others.order_by("pk").values_list("pk", flat=True)), now=now)
    return found, "campaigns of the same purpose"


def _shares(found: Measured | None, whose: str) -> tuple[dict[str, Any], dict[str, str]]:
    names = ("answer_rate", "machine_rate", "busy_rate", "failed_rate")
    usual = {**dict.fromkeys(names, USUAL), "callback_rate": USUAL}
    if found is None:
        return {**USUAL_SHARES, "counted": DOUBTED}, usual
    source = f"from {found.calls:,} calls of the last four weeks, {whose}"
    shares = {
        "answers": found.persons / found.calls,
        "machines": found.machines / found.calls,
        "busy": found.busy / found.calls,
        "failed": found.failed / found.calls,
        "counted": found.calls,
        "by_hour": found.by_hour,
    }
    sources = dict.fromkeys(names, source)
    if found.spoken:
        shares["callback_rate"] = min(1.0, found.callbacks / found.spoken)
        usual["callback_rate"] = f"from {found.spoken:,} conversations of the last four weeks, {whose}"
    return shares, {**usual, **sources}


def _lengths(campaign: Campaign, found: Measured | None, whose: str) -> tuple[dict[str, Any], dict[str, str]]:
    if found is None or not found.spoken:
        lengths = {"talk": USUAL_TALK, "wrap": float(campaign.wrap_up_seconds), "reading": USUAL_READING}
        sources = {"talk_seconds": USUAL, "wrap_seconds": SETTING, "reading_seconds": "a usual value"}
        return lengths, sources
    source = f"from {found.spoken:,} conversations of the last four weeks, {whose}"
    lengths = {
        "talk": min(3600.0, max(5.0, found.talk)),
        "talk_spread": min(3.0, found.talk_spread),
        "wrap": min(3600.0, found.wrap),
        "reading": USUAL_READING,
    }
    return lengths, {"talk_seconds": source, "wrap_seconds": source, "reading_seconds": "a usual value"}


def _limits(campaign: Campaign, now: datetime) -> Limits:
    policy = policy_for(now)
    return Limits(
        cap=policy.abandon_limit_basis_points / 10_000,
        ring=policy.min_ring_seconds,
        opens=policy.federal_opens,
        closes=policy.federal_closes,
        sells=campaign.purpose_in_law is Purpose.TELEMARKETING,
        today=now.astimezone(ZoneInfo(settings.OFFICE_ZONE)).date(),
    )


def _retries(campaign: Campaign) -> Retries:
    rows = Disposition.objects.filter(disposition_set=campaign.disposition_set_id)
    minutes = dict(rows.order_by("id").values_list("code", "retry_minutes"))
    if (planned := attempts.plan_of(campaign)) is not None:
        minutes = {
            code: None if wait is None else planned.wait_minutes(code) for code, wait in minutes.items()
        }
    names = ("no_answer", "machine", "busy", "failed", "abandoned")
    return Retries(**{name: minutes[name] for name in names if name in minutes})


def _tried(campaign_id: int) -> tuple[float, ...]:
    """Return the shares of the leads still to do by how often they were tried; of a draft nobody was."""
    rows = dict(
        CampaignLead.objects.filter(campaign_id=campaign_id)
        .exclude(state=CampaignLead.State.FINISHED)
        .values_list("attempts")
        .annotate(leads=Count("pk"))
        .order_by("attempts")
    )
    whole = sum(rows.values())
    if not whole:
        return (1.0,)
    return tuple(rows.get(times, 0) / whole for times in range(max(rows) + 1))


def _breaks(campaign: Campaign, limits: Limits) -> tuple[breaks.Span, ...]:
    """Return the campaign's breaks, as far as they lie within the hours that the law leaves."""
    spans = breaks.read(campaign.window_breaks)
    if not limits.sells:
        return spans
    cut = [(max(since, limits.opens), min(until, limits.closes)) for since, until in spans]
    return tuple((since, until) for since, until in cut if since < until)


def _zones(ahead: Ahead, office: datetime) -> tuple[tuple[str, float], ...]:
    """Return where the people are, in percent; zones whose clocks agree all year are one, by the name people know."""
    counts: Counter[str] = Counter()
    for zone, people in ahead.zones:
        counts[_same_clock(zone or settings.OFFICE_ZONE, office.year)] += people
    whole = counts.total()
    found = {zone: people for zone, people in counts.most_common(MOST_ZONES) if people >= LEAST_ZONE * whole}
    if not found:
        return ()
    largest = max(found, key=lambda zone: found[zone])
    found[largest] += whole - sum(found.values())
    return tuple((zone, 100 * people / whole) for zone, people in found.items())


def _same_clock(zone: str, year: int) -> str:
    """Return the best known zone with the same clock in each month, the zone itself where there is none."""
    months = [datetime(year, month, 15, 12, tzinfo=UTC) for month in range(1, 13)]

    def clock(name: str) -> list[object]:
        return [at.astimezone(ZoneInfo(name)).utcoffset() for at in months]

    theirs = clock(zone)
    return next((name for name in (settings.OFFICE_ZONE, *ZONES.values()) if clock(name) == theirs), zone)


def _due(ahead: Ahead, office: datetime) -> tuple[tuple[int, int], ...]:
    """Return after how many hours of the office's clock since midnight how many are due."""
    found: Counter[int] = Counter()
    for at, people in ahead.due:
        local = at.astimezone(ZoneInfo(settings.OFFICE_ZONE))
        found[24 * (local.date() - office.date()).days + local.hour] += people
    return tuple(sorted(found.items()))


def _shares_of(counts: Sequence[int]) -> tuple[float, ...]:
    whole = sum(counts)
    return tuple(count / whole for count in counts) if whole else (1.0,)
