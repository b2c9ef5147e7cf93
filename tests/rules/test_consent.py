"""The rule book's vectors on federal consent: what a contact needs, what a consent must hold, and what is exempt."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from compliance.rules import calling_window
from compliance.rules.consent_needed import consent_held, no_generated_numbers, obtained_directly
from compliance.rules.decision import Outcome, Verdict
from compliance.rules.engine import Rule, decide
from compliance.rules.facts import (
    CampaignFacts,
    Channel,
    ConsentFact,
    ConsentKind,
    ContactFacts,
    LineFacts,
    LineType,
    MessageFacts,
    Purpose,
    ReassignedAnswer,
    ReassignedFact,
    RelationshipFact,
    SenderFacts,
)
from compliance.rules.policy import Policy, in_force
from compliance.rules.registry import not_registered
from tests.rules.making import SELLER, at, attempt, confirmed, consent, facts, listed, written

NOW = at("2026-11-23T16:00:00Z")
LAW = in_force(NOW)
WIRELESS = LineType.WIRELESS
HOME, OFFICE = LineType.LANDLINE_RES, LineType.LANDLINE_BIZ
BOOKING = consent(purposes=frozenset({Purpose.INFORMATIONAL}))
NONPROFIT = CampaignFacts(nonprofit=True)
FUNDRAISER = CampaignFacts(paid_fundraiser=True)
CUSTOMER = (RelationshipFact(seller=SELLER, customer=True, last_purchase_on=date(2026, 10, 1)),)


def recorded(line: LineType = WIRELESS, **changes: Any) -> ContactFacts:
    """Return facts of a recorded sales message to a mobile."""
    return facts(NOW, line_type=line, **{"channel": Channel.PREREC, **changes})


def text(**changes: Any) -> ContactFacts:
    """Return facts of an informational text to a mobile."""
    return recorded(**{"channel": Channel.SMS, "purpose": Purpose.INFORMATIONAL, **changes})


def code_of(rule: Rule, given: ContactFacts, policy: Policy = LAW) -> str:
    """Return the code the rule denies with, "" when it does not."""
    return rule(given, policy).code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(recorded(), "CONSENT_PEWC", id="FED-007 T1 a voicemail drop that sells"),
        pytest.param(
            recorded(purpose=Purpose.INFORMATIONAL, consents=(BOOKING,)), "", id="FED-007 T2 a reminder"
        ),
        pytest.param(
            recorded(
                purpose=Purpose.INFORMATIONAL, consents=(consent(),), message=MessageFacts(marketing=True)
            ),
            "CONSENT_PEWC",
            id="FED-007 T3 a reminder with an offer in it",
        ),
        pytest.param(
            recorded(LineType.UNKNOWN, purpose=Purpose.SURVEY), "CONSENT_PEC", id="FED-007 T4 unknown line"
        ),
        pytest.param(recorded(LineType.VOIP, purpose=Purpose.SURVEY), "CONSENT_PEC", id="FED-007 VOIP"),
        pytest.param(
            recorded(LineType.TOLLFREE, purpose=Purpose.SURVEY), "CONSENT_PEC", id="FED-007 the called pays"
        ),
        pytest.param(recorded(purpose=Purpose.UNKNOWN), "CONSENT_PEWC", id="FED-007 purpose not said"),
        pytest.param(recorded(consents=(written(box_preticked=True),)), "CONSENT_PEWC", id="FED-008 T1"),
        pytest.param(recorded(consents=(written(not_a_condition=False),)), "CONSENT_PEWC", id="FED-008 T2"),
        pytest.param(recorded(consents=(written(signature="voice"),)), "CONSENT_PEWC", id="FED-008 T3"),
        pytest.param(recorded(consents=(written(number="+12125550199"),)), "CONSENT_PEWC", id="FED-008 T4"),
        pytest.param(recorded(consents=(written(has_text=False),)), "CONSENT_PEWC", id="FED-008 no text"),
        pytest.param(recorded(consents=(written(signature=" "),)), "CONSENT_PEWC", id="FED-008 no act"),
        pytest.param(
            recorded(consents=(written(authorises_automation=False),)), "CONSENT_PEWC", id="FED-008 (A)"
        ),
        pytest.param(
            recorded(consents=(written(sellers=frozenset({"A", SELLER, "C"})),)), "", id="FED-009 T1"
        ),
        pytest.param(
            recorded(consents=(written(sellers=frozenset()),)), "CONSENT_SELLER", id="FED-009 nobody named"
        ),
        pytest.param(
            recorded(consents=(written(sellers=frozenset({"A"})),)), "CONSENT_SELLER", id="FED-009 another"
        ),
        pytest.param(
            recorded(consents=(written(sellers=frozenset({"A"}), box_preticked=True),)),
            "CONSENT_PEWC",
            id="FED-009 another seller, and incomplete too",
        ),
        pytest.param(recorded(), "CONSENT_PEWC", id="FED-018 T3 asked before abandonment is"),
        pytest.param(recorded(consents=(consent(),)), "CONSENT_PEWC", id="FED-028 T1 an AI agent sells"),
        pytest.param(recorded(), "CONSENT_PEWC", id="FED-028 T2 a soundboard is a recording"),
        pytest.param(
            recorded(purpose=Purpose.INFORMATIONAL), "CONSENT_PEC", id="FED-028 T3 a clip played by a person"
        ),
        pytest.param(recorded(consents=(written(),)), "", id="FED-029 T1"),
        pytest.param(recorded(), "CONSENT_PEWC", id="FED-029 T3 straight to voicemail"),
        pytest.param(recorded(purpose=Purpose.CHARITY, campaign=NONPROFIT), "CONSENT_PEC", id="FED-033 T3"),
        pytest.param(
            recorded(purpose=Purpose.CHARITY, campaign=NONPROFIT, consents=(consent(),)),
            "",
            id="FED-007 a charity needs no writing",
        ),
        pytest.param(
            recorded(purpose=Purpose.CHARITY, consents=(consent(),)),
            "CONSENT_PEWC",
            id="FED-007 a charity call of no nonprofit is a sale",
        ),
        pytest.param(recorded(purpose=Purpose.SURVEY), "CONSENT_PEC", id="FED-034 T2"),
        pytest.param(
            recorded(purpose=Purpose.INFORMATIONAL, campaign=CampaignFacts(to_businesses=True)),
            "CONSENT_PEC",
            id="FED-035 T3",
        ),
        pytest.param(recorded(HOME), "CONSENT_PEWC", id="FED-007 sales recording to a home"),
        pytest.param(recorded(OFFICE, purpose=Purpose.DEBT), "", id="FED-007 recording to an office"),
        pytest.param(
            recorded(purpose=Purpose.EMERGENCY, campaign=CampaignFacts(emergency="boil water")),
            "",
            id="FED-007 emergency",
        ),
        pytest.param(recorded(purpose=Purpose.EMERGENCY), "CONSENT_PEC", id="FED-024 T3 no approved event"),
        pytest.param(
            recorded(
                purpose=Purpose.EMERGENCY,
                campaign=CampaignFacts(emergency="boil water"),
                message=MessageFacts(marketing=True),
            ),
            "CONSENT_PEWC",
            id="FED-024 T2 urgent, but a sale",
        ),
        pytest.param(recorded(channel=Channel.LIVE_PREDICTIVE), "", id="FED-010 T1 it dials a list"),
        pytest.param(recorded(channel=Channel.LIVE_MANUAL), "", id="FED-007 live by hand"),
    ],
)
def test_recordings_and_calls(given: ContactFacts, code: str) -> None:
    assert code_of(consent_held, given) == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(text(message=MessageFacts(replies_to=NOW - timedelta(minutes=5))), "", id="FED-027 T2"),
        pytest.param(
            text(message=MessageFacts(replies_to=NOW - timedelta(hours=24))),
            "CONSENT_PEC",
            id="A2P-009 the conversation is over",
        ),
        pytest.param(
            text(message=MessageFacts(replies_to=NOW + timedelta(minutes=1))),
            "CONSENT_PEC",
            id="A2P-009 a text still to come",
        ),
        pytest.param(
            text(
                purpose=Purpose.TELEMARKETING,
                message=MessageFacts(replies_to=NOW - timedelta(minutes=5)),
                consents=(consent(kind=ConsentKind.CONVERSATION),),
            ),
            "CONSENT_PEWC",
            id="A2P-009 T1 a promotion after a support question",
        ),
        pytest.param(
            text(
                purpose=Purpose.CHARITY,
                message=MessageFacts(replies_to=NOW - timedelta(minutes=5)),
                consents=(consent(kind=ConsentKind.CONVERSATION),),
            ),
            "CONSENT_PEWC",
            id="A2P-009 an answer for a charity nobody knows is a promotion",
        ),
        pytest.param(
            text(
                purpose=Purpose.CHARITY,
                campaign=CampaignFacts(nonprofit=True),
                message=MessageFacts(replies_to=NOW - timedelta(minutes=5)),
            ),
            "",
            id="FED-027 T2 the nonprofit's own answer",
        ),
        pytest.param(
            text(consents=(consent(kind=ConsentKind.CONVERSATION),)),
            "CONSENT_PEC",
            id="A2P-009 a conversation covers its answers only",
        ),
        pytest.param(
            text(consents=(consent(sellers=frozenset({"Brand A"}), obtained_by="Brand A"),)),
            "CONSENT_SELLER",
            id="A2P-009 T2",
        ),
        pytest.param(
            text(consents=(consent(sellers=frozenset(), obtained_by="List Shop"),)),
            "CONSENT_SELLER",
            id="A2P-009 an opt-in given to a list shop",
        ),
        pytest.param(
            text(consents=(consent(revoked_at=NOW),)), "CONSENT_PEC", id="A2P-009 T3 a deactivated number"
        ),
        pytest.param(text(consents=(consent(),)), "", id="A2P-009 informational needs express consent"),
        pytest.param(
            text(purpose=Purpose.TELEMARKETING, consents=(consent(),)),
            "CONSENT_PEWC",
            id="A2P-009 promotional needs written consent",
        ),
        pytest.param(text(purpose=Purpose.TELEMARKETING, consents=(written(),)), "", id="A2P-009 written"),
        pytest.param(
            text(purpose=Purpose.TELEMARKETING, line=LineFacts(type=HOME, checked_at=NOW)),
            "CONSENT_PEWC",
            id="A2P-009 whatever the line",
        ),
    ],
)
def test_texts(given: ContactFacts, code: str) -> None:
    assert code_of(consent_held, given) == code


def test_fed_008_t3_a_spoken_signature_is_for_a_supervisor_and_nothing_else_is() -> None:
    spoken = recorded(consents=(written(signature="Voice"),))
    incomplete = recorded(consents=(written(signature="Voice", not_a_condition=False),))

    assert consent_held(spoken, LAW).needs_review
    assert not consent_held(incomplete, LAW).needs_review
    assert not consent_held(recorded(), LAW).needs_review


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(
            recorded(consents=(written(obtained_by="LeadShop"),)), "CONSENT_SELLER", id="FED-009 T2"
        ),
        pytest.param(recorded(consents=(written(),)), "", id="FED-009 T1 got by the seller itself"),
        pytest.param(recorded(HOME, relationships=CUSTOMER), "CONSENT_PEWC", id="TSR-006 T1"),
        pytest.param(
            recorded(HOME, consents=(written(obtained_by="LeadShop"),)), "CONSENT_SELLER", id="TSR-006 T2"
        ),
        pytest.param(recorded(OFFICE), "CONSENT_PEWC", id="FED-007 an office of no declared B2B campaign"),
        pytest.param(recorded(OFFICE, campaign=CampaignFacts(to_businesses=True)), "", id="TSR-007 B2B"),
        pytest.param(
            recorded(HOME, campaign=CampaignFacts(to_businesses=True)),
            "CONSENT_PEWC",
            id="TSR-006 B2B to a home's line, which may be a person's (FED-035)",
        ),
        pytest.param(
            recorded(campaign=CampaignFacts(to_businesses=True), consents=(written(obtained_by="LeadShop"),)),
            "CONSENT_SELLER",
            id="TSR-006 B2B to a mobile, which may be a person's (FED-035)",
        ),
        pytest.param(
            recorded(OFFICE, campaign=CampaignFacts(to_businesses=True, office_supplies=True)),
            "CONSENT_PEWC",
            id="TSR-007 office supplies",
        ),
        pytest.param(
            recorded(HOME, purpose=Purpose.CHARITY, campaign=NONPROFIT), "", id="FED-033 its own call"
        ),
        pytest.param(
            recorded(HOME, purpose=Purpose.CHARITY, campaign=FUNDRAISER),
            "CONSENT_PEWC",
            id="FED-033 a paid fundraiser, no earlier donor",
        ),
        pytest.param(
            recorded(HOME, purpose=Purpose.CHARITY, campaign=FUNDRAISER, relationships=CUSTOMER),
            "",
            id="FED-033 a paid fundraiser, an earlier donor",
        ),
        pytest.param(recorded(purpose=Purpose.HEALTHCARE_HIPAA), "", id="TSR-006 health care"),
        pytest.param(recorded(channel=Channel.LIVE_PREDICTIVE), "", id="TSR-006 live"),
    ],
)
def test_recorded_sales_need_an_agreement_the_seller_got_itself(given: ContactFacts, code: str) -> None:
    assert code_of(obtained_directly, given) == code


def test_fed_009_naming_no_seller_is_lawful_federally_but_not_for_recorded_sales() -> None:
    lenient = replace(LAW, seller_named_required=False)
    unnamed = written(sellers=frozenset(), obtained_by="LeadShop")

    assert code_of(consent_held, recorded(consents=(unnamed,)), lenient) == ""
    assert code_of(obtained_directly, recorded(consents=(unnamed,)), lenient) == "CONSENT_SELLER"


def test_fed_010_t1_a_predictive_call_to_a_listed_mobile_is_stopped_by_the_registry() -> None:
    given = recorded(channel=Channel.LIVE_PREDICTIVE, registry=listed(date(2026, 11, 12)))

    assert code_of(consent_held, given) == ""
    assert code_of(not_registered, given) == "DNC_NATIONAL"


@pytest.mark.parametrize("channel", Channel)
def test_fed_010_t3_generated_numbers_are_never_dialed(channel: Channel) -> None:
    given = recorded(
        channel=channel, campaign=CampaignFacts(generates_numbers=True), consents=(written(), consent())
    )

    assert code_of(no_generated_numbers, given) == "NUMBERS_GENERATED"


def test_fed_011_t1_oral_consent_in_texas_is_enough_only_where_counsel_says_so() -> None:
    """The switch answers for the TCPA alone. The TSR asks for writing of its own and no circuit has lifted it, so a sales
    recording stays denied by TSR-006 on any line but one known to be a business's, for which the TCPA asks no consent."""
    given = recorded(number="+12145550123", state="TX", consents=(consent(number="+12145550123"),))
    by_counsel = replace(LAW, written_consent_in_fifth_circuit=False)
    to_mobile = replace(given, campaign=CampaignFacts(to_businesses=True))
    to_office = replace(to_mobile, line=recorded(OFFICE).line)

    assert code_of(consent_held, given) == "CONSENT_PEWC"
    assert code_of(consent_held, given, by_counsel) == ""
    assert code_of(obtained_directly, given, by_counsel) == "CONSENT_PEWC"
    assert code_of(obtained_directly, to_mobile, by_counsel) == "CONSENT_PEWC"
    assert code_of(obtained_directly, to_office, by_counsel) == ""


@pytest.mark.parametrize(
    "place",
    [{"state": "NM"}, {}],
    ids=["a second state is a candidate", "the area code alone"],
)
def test_fed_011_the_switch_counts_only_where_the_person_certainly_is(place: dict[str, Any]) -> None:
    given = recorded(number="+12145550123", consents=(consent(number="+12145550123"),), **place)

    assert (
        code_of(consent_held, given, replace(LAW, written_consent_in_fifth_circuit=False)) == "CONSENT_PEWC"
    )


def test_fed_029_t1_with_everything_in_order_the_whole_gate_lets_the_drop_out() -> None:
    """Ten in the morning, written consent, a toll-free opt-out, and the holder is still the person who signed."""
    ten = at("2026-11-23T15:00:00Z")
    given = recorded(
        consents=(written(),),
        message=MessageFacts(ref="asset:1", has_toll_free_opt_out=True),
        reassigned=ReassignedFact(
            answer=ReassignedAnswer.NO, checked_at=ten - timedelta(days=1), since=date(2026, 3, 2)
        ),
    )

    assert decide(replace(given, at=ten)).outcome is Outcome.ALLOW


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.PREREC])
def test_fed_029_t2_hours_count_when_it_is_delivered(channel: Channel) -> None:
    queued = facts("2026-11-24T01:50:00Z", channel=channel, consents=(written(),))
    delivered = facts("2026-11-24T02:05:00Z", channel=channel, consents=(written(),))

    assert calling_window.federal_hours(queued, LAW).outcome is Outcome.ALLOW
    assert calling_window.federal_hours(delivered, LAW).code == "HOURS_FED"


def sent(*days_ago: float, channel: Channel = Channel.PREREC, with_consent: bool = False) -> dict[str, Any]:
    """Return attempts made so many days ago."""
    return {
        "attempts": tuple(
            attempt(NOW - timedelta(days=days), channel=channel, with_consent=with_consent)
            for days in sorted(days_ago, reverse=True)
        )
    }


POLL: dict[str, Any] = {"purpose": Purpose.POLITICAL}
SURVEY: dict[str, Any] = {"purpose": Purpose.SURVEY}
CLINIC: dict[str, Any] = {"purpose": Purpose.HEALTHCARE_HIPAA}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(recorded(HOME, **SURVEY, **sent(1, 9, 29.9)), "QTY_CAP", id="FED-022 T1"),
        pytest.param(
            recorded(HOME, **SURVEY, **sent(1, 9, 29.9), consents=(consent(),), reassigned=confirmed(NOW)),
            "",
            id="FED-022 T2",
        ),
        pytest.param(
            recorded(HOME, **SURVEY, **sent(1, 9, 29.9), consents=(consent(),)),
            "QTY_CAP",
            id="FED-022 the consent may be another holder's",
        ),
        pytest.param(recorded(WIRELESS, **SURVEY), "CONSENT_PEC", id="FED-022 T3"),
        pytest.param(recorded(HOME, **POLL, **sent(30, 21, 11)), "", id="FED-022 T4 day 1, 10, 20, then 31"),
        pytest.param(recorded(HOME, **POLL, **sent(29, 20, 10)), "QTY_CAP", id="FED-022 T4 a day earlier"),
        pytest.param(
            recorded(HOME, **SURVEY, **sent(1, 2, 3, with_consent=True)), "", id="FED-022 consent not counted"
        ),
        pytest.param(
            recorded(HOME, **SURVEY, **sent(1, 2, 3, channel=Channel.LIVE_PREVIEW)), "", id="FED-022 live"
        ),
        pytest.param(recorded(HOME, **CLINIC, **sent(0.9)), "QTY_CAP", id="FED-022 health, twice a day"),
        pytest.param(recorded(HOME, **CLINIC, **sent(1, 3, 5)), "QTY_CAP", id="FED-022 health, 4 a week"),
        pytest.param(recorded(HOME, **CLINIC, **sent(1, 3, 7)), "", id="FED-022 health, 3 a week"),
        pytest.param(
            recorded(HOME, **SURVEY, campaign=CampaignFacts(sells_later=True)),
            "CONSENT_PEWC",
            id="FED-034 T3 a survey that sells later is not exempt",
        ),
    ],
)
def test_exempt_recordings_are_counted(given: ContactFacts, code: str) -> None:
    assert code_of(consent_held, given) == code


FREE: dict[str, Any] = {"sender": SenderFacts(free_to_end_user=True), "relationships": CUSTOMER}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(text(**CLINIC, **FREE), "", id="FED-023 the first of the day"),
        pytest.param(text(**CLINIC, **FREE, **sent(0.2, channel=Channel.SMS)), "QTY_CAP", id="FED-023 T1"),
        pytest.param(text(**CLINIC, **FREE, message=MessageFacts(parts=2)), "CONSENT_PEC", id="FED-023 T2"),
        pytest.param(text(**CLINIC, relationships=CUSTOMER), "CONSENT_PEC", id="FED-023 T3"),
        pytest.param(
            text(**CLINIC, sender=SenderFacts(free_to_end_user=True)), "CONSENT_PEC", id="FED-023 no patient"
        ),
        pytest.param(
            text(**CLINIC, **FREE, message=MessageFacts(marketing=True)),
            "CONSENT_PEWC",
            id="FED-023 an offer",
        ),
        pytest.param(
            recorded(**CLINIC, **FREE), "CONSENT_PEC", id="FED-023 a recording's length is not known"
        ),
    ],
)
def test_free_health_texts_once_the_house_relies_on_them(given: ContactFacts, code: str) -> None:
    assert code_of(consent_held, given, replace(LAW, free_texts_exempt=True)) == code


def test_fed_023_is_not_relied_on_by_default() -> None:
    assert code_of(consent_held, text(**CLINIC, **FREE)) == "CONSENT_PEC"


def test_fed_022_says_when_the_next_may_be_sent() -> None:
    given = recorded(HOME, **SURVEY, **sent(1, 9, 29))

    verdict = consent_held(given, LAW)

    assert (verdict.waits, verdict.retry_at) == (True, NOW + timedelta(days=1))
    assert consent_held(replace(given, at=NOW + timedelta(days=1)), LAW).outcome is Outcome.ALLOW


def test_fed_022_a_house_that_allows_none_never_sends_one() -> None:
    verdict = consent_held(recorded(HOME, **SURVEY), replace(LAW, exempt_recordings=0))

    assert (verdict.code, verdict.waits) == ("QTY_CAP", False)


@pytest.mark.parametrize(
    ("consents", "reason"),
    [
        (
            (),
            "no written consent is on record; have one signed that names Northwind Home Energy and this number",
        ),
        (
            (written(not_a_condition=False, has_text=False),),
            "the consent of 2 Mar 2026 lacks the words that were shown and the words that it is not a condition of purchase; "
            "have a complete one signed",
        ),
        (
            (consent(),),
            "the consent of 2 Mar 2026 is not written; have one signed that names Northwind Home Energy",
        ),
        (
            (written(sellers=frozenset({"A"})), consent()),
            "the consent of 2 Mar 2026 does not count: it names another seller; "
            "record one that Northwind Home Energy got from the person",
        ),
        (
            (written(valid_until=NOW),),
            "the consent of 2 Mar 2026 does not count: it has run out; "
            "record one that Northwind Home Energy got from the person",
        ),
        (
            (consent(kind=ConsentKind.CONVERSATION),),
            "the consent of 2 Mar 2026 covers answers to the person's own texts only; record one for this",
        ),
        (
            (written(signature="voice"),),
            "the consent of 2 Mar 2026 was given by voice; have one signed, or a supervisor judge the recording",
        ),
    ],
)
def test_the_reason_names_what_the_nearest_consent_lacks(
    consents: tuple[ConsentFact, ...], reason: str
) -> None:
    assert consent_held(recorded(consents=consents), LAW).reason == reason


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            recorded(LineType.UNKNOWN, **SURVEY),
            "the line type is not known, so it counts as a mobile; look it up, or record consent",
        ),
        (recorded(**SURVEY), "no consent is on record; record what the person agreed to"),
        (
            recorded(**SURVEY, consents=(consent(box_preticked=True),)),
            "the consent of 2 Mar 2026 was ticked beforehand, not by the person; record one that was",
        ),
        (
            recorded(HOME, **SURVEY, **sent(1, 9, 29)),
            "3 sent without consent in 30 days, the limit is 3; record consent",
        ),
    ],
)
def test_the_reason_says_which_fact_is_missing(given: ContactFacts, reason: str) -> None:
    assert consent_held(given, LAW).reason == reason


def test_a_consent_that_holds_is_named_for_the_record() -> None:
    verdict: Verdict = consent_held(recorded(consents=(written(ref="consent:42"),)), LAW)

    assert verdict.reason == "PEWC of 2 Mar 2026 holds (consent:42)"
