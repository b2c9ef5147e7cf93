"""Calls that reach a person and no agent: what counts as one, and how many a campaign may have (FED-016, FED-018, FED-020)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.rules.decision import Verdict, allowed, denied, not_bound
from compliance.rules.facts import Channel, ContactFacts
from compliance.rules.policy import Policy

WHOLE = 10_000  # basis points


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAnswer:
    """A call that a person answered, whatever answering-machine detection took it for. Instants are aware."""

    greeting_ended_at: datetime
    agent_joined_at: datetime | None = None
    message_began_at: datetime | None = None  # a recorded or artificial voice
    has_written_consent: bool = False  # to that recorded voice


def within_abandonment_limit(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny predictive dialing of any purpose while more than 3 % of the calls answered live were abandoned. FED-016.

    Counted in the campaign's own 30-day period, as the law does, and in the last 30 days. Machines are in neither number.
    """
    if facts.channel is not Channel.LIVE_PREDICTIVE:
        return not_bound("FED-016", "abandonment is counted in predictive dialing only")
    counts, limit = facts.campaign.abandonment, policy.abandon_limit_basis_points
    days = policy.abandon_period_days
    for live, abandoned, when in (
        (counts.period_live, counts.period_abandoned, f"this {days}-day period"),
        (counts.trailing_live, counts.trailing_abandoned, f"the last {days} days"),
    ):
        if exceeds(abandoned, live, limit):
            return denied(
                "FED-016",
                "ABANDON_CAP",
                f"{abandoned:.10g} of the {live:.10g} calls answered live in {when} were abandoned, "
                f"the limit is {limit / 100:g} %; dial by preview",
            )
    return allowed("FED-016", f"at most {limit / 100:g} % abandoned")


def exceeds(abandoned: float, live: float, limit: int) -> bool:
    """Return whether more than `limit` basis points of the calls answered live were abandoned.

    Estimated people add up: less than one of them is nobody yet, or the first machine hung up on would stop a campaign.
    """
    return abandoned >= 1 and abandoned * WHOLE > limit * live


def was_abandoned(answer: LiveAnswer, policy: Policy) -> bool:
    """Return whether the call counts as abandoned: no agent within 2 seconds of the completed greeting. FED-016.

    A recorded voice the person agreed to in writing may begin in that time instead (FED-018); the message played because no
    agent was free changes nothing. Nor does it help that a machine was suspected and so the agent came late (FED-020).
    """
    latest = answer.greeting_ended_at + timedelta(seconds=policy.connect_seconds)
    if answer.agent_joined_at is not None and answer.agent_joined_at <= latest:
        return False
    began = answer.message_began_at
    return not (answer.has_written_consent and began is not None and began <= latest)
