"""What a contact must have ready before it is made: its recordings and texts (ENG-001 step 14), and time to ring (FED-019)."""

from datetime import datetime, timedelta

from compliance.rules.decision import Verdict, allowed, denied, not_bound
from compliance.rules.facts import Channel, ContactFacts, LineType, MessageFacts, Purpose
from compliance.rules.holder import has_confirmed_consent
from compliance.rules.lines import believed_type
from compliance.rules.policy import Policy
from compliance.rules.purposes import is_emergency, is_telemarketing

TEXTS = frozenset({Channel.SMS, Channel.MMS})
WITH_MESSAGE = frozenset({Channel.PREREC, Channel.SMS, Channel.MMS})


def abandoned_message(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny predictive sales calls without a message, fit to be played, for who answers when no agent is free. FED-017."""
    if facts.channel is not Channel.LIVE_PREDICTIVE or not _solicits(facts):
        return not_bound("FED-017", "only predictive sales calls need a message for abandoned calls")
    problem = _unfit(facts.campaign.abandoned_message, "message for abandoned calls")
    if problem:
        return denied("FED-017", "MSG_MISSING", problem)
    return allowed("FED-017", "the message for abandoned calls is ready")


def message_ready(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a recorded call or a text whose message is missing or not fit to be published. ENG-001 step 14, FED-021.

    A recording must name a toll-free number to opt out on voicemail when it sells, or goes without a confirmed consent.
    """
    if facts.channel not in WITH_MESSAGE:
        return not_bound("FED-021", "nothing recorded is played and nothing is sent")
    is_recording = facts.channel is Channel.PREREC
    problem = _unfit(facts.message, "recording" if is_recording else "text")
    if problem:
        return denied("FED-021", "MSG_MISSING", problem)
    if is_recording and not facts.message.has_toll_free_opt_out and _must_offer_opt_out(facts, policy):
        return denied(
            "FED-021",
            "MSG_MISSING",
            "the recording names no toll-free number to opt out, which voicemail needs; record it with one",
        )
    return allowed("FED-021", "the message is ready")


def limited_content(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a recording about a debt that says more than a limited-content message may. REGF-004."""
    if facts.purpose is not Purpose.DEBT or facts.channel is not Channel.PREREC:
        return not_bound("REGF-004", "only recordings about a debt are limited in content")
    if not facts.message.limited_content:
        return denied(
            "REGF-004",
            "MSG_MISSING",
            "the recording about a debt is not approved as a limited-content message; have it approved",
        )
    return allowed("REGF-004", "the recording is a limited-content message")


def rings_long_enough(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny sales calls that would be given up before 15 seconds of ringing, whoever dials. FED-019."""
    if facts.channel in TEXTS or not _solicits(facts):
        return not_bound("FED-019", "the shortest ring binds sales calls only")
    if facts.ring_seconds < policy.min_ring_seconds:
        return denied(
            "FED-019",
            "RING_SHORT",
            f"calls would ring {facts.ring_seconds} seconds, the law asks for {policy.min_ring_seconds}; "
            "raise the campaign's ring time",
        )
    return allowed("FED-019", f"rings {facts.ring_seconds} seconds")


def rang_too_short(
    ring_started_at: datetime | None, ended_at: datetime, answered: bool, policy: Policy
) -> bool:
    """Return whether a call that we gave up had rung too short. FED-019.

    The clock starts at ringing (180 or 183), not when the call was asked for; None = it never rang, so it was no one's ring.
    """
    if answered or ring_started_at is None:
        return False
    return ended_at - ring_started_at < timedelta(seconds=policy.min_ring_seconds)


def _solicits(facts: ContactFacts) -> bool:
    """Whether the Telemarketing Sales Rule binds: sales, and charity calls by a paid fundraiser (FED-016, FED-033)."""
    return is_telemarketing(facts) or (facts.purpose is Purpose.CHARITY and facts.campaign.paid_fundraiser)


def _must_offer_opt_out(facts: ContactFacts, policy: Policy) -> bool:
    if is_telemarketing(facts):
        return True
    if is_emergency(facts) or believed_type(facts, policy) is LineType.LANDLINE_BIZ:
        return False
    return not has_confirmed_consent(facts, policy, written=False)


def _unfit(message: MessageFacts, name: str) -> str:
    if not message.ref:
        return f"there is no {name}; publish one and choose it in the campaign"
    if message.problems:
        return f"the {name} cannot be used: {message.problems[0]}"
    return ""
