"""The caller ID: FED-025, CID-001, CID-003."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from compliance.rules.caller import proven_caller_id, rested_caller_id
from compliance.rules.decision import Outcome
from compliance.rules.engine import decide
from compliance.rules.facts import CallerFacts, Channel, Purpose
from tests.rules.making import SELLER, ask, at, facts

NOON = "2026-11-23T17:00:00Z"
OURS = CallerFacts(
    known=True,
    active=True,
    seller=SELLER,
    authority="lease of 2 Jan 2026",
    takes_requests=True,
    tested_on=date(2026, 11, 1),
)


@pytest.mark.parametrize(
    ("name", "caller", "code"),
    [
        ("FED-025 T1", CallerFacts(), "CLI_INVALID"),
        ("FED-025 T2 a leased local number with a do-not-call option", OURS, ""),
        ("FED-025 T3 disconnected last week", replace(OURS, active=False), "CLI_INVALID"),
        ("CID-001 T1", replace(OURS, known=False), "CLI_INVALID"),
        ("for every seller", replace(OURS, seller=""), ""),
        ("of another seller", replace(OURS, seller="Other Seller"), "CLI_INVALID"),
        ("without proof of the right to it", replace(OURS, authority=""), "CLI_INVALID"),
        ("takes no requests", replace(OURS, takes_requests=False), "CLI_INVALID"),
        ("never tested", replace(OURS, tested_on=None), "CLI_INVALID"),
        ("tested tomorrow", replace(OURS, tested_on=date(2026, 11, 24)), "CLI_INVALID"),
        ("tested 90 days ago", replace(OURS, tested_on=date(2026, 8, 25)), ""),
        ("tested 91 days ago", replace(OURS, tested_on=date(2026, 8, 24)), "CLI_INVALID"),
    ],
)
def test_vectors(name: str, caller: CallerFacts, code: str) -> None:
    given = facts(NOON, caller=caller)

    assert ask(proven_caller_id, given).code == code, name
    assert decide(given).code == code, name


@pytest.mark.parametrize("changes", [{"purpose": Purpose.SURVEY}, {"channel": Channel.SMS}])
def test_every_purpose_and_channel_shows_a_proven_number(changes: dict[str, Any]) -> None:
    assert ask(proven_caller_id, facts(NOON, caller=CallerFacts(), **changes)).code == "CLI_INVALID"


@pytest.mark.parametrize("caller_id", ["", "anonymous", "4075550100", "+1"])
def test_what_is_no_number_is_no_caller_id(caller_id: str) -> None:
    verdict = ask(proven_caller_id, facts(NOON, caller=OURS, caller_id=caller_id))

    assert verdict.reason == "there is no valid caller ID to show"


def test_every_refusal_says_what_to_do() -> None:
    flawed: list[dict[str, Any]] = [
        {"known": False},
        {"active": False},
        {"seller": "Other Seller"},
        {"authority": ""},
        {"takes_requests": False},
        {"tested_on": None},
    ]

    reasons = [ask(proven_caller_id, facts(NOON, caller=replace(OURS, **flaw))).reason for flaw in flawed]

    assert all(";" in reason for reason in reasons)
    assert len(set(reasons)) == len(flawed)


@pytest.mark.parametrize(
    ("name", "dials", "code"),
    [("149 dials", 149, ""), ("150 dials", 150, "CLI_WORN"), ("more", 400, "CLI_WORN")],
)
def test_cid_003_a_number_rests_after_its_dials_of_the_day(name: str, dials: int, code: str) -> None:
    given = facts(NOON, caller=replace(OURS, dials_today=dials))

    assert ask(rested_caller_id, given).code == code, name


@pytest.mark.parametrize(
    ("instant", "midnight"),
    [
        ("2026-11-23T17:00:00Z", "2026-11-24T08:00:00Z"),
        ("2026-07-15T17:00:00Z", "2026-07-16T07:00:00Z"),
        ("2026-11-24T02:00:00Z", "2026-11-24T08:00:00Z"),  # 18:00 in California, still the 23rd
        ("2026-10-31T17:00:00Z", "2026-11-01T07:00:00Z"),
        ("2026-11-01T17:00:00Z", "2026-11-02T08:00:00Z"),  # the day of 25 hours
    ],
)
def test_cid_003_waits_for_midnight_pacific_time(instant: str, midnight: str) -> None:
    given = facts(instant, caller=replace(OURS, dials_today=150))

    assert ask(rested_caller_id, given).retry_at == at(midnight)


def test_cid_003_the_lead_is_called_in_the_next_window() -> None:
    decision = decide(facts(NOON, caller=replace(OURS, dials_today=150)))

    assert decision.code == "CLI_WORN"
    assert decision.next_allowed_at == at("2026-11-24T13:00:00Z")
    assert decision.outcome is Outcome.DENY


def test_cid_003_counts_no_texts() -> None:
    given = facts(NOON, channel=Channel.SMS, caller=replace(OURS, dials_today=400))

    assert not ask(rested_caller_id, given).applies
