"""The United Kingdom, as far as the rule book goes (section 9.2): abandoned calls, repeats, TPS, consent to automated marketing.

Binds numbers of the United Kingdom. Marketing there is more than sales: charities and parties promote too.
"""

from datetime import timedelta

from compliance.rules.abandonment import exceeds
from compliance.rules.consent import standing_consents
from compliance.rules.days import latest_day
from compliance.rules.decision import Verdict, allowed, denied, denied_for_now, not_bound
from compliance.rules.facts import AttemptFact, Channel, ConsentKind, ContactFacts, Purpose
from compliance.rules.policy import Policy
from compliance.rules.purposes import UNITED_KINGDOM, is_telemarketing

TPS = "TPS"  # the Telephone Preference Service among a seller's copies
LISTS = frozenset({TPS, "CTPS"})
NOT_UK = "the number is not of the United Kingdom"
NOT_MARKETING = "the rule binds marketing only"
AN_AGENT_WAITS = frozenset({Channel.LIVE_MANUAL, Channel.LIVE_PREVIEW})
AUTOMATED = frozenset({Channel.PREREC, Channel.SMS, Channel.MMS})
TEXTS = frozenset({Channel.SMS, Channel.MMS})
PROMOTING = frozenset({Purpose.CHARITY, Purpose.POLITICAL})
DAY = timedelta(hours=24)


def no_abandoned_calls(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny predictive calls above our alarm of abandoned calls in 24 hours, and after one abandoned in silence. UK-001.

    No share of abandoned calls is safe; the alarm stops the campaign well before the old 3 %.
    """
    if facts.region != UNITED_KINGDOM:
        return not_bound("UK-001", NOT_UK)
    if facts.channel is not Channel.LIVE_PREDICTIVE:
        return not_bound("UK-001", "only predictive calls are abandoned")
    counts, message = facts.campaign.abandonment, facts.campaign.abandoned_message
    if counts.day_abandoned and (not message.ref or message.problems):
        return denied(
            "UK-001",
            "ABANDON_CAP",
            "a call was abandoned in silence; publish a message for abandoned calls, then a supervisor may resume",
            needs_review=True,
        )
    limit = policy.uk_abandon_alarm_basis_points
    if exceeds(counts.day_abandoned, counts.day_live, limit):
        return denied_for_now(
            "UK-001",
            "ABANDON_CAP",
            f"{counts.day_abandoned:.10g} of {counts.day_live:.10g} answered calls were abandoned in 24 hours, "
            f"the alarm is at {limit / 100:g} %",
            retry_at=facts.at + DAY,
        )
    return allowed("UK-001", f"no more than {limit / 100:g} % abandoned in 24 hours")


def no_repeat(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a call no agent waits for, for 72 hours after an abandoned one to the number and 24 after a machine. UK-002."""
    if facts.region != UNITED_KINGDOM:
        return not_bound("UK-002", NOT_UK)
    if facts.channel in AN_AGENT_WAITS or facts.channel in TEXTS:
        return not_bound("UK-002", "the rule binds calls that no agent waits for")
    waits = [
        (attempt.at + timedelta(hours=hours), attempt)
        for attempt in facts.attempts
        if attempt.number == facts.number and (hours := _hours(attempt, policy))
    ]
    until, attempt = max(waits, key=lambda each: each[0], default=(facts.at, None))
    if attempt is None or until <= facts.at:
        return allowed("UK-002", "no call to the number was abandoned or met a machine of late")
    what = "a call to the number was abandoned" if attempt.abandoned else "a machine answered"
    reason = (
        f"{what} on {attempt.at.day} {attempt.at:%b}; until then only with an agent who waits for the call"
    )
    return denied_for_now("UK-002", "NO_REPEAT", reason, retry_at=until)


def not_on_tps(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny marketing to a number on TPS or CTPS, or without a fresh copy; the person's consent to this seller lifts it. UK-003.

    A registration counts from its first day, not its 28th: the copies do not say how old it is.
    """
    if facts.region != UNITED_KINGDOM:
        return not_bound("UK-003", NOT_UK)
    if not _is_marketing(facts):
        return not_bound("UK-003", NOT_MARKETING)
    if _agreed(facts, policy):
        return allowed("UK-003", f"the person agreed to be contacted by {facts.seller}")
    if "DNC_NATIONAL" not in policy.lifted and any(
        listing.name in LISTS for listing in facts.registry.listings
    ):
        return denied("UK-003", "DNC_NATIONAL", "on the Telephone Preference Service")
    if facts.registry.problem:
        return denied("UK-003", "SCRUB_STALE", facts.registry.problem)
    copies = [copy.as_of for copy in facts.registry.own_lists if copy.name == TPS]
    if not copies:
        reason = f"no copy of the Telephone Preference Service is loaded for {facts.seller}; load it under Registry copies"
        return denied("UK-003", "SCRUB_STALE", reason)
    age, limit = (latest_day(facts) - max(copies)).days, policy.uk_registry_max_age_days
    if not 0 <= age <= limit:
        reason = f"the copy of the Telephone Preference Service is {age} days old, the limit is {limit}; load a new one"
        return denied("UK-003", "SCRUB_STALE", reason)
    return allowed("UK-003", f"not on the Telephone Preference Service, {age} days old")


def consented(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny recorded, artificial or text marketing without consent to this seller for this channel, by name. UK-003."""
    if facts.region != UNITED_KINGDOM:
        return not_bound("UK-003", NOT_UK)
    if facts.channel not in AUTOMATED:
        return not_bound("UK-003", "a person calls")
    if not _is_marketing(facts):
        return not_bound("UK-003", NOT_MARKETING)
    if _agreed(facts, policy, specific=True):
        return allowed("UK-003", "the person agreed to automated marketing")
    return denied(
        "UK-003",
        "CONSENT_PEC",
        f"automated marketing needs the person's consent to {facts.seller} and to this channel; record it",
    )


def _is_marketing(facts: ContactFacts) -> bool:
    return is_telemarketing(facts) or facts.purpose in PROMOTING


def _agreed(facts: ContactFacts, policy: Policy, *, specific: bool = False) -> bool:
    """Return whether a consent names the seller; a specific one names the channel too."""
    return any(
        consent.kind is not ConsentKind.CONVERSATION
        and facts.seller in consent.sellers
        and (not specific or facts.channel in consent.channels)
        for consent in standing_consents(facts, policy)
    )


def _hours(attempt: AttemptFact, policy: Policy) -> int:
    if attempt.abandoned:
        return policy.uk_no_repeat_hours
    return policy.uk_machine_no_repeat_hours if attempt.machine else 0
