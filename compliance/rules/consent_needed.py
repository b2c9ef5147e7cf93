"""Which consent federal law asks for (FED-007): a table of purpose, channel and line, and the exemptions that are counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from compliance.rules.consent import RECORDED, TEXTS, held
from compliance.rules.consent_words import what_lacks
from compliance.rules.decision import Verdict, allowed, denied, denied_for_now, not_bound
from compliance.rules.facts import ConsentFact, ContactFacts, LineType, Purpose
from compliance.rules.holder import is_confirmed
from compliance.rules.lines import believed_type
from compliance.rules.policy import Policy
from compliance.rules.purposes import SALES, binds_us, is_emergency, is_telemarketing

COUNTED_CHANNELS: Final = RECORDED | TEXTS
ASK_DATABASE: Final = (
    "ask the Reassigned Numbers Database about the consent on record, which counts once it is confirmed"
)
FIFTH_CIRCUIT: Final = frozenset({"TX", "LA", "MS"})


class Need(StrEnum):
    """What a contact needs."""

    NONE = "none"
    PEC = "express consent"
    PEWC = "written consent"
    FEW = "express consent, or few in a month"  # FED-022
    HEALTH = "express consent, or few in a day and week"  # FED-022
    FREE_TEXT = "express consent, or a text free to its reader, few in a day and week"  # FED-023


COUNTED: Final = frozenset({Need.FEW, Need.HEALTH, Need.FREE_TEXT})
Row = tuple[
    Need, Need, Need
]  # by line: wireless and whatever is not known, residential landline, business landline

# 47 U.S.C. 227(b)(1); 47 CFR 64.1200(a)(1)-(3). What is recorded, artificial, cloned, dropped or ringless is one channel (FED-028,
# FED-029). The seller's duties under the TSR come on top (TSR-006).
RECORDED_NEEDS: Final[Mapping[Purpose, Row]] = {
    Purpose.TELEMARKETING: (Need.PEWC, Need.PEWC, Need.NONE),
    Purpose.INFORMATIONAL: (Need.PEC, Need.FEW, Need.NONE),
    Purpose.SURVEY: (Need.PEC, Need.FEW, Need.NONE),
    Purpose.POLITICAL: (Need.PEC, Need.FEW, Need.NONE),
    Purpose.DEBT: (Need.PEC, Need.FEW, Need.NONE),
    Purpose.CHARITY: (Need.PEC, Need.FEW, Need.NONE),
    Purpose.HEALTHCARE_HIPAA: (Need.PEC, Need.HEALTH, Need.NONE),
    Purpose.EMERGENCY: (Need.PEC, Need.FEW, Need.NONE),  # of no approved event
    Purpose.UNKNOWN: (Need.PEWC, Need.PEWC, Need.PEWC),
}
# "Not an autodialer" is never leave to text (FED-010), and carriers bind by contract what the CTIA asks for: written consent to
# promotional texts, express consent to informational ones (A2P-009). So texts need both on every line.
TEXT_NEEDS: Final[Mapping[Purpose, Row]] = {
    **dict.fromkeys(Purpose, (Need.PEC, Need.PEC, Need.PEC)),
    Purpose.TELEMARKETING: (Need.PEWC, Need.PEWC, Need.PEWC),
    Purpose.HEALTHCARE_HIPAA: (Need.FREE_TEXT, Need.PEC, Need.PEC),
    Purpose.UNKNOWN: (Need.PEWC, Need.PEWC, Need.PEWC),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Full:
    """An exemption whose quantity is used up."""

    sent: int
    days: int
    limit: int
    over_at: datetime | None  # when the next may be sent; None = never, the house allows none


def no_generated_numbers(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny whatever a campaign dials from generated number ranges: that is an autodialer, and nobody consented. FED-010."""
    if facts.campaign.generates_numbers:
        reason = "the campaign makes up numbers to dial; load a list of people instead"
        return denied("FED-010", "NUMBERS_GENERATED", reason)
    return not_bound("FED-010", "the campaign dials a list")


def consent_held(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a contact without the consent that its purpose, channel and line need (FED-007), or its exemption (FED-022, -023)."""
    if not binds_us(facts):
        return not_bound("FED-007", "the law of the United States does not bind numbers abroad")
    need = need_of(facts, policy)
    if need is Need.NONE:
        return not_bound("FED-007", "no federal consent is needed for this purpose, channel and line")
    if is_reply(facts, policy):
        return allowed("FED-007", "it answers the person's own text")
    found, may_be_exempt = held(facts, policy, written=need is Need.PEWC), _may_be_exempt(facts, policy, need)
    if found and (not may_be_exempt or is_confirmed(found, facts, policy)):
        consent = found[0]
        day = f"{consent.given_at.day} {consent.given_at:%b %Y}"
        return allowed("FED-007", f"{consent.kind.upper()} of {day} holds ({consent.ref})")
    if not may_be_exempt:
        return _denied_consent(facts, policy, need)
    full = _used_up(facts, policy, need)
    if full is None:
        return allowed("FED-007", "exempt without consent, and counted")
    way_out = ASK_DATABASE if found else "record consent"
    if full.over_at is None:
        return denied("FED-022", "QTY_CAP", f"the house sends none without consent; {way_out}")
    reason = f"{full.sent} sent without consent in {full.days} days, the limit is {full.limit}; {way_out}"
    return denied_for_now("FED-022", "QTY_CAP", reason, retry_at=full.over_at)


def obtained_directly(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a recorded sales call without a signed agreement that the seller itself got from the person. TSR-006.

    Not bound: calls to a business's landline (but for office supplies, 16 CFR 310.6(b)(7)), since any other line used for business
    may be a person's (FED-035); and nonprofits calling for themselves. A paid fundraiser needs none for earlier donors (FED-033).
    """
    if not binds_us(facts):
        return not_bound("TSR-006", "the law of the United States does not bind numbers abroad")
    if not _tsr_binds(facts, policy):
        return not_bound("TSR-006", "it binds recorded sales calls to people only, and not to earlier donors")
    written = held(facts, policy, written=True)
    if any(_is_direct(consent, facts) for consent in written):
        return allowed("TSR-006", "the seller got the signed agreement itself")
    if written:
        who = written[0].obtained_by or "nobody knows who"
        reason = (
            f"the written consent was obtained by {who}; {facts.seller} must get one from the person itself"
        )
        return denied("TSR-006", "CONSENT_SELLER", reason)
    lack = what_lacks(facts, policy, written=True)
    if lack.only_seller:
        return denied("TSR-006", "CONSENT_SELLER", lack.reason)
    return denied("TSR-006", "CONSENT_PEWC", lack.reason, needs_review=lack.for_review)


def need_of(facts: ContactFacts, policy: Policy) -> Need:
    """Return what federal law asks for. Live calls need none, predictive ones included: they dial a list (FED-010)."""
    if facts.channel in TEXTS:
        needs = TEXT_NEEDS
    elif facts.channel in RECORDED:
        needs = RECORDED_NEEDS
    else:
        return Need.NONE
    if is_emergency(facts):
        return Need.NONE
    need = needs[_purpose(facts)][_column(facts, policy)]
    if need is Need.PEWC and facts.channel in RECORDED and _express_is_enough(facts, policy):
        return Need.PEC
    return need


def consents_used(facts: ContactFacts, policy: Policy) -> tuple[tuple[ConsentFact, ...], ...]:
    """Return, for each federal duty the contact meets by consent, the consents that meet it.

    None where it needs none, answers a text, or may be made under an exemption all the same; but the agreement that the TSR asks for
    is a duty of its own (TSR-006).
    """
    if not facts.consents:
        return ()
    written = held(facts, policy, written=True) if _tsr_binds(facts, policy) else ()
    direct = tuple(consent for consent in written if _is_direct(consent, facts))
    return tuple(filter(None, (_needed_consents(facts, policy), direct)))


def _needed_consents(facts: ContactFacts, policy: Policy) -> tuple[ConsentFact, ...]:
    need = need_of(facts, policy)
    if need is Need.NONE or is_reply(facts, policy):
        return ()
    if _may_be_exempt(facts, policy, need) and not _used_up(facts, policy, need):
        return ()
    return held(facts, policy, written=need is Need.PEWC)


def is_reply(facts: ContactFacts, policy: Policy) -> bool:
    """Return whether it is a text that answers the person's own within the conversation, and sells nothing (FED-027, A2P-009).

    What the table treats as a sale is one here: a charity's text that is not known to be by or for a nonprofit needs its agreement.
    """
    asked_at = facts.message.replies_to
    if asked_at is None or facts.channel not in TEXTS or _purpose(facts) in SALES:
        return False
    return asked_at <= facts.at < asked_at + timedelta(hours=policy.conversation_hours)


def _purpose(facts: ContactFacts) -> Purpose:
    """The table's row. A charity call that is not known to be by or for a nonprofit is a sale."""
    campaign = facts.campaign
    if facts.purpose is Purpose.UNKNOWN:
        return facts.purpose
    if is_telemarketing(facts):
        return Purpose.TELEMARKETING
    if facts.purpose is Purpose.CHARITY and not (campaign.nonprofit or campaign.paid_fundraiser):
        return Purpose.TELEMARKETING
    return facts.purpose


def _column(facts: ContactFacts, policy: Policy) -> int:
    """The table's column. On a toll-free line the person called pays: as on a mobile (47 CFR 64.1200(a)(1)(iii))."""
    line = believed_type(facts, policy)
    return {LineType.LANDLINE_RES: 1, LineType.LANDLINE_BIZ: 2}.get(line, 0)


def _express_is_enough(facts: ContactFacts, policy: Policy) -> bool:
    """Where counsel follows Bradford v. Sovereign Pest Control, and the person is certainly there (FED-011)."""
    return (
        not policy.written_consent_in_fifth_circuit
        and facts.has_address
        and FIFTH_CIRCUIT.issuperset(facts.states)
    )


def _tsr_binds(facts: ContactFacts, policy: Policy) -> bool:
    if facts.channel not in RECORDED:
        return False
    campaign, purpose = facts.campaign, _purpose(facts)
    is_business = campaign.to_businesses and not campaign.office_supplies
    if is_business and believed_type(facts, policy) is LineType.LANDLINE_BIZ:
        return False
    if purpose is Purpose.CHARITY:
        return campaign.paid_fundraiser and not any(
            tie.seller == facts.seller and (tie.customer or tie.last_purchase_on is not None)
            for tie in facts.relationships
        )
    return purpose in (Purpose.TELEMARKETING, Purpose.UNKNOWN)


def _is_direct(consent: ConsentFact, facts: ContactFacts) -> bool:
    return consent.obtained_by == facts.seller and facts.seller in consent.sellers


def _may_be_exempt(facts: ContactFacts, policy: Policy, need: Need) -> bool:
    """Whether it may be made without consent, few times. Of a text FED-023 asks more; of a recording, a length nobody knows.

    A text must be free to a patient, who gave the number, and one message long; and the house must rely on it, as it does not by
    default.
    """
    if need is not Need.FREE_TEXT:
        return need in COUNTED
    if not policy.free_texts_exempt:
        return False
    patient = any(tie.seller == facts.seller and tie.customer for tie in facts.relationships)
    return patient and facts.sender.free_to_end_user and facts.message.parts == 1


def _used_up(facts: ContactFacts, policy: Policy, need: Need) -> _Full | None:
    """Count what was sent without consent, by anybody here, in (at - period, at]: never looser than counting calendar days."""
    limits = [(policy.exempt_recordings, policy.exempt_recordings_days)]
    if need is not Need.FEW:
        limits = [(policy.health_recordings_per_day, 1), (policy.health_recordings_per_week, 7)]
    sent = sorted(
        each.at for each in facts.attempts if not each.with_consent and each.channel in COUNTED_CHANNELS
    )
    for limit, days in limits:
        period = timedelta(days=days)
        recent = [at for at in sent if at > facts.at - period]
        if len(recent) >= limit:
            over_at = recent[-limit] + period if limit > 0 else None
            return _Full(sent=len(recent), days=days, limit=limit, over_at=over_at)
    return None


def _denied_consent(facts: ContactFacts, policy: Policy, need: Need) -> Verdict:
    lack = what_lacks(facts, policy, written=need is Need.PEWC)
    if lack.only_seller:
        return denied("FED-007", "CONSENT_SELLER", lack.reason)
    if need is Need.PEWC:
        return denied("FED-007", "CONSENT_PEWC", lack.reason, needs_review=lack.for_review)
    if facts.channel in RECORDED and believed_type(facts, policy) is LineType.UNKNOWN:
        reason = "the line type is not known, so it counts as a mobile; look it up, or record consent"
        return denied("FED-007", "CONSENT_PEC", reason)
    return denied("FED-007", "CONSENT_PEC", lack.reason)
