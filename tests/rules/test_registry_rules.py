"""The registries and what lifts the national one: vectors of FED-003, -004, -011, -027, -033, -034 and -035.

Those of FED-002 stand in test_federal, but for the second half of T3.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from compliance.rules.decision import Outcome
from compliance.rules.engine import decide
from compliance.rules.facts import (
    CampaignFacts,
    Channel,
    ConsentFact,
    ConsentKind,
    ContactFacts,
    LineType,
    MessageFacts,
    Purpose,
    ReassignedAnswer,
    ReassignedFact,
    RegistryFacts,
    RegistryListing,
    RelationshipFact,
    SuppressionFact,
    SuppressionKind,
    SuppressionScope,
)
from compliance.rules.packfile import shipped
from compliance.rules.permission import add_months
from compliance.rules.policy import in_force
from compliance.rules.registry import not_registered
from tests.rules.making import SELLER, ask, at, facts, fresh_registry, listed

TODAY = "2026-11-20T16:00:00Z"
LISTED = listed(date(2026, 11, 12))
OHIO = "+16145550123"


SAME_HOLDER = ReassignedFact(
    answer=ReassignedAnswer.NO, checked_at=at("2026-11-19T12:00:00Z"), since=date(2026, 10, 1)
)


def agreement(*, sellers: frozenset[str] = frozenset({SELLER}), **changes: Any) -> ConsentFact:
    """Return a complete written consent that agrees to be called, for the number of `facts`."""
    values: dict[str, Any] = {
        "ref": "consent:1",
        "kind": ConsentKind.PEWC,
        "number": "+12125550123",
        "obtained_by": SELLER,
        "given_at": at("2026-10-01T12:00:00Z"),
        "has_text": True,
        "signature": "typed name",
        "authorises_automation": True,
        "not_a_condition": True,
        "agrees_to_be_called": True,
    }
    return ConsentFact(sellers=sellers, **{**values, **changes})


def tied(**changes: Any) -> tuple[RelationshipFact, ...]:
    """Return one relationship, with this seller unless it says otherwise."""
    return (RelationshipFact(**{"seller": SELLER, "source": "CRM", **changes}),)


def asked_to_stop(
    when: str, *, seller: str = SELLER, scope: SuppressionScope = SuppressionScope.SELLER
) -> tuple[SuppressionFact, ...]:
    """Return a do-not-call request to the seller."""
    return (SuppressionFact(seller=seller, scope=scope, reason="asked", heard_on="phone", at=at(when)),)


BOUGHT_LAST_MONTH = tied(last_purchase_on=date(2026, 10, 20))


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        (
            "FED-002 T3 survey with an upsell",
            facts(TODAY, registry=LISTED, purpose=Purpose.SURVEY, campaign=CampaignFacts(sells_later=True)),
            "DNC_NATIONAL",
        ),
        (
            "FED-003 T1 FCC window open, FTC window closed",
            facts(TODAY, registry=LISTED, relationships=tied(last_purchase_on=date(2025, 5, 21))),
            "DNC_NATIONAL",
        ),
        (
            "FED-003 T2",
            facts(TODAY, registry=LISTED, relationships=tied(last_inquiry_on=date(2026, 8, 21))),
            "DNC_NATIONAL",
        ),
        (
            "FED-003 T3",
            facts(
                TODAY,
                registry=LISTED,
                relationships=BOUGHT_LAST_MONTH,
                suppressions=asked_to_stop("2026-11-01T12:00:00Z"),
            ),
            "DNC_INTERNAL",
        ),
        (
            "FED-003 T4",
            facts(
                TODAY,
                registry=LISTED,
                relationships=tied(seller="Sister Brand", last_purchase_on=date(2026, 10, 20)),
            ),
            "DNC_NATIONAL",
        ),
        ("FED-003 a customer", facts(TODAY, registry=LISTED, relationships=BOUGHT_LAST_MONTH), ""),
        ("FED-004 T1", facts(TODAY, registry=LISTED, consents=(agreement(),), reassigned=SAME_HOLDER), ""),
        (
            "FED-004 and FED-030: the call rests on the agreement",
            facts(TODAY, registry=LISTED, consents=(agreement(),)),
            "DNC_NATIONAL",
        ),
        (
            "FED-004 and FED-030: so does a call without a fresh copy of the registry",
            facts(TODAY, registry=RegistryFacts(), consents=(agreement(),)),
            "SCRUB_STALE",
        ),
        (
            "FED-004 and FED-030: so does a fundraiser's",
            facts(
                TODAY,
                registry=LISTED,
                purpose=Purpose.CHARITY,
                campaign=CampaignFacts(paid_fundraiser=True),
                consents=(agreement(),),
            ),
            "DNC_NATIONAL",
        ),
        (
            "FED-004 a recorded yes is not signed in writing",
            facts(TODAY, registry=LISTED, consents=(agreement(signature="voice"),), reassigned=SAME_HOLDER),
            "DNC_NATIONAL",
        ),
        (
            "FED-004 T2",
            facts(TODAY, registry=LISTED, consents=(agreement(sellers=frozenset({"Seller A"})),)),
            "CONSENT_SELLER",
        ),
        (
            "FED-004 T3",
            facts(TODAY, registry=LISTED, consents=(agreement(sellers=frozenset()),)),
            "CONSENT_SELLER",
        ),
        ("FED-027 T3", facts(TODAY, registry=LISTED, channel=Channel.LIVE_MANUAL), "DNC_NATIONAL"),
        (
            "FED-033 T1",
            facts(
                "2026-11-21T01:30:00Z",
                registry=LISTED,
                purpose=Purpose.CHARITY,
                campaign=CampaignFacts(nonprofit=True),
            ),
            "",
        ),
        (
            "FED-033 T2",
            facts(
                TODAY,
                seller="The Charity",
                purpose=Purpose.CHARITY,
                campaign=CampaignFacts(nonprofit=True, paid_fundraiser=True),
                suppressions=asked_to_stop("2026-11-01T12:00:00Z", seller="The Charity"),
            ),
            "DNC_INTERNAL",
        ),
        (
            "FED-034 T1",
            facts("2026-11-21T01:30:00Z", registry=LISTED, purpose=Purpose.SURVEY),
            "",
        ),
        (
            "FED-034 T3",
            facts(TODAY, registry=LISTED, purpose=Purpose.SURVEY, campaign=CampaignFacts(sells_later=True)),
            "DNC_NATIONAL",
        ),
        (
            "FED-034 T4",
            facts(TODAY, purpose=Purpose.SURVEY, suppressions=asked_to_stop("2026-11-01T12:00:00Z")),
            "DNC_INTERNAL",
        ),
        (
            "FED-035 T1",
            facts(
                TODAY,
                number=OHIO,
                registry=LISTED,
                line_type=LineType.LANDLINE_BIZ,
                campaign=CampaignFacts(to_businesses=True),
            ),
            "",
        ),
    ],
)
def test_vectors(name: str, given: ContactFacts, code: str) -> None:
    assert decide(given).code == code, name


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        (
            "FED-010 T1 predictive, whatever the autodialer law",
            facts(TODAY, registry=LISTED, channel=Channel.LIVE_PREDICTIVE, line_type=LineType.WIRELESS),
            "DNC_NATIONAL",
        ),
        (
            "FED-011 T2 a text in the Seventh Circuit",
            facts(TODAY, number="+13125550123", registry=LISTED, channel=Channel.SMS),
            "DNC_NATIONAL",
        ),
        ("FED-027 T1", facts(TODAY, registry=LISTED, channel=Channel.SMS), "DNC_NATIONAL"),
        (
            "FED-027 T2 an answer to the person's own text",
            facts(
                TODAY,
                registry=LISTED,
                channel=Channel.SMS,
                message=MessageFacts(ref="text:1", replies_to=at("2026-11-20T15:50:00Z")),
            ),
            "",
        ),
        (
            "FED-027 T3 by hand, one to one, cold",
            facts(TODAY, registry=LISTED, channel=Channel.SMS, line_type=LineType.WIRELESS),
            "DNC_NATIONAL",
        ),
        (
            "FED-035 T2",
            facts(
                TODAY,
                number=OHIO,
                registry=LISTED,
                line_type=LineType.WIRELESS,
                campaign=CampaignFacts(to_businesses=True),
            ),
            "DNC_NATIONAL",
        ),
    ],
)
def test_vectors_of_the_registry_alone(name: str, given: ContactFacts, code: str) -> None:
    """Other rules may have more against these contacts; here is what the registry has."""
    assert ask(not_registered, given).code == code, name


def test_fed_004_t3_a_consent_that_names_nobody_is_for_a_supervisor() -> None:
    given = facts(TODAY, registry=LISTED, consents=(agreement(sellers=frozenset()),))

    verdict = ask(not_registered, given)

    assert verdict.needs_review
    assert verdict.reason.endswith(f"the consent names no seller; get one that names {SELLER}")


@pytest.mark.parametrize(
    "flaw", [{"agrees_to_be_called": False}, {"signature": "voice"}, {"has_text": False}]
)
def test_fed_004_t2_a_consent_that_would_lift_nothing_for_its_own_seller_is_no_reason(
    flaw: dict[str, Any],
) -> None:
    others = agreement(sellers=frozenset({"Seller A"}), **flaw)

    assert ask(not_registered, facts(TODAY, registry=LISTED, consents=(others,))).code == "DNC_NATIONAL"


@pytest.mark.parametrize(
    "flaw",
    [
        {"agrees_to_be_called": False},
        {"signature": ""},
        {"has_text": False},
        {"box_preticked": True},
        {"number": OHIO},
        {"revoked_at": at("2026-11-01T12:00:00Z")},
        {"given_at": at("2026-11-21T12:00:00Z")},
        {"purposes": frozenset({Purpose.SURVEY})},
        {"channels": frozenset({Channel.SMS})},
    ],
)
def test_fed_004_an_agreement_with_a_flaw_lifts_nothing(flaw: dict[str, Any]) -> None:
    given = facts(TODAY, registry=LISTED, consents=(agreement(**flaw),))

    assert ask(not_registered, given).code == "DNC_NATIONAL"


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        (Channel.LIVE_MANUAL, ""),
        (Channel.LIVE_PREVIEW, ""),
        (Channel.LIVE_PREDICTIVE, "DNC_NATIONAL"),
        (Channel.PREREC, "DNC_NATIONAL"),
        (Channel.SMS, "DNC_NATIONAL"),
    ],
)
def test_fed_004_a_personal_relationship_is_the_callers_own(channel: Channel, code: str) -> None:
    given = facts(TODAY, registry=LISTED, channel=channel, relationships=tied(personal=True))

    assert ask(not_registered, given).code == code


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        (Channel.LIVE_MANUAL, ""),
        (Channel.LIVE_PREVIEW, ""),
        (Channel.LIVE_PREDICTIVE, ""),
        (Channel.PREREC, "DNC_NATIONAL"),
        (Channel.SMS, "DNC_NATIONAL"),
        (Channel.MMS, "DNC_NATIONAL"),
    ],
)
def test_fed_003_lifts_the_registry_for_live_calls_only(channel: Channel, code: str) -> None:
    given = facts(TODAY, registry=LISTED, channel=channel, relationships=BOUGHT_LAST_MONTH)

    assert ask(not_registered, given).code == code


@pytest.mark.parametrize(
    ("name", "day", "relation", "lifted"),
    [
        ("540 days", "2026-11-12", {"last_purchase_on": date(2025, 5, 21)}, True),
        ("541 days", "2026-11-13", {"last_purchase_on": date(2025, 5, 21)}, False),
        ("90 days", "2026-11-19", {"last_inquiry_on": date(2026, 8, 21)}, True),
        ("91 days, 3 months not over", "2026-11-20", {"last_inquiry_on": date(2026, 8, 21)}, False),
        ("3 months, 89 days", "2027-04-30", {"last_inquiry_on": date(2027, 1, 31)}, True),
        ("90 days, 3 months over", "2027-05-01", {"last_inquiry_on": date(2027, 1, 31)}, False),
        ("no date is no relationship", "2026-11-20", {"customer": True}, False),
        ("a purchase in the future", "2026-11-20", {"last_purchase_on": date(2026, 12, 1)}, False),
        ("an old purchase, a new inquiry", "2026-11-20",
         {"last_purchase_on": date(2020, 1, 1), "last_inquiry_on": date(2026, 11, 1)}, True),
    ],
)  # fmt: skip
def test_fed_003_both_clocks_must_run(name: str, day: str, relation: dict[str, Any], lifted: bool) -> None:
    instant = at(f"{day}T16:00:00Z")
    given = facts(instant, registry=listed(instant.date()), relationships=tied(**relation))

    assert (ask(not_registered, given).outcome is Outcome.ALLOW) == lifted, name


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2025, 5, 21), 18, date(2026, 11, 21)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 8, 31), 18, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2026, 10, 31), 2, date(2026, 12, 31)),
        (date(2026, 1, 31), 0, date(2026, 1, 31)),
    ],
)
def test_calendar_months_end_on_the_last_day_where_the_month_is_shorter(
    day: date, months: int, last: date
) -> None:
    assert add_months(day, months) == last


@pytest.mark.parametrize(
    ("state", "bought", "lifted"),
    [
        ("PA", date(2025, 11, 20), True),
        ("PA", date(2025, 11, 19), False),
        ("IN", date(2026, 11, 19), False),
        ("OH", date(2025, 11, 19), True),
    ],
)
def test_fed_003_a_state_shortens_the_clock(state: str, bought: date, lifted: bool) -> None:
    given = facts(
        TODAY, number=OHIO, state=state, registry=LISTED, relationships=tied(last_purchase_on=bought)
    )

    assert (ask(not_registered, given).outcome is Outcome.ALLOW) == lifted


def test_fed_003_a_state_nobody_knows_may_be_one_without_the_exemption() -> None:
    known = facts(TODAY, registry=LISTED, relationships=BOUGHT_LAST_MONTH)
    unknown = replace(known, evidences=tuple(replace(each, states=frozenset()) for each in known.evidences))

    assert ask(not_registered, known).outcome is Outcome.ALLOW
    assert ask(not_registered, unknown).code == "DNC_NATIONAL"


def test_fed_003_a_request_ends_the_relationship_even_where_it_stops_one_campaign_only() -> None:
    request = SuppressionFact(
        seller=SELLER,
        scope=SuppressionScope.CAMPAIGN,
        campaign_ref="campaign:9",
        reason="asked",
        heard_on="phone",
        at=at("2026-09-01T12:00:00Z"),
    )

    given = facts(TODAY, registry=LISTED, relationships=BOUGHT_LAST_MONTH, suppressions=(request,))

    assert ask(not_registered, given).code == "DNC_NATIONAL"


@pytest.mark.parametrize(
    ("whose", "outcome"), [("lead:1", Outcome.DENY), ("", Outcome.DENY), ("lead:2", Outcome.ALLOW)]
)
def test_fed_003_a_relationship_says_nothing_of_a_number_that_is_not_the_persons(
    whose: str, outcome: Outcome
) -> None:
    not_theirs = SuppressionFact(
        seller=SELLER,
        scope=SuppressionScope.SELLER,
        kind=SuppressionKind.WRONG_NUMBER,
        person_ref=whose,
        reason="said so",
        heard_on="call",
        at=at("2026-09-01T12:00:00Z"),
        lifted_on="consent:1",
    )
    base = facts(TODAY, registry=LISTED, relationships=BOUGHT_LAST_MONTH, person_ref="lead:1")

    assert ask(not_registered, replace(base, suppressions=(not_theirs,))).outcome is outcome


@pytest.mark.parametrize(
    "changes",
    [
        {"relationships": BOUGHT_LAST_MONTH},
        {"consents": (agreement(number="+14075550123"),), "reassigned": SAME_HOLDER},
        {"campaign": CampaignFacts(nonprofit=True)},
    ],
)
def test_what_lifts_the_national_registry_lifts_no_states_list(changes: dict[str, Any]) -> None:
    base = facts(TODAY, number="+14075550123", state="FL", **changes)
    on_national = replace(base, registry=LISTED)
    on_both = replace(base, registry=replace(LISTED, listings=(*LISTED.listings, *_florida().listings)))
    without_copy = replace(base, registry=replace(LISTED, own_lists=()))

    assert ask(not_registered, on_national).outcome is Outcome.ALLOW
    assert ask(not_registered, on_both).code == "DNC_STATE"
    assert ask(not_registered, without_copy).code == "SCRUB_STALE"


def _florida() -> RegistryFacts:
    return listed(date(2026, 11, 12), "FL")


@pytest.mark.parametrize(
    ("own_lists", "reason"),
    [
        ((), "no copy of the do-not-call list of Florida is loaded for Northwind Home Energy; load it under"),
        ((("FL", date(2026, 10, 19)),), "the do-not-call list of Florida of 19 Oct 2026 is 32 days old"),
        ((("FL", date(2026, 12, 19)),), "the do-not-call list of Florida is dated in the future"),
        ((("TX", date(2026, 11, 19)),), "no copy of the do-not-call list of Florida"),
        ((("FL", date(2026, 9, 1)), ("FL", date(2026, 10, 20))), ""),
    ],
)
def test_fed_002_a_state_with_a_list_of_its_own_needs_a_fresh_copy(
    own_lists: tuple[tuple[str, date], ...], reason: str
) -> None:
    copies = tuple(RegistryListing(name=name, as_of=as_of) for name, as_of in own_lists)
    registry = replace(fresh_registry(date(2026, 11, 20)), own_lists=copies)

    verdict = ask(not_registered, facts(TODAY, number="+14075550123", registry=registry))

    assert verdict.reason.startswith(reason)
    assert verdict.code == ("SCRUB_STALE" if reason else "")


def test_fed_002_every_state_of_the_table_with_its_own_list_is_asked_for() -> None:
    given = facts(TODAY, number=OHIO, registry=replace(fresh_registry(date(2026, 11, 20)), own_lists=()))
    asked = {
        state
        for state in ["CO", "FL", "IN", "LA", "MA", "MO", "OK", "PA", "TN", "TX", "WY", "NY", "CA", "OH"]
        if ask(
            not_registered, replace(given, evidences=facts(TODAY, number=OHIO, state=state).evidences)
        ).code
    }

    assert asked == {"CO", "FL", "IN", "LA", "MA", "MO", "OK", "PA", "TN", "TX", "WY"}


def test_fed_002_state_lists_can_be_waived_by_an_override_only() -> None:
    registry = replace(fresh_registry(date(2026, 11, 20)), own_lists=())
    given = facts(TODAY, number="+14075550123", registry=registry)

    assert ask(not_registered, given).code == "SCRUB_STALE"
    assert ask(not_registered, given, state_lists_required=False).code == ""


def test_fed_002_the_pack_may_say_how_old_a_states_copy_may_be() -> None:
    book = shipped()
    quarterly = replace(
        book,
        packs=tuple(
            replace(
                pack,
                laws=tuple(
                    replace(row, days=92) if (row.kind, row.state) == ("own_list", "IN") else row
                    for row in pack.laws
                ),
            )
            for pack in book.packs
        ),
    )
    copy = (RegistryListing(name="IN", as_of=date(2026, 8, 20)),)
    registry = replace(fresh_registry(date(2026, 11, 20)), own_lists=copy)
    given = facts(TODAY, number="+13175550123", registry=registry)

    assert ask(not_registered, given).code == "SCRUB_STALE"
    assert not_registered(given, in_force(given.at, quarterly)).outcome is Outcome.ALLOW


def test_a_copy_that_cannot_be_read_denies() -> None:
    registry = replace(
        fresh_registry(date(2026, 11, 20)), problem="the registry copy's file is missing; load it again"
    )

    verdict = ask(not_registered, facts(TODAY, registry=registry))

    assert (verdict.code, verdict.reason) == (
        "SCRUB_STALE",
        "the registry copy's file is missing; load it again",
    )


@pytest.mark.parametrize(
    ("number", "state", "texts_are_calls", "code"),
    [
        ("+13125550123", "IL", True, "DNC_NATIONAL"),
        ("+13125550123", "IL", False, ""),
        ("+13125550123", "OH", False, "DNC_NATIONAL"),  # may be outside the circuit
        (OHIO, "", False, "DNC_NATIONAL"),
    ],
)
def test_fed_011_the_seventh_circuit_counts_only_once_counsel_says_so(
    number: str, state: str, texts_are_calls: bool, code: str
) -> None:
    given = facts(TODAY, number=number, state=state, registry=LISTED, channel=Channel.SMS)

    verdict = ask(not_registered, given, texts_are_calls_in_seventh_circuit=texts_are_calls)

    assert verdict.code == code


@pytest.mark.parametrize(
    ("replies_to", "channel", "code"),
    [
        (timedelta(hours=24), Channel.SMS, ""),
        (timedelta(hours=24, seconds=1), Channel.SMS, "DNC_NATIONAL"),
        (timedelta(seconds=-1), Channel.SMS, "DNC_NATIONAL"),
        (timedelta(hours=1), Channel.LIVE_PREVIEW, "DNC_NATIONAL"),
    ],
)
def test_fed_027_an_answer_is_a_text_within_the_conversation(
    replies_to: timedelta, channel: Channel, code: str
) -> None:
    now: datetime = at(TODAY)
    message = MessageFacts(ref="text:1", replies_to=now - replies_to)

    given = facts(now, registry=LISTED, channel=channel, message=message)

    assert ask(not_registered, given).code == code


@pytest.mark.parametrize(
    ("campaign", "code"),
    [
        (CampaignFacts(nonprofit=True), ""),
        (CampaignFacts(nonprofit=True, paid_fundraiser=True), "DNC_NATIONAL"),
        (CampaignFacts(paid_fundraiser=True), "DNC_NATIONAL"),
        (CampaignFacts(), "DNC_NATIONAL"),
    ],
)
def test_fed_033_only_a_nonprofit_that_calls_for_itself_is_exempt(campaign: CampaignFacts, code: str) -> None:
    given = facts(TODAY, registry=LISTED, purpose=Purpose.CHARITY, campaign=campaign)

    assert ask(not_registered, given).code == code


@pytest.mark.parametrize(
    ("number", "line_type", "campaign", "code"),
    [
        (OHIO, LineType.LANDLINE_BIZ, CampaignFacts(to_businesses=True), ""),
        (OHIO, LineType.LANDLINE_BIZ, CampaignFacts(), "DNC_NATIONAL"),
        (OHIO, LineType.LANDLINE_RES, CampaignFacts(to_businesses=True), "DNC_NATIONAL"),
        (OHIO, LineType.UNKNOWN, CampaignFacts(to_businesses=True), "DNC_NATIONAL"),
        (OHIO, LineType.VOIP, CampaignFacts(to_businesses=True), "DNC_NATIONAL"),
        (
            OHIO,
            LineType.LANDLINE_BIZ,
            CampaignFacts(to_businesses=True, office_supplies=True),
            "DNC_NATIONAL",
        ),
        ("+16025550123", LineType.LANDLINE_BIZ, CampaignFacts(to_businesses=True), "DNC_NATIONAL"),  # AZ
        ("+12125550123", LineType.LANDLINE_BIZ, CampaignFacts(to_businesses=True), "DNC_NATIONAL"),  # NY
    ],
)
def test_fed_035_the_business_exemption_is_for_known_landlines_where_states_have_it(
    number: str, line_type: LineType, campaign: CampaignFacts, code: str
) -> None:
    given = facts(TODAY, number=number, registry=LISTED, line_type=line_type, campaign=campaign)

    assert ask(not_registered, given).code == code


@pytest.mark.parametrize(
    "purpose",
    [Purpose.INFORMATIONAL, Purpose.SURVEY, Purpose.POLITICAL, Purpose.DEBT, Purpose.HEALTHCARE_HIPAA],
)
def test_the_registry_binds_no_other_purpose_until_the_message_sells(purpose: Purpose) -> None:
    given = facts(TODAY, registry=LISTED, purpose=purpose)
    selling = replace(given, message=MessageFacts(ref="text:1", marketing=True))

    assert not ask(not_registered, given).applies
    assert ask(not_registered, selling).code == "DNC_NATIONAL"
