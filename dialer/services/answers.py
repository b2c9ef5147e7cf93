"""Calls a person answered, and those of them no agent was there for: the two numbers the law compares (FED-016, FED-020)."""

from datetime import UTC, datetime, timedelta

from campaigns.models import Campaign
from compliance.gathering import policy_for
from core import kept, prepared
from dialer import answerflow
from dialer.agentflow import LegState
from dialer.answerflow import Answered
from dialer.callflow import Party
from dialer.models import AnsweredDay, Call

COUNT = """
    UPDATE dialer_answeredday SET live = live + %s, abandoned = abandoned + %s, machines = machines + %s
    WHERE campaign_id = %s AND day = %s"""
JOINS_WITHIN = timedelta(seconds=1)  # the carrier takes some tenths to bring a person to their agent
WHOLE_SECOND = timedelta(seconds=1)  # it counts a call's length in whole ones


def facts_of(call: Call) -> Answered:
    """Return what the next move of an answered call depends on. Up to two queries, none where an agent has the call."""
    assert call.answered_at is not None
    party = party_of(call)
    if has_agent(call):
        # Nothing else is asked of such a call, and it is the one somebody waits in.
        return Answered(
            answered_at=call.answered_at,
            greeting_ended_at=call.greeting_ended_at,
            party=party,
            has_agent=True,
            abandoned=call.abandoned,
        )
    campaign = kept.related(call, "campaign")
    if (
        party is Party.MACHINE
        and not call.agent_heard
        and answerflow.is_sampled(call.attempt_id, campaign.machine_sample_percent)
    ):
        party = Party.UNKNOWN  # an agent says which it was
    return Answered(
        answered_at=call.answered_at,
        greeting_ended_at=call.greeting_ended_at,
        party=party,
        detects=campaign.machine_detection != Campaign.MachineDetection.OFF,
        greeting=greeting_of(campaign),
        agent_dialed=kept.related(call, "attempt").reserved_by_id is not None,
        abandoned=call.abandoned,
    )


def has_agent(call: Call) -> bool:
    """Return whether an agent's phone is up and theirs is this call."""
    session = call.session
    return (
        session is not None
        and session.ended_at is None
        and session.call_id == call.pk
        and session.leg_state == LegState.UP
    )


def may_have_spoken(call: Call, *, now: datetime) -> bool:
    """Return whether the person of a locked call that has just ended may have been with their agent, though nobody told of it.

    They were sent there and stayed on the line for longer than the carrier takes to bring them. Nothing at the carrier says more
    afterwards: it lists who is in a conference, not who was.
    """
    session = call.session
    if session is None or not has_agent(call):
        return False
    assert call.answered_at is not None
    assert call.duration_seconds is not None
    on_the_line = timedelta(seconds=call.duration_seconds) + WHOLE_SECOND
    if call.answered_at < now:
        on_the_line = min(on_the_line, now - call.answered_at)
    sent_after = max(session.state_since - call.answered_at, timedelta(0))
    return on_the_line - sent_after > JOINS_WITHIN


def greeting_of(campaign: Campaign) -> timedelta | None:
    """Return how long a greeting may be where the end of it is waited for to leave a message, else None."""
    return timedelta(seconds=campaign.greeting_seconds) if campaign.leaves_messages else None


def party_of(call: Call) -> Party | None:
    """Return who picked up: what the agent heard, else what the carrier did; None where nobody has said."""
    said = call.agent_heard or call.answered_by
    return Party(said) if said else None


def is_machine(call: Call) -> bool:
    """Return whether no person was there. Where nobody can tell, a person was."""
    return party_of(call) in answerflow.NOBODY


def is_late(call: Call, *, heard_at: datetime) -> bool:
    """Return whether the person of an answered call had waited longer than the law allows at `heard_at`. One query."""
    connect = timedelta(seconds=policy_for(heard_at).connect_seconds)
    return not is_machine(call) and answerflow.is_late(facts_of(call), heard_at=heard_at, connect=connect)


def count(call: Call, *, times: int = 1) -> None:
    """Count an ended call that was picked up: by a person, or by what was taken for a machine and hung up on.

    `times` -1 takes it out again, before what is known of it changes.
    """
    if call.answered_at is None:
        return
    live = not is_machine(call)
    hung_up_on = not live and call.session_id is None
    day = call.answered_at.astimezone(UTC).date()
    more = [times * live, times * (live and call.abandoned), times * hung_up_on, call.campaign_id, day]
    if not prepared.run(COUNT, more).touched:
        kept.insert_unless_taken(AnsweredDay(campaign_id=call.campaign_id, day=day))
        prepared.run(COUNT, more)
