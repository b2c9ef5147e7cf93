"""The rule book's vectors on requests not to be contacted, revocations and wrong numbers (ENG-001 step 2)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from compliance.rules.consent import standing_consents
from compliance.rules.decision import Outcome
from compliance.rules.engine import decide
from compliance.rules.facts import (
    CampaignFacts,
    Channel,
    ConsentKind,
    ContactFacts,
    MessageFacts,
    Purpose,
    SuppressionFact,
    SuppressionKind,
    SuppressionScope,
)
from compliance.rules.policy import Policy, in_force
from compliance.rules.suppression import not_suppressed
from tests.rules.making import SELLER, at, consent, facts, written

NOW = at("2026-11-23T16:00:00Z")
LAW = in_force(NOW)
NARROW = replace(LAW, revocation_stops="category")
ASKED_AT = at("2026-11-20T15:00:00Z")
EMERGENCY = {"purpose": Purpose.EMERGENCY, "campaign": CampaignFacts(emergency="boil water")}
DEBT = {"purpose": Purpose.DEBT}
TEXTS = frozenset({Channel.SMS, Channel.MMS})


def said(kind: SuppressionKind = SuppressionKind.DO_NOT_CALL, **changes: Any) -> SuppressionFact:
    """Return what the person of `facts` asked of the seller on 20 November."""
    values: dict[str, Any] = {
        "seller": SELLER,
        "scope": SuppressionScope.SELLER,
        "reason": "asked",
        "heard_on": "phone",
        "at": ASKED_AT,
        "kind": kind,
    }
    return SuppressionFact(**{**values, **changes})


def contact(*suppressions: SuppressionFact, **changes: Any) -> ContactFacts:
    """Return facts of a sales call, suppressed."""
    return facts(changes.pop("when", NOW), suppressions=suppressions, **changes)


def code_of(given: ContactFacts, policy: Policy = LAW) -> str:
    """Return the code the rule denies with, "" when it does not."""
    return not_suppressed(given, policy).code


DNC, REVOKED = SuppressionKind.DO_NOT_CALL, SuppressionKind.REVOKED
WRONG, REASSIGNED = SuppressionKind.WRONG_NUMBER, SuppressionKind.REASSIGNED
CEASED, REPRESENTED = SuppressionKind.CEASED, SuppressionKind.REPRESENTED
LITIGATOR = SuppressionKind.LITIGATOR
EVERYONE, CAMPAIGN = SuppressionScope.EVERYONE, SuppressionScope.CAMPAIGN
CAME_BACK = written(given_at=ASKED_AT + timedelta(days=1), asked_by_person=True)
LATER_TEXT = {"channel": Channel.SMS, "when": ASKED_AT + timedelta(days=1)}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(contact(said(), when=ASKED_AT + timedelta(seconds=1)), "DNC_INTERNAL", id="FED-006 T1"),
        pytest.param(
            contact(said(), when=at("2026-12-07T16:00:00Z")),
            "DNC_INTERNAL",
            id="FED-006 T1 and on the last of the ten days the law would allow",
        ),
        pytest.param(
            contact(said(campaign_ref="campaign:1"), campaign_ref="campaign:2"),
            "DNC_INTERNAL",
            id="FED-006 T2",
        ),
        pytest.param(contact(said(seller="Seller X")), "", id="FED-006 T3 an unrelated seller"),
        pytest.param(
            contact(said(seller="", scope=EVERYONE)),
            "DNC_INTERNAL",
            id="FED-006 T3 never call me from anyone",
        ),
        pytest.param(
            contact(
                said(), consents=(written(given_at=ASKED_AT + timedelta(days=1), obtained_by="CRM import"),)
            ),
            "DNC_INTERNAL",
            id="FED-006 T4 a list says opted in",
        ),
        pytest.param(
            contact(said(lifted_on="consent:2"), consents=(CAME_BACK,)),
            "",
            id="FED-006 T4 the person came back by itself",
        ),
        # The book asks for the person's own return; that a second person of the house says so as well is Parley's demand.
        pytest.param(
            contact(said(), consents=(CAME_BACK,)),
            "DNC_INTERNAL",
            id="FED-006 T4 the person came back, and nobody lifted the request",
        ),
        pytest.param(contact(said(REVOKED)), "REVOKED", id="FED-012 T1 please stop all messages"),
        pytest.param(
            contact(said(REVOKED, heard_on="email")), "REVOKED", id="FED-012 T2 an email to billing"
        ),
        pytest.param(
            contact(said(REVOKED), said(), purpose=Purpose.SURVEY),
            "DNC_INTERNAL",
            id="FED-012 T4 said to an interviewer",
        ),
        pytest.param(contact(said(REVOKED, category="shipping"), **LATER_TEXT), "REVOKED", id="FED-015 T1"),
        pytest.param(
            contact(
                said(REVOKED, category="marketing"),
                purpose=Purpose.INFORMATIONAL,
                consents=(consent(),),
                **LATER_TEXT,
            ),
            "REVOKED",
            id="FED-015 T2 while the policy stops everything",
        ),
        pytest.param(
            contact(said(channels=frozenset({Channel.LIVE_PREVIEW})), **LATER_TEXT),
            "DNC_INTERNAL",
            id="FED-015 T3 stop calling, then a text",
        ),
        pytest.param(contact(said(WRONG, person_ref="lead:1")), "WRONG_NUMBER", id="FED-030 T4 at once"),
        pytest.param(
            contact(said(WRONG, person_ref="lead:1"), person_ref="lead:2"), "", id="FED-030 T4 somebody else"
        ),
        pytest.param(
            contact(said(WRONG, person_ref="lead:1", seller="Seller X")),
            "WRONG_NUMBER",
            id="FED-030 T4 whoever heard it",
        ),
        pytest.param(
            contact(said(WRONG, person_ref="lead:1"), person_ref=""),
            "WRONG_NUMBER",
            id="FED-030 T4 nobody knows who is called",
        ),
        pytest.param(contact(said(WRONG)), "WRONG_NUMBER", id="FED-030 T4 the number, for all"),
        pytest.param(contact(said(REASSIGNED)), "WRONG_NUMBER", id="FED-030 another holder"),
        pytest.param(
            contact(said(), purpose=Purpose.SURVEY), "DNC_INTERNAL", id="FED-034 T4 surveys keep it too"
        ),
        pytest.param(
            contact(said(), purpose=Purpose.CHARITY, campaign=CampaignFacts(paid_fundraiser=True)),
            "DNC_INTERNAL",
            id="FED-033 T2",
        ),
        # The book's medium is email, which is no channel here; texts stand for it.
        pytest.param(
            contact(said(channels=TEXTS), **DEBT), "", id="REGF-005 T2 this medium is stopped, voice is open"
        ),
        pytest.param(
            contact(said(channels=TEXTS), channel=Channel.SMS, **DEBT),
            "DNC_INTERNAL",
            id="REGF-005 T2 the medium itself",
        ),
        pytest.param(contact(said(CEASED), **DEBT), "DNC_INTERNAL", id="REGF-005 T3"),
        pytest.param(
            contact(said(CEASED, channels=TEXTS), **DEBT), "DNC_INTERNAL", id="REGF-005 T3 all media"
        ),
        pytest.param(contact(said(REPRESENTED), **DEBT), "DNC_INTERNAL", id="REGF-005 T4"),
        pytest.param(contact(said(REPRESENTED), purpose=Purpose.SURVEY), "", id="REGF-005 T4 the debt alone"),
        pytest.param(
            contact(said(LITIGATOR, seller="Seller X")), "LITIGATOR", id="whoever found the litigator"
        ),
        pytest.param(
            contact(said(REVOKED, at=at("2026-02-01T15:00:00Z")), when=at("2033-05-02T16:00:00Z")),
            "REVOKED",
            id="ST-009 T1",
        ),
        pytest.param(
            contact(said(REVOKED), when=ASKED_AT + timedelta(days=3), channel=Channel.SMS),
            "REVOKED",
            id="ST-009 T2",
        ),
        pytest.param(
            contact(
                said(REVOKED, lifted_on="consent:1"),
                channel=Channel.SMS,
                consents=(
                    consent(given_at=ASKED_AT + timedelta(days=1), has_text=True, asked_by_person=True),
                ),
            ),
            "",
            id="ST-009 T3 START",
        ),
        pytest.param(
            contact(said(), person_ref="lead:9", campaign_ref="campaign:9"),
            "DNC_INTERNAL",
            id="PRIV-002 T1 the profile is gone, the request stays",
        ),
        pytest.param(
            contact(said(heard_on="email"), when=ASKED_AT), "DNC_INTERNAL", id="PRIV-001 T4 immediate"
        ),
        pytest.param(
            contact(said(scope=CAMPAIGN, campaign_ref="campaign:2")),
            "DNC_INTERNAL",
            id="FED-006 T2 asked in another campaign",
        ),
        pytest.param(
            contact(said(scope=CAMPAIGN, campaign_ref="campaign:1")), "DNC_INTERNAL", id="a house list here"
        ),
        pytest.param(contact(said(scope=CAMPAIGN)), "DNC_INTERNAL", id="a house list of no campaign"),
    ],
)
def test_what_is_suppressed(given: ContactFacts, code: str) -> None:
    assert code_of(given) == code


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"asked_by_person": False}, "nobody says that the person came by itself"),
        ({"has_text": False}, "the words are not kept"),
        ({"given_at": ASKED_AT}, "it is not later"),
        ({"kind": ConsentKind.CONVERSATION}, "writing to us is not consent"),
        ({"obtained_by": "LeadShop"}, "a vendor obtained it"),
        ({"sellers": frozenset({"Seller X"})}, "it names another seller"),
        ({"kind": ConsentKind.PEC, "sellers": frozenset()}, "its words name nobody"),
        ({"kind": ConsentKind.PEC, "box_preticked": True}, "the box was ticked beforehand"),
        ({"channels": frozenset({Channel.PREREC})}, "it is for another channel"),
        ({"number": "+12125550199"}, "it names another number"),
        ({"ref": "consent:7"}, "it is not the one the two people read"),
        ({"valid_until": NOW}, "it has run out since"),
    ],
)
def test_fed_006_t4_only_a_documented_return_of_the_person_lifts(changes: dict[str, Any], why: str) -> None:
    given = contact(said(lifted_on="consent:2"), consents=(replace(CAME_BACK, **changes),))

    assert code_of(given) == "DNC_INTERNAL", why
    assert "does not cover this" in not_suppressed(given, LAW).reason


def test_a_lifted_request_that_is_made_again_binds_again() -> None:
    again = said(at=ASKED_AT + timedelta(days=2), heard_on="text message")

    assert code_of(contact(said(lifted_on="consent:2"), again, consents=(CAME_BACK,))) == "DNC_INTERNAL"


@pytest.mark.parametrize("kind", [LITIGATOR, CEASED, REPRESENTED])
def test_what_nobody_may_lift_binds_although_somebody_did(kind: SuppressionKind) -> None:
    assert code_of(contact(said(kind, lifted_on="consent:2"), consents=(CAME_BACK,), **DEBT)) != ""


@pytest.mark.parametrize("kind", [WRONG, REASSIGNED])
def test_who_comes_back_with_the_number_has_it_once_two_people_say_so(kind: SuppressionKind) -> None:
    assert code_of(contact(said(kind), consents=(CAME_BACK,))) == "WRONG_NUMBER"
    assert code_of(contact(said(kind, lifted_on="consent:2"), consents=(CAME_BACK,))) == ""


def test_never_from_anyone_is_not_lifted_by_consent_to_one() -> None:
    given = contact(said(scope=EVERYONE, seller="", lifted_on="consent:2"), consents=(CAME_BACK,))

    assert code_of(given) == "DNC_INTERNAL"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(
            contact(
                said(REVOKED, category="marketing"), purpose=Purpose.INFORMATIONAL, consents=(consent(),)
            ),
            "",
            id="FED-015 T2 a fraud alert after STOP to marketing",
        ),
        pytest.param(
            contact(said(REVOKED, category="Marketing", channels=TEXTS, scope=CAMPAIGN, campaign_ref="c:9")),
            "REVOKED",
            id="marketing ends all marketing, in every campaign and on every channel",
        ),
        pytest.param(
            contact(
                said(REVOKED, category="telemarketing"),
                purpose=Purpose.INFORMATIONAL,
                message=MessageFacts(marketing=True),
            ),
            "REVOKED",
            id="a reminder with an offer is marketing",
        ),
        pytest.param(
            contact(said(REVOKED, category="informational")), "", id="FED-015 T1 narrowed, by purpose"
        ),
        pytest.param(
            contact(said(REVOKED, category="shipping"), campaign=CampaignFacts(subject="solar")),
            "",
            id="FED-015 T1 narrowed, by subject",
        ),
        pytest.param(
            contact(said(REVOKED, category="shipping"), campaign=CampaignFacts(subject="Shipping")),
            "REVOKED",
            id="the same subject",
        ),
        pytest.param(contact(said(REVOKED, category="shipping")), "REVOKED", id="no subject is said"),
        pytest.param(contact(said(REVOKED)), "REVOKED", id="no category was kept"),
        pytest.param(contact(said(REVOKED, channels=TEXTS)), "", id="another channel"),
        pytest.param(
            contact(said(REVOKED, scope=CAMPAIGN, campaign_ref="campaign:2")), "", id="another campaign"
        ),
        pytest.param(contact(said(channels=TEXTS)), "", id="a request about another channel"),
    ],
)
def test_fed_015_once_revocations_are_narrowed_to_their_category(given: ContactFacts, code: str) -> None:
    assert code_of(given, NARROW) == code


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (REVOKED, ""),
        (DNC, "DNC_INTERNAL"),
        (LITIGATOR, "LITIGATOR"),
        (WRONG, "WRONG_NUMBER"),
    ],
)
def test_an_emergency_passes_a_revocation_and_nothing_else(kind: SuppressionKind, code: str) -> None:
    assert code_of(contact(said(kind), **EMERGENCY)) == code


def test_an_emergency_of_no_approved_event_passes_nothing() -> None:
    assert code_of(contact(said(REVOKED), purpose=Purpose.EMERGENCY)) == "REVOKED"


def test_the_strongest_reason_is_told() -> None:
    everything = [said(kind) for kind in (REASSIGNED, WRONG, REPRESENTED, CEASED, REVOKED, DNC, LITIGATOR)]
    order = []

    while everything:
        order.append(code_of(contact(*everything, crm_do_not_call=True, **DEBT)))
        everything.pop()

    assert order == ["LITIGATOR"] + ["DNC_INTERNAL"] * 6


def test_the_reason_says_where_and_when_it_was_heard() -> None:
    verdict = not_suppressed(contact(said(REVOKED, heard_on="text message")), LAW)

    assert verdict.reason == "took the consent back (text message, 20 Nov 2026)"


def test_st_009_t3_start_brings_back_itself_and_no_older_consent() -> None:
    start = consent(given_at=ASKED_AT + timedelta(days=1), has_text=True, asked_by_person=True)
    given = contact(said(REVOKED, lifted_on="consent:1"), channel=Channel.PREREC, consents=(written(), start))

    assert code_of(given) == ""
    assert standing_consents(given, LAW) == (start,)


def test_nothing_suppressed_is_nothing_said() -> None:
    assert not_suppressed(contact(), LAW).outcome is Outcome.ALLOW


def test_revoked_is_decided_before_the_hours() -> None:
    assert decide(contact(said(REVOKED), when=at("2026-11-24T03:00:00Z"))).code == "REVOKED"
