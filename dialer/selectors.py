"""Reads for the desk, the floor, reports of calls, and the event other apps get. Dataclasses out."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum

from campaigns.models import Campaign
from compliance.rules.facts import AbandonmentFacts
from core import kept, prepared
from dialer.answerflow import people_hung_up_on
from dialer.callflow import Party
from dialer.intervals import Share, share
from dialer.models import AgentSession, Call
from dialer.presence import away_before

COUNTED = ("live", "abandoned", "machines")
SPANS = ("period", "trailing", "month", "day")  # that the law and the house count
_SUMS = ", ".join(
    f"coalesce(sum({column}) FILTER (WHERE day >= %({span})s), 0)" for span in SPANS for column in COUNTED
)
SUMS = f"SELECT {_SUMS} FROM dialer_answeredday WHERE campaign_id = %(campaign)s AND day >= %(first)s"  # noqa: S608 - our own columns
PERIOD = timedelta(days=30)  # successive periods from the campaign's start (FED-016)
# Where the agent did not say so by the key, a result without a contact says it.
HEARD_A_MACHINE = Q(agent_heard=Party.MACHINE) | Q(agent_heard="", disposition__category="no_contact")


@dataclass(frozen=True, slots=True)
class SessionView:
    """An agent's session as the desk shows it."""

    id: int
    user_id: int
    campaign_id: int
    campaign_name: str
    state: str
    state_since: datetime
    reason: str
    leg_state: str
    leg_ref: str
    muted: bool
    conference_name: str
    campaign_lead_id: int | None
    call_id: int | None
    version: int
    started_at: datetime
    wrap_up_seconds: int
    mode: str  # how the campaign dials
    voicemail: UUID | None  # the message the agent chose to leave
    decide_by: datetime | None  # when the time to decide on the card is over
    dials_by_itself: bool  # the card, when that time is over
    mode_text: str
    tab: str  # the browser window that works the desk
    after_result: str
    after_reason: str


@dataclass(frozen=True, slots=True)
class CallView:
    """A call as screens show it."""

    id: int
    contact_id: int
    contact_name: str
    campaign_id: int
    campaign_name: str
    agent_name: str
    number: str
    caller_id: str
    state: str
    outcome: str
    abandoned: bool
    created_at: datetime
    ringing_at: datetime | None
    answered_at: datetime | None
    bridged_at: datetime | None
    held_since: datetime | None
    ended_at: datetime | None
    duration_seconds: int | None
    disposition: str
    note: str
    hang_up_asked: bool
    answered_by: str  # person, machine, fax, unknown; empty where nobody has said
    message_played: UUID | None  # a version of a recorded message they, or their machine, heard


@dataclass(frozen=True, slots=True)
class Today:
    """An agent's own figures of the day."""

    calls: int
    answered: int
    conversions: int
    talk_seconds: int


@dataclass(frozen=True, slots=True)
class FloorRow:
    """One agent on the floor."""

    user_id: int
    name: str
    campaign_name: str
    state: str
    state_since: datetime
    reason: str
    leg_state: str
    call: CallView | None
    calls: int
    answered: int
    session_id: int
    seen_at: datetime
    is_away: bool  # no sign of life from the page that works the desk
    after_result: str  # what a supervisor asked for, once nothing is in progress
    after_reason: str


def live_session(user_id: int) -> SessionView | None:
    """Return the agent's live session, None when signed off."""
    row = _live_session.first(user_id)
    return None if row is None else _session_view(row)


def get_call(call_id: int) -> CallView | None:
    """Return a call by its id."""
    row = _call.first(call_id)
    return None if row is None else _call_view(row)


def asked_of_desk(call_id: int | None, user_id: int, *, since: datetime) -> list[prepared.Asked]:
    """Return what get_call, where there is one, and today ask, for prepared.ahead."""
    return [_today.asks(user_id, since), *([_call.asks(call_id)] if call_id is not None else [])]


def calls_of_contact(contact_id: int, *, limit: int = 20) -> list[CallView]:
    """Return a person's latest calls in all campaigns, newest first."""
    return [_call_view(row) for row in _latest_calls(limit).rows(contact_id)]


def today(user_id: int, *, since: datetime) -> Today:
    """Return an agent's figures since an instant (the start of their day)."""
    for calls, answered, conversions, talk in _today.rows(user_id, since):
        return Today(calls=calls, answered=answered, conversions=conversions, talk_seconds=talk or 0)
    return Today(calls=0, answered=0, conversions=0, talk_seconds=0)


def floor(*, now: datetime) -> list[FloorRow]:
    """Return all agents who are signed on, by name; a fixed number of queries."""
    sessions = list(
        AgentSession.objects.filter(ended_at__isnull=True)
        .select_related("campaign", "user")
        .order_by("user__username", "id")
    )
    calls = {row.pk: row for row in _calls().filter(pk__in=[s.call_id for s in sessions if s.call_id])}
    counts: dict[Any, Any] = {
        row["agent_id"]: row
        for row in Call.objects.filter(
            agent_id__in=[s.user_id for s in sessions], created_at__gte=now - timedelta(hours=12)
        )
        .values("agent_id")
        .annotate(calls=Count("id"), answered=Count("id", filter=Q(answered_at__isnull=False)))
    }
    return [
        FloorRow(
            user_id=s.user_id,
            name=s.user.display_name,
            campaign_name=s.campaign.name,
            state=s.state,
            state_since=s.state_since,
            reason=s.reason,
            leg_state=s.leg_state,
            call=_call_view(calls[s.call_id]) if s.call_id in calls else None,
            calls=counts.get(s.user_id, {}).get("calls", 0),
            answered=counts.get(s.user_id, {}).get("answered", 0),
            session_id=s.pk,
            seen_at=s.seen_at,
            is_away=s.seen_at < away_before(now),
            after_result=s.after_result,
            after_reason=s.after_reason,
        )
        for s in sessions
    ]


def lost_in_mid_call(*, now: datetime) -> int:
    """Return how many people of the last twelve hours were left without an agent in mid-call."""
    return Call.objects.filter(lost_in_mid_call=True, ended_at__gte=now - timedelta(hours=12)).count()


def unclaimed_calls(campaign_id: int) -> int:
    """Return how many calls the dialer has started that no agent has and none is played a message to."""
    return (
        Call.objects.filter(campaign_id=campaign_id, session__isnull=True, abandoned=False)
        .exclude(state__in=["ended", "leaving_message", "transferred"])
        .count()
    )


@dataclass(frozen=True, slots=True)
class Detection:
    """How often detection was wrong on calls that an agent took, for one caller ID (empty: all of them)."""

    caller_id: str
    people_as_machines: Share  # of the calls taken for machines that an agent checked
    machines_as_people: Share  # of the calls passed on as people


def detection(campaign_id: int, *, now: datetime) -> list[Detection]:
    """Return how detection did in the last 30 days: all calls first, then each caller ID where there are several. One query."""
    rows = (
        Call.objects.filter(
            campaign_id=campaign_id,
            answered_at__gte=now - PERIOD,
            session__isnull=False,
            disposed_at__isnull=False,
            answered_by__in=[Party.PERSON, Party.MACHINE, Party.UNKNOWN],
        )
        .annotate(taken_for_machine=Q(answered_by=Party.MACHINE), was_machine=HEARD_A_MACHINE)
        .values("caller_id", "taken_for_machine", "was_machine")
        .annotate(calls=Count("id"))
    )
    counts: dict[str, Counter[tuple[bool, bool]]] = {}
    for row in rows:
        for name in ("", row["caller_id"]):
            counts.setdefault(name, Counter())[row["taken_for_machine"], row["was_machine"]] += row["calls"]
    names = sorted(counts) if len(counts) > 2 else [""]
    return [_detection(name, counts.get(name, Counter())) for name in names]


def _detection(caller_id: str, counts: "Counter[tuple[bool, bool]]") -> Detection:
    machines, people = counts[True, True], counts[True, False]
    missed, right = counts[False, True], counts[False, False]
    return Detection(caller_id, share(people, machines + people), share(missed, missed + right))


def abandonment(campaign_id: int, started_at: datetime, *, now: datetime) -> AbandonmentFacts:
    """Return a campaign's calls answered by a person and those abandoned, in each span the law counts. At most two queries.

    Days are whole, in UTC; the trailing spans count the day they begin in too. People among the machines hung up on are
    estimated from those an agent checked, and are live and abandoned (FED-020).
    """
    today = now.astimezone(UTC).date()
    began = started_at.astimezone(UTC).date()
    period = began + PERIOD * ((today - began) // PERIOD)
    spans = {
        "period": period,
        "trailing": today - PERIOD,
        "month": today.replace(day=1),
        "day": today - timedelta(days=1),
    }
    names = [f"{name}_{column}" for name in spans for column in COUNTED]
    [sums] = prepared.run_named(SUMS, {**spans, "campaign": campaign_id, "first": min(spans.values())}).rows
    found: dict[str, Any] = dict(zip(names, sums, strict=True))
    if any(found[f"{name}_machines"] for name in spans):
        checked = detection(campaign_id, now=now)[0].people_as_machines
        for name in spans:
            people = people_hung_up_on(found[f"{name}_machines"], checked)
            found[f"{name}_live"] += people
            found[f"{name}_abandoned"] += people
    return AbandonmentFacts(
        **{
            f"{name}_{column}": found[f"{name}_{column}"]
            for name in spans
            for column in ("live", "abandoned")
        }
    )


def _session_view(row: AgentSession) -> SessionView:
    return SessionView(
        id=row.pk,
        user_id=row.user_id,
        campaign_id=row.campaign_id,
        campaign_name=row.campaign.name,
        state=row.state,
        state_since=row.state_since,
        reason=row.reason,
        leg_state=row.leg_state,
        leg_ref=row.leg_ref,
        muted=row.muted,
        conference_name=row.conference_name,
        campaign_lead_id=row.campaign_lead_id,
        call_id=row.call_id,
        version=row.version,
        started_at=row.started_at,
        wrap_up_seconds=row.campaign.wrap_up_seconds,
        mode=row.campaign.mode,
        voicemail=row.voicemail,
        decide_by=row.decide_by,
        dials_by_itself=row.campaign.preview_then == Campaign.PreviewThen.DIAL,
        mode_text=row.campaign.get_mode_display(),
        tab=row.tab,
        after_result=row.after_result,
        after_reason=row.after_reason,
    )


def _calls() -> Any:
    return Call.objects.select_related("contact", "campaign", "agent", "disposition")


_call: kept.Query[Call] = kept.Query(lambda call: _calls().filter(pk=call))
_today = kept.Values(
    lambda agent, since: (
        Call.objects.filter(agent_id=agent, created_at__gte=since)
        .order_by()
        .values("agent_id")
        .annotate(
            calls=Count("id", filter=~Q(outcome="not_placed")),
            answered=Count("id", filter=Q(answered_at__isnull=False)),
            conversions=Count("id", filter=Q(disposition__category="conversion")),
            talk=Sum("duration_seconds"),
        )
        .values_list("calls", "answered", "conversions", "talk")
    ),
    values=2,
)
_live_session = kept.Query(
    lambda user: AgentSession.objects.select_related("campaign").filter(user_id=user, ended_at__isnull=True)
)


@cache
def _latest_calls(limit: int) -> kept.Query[Call]:
    return kept.Query(
        lambda contact: _calls().filter(contact_id=contact).order_by("-created_at", "-id")[:limit]
    )


def _call_view(row: Call) -> CallView:
    return CallView(
        id=row.pk,
        contact_id=row.contact_id,
        contact_name=row.contact.full_name,
        campaign_id=row.campaign_id,
        campaign_name=row.campaign.name,
        agent_name=row.agent.display_name if row.agent else "",
        number=row.number,
        caller_id=row.caller_id,
        state=row.state,
        outcome=row.outcome,
        abandoned=row.abandoned,
        created_at=row.created_at,
        ringing_at=row.ringing_at,
        answered_at=row.answered_at,
        bridged_at=row.bridged_at,
        held_since=row.held_since,
        ended_at=row.ended_at,
        duration_seconds=row.duration_seconds,
        disposition=row.disposition.label if row.disposition else "",
        note=row.note,
        hang_up_asked=row.hang_up_asked_at is not None,
        answered_by=row.agent_heard or row.answered_by,
        message_played=row.message_played,
    )
