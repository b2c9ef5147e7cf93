"""Steps 1 to 4 of ENG-001: the number, the seller's own list, purpose and channel, registration, caller ID, sender."""

from datetime import timedelta

from compliance.rules.records import SuppressionFact, SuppressionKind, SuppressionScope
from compliance.rules.vocabulary import Channel, Purpose
from tests.oracle.book_consent import is_withdrawn, usable_consents
from tests.oracle.case import TEXT, VOICE, Case, Refusal, Refusals

# Those ST-005 names; the rest of its "32 states" are not listed.
REGISTRATION_STATES = frozenset(
    {
        "TX", "FL", "WA", "NJ", "MS", "RI", "UT", "OH", "CO", "ID", "AK", "VT", "DC", "AZ", "CA", "WI", "PA", "KY",
        "NV", "OK", "TN", "LA", "ME", "MD",
    }
)  # fmt: skip

AT_HOME = frozenset({"US", "PR", "VI", "GU", "AS", "MP"})

CODE_OF_KIND = {
    SuppressionKind.DO_NOT_CALL: ("FED-006", "DNC_INTERNAL"),
    SuppressionKind.REVOKED: ("FED-012", "REVOKED"),
    SuppressionKind.WRONG_NUMBER: ("FED-030", "WRONG_NUMBER"),
    SuppressionKind.REASSIGNED: ("FED-030", "WRONG_NUMBER"),
    SuppressionKind.LITIGATOR: ("FED-006", "LITIGATOR"),
    SuppressionKind.CEASED: ("REGF-005", "DNC_INTERNAL"),
    SuppressionKind.REPRESENTED: ("REGF-005", "DNC_INTERNAL"),
}

# Facts about the person, not wishes towards a seller.
WHOEVER_HEARD_IT = {SuppressionKind.LITIGATOR, SuppressionKind.WRONG_NUMBER}
TAKEN_BACK = {
    SuppressionKind.DO_NOT_CALL,
    SuppressionKind.REVOKED,
    SuppressionKind.WRONG_NUMBER,
    SuppressionKind.REASSIGNED,
}


def number(case: Case) -> Refusals:
    """Step 1: the number is valid, and no line that is never dialed."""
    facts = case.facts
    if facts.clock_problem:
        yield Refusal("ENG-001", "CLOCK_WRONG", facts.clock_problem)
    if facts.number_problem:
        yield Refusal("ENG-001", "NUMBER_INVALID", facts.number_problem)
    if facts.region not in AT_HOME or facts.country_stated:
        yield Refusal(
            "ENG-001", "JURISDICTION_UNKNOWN", "the packs of other countries come later (scope; 9.2, 9.3)"
        )
    if facts.line.protected:
        yield Refusal("FED-032", "LINE_PROTECTED", facts.line.protected)
    machine = facts.channel in {Channel.LIVE_PREDICTIVE, Channel.PREREC}
    if machine and facts.account_calls_open > 0:
        yield Refusal("FED-032", "LINE_BUSY_ACCOUNT", "two lines of one business at once by machine")


def own_list(case: Case) -> Refusals:
    """Step 2: internal do-not-call, revocation, wrong number; no purpose is spared but what a row says."""
    if case.facts.crm_do_not_call:
        yield Refusal("FED-006", "DNC_INTERNAL", "a flag in the CRM")
    for entry in case.facts.suppressions:
        if concerns(entry, case):
            rule, code = CODE_OF_KIND[entry.kind]
            yield Refusal(rule, code, f"{entry.kind} {entry.scope} since {entry.at:%Y-%m-%d}")


def concerns(entry: SuppressionFact, case: Case) -> bool:
    """Return whether the entry forbids this contact.

    Neither the campaign nor the channel narrows it, a debt apart: FED-006 T2, FED-015 T3 ("on all channels").
    """
    facts = case.facts
    if entry.person_ref and entry.person_ref != facts.person_ref:
        return False  # FED-030 T4: the pair of contact and number
    # A wrong number that the person gave again is theirs again; nobody takes back a suit, a letter about a debt or an attorney.
    if entry.kind in TAKEN_BACK and is_withdrawn(entry, case):
        return False
    if entry.kind in WHOEVER_HEARD_IT:
        return True
    debt = facts.purpose is Purpose.DEBT
    medium = debt and entry.kind is SuppressionKind.DO_NOT_CALL and bool(entry.channels)
    if medium and facts.channel not in entry.channels:
        return False  # REGF-005 T2: "stop emailing me": voice open
    if entry.scope is not SuppressionScope.EVERYONE and entry.seller != facts.seller:
        return False
    if entry.kind in {SuppressionKind.CEASED, SuppressionKind.REPRESENTED}:
        return debt  # section 6 speaks of the debt only
    # FED-015: "suppress every non-emergency contact"; FED-024 needs no consent.
    return not (entry.kind is SuppressionKind.REVOKED and case.emergency)


def purpose_and_channel(case: Case) -> Refusals:
    """Step 3: the purpose is said, and the channel may serve it."""
    facts = case.facts
    if facts.purpose is Purpose.UNKNOWN:
        yield Refusal("ENG-001", "PURPOSE_UNKNOWN", "nobody said the purpose")
    if facts.purpose is Purpose.EMERGENCY and not facts.campaign.emergency:
        yield Refusal("FED-024", "PURPOSE_UNKNOWN", "no approved event, so no emergency")
    if facts.purpose is Purpose.EMERGENCY and case.telemarketing:
        yield Refusal("FED-024", "PURPOSE_UNKNOWN", "T2: it sells, so it is no emergency")
    if facts.campaign.generates_numbers:
        yield Refusal("FED-010", "NUMBERS_GENERATED", "T3: dials number ranges: blocked outright")
    if facts.purpose is Purpose.DEBT and facts.channel in TEXT:
        yield Refusal("A2P-010", "CHANNEL_BARRED", "T3: collection by text is review or block")


def registration(case: Case) -> Refusals:
    """Step 4, ST-005: the seller is registered in every candidate state that asks for it."""
    if not case.telemarketing:
        return
    for state in sorted(case.states & REGISTRATION_STATES):
        if not registered(case, state):
            yield Refusal("ST-005", "REG_MISSING", f"no certificate or exemption in force in {state}")


def registered(case: Case, state: str) -> bool:
    """Return whether a certificate or filed exemption holds, or Texas' reading for consented texts."""
    texting = case.facts.channel in TEXT
    if state == "TX" and texting and usable_consents(case, written=True):
        return True  # T2: opt-in text programme
    for entry in case.facts.registrations:
        if entry.state != state or not (entry.certificate or entry.exemption):
            continue
        if entry.covers_texts_only and not texting:
            continue
        dates = [clock.date() for clock in case.clocks] or [case.facts.at.date()]
        if entry.valid_from <= min(dates) and (entry.valid_to is None or entry.valid_to >= max(dates)):
            return True
    return False


def caller_id(case: Case) -> Refusals:
    """Step 4, FED-025 and CID-003: a real, working, ours number that takes do-not-call requests."""
    facts, caller = case.facts, case.facts.caller
    faults = []
    if not caller.known:
        faults.append("not in the inventory")
    if not caller.active:
        faults.append("not active")
    if caller.seller and caller.seller != facts.seller:
        faults.append("another seller's")
    if not caller.authority:
        faults.append("no proof of authority")
    if not caller.takes_requests:
        faults.append("takes no do-not-call requests")
    tested = caller.tested_on
    if tested is None or tested > case.last_date or case.last_date - tested > timedelta(days=90):
        faults.append("not tested in 90 days")
    if faults:
        yield Refusal("FED-025", "CLI_INVALID", ", ".join(faults))
    if facts.channel in VOICE and caller.dials_today >= 150:
        yield Refusal("CID-003", "CLI_WORN", f"{caller.dials_today} dials today")


def sender(case: Case) -> Refusals:
    """Step 4, A2P-001, -004, -007, -012: the text sender is registered and within its day."""
    facts, who = case.facts, case.facts.sender
    if facts.channel not in TEXT:
        return
    if who.kind == "long_code":
        if not (who.brand_approved and who.campaign_approved and who.attached and who.in_pool):
            yield Refusal("A2P-001", "A2P_UNREG", "brand, campaign, number or pool not in order")
        if who.daily_cap is None:
            yield Refusal("A2P-004", "A2P_CAP", "the brand's daily cap is not known")
        elif who.parts_today + facts.message.parts > who.daily_cap:
            yield Refusal("A2P-004", "A2P_CAP", "the brand's daily cap is reached")
    elif who.kind == "toll_free":
        if not who.toll_free_verified:
            yield Refusal("A2P-007", "A2P_UNREG", "toll-free number not verified")
    elif who.kind == "short_code":
        if not who.campaign_approved:
            yield Refusal("A2P-001", "A2P_UNREG", "the short code's campaign is not approved")
    else:
        yield Refusal("A2P-001", "A2P_UNREG", "kind of sender not known")
    for_sales = who.use_case in {"marketing", "mixed", "low_volume_mixed"}
    if case.telemarketing and not for_sales:
        yield Refusal("A2P-001", "A2P_UNREG", "T3: marketing on a campaign of another use case")
    if facts.purpose is Purpose.POLITICAL and not who.political_token:
        yield Refusal("A2P-007", "A2P_UNREG", "no Campaign Verify token")
    if facts.message.parts > 10:
        yield Refusal("A2P-012", "MSG_MISSING", "more than ten parts")
