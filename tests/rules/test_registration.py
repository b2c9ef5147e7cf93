"""Registration of the seller in the states it calls into: ST-005."""

from dataclasses import replace
from datetime import date
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
    Purpose,
    RegistrationFact,
)
from compliance.rules.registration import registered
from tests.rules.making import SELLER, ask, at, confirmed, facts

NOON = "2026-11-23T17:00:00Z"
VERMONT, TEXAS, FLORIDA, OREGON = "+18025550123", "+12145550123", "+13055550123", "+15035550123"


def certificate(state: str, **changes: Any) -> RegistrationFact:
    """Return a certificate of the state, in force for years unless it says otherwise."""
    values: dict[str, Any] = {"certificate": f"{state}-1", "valid_from": date(2025, 1, 1)}
    return RegistrationFact(state=state, **{**values, **changes})


def opt_in(number: str, **changes: Any) -> ConsentFact:
    """Return a complete written consent to texts."""
    values: dict[str, Any] = {
        "ref": "consent:1",
        "kind": ConsentKind.PEWC,
        "number": number,
        "sellers": frozenset({SELLER}),
        "obtained_by": SELLER,
        "given_at": at("2026-10-01T12:00:00Z"),
        "has_text": True,
        "signature": "keyword JOIN",
        "authorises_automation": True,
        "not_a_condition": True,
    }
    return ConsentFact(**{**values, **changes})


OPTED_IN: dict[str, Any] = {
    "channel": Channel.SMS,
    "consents": (opt_in(TEXAS),),
    "reassigned": confirmed(at(NOON)),
}


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        ("ST-005 T1", facts(NOON, number=VERMONT, registrations=()), "REG_MISSING"),
        (
            "ST-005 T2",
            facts(NOON, number=TEXAS, registrations=(), **OPTED_IN),
            "",
        ),
        (
            "ST-005 T2 with a consent that may be another holder's (FED-030)",
            facts(NOON, number=TEXAS, registrations=(), **{**OPTED_IN, "reassigned": None}),
            "REG_MISSING",
        ),
        ("ST-005 T3", facts(NOON, number=TEXAS, registrations=(), channel=Channel.SMS), "REG_MISSING"),
        ("ST-005 T4", facts(NOON, number=FLORIDA, registrations=()), "REG_MISSING"),
        (
            "ST-005 T4 with the exemption affidavit filed",
            facts(
                NOON,
                number=FLORIDA,
                registrations=(certificate("FL", certificate="", exemption="insurance agent, affidavit"),),
            ),
            "",
        ),
    ],
)
def test_vectors(name: str, given: ContactFacts, code: str) -> None:
    assert ask(registered, given).code == code, name


def test_st_005_t1_decides_and_says_what_to_record() -> None:
    decision = decide(facts(NOON, number=VERMONT, registrations=()))

    assert decision.code == "REG_MISSING"
    assert decision.sentence == (
        "Not called: Northwind Home Energy is not registered in Vermont; record the certificate or the filed exemption, "
        "with its dates."
    )


def test_st_005_t2_the_allowance_carries_a_note() -> None:
    given = facts(NOON, number=TEXAS, registrations=(), **OPTED_IN)

    assert ask(registered, given).reason == "Texas asks for none from texts with written consent"


@pytest.mark.parametrize(
    "changes",
    [
        {"channel": Channel.LIVE_PREVIEW},
        {"consents": (opt_in(TEXAS, kind=ConsentKind.PEC),)},
        {"consents": (opt_in(TEXAS, sellers=frozenset({"Other Seller"})),)},
        {"consents": (opt_in(TEXAS, box_preticked=True),)},
    ],
)
def test_texas_exempts_opt_in_texts_alone(changes: dict[str, Any]) -> None:
    values: dict[str, Any] = {"channel": Channel.SMS, "consents": (opt_in(TEXAS),), **changes}

    assert ask(registered, facts(NOON, number=TEXAS, registrations=(), **values)).code == "REG_MISSING"


@pytest.mark.parametrize(
    ("name", "held", "problem"),
    [
        ("on its last day", certificate("VT", valid_to=date(2026, 11, 23)), ""),
        ("the day after", certificate("VT", valid_to=date(2026, 11, 22)), "has run out"),
        ("on its first day", certificate("VT", valid_from=date(2026, 11, 23)), ""),
        ("the day before", certificate("VT", valid_from=date(2026, 11, 24)), "does not cover"),
        ("of another state", certificate("NH"), "is not registered in Vermont"),
        ("neither number nor exemption", certificate("VT", certificate=""), "does not cover"),
        ("for texts only", certificate("VT", covers_texts_only=True), "does not cover"),
    ],
)
def test_a_registration_counts_on_its_days_for_its_state(
    name: str, held: RegistrationFact, problem: str
) -> None:
    verdict = ask(registered, facts(NOON, number=VERMONT, registrations=(held,)))

    assert (verdict.outcome is Outcome.ALLOW) == (problem == ""), name
    assert problem in verdict.reason


def test_a_registration_for_texts_covers_texts() -> None:
    held = (certificate("VT", covers_texts_only=True),)

    given = facts(NOON, number=VERMONT, registrations=held, channel=Channel.SMS)

    assert ask(registered, given).outcome is Outcome.ALLOW


def test_every_candidate_state_must_be_covered() -> None:
    here = facts(NOON, number=VERMONT, postal_code="32801", registrations=(certificate("VT"),))
    both = replace(here, registrations=(certificate("VT"), certificate("FL")))

    assert "Florida" in ask(registered, here).reason
    assert ask(registered, both).outcome is Outcome.ALLOW


def test_a_state_nobody_knows_may_be_any() -> None:
    known = facts(NOON, number=OREGON, registrations=())
    unknown = replace(known, evidences=tuple(replace(each, states=frozenset()) for each in known.evidences))

    assert ask(registered, known).outcome is Outcome.ALLOW
    assert "state is not known" in ask(registered, unknown).reason


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - {Purpose.TELEMARKETING, Purpose.UNKNOWN}))
def test_only_sales_need_a_registration(purpose: Purpose) -> None:
    assert not ask(registered, facts(NOON, number=VERMONT, registrations=(), purpose=purpose)).applies


def test_a_nonprofit_that_sells_needs_one_too() -> None:
    given = facts(NOON, number=VERMONT, registrations=(), campaign=CampaignFacts(nonprofit=True))

    assert ask(registered, given).code == "REG_MISSING"


STATES = (
    "TX", "FL", "WA", "NJ", "MS", "RI", "UT", "OH", "CO", "ID", "AK", "VT",
    "DC", "AZ", "CA", "WI", "PA", "KY", "NV", "OK", "TN", "LA", "ME", "MD",
)  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_every_state_the_book_names_asks_for_one(state: str) -> None:
    given = facts(NOON, number=OREGON, state=state, registrations=())

    assert ask(registered, given).code == "REG_MISSING"
