"""The rule book's vectors on consent in the states: written consent (ST-006) and sales calls to mobiles (ST-008)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from compliance.rules.consent_needed import consent_held
from compliance.rules.decision import Outcome
from compliance.rules.engine import decide
from compliance.rules.facts import (
    CampaignFacts,
    Channel,
    ContactFacts,
    LineFacts,
    LineType,
    MessageFacts,
    Purpose,
    RelationshipFact,
)
from compliance.rules.policy import in_force
from compliance.rules.state_consent import no_mobile_ban, state_written_consent
from tests.rules.making import SELLER, at, consent, facts, written

NOW = at("2026-11-23T18:00:00Z")
LAW = in_force(NOW)
WIRELESS = LineType.WIRELESS
CUSTOMER = (RelationshipFact(seller=SELLER, customer=True),)
INQUIRED = (RelationshipFact(seller=SELLER, last_inquiry_on=date(2026, 11, 2)),)
PREDICTIVE = {"channel": Channel.LIVE_PREDICTIVE}
MANUAL = {"channel": Channel.LIVE_MANUAL}
TEXT = {"channel": Channel.SMS, "line_type": WIRELESS}
BLOCK, REVIEW, ALLOW = ("CONSENT_PEWC", False), ("CONSENT_PEWC", True), ("", False)


def to(state: str, **changes: Any) -> ContactFacts:
    """Return facts of a cold sales call to somebody with an address in the state and a number of New York."""
    return facts(NOW, state=state, **changes)


def stateless(**changes: Any) -> ContactFacts:
    """Return facts of a cold sales call to a number of a known zone and no known state."""
    known = facts(NOW, **changes)
    return replace(
        known, evidences=tuple(replace(evidence, states=frozenset()) for evidence in known.evidences)
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(to("OK", **PREDICTIVE), BLOCK, id="ST-006 T1"),
        pytest.param(to("OK"), REVIEW, id="ST-006 T2 is it still selection?"),
        pytest.param(to("MD"), REVIEW, id="ST-006 T2 Maryland words it alike"),
        pytest.param(to("OK", **MANUAL), ALLOW, id="ST-006 a person chose and dialed"),
        pytest.param(to("FL", **PREDICTIVE), BLOCK, id="ST-006 T3"),
        pytest.param(to("FL"), ALLOW, id="ST-006 T3 Florida: selection and dialing"),
        pytest.param(to("CT", **MANUAL), BLOCK, id="ST-006 T4"),
        pytest.param(to("CT", **MANUAL, relationships=INQUIRED), REVIEW, id="ST-006 T4 an inquiry"),
        pytest.param(to("CT", **MANUAL, relationships=CUSTOMER), BLOCK, id="ST-006 T4 the relationship"),
        pytest.param(to("CT", **MANUAL, consents=(written(),)), ALLOW, id="ST-006 T4 written consent"),
        pytest.param(to("OK", **PREDICTIVE, consents=(consent(),)), BLOCK, id="ST-006 oral consent"),
        pytest.param(to("OK", **PREDICTIVE, consents=(written(),)), ALLOW, id="ST-006 written consent"),
        pytest.param(
            to("OK", **PREDICTIVE, consents=(written(signature="voice"),)), REVIEW, id="ST-006 by voice"
        ),
        pytest.param(
            to("OK", **PREDICTIVE, consents=(written(sellers=frozenset({"A"})),)),
            ("CONSENT_SELLER", False),
            id="ST-006 another seller's",
        ),
        pytest.param(to("WA", **TEXT), BLOCK, id="ST-006 Washington: commercial texts"),
        pytest.param(to("WA", **PREDICTIVE), BLOCK, id="ST-006 Washington: predictive calls"),
        pytest.param(
            to("WA", **TEXT, purpose=Purpose.INFORMATIONAL, message=MessageFacts(replies_to=NOW)),
            ALLOW,
            id="ST-006 an answer is no sale",
        ),
        pytest.param(to("OK", **PREDICTIVE, purpose=Purpose.SURVEY), ALLOW, id="ST-006 no sale"),
        pytest.param(
            to("OK", **PREDICTIVE, purpose=Purpose.SURVEY, campaign=CampaignFacts(sells_later=True)),
            BLOCK,
            id="ST-006 a survey that sells later",
        ),
        pytest.param(
            facts(NOW, number="+14055550123", state="NY", **PREDICTIVE), BLOCK, id="ST-006 by area code"
        ),
        pytest.param(stateless(), BLOCK, id="ST-006 no state known: any may apply"),
        pytest.param(facts(NOW, number="+18005550123"), ("TZ_UNKNOWN", False), id="ST-006 no place known"),
        pytest.param(to("NY", **PREDICTIVE), ALLOW, id="ST-006 New York asks for none"),
    ],
)
def test_st_006_written_consent(given: ContactFacts, expected: tuple[str, bool]) -> None:
    verdict = state_written_consent(given, LAW)

    assert (verdict.code, verdict.needs_review) == expected


def test_fed_010_t2_a_predictive_call_in_florida_is_stopped_by_the_state_alone() -> None:
    given = to("FL", **PREDICTIVE)

    assert consent_held(given, LAW).code == ""
    assert state_written_consent(given, LAW).code == "CONSENT_PEWC"


BANNED, JUDGED = ("MOBILE_BAN", False), ("MOBILE_BAN", True)
TO_BUSINESS = CampaignFacts(to_businesses=True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(to("AZ", line_type=WIRELESS), BANNED, id="ST-008 T1"),
        pytest.param(to("AZ"), ALLOW, id="ST-008 T2 a landline"),
        pytest.param(to("NJ", line_type=WIRELESS, relationships=CUSTOMER), JUDGED, id="ST-008 T3"),
        pytest.param(to("AZ", line=LineFacts()), BANNED, id="ST-008 T4"),
        pytest.param(stateless(line_type=WIRELESS), BANNED, id="ST-008 no state known: any may apply"),
        pytest.param(facts(NOW, number="+18005550123", line=LineFacts()), BANNED, id="ST-008 no place known"),
        pytest.param(to("AZ", line_type=WIRELESS, campaign=TO_BUSINESS), BANNED, id="FED-035 T4"),
        pytest.param(to("AZ", line_type=WIRELESS, consents=(consent(),)), ALLOW, id="ST-008 consent"),
        pytest.param(to("AZ", line_type=WIRELESS, relationships=CUSTOMER), ALLOW, id="ST-008 a customer"),
        pytest.param(to("NJ", line_type=WIRELESS, consents=(consent(),)), BANNED, id="ST-008 NJ: in writing"),
        pytest.param(to("NJ", line_type=WIRELESS, consents=(written(),)), ALLOW, id="ST-008 NJ: written"),
        pytest.param(
            to("AZ", line_type=WIRELESS, relationships=(RelationshipFact(seller="A", customer=True),)),
            BANNED,
            id="ST-008 another seller's customer",
        ),
        pytest.param(to("AZ", line_type=WIRELESS, purpose=Purpose.SURVEY), ALLOW, id="ST-008 no sale"),
        pytest.param(to("AZ", **TEXT), BANNED, id="ST-008 texts too: section 4.1 excepts none"),
        pytest.param(to("AZ", **TEXT, consents=(consent(),)), ALLOW, id="ST-008 a text with consent"),
        pytest.param(
            facts(NOW, number="+16025550123", state="NY", line_type=WIRELESS),
            BANNED,
            id="ST-008 by area code",
        ),
    ],
)
def test_st_008_sales_calls_to_mobiles(given: ContactFacts, expected: tuple[str, bool]) -> None:
    verdict = no_mobile_ban(given, LAW)

    assert (verdict.code, verdict.needs_review) == expected


def test_st_008_t2_a_cold_call_to_a_landline_of_arizona_passes_the_whole_gate_of_a_registered_seller() -> (
    None
):
    ten = facts("2026-11-23T17:00:00Z", number="+16025550123", state="AZ")

    assert decide(ten).outcome is Outcome.ALLOW
    assert decide(replace(ten, registrations=())).code == "REG_MISSING"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            to("AZ", line=LineFacts()),
            "Arizona bans sales calls to mobiles and the line type is not known; look it up, or record consent",
        ),
        (
            to("AZ", line_type=WIRELESS),
            "Arizona bans sales calls to mobiles; record the person's consent",
        ),
    ],
)
def test_st_008_the_reason_says_what_to_supply(given: ContactFacts, reason: str) -> None:
    assert no_mobile_ban(given, LAW).reason == reason


def test_st_006_the_reason_names_the_state_and_what_is_missing() -> None:
    given = to("OK", **PREDICTIVE, consents=(written(not_a_condition=False),))

    assert state_written_consent(given, LAW).reason == (
        "Oklahoma asks for written consent: the consent of 2 Mar 2026 lacks the words that it is not a condition of purchase; "
        "have a complete one signed"
    )
