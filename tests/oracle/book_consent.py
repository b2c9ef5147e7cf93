"""Steps 6 and 7 of ENG-001: consent by purpose, channel, line and state (FED-007 to -011, ST-006, ST-008), and FED-030."""

from datetime import timedelta

from compliance.rules.records import (
    AttemptFact,
    ConsentFact,
    ConsentKind,
    ReassignedAnswer,
    SuppressionFact,
    SuppressionKind,
    SuppressionScope,
)
from compliance.rules.vocabulary import Channel, LineType, Purpose
from tests.oracle.case import TEXT, Case, Refusal, Refusals

# ST-006: "in these states require PEWC for LIVE_PREDICTIVE and SMS telemarketing, not only PREREC".
AUTOMATION_STATES = frozenset(["FL", "OK", "MD", "CT", "WA", "CA", "IN", "GA", "NE", "IL", "ME"])
SELECTION_STATES = frozenset({"OK", "MD"})  # "selection or dialing": preview is REVIEW (T2)
EVERY_SALES_CALL_STATES = frozenset({"CT"})  # "any telephonic sales call" (T4)
MOBILE_BAN_STATES = frozenset({"AZ", "NJ", "LA"})
LIVE = {Channel.LIVE_MANUAL, Channel.LIVE_PREVIEW, Channel.LIVE_PREDICTIVE}
WIRES = {LineType.LANDLINE_RES, LineType.LANDLINE_BIZ}


def consent(case: Case) -> Refusals:
    """Step 6: the consent that FED-007's matrix, TSR-006 and ST-006 demand."""
    if case.emergency:
        return  # FED-007: none on any channel
    if written_consent_needed(case):
        yield from demand(case, written=True)
        if not is_fundraiser(case):
            return  # FED-007's matrix asks no less
    # Of a fundraiser the TSR asks a written agreement, and the matrix consent of its own.
    if express_consent_needed(case):
        yield from demand(case, written=False)
    elif needs_exemption(case):
        yield from exemption(case)


def written_consent_needed(case: Case) -> bool:
    """Return whether a signed agreement is needed."""
    facts = case.facts
    if charity_recording(case):
        return True
    if facts.purpose is Purpose.UNKNOWN and facts.channel not in LIVE:
        return True  # section 0, 25: of what nobody knows the strictest cell of FED-007's matrix is asked
    if is_nobodys_charity(case) and not case.telemarketing:
        return facts.channel in TEXT
    if not case.telemarketing:
        return False
    if facts.channel in TEXT:
        return True  # FED-007 "ATDS voice or SMS"; A2P-009 "promotional: written"
    if facts.channel is Channel.PREREC and not is_business_line(case):
        return True  # wireless (a)(2), residential (a)(3), TSR-006 where it reaches business lines
    return state_written_consent_needed(case)


def is_business_line(case: Case) -> bool:
    """Return whether FED-035 takes federal telemarketing rules away: business to business on a business's wire (T1, T2)."""
    campaign = case.facts.campaign
    return campaign.to_businesses and not campaign.office_supplies and case.line is LineType.LANDLINE_BIZ


def state_written_consent_needed(case: Case) -> bool:
    """Return whether ST-006 asks for a signed agreement."""
    channel = case.facts.channel
    if case.states & EVERY_SALES_CALL_STATES:
        return True
    if channel is Channel.LIVE_PREVIEW:
        return bool(case.states & SELECTION_STATES)
    if channel is Channel.LIVE_MANUAL:
        return False
    return bool(case.states & AUTOMATION_STATES)


def charity_recording(case: Case) -> bool:
    """Return whether somebody else than the nonprofit plays its recording to a stranger: TSR-006, FED-033 (prior donors)."""
    facts = case.facts
    if facts.channel is not Channel.PREREC or facts.purpose is not Purpose.CHARITY or case.nonprofit_itself:
        return False
    if is_business_line(case):
        return False
    if not facts.campaign.paid_fundraiser:
        return True
    donor = any(r.seller == facts.seller and (r.customer or r.last_purchase_on) for r in facts.relationships)
    return not donor


def is_fundraiser(case: Case) -> bool:
    """Return whether a paid fundraiser asks for a charity: FED-007's row "by/for tax-exempt nonprofit"."""
    facts = case.facts
    return facts.purpose is Purpose.CHARITY and facts.campaign.paid_fundraiser and not case.telemarketing


def is_nobodys_charity(case: Case) -> bool:
    """Return whether FED-007's row "by/for tax-exempt nonprofit" is not shown to hold: then it is like a sale."""
    campaign = case.facts.campaign
    return case.facts.purpose is Purpose.CHARITY and not (campaign.nonprofit or campaign.paid_fundraiser)


def express_consent_needed(case: Case) -> bool:
    """Return whether consent that need not be written is needed."""
    if case.facts.channel in TEXT:
        return True  # A2P-009: informational is express; FED-023 T3: an ordinary route needs PEC
    return case.facts.channel is Channel.PREREC and case.line not in WIRES


def needs_exemption(case: Case) -> bool:
    """Return whether FED-022 is asked: a recording without advertising to a residential wire."""
    return case.facts.channel is Channel.PREREC and case.line is LineType.LANDLINE_RES


def demand(case: Case, *, written: bool) -> Refusals:
    """Refuse unless a consent of that strength covers the contact, names the seller, and has its holder still."""
    if usable_consents(case, written=written):
        return
    if not written and is_reply(case):
        return  # FED-027 T2: an answer within the conversation the person began
    strong = is_written if written else is_express
    if claims(case, written=written):
        yield Refusal("FED-030", "RND_RISK", "the number may have another holder since the consent")
    elif any(strong(given) and covers(given, case) for given in case.facts.consents):
        yield Refusal("FED-009", "CONSENT_SELLER", "the consent is another seller's, or nobody's")
    else:
        code = "CONSENT_PEWC" if written else "CONSENT_PEC"
        yield Refusal("FED-007", code, "no consent of that strength covers this contact")


def exemption(case: Case) -> Refusals:
    """FED-022: without consent 3 in 30 days; healthcare 1 a day and 3 a week."""
    facts = case.facts
    if usable_consents(case, written=False):
        return
    sent = [
        a for a in facts.attempts if a.channel is Channel.PREREC and not a.with_consent and a.at <= facts.at
    ]
    if facts.purpose is Purpose.HEALTHCARE_HIPAA:
        if count_within(case, sent, 1) >= 1 or count_within(case, sent, 7) >= 3:
            yield Refusal("FED-022", "QTY_CAP", "healthcare: 1 a day, 3 a week")
    elif count_within(case, sent, 30) >= 3:
        yield Refusal("FED-022", "QTY_CAP", "T1: the fourth recording in 30 days")


def count_within(case: Case, attempts: list[AttemptFact], days: int) -> int:
    """Return how many lie in that many local dates, today's among them, or in as many times 24 hours."""
    count = 0
    for attempt in attempts:
        by_clock = case.facts.at - attempt.at < timedelta(days=days)
        by_date = any((c.date() - attempt.at.astimezone(c.tzinfo).date()).days < days for c in case.clocks)
        count += by_clock or by_date
    return count


def usable_consents(case: Case, *, written: bool) -> list[ConsentFact]:
    """Return the consents one can rely on: strong enough, ours, and of today's holder of the number."""
    return [given for given in claims(case, written=written) if holder_known(given, case)]


def claims(case: Case, *, written: bool) -> list[ConsentFact]:
    """Return the consents that would do if the number still has their holder."""
    strong = is_written if written else is_express
    return [
        given
        for given in case.facts.consents
        if strong(given) and covers(given, case) and is_for_seller(given, case, written=written)
    ]


def covers(given: ConsentFact, case: Case) -> bool:
    """Return whether the consent is in force, for this number, purpose and channel."""
    facts = case.facts
    if given.number != facts.number or given.given_at > facts.at:
        return False
    if given.valid_until is not None and given.valid_until <= facts.at:
        return False
    if given.revoked_at is not None or given.box_preticked:
        return False  # FED-008 T1: a pre-ticked box is nobody's act
    if any(
        taken.kind in {SuppressionKind.REVOKED, SuppressionKind.DO_NOT_CALL}
        and (taken.seller == facts.seller or taken.scope is SuppressionScope.EVERYONE)
        and given.given_at <= taken.at
        for taken in facts.suppressions
    ):
        return False  # FED-012, FED-006 T3 "from anyone": what was agreed before the request is revoked; a new consent counts
    if given.purposes and case.purpose not in given.purposes:
        return False
    return not given.channels or facts.channel in given.channels


def is_express(given: ConsentFact) -> bool:
    """Return whether it is prior express consent at least."""
    return given.kind in {ConsentKind.PEC, ConsentKind.PEWC}


def is_written(given: ConsentFact) -> bool:
    """Return whether it is a signed agreement with all FED-008 demands; T3, a voice signature, is REVIEW."""
    return (
        given.kind is ConsentKind.PEWC
        and given.has_text
        and given.signature not in {"", "voice"}
        and given.authorises_automation
        and given.not_a_condition
    )


def is_for_seller(given: ConsentFact, case: Case, *, written: bool) -> bool:
    """Return whether this seller may use it: FED-009; TSR-006 wants a recording's agreement from the seller's own hands.

    FED-009 T2: "PREREC sales call under the TSR", and TSR-007: "B2B calls exempt"; a state's law asks for no more than FED-008.
    """
    seller = case.facts.seller
    if not given.sellers:  # said to the seller itself, no text shown (FED-007 T2: "given at booking")
        return not written and given.kind is ConsentKind.PEC and given.obtained_by == seller
    if seller not in given.sellers:
        return False
    if written and case.facts.channel is Channel.PREREC and not is_business_line(case):
        return given.obtained_by == seller
    return True


def is_withdrawn(entry: SuppressionFact, case: Case) -> bool:
    """Return whether "a later, documented, consumer-initiated re-permission" to this seller lifts it (FED-006 T4, ST-009 T3).

    The book does not say who finds that it is one; here two people did, and named the permission they read.
    """
    if entry.scope is SuppressionScope.EVERYONE:
        return False  # said to all; what one seller was told later does not speak for it
    return any(
        given.ref == entry.lifted_on
        and given.asked_by_person
        and is_express(given)
        and given.has_text
        and given.obtained_by == case.facts.seller
        and given.given_at > entry.at
        and covers(given, case)
        and case.facts.seller in given.sellers
        for given in case.facts.consents
    )


def is_reply(case: Case) -> bool:
    """Return whether the text answers the person's own, within a day: FED-027 T2 allows it; A2P-009 still bars its offers."""
    came = case.facts.message.replies_to
    return (
        case.facts.channel in TEXT
        and came is not None
        and timedelta(0) <= case.facts.at - came <= timedelta(hours=24)
    )


def holder_known(given: ConsentFact, case: Case) -> bool:
    """Return whether FED-030's database was asked in the last 30 days about the day of the consent, and said no.

    "Unqueried: no protection", and the policy asks "before each consent-based campaign", so a young consent is no excuse.
    """
    answer = case.facts.reassigned
    return (
        answer is not None
        and answer.answer is ReassignedAnswer.NO
        and timedelta(0) <= case.facts.at - answer.checked_at <= timedelta(days=30)
        and answer.since <= given.given_at.date()
    )


def maine_scrub(case: Case) -> Refusals:
    """Step 7, FED-030: Maine wants the reassigned numbers scrubbed before any telemarketing."""
    if not case.telemarketing or "ME" not in case.states:
        return
    answer = case.facts.reassigned
    if (
        answer is None
        or answer.answer is not ReassignedAnswer.NO
        or not timedelta(0) <= case.facts.at - answer.checked_at <= timedelta(days=30)
    ):
        yield Refusal("FED-030", "RND_RISK", "Maine: no clean query within 30 days")


def mobile_ban(case: Case) -> Refusals:
    """ST-008: no unsolicited sales to mobiles in AZ, NJ and LA; a customer passes in AZ, and is REVIEW in NJ (T3) and LA."""
    if not case.telemarketing or case.line in WIRES or case.line is LineType.TOLLFREE or is_reply(case):
        return
    customer = any(r.customer and r.seller == case.facts.seller for r in case.facts.relationships)
    for state in sorted(case.states & MOBILE_BAN_STATES):
        if state == "AZ" and customer:
            continue
        written = state == "NJ"  # "written request"
        if usable_consents(case, written=written):
            continue
        if claims(case, written=written):
            yield Refusal("FED-030", "RND_RISK", "the consent may be another holder's")
        else:
            yield Refusal("ST-008", "MOBILE_BAN", f"cold sales to a mobile in {state}")
