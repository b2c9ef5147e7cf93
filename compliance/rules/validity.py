"""First questions: is it a number, a purpose, a channel and a place we have rules for?"""

import re
from datetime import timedelta
from functools import lru_cache

from compliance.rules.decision import Verdict, allowed, denied, denied_for_now, not_bound
from compliance.rules.facts import Channel, ContactFacts, EvidenceKind, LineType, Purpose
from compliance.rules.lines import believed_type
from compliance.rules.places import COUNTRY_NAMES, US_REGIONS, region_of
from compliance.rules.policy import Policy
from compliance.rules.purposes import CANADA, UNITED_KINGDOM, is_emergency, is_telemarketing
from core.types import E164_PATTERN

IS_E164 = re.compile(E164_PATTERN).match
CLOCK_ASKED_AGAIN = timedelta(minutes=1)
PURPOSE_WORDS = {Purpose.HEALTHCARE_HIPAA: "health care"}
PACKS = {CANADA: "ca", UNITED_KINGDOM: "uk"}  # the pack that judges numbers of a country abroad
CHANNEL_WORDS = {
    Channel.LIVE_MANUAL: "manual",
    Channel.LIVE_PREVIEW: "preview",
    Channel.LIVE_PREDICTIVE: "predictive",
    Channel.PREREC: "recorded",
    Channel.SMS: "text message",
    Channel.MMS: "picture message",
}


def trusted_clock(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny while the server's clock cannot be trusted: every rule about time would answer for another time."""
    if facts.at.tzinfo is None:
        return denied("ENG-001.1", "CLOCK_WRONG", "the time of the contact has no zone")
    if facts.clock_problem:
        again = facts.at + CLOCK_ASKED_AGAIN
        return denied_for_now("ENG-001.1", "CLOCK_WRONG", facts.clock_problem, retry_at=again)
    return allowed("ENG-001.1", "the clock is trusted")


def valid_number(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a number that cannot be dialed. ENG-001 step 1."""
    if not IS_E164(facts.number):
        return denied("ENG-001.1", "NUMBER_INVALID", "it is not a phone number")
    if facts.number_problem:
        return denied("ENG-001.1", "NUMBER_INVALID", facts.number_problem)
    return allowed("ENG-001.1", "the number is well formed")


def known_jurisdiction(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a number or address in a country whose rules are not here, or not switched on by the house."""
    if PACKS.get(facts.region, "us") not in _switched_on(policy.jurisdictions) or not _has_rules(
        facts.region
    ):
        return denied(
            "ENG-001.1",
            "JURISDICTION_UNKNOWN",
            f"there are no calling rules here for numbers of {facts.region or 'the United States'}",
        )
    # A number of one country and an address in another: neither country's rules alone would do.
    if facts.country_stated and (
        facts.region not in PACKS or region_of(facts.country_stated) != facts.region
    ):
        return denied(
            "ENG-001.1",
            "JURISDICTION_UNKNOWN",
            f"there are no calling rules here for {facts.country_stated[:40]}",
        )
    if facts.region in PACKS:
        return allowed("ENG-001.1", f"number and address are in {COUNTRY_NAMES[facts.region]}")
    return allowed("ENG-001.1", "number and address are in the United States")


def _has_rules(region: str) -> bool:
    return not region or region in US_REGIONS or region in PACKS


@lru_cache(maxsize=64)
def _switched_on(jurisdictions: str) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in jurisdictions.split(","))


def known_purpose(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a purpose or channel that is not said, or that needs rules which are not here. ENG-001 step 3."""
    if not isinstance(facts.purpose, Purpose) or facts.purpose is Purpose.UNKNOWN:
        return denied("ENG-001.3", "PURPOSE_UNKNOWN", "the purpose of the contact is not said")
    if facts.purpose is Purpose.EMERGENCY and (problem := _no_emergency(facts)):
        return problem
    word = PURPOSE_WORDS.get(facts.purpose, facts.purpose.value)
    if facts.purpose is not Purpose.TELEMARKETING and is_telemarketing(facts):
        return allowed(
            "FED-034",
            f"a {CHANNEL_WORDS[facts.channel]} contact, {word}, judged as telemarketing: it helps to sell",
        )
    return allowed("ENG-001.3", f"a {CHANNEL_WORDS[facts.channel]} contact, {word}")


def _no_emergency(facts: ContactFacts) -> Verdict | None:
    """Deny what is called an emergency and is none: it sells, or no approved event is named. FED-024."""
    if is_telemarketing(facts):
        return denied("FED-024", "PURPOSE_UNKNOWN", "an emergency notice may not sell anything")
    if facts.campaign.emergency:
        return None
    return denied(
        "FED-024",
        "PURPOSE_UNKNOWN",
        "no emergency is named; name the event that endangers health or safety, or choose another purpose",
        needs_review=True,
    )


def known_zone(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a number of no known place, but in an emergency: unknown area code, toll-free, 5XX, 900, internet. TZ-001, TZ-002."""
    if is_emergency(facts):
        return not_bound("TZ-001", "an emergency is told at any hour")
    if not facts.zones:
        return denied("TZ-001", "TZ_UNKNOWN", "the time zone is not known")
    is_tied = has_address = False
    for evidence in facts.evidences:
        if evidence.kind is not EvidenceKind.AREA_CODE:
            has_address = True
        elif evidence.zones:
            is_tied = True
    if not is_tied:
        return denied(
            "TZ-002", "TZ_UNKNOWN", "the number is tied to no place, so the time zone is not certain"
        )
    if not has_address and believed_type(facts, policy) is LineType.VOIP:
        return denied(
            "TZ-002",
            "TZ_UNKNOWN",
            "an internet number rings anywhere and no address is known; record the person's ZIP or state",
        )
    count = len(facts.zones)
    return allowed("TZ-001", f"{count} possible zone{'' if count == 1 else 's'}: {', '.join(facts.zones)}")
