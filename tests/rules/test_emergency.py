"""Sales contacts to areas under a declared emergency: ST-004, and what an emergency purpose is: FED-024."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from compliance.rules.decision import Outcome
from compliance.rules.emergency import no_emergency
from compliance.rules.engine import decide
from compliance.rules.facts import (
    CampaignFacts,
    Channel,
    ConsentFact,
    ConsentKind,
    ContactFacts,
    EmergencyFact,
    MessageFacts,
    Purpose,
)
from compliance.rules.validity import known_purpose
from tests.rules.making import SELLER, ask, at, facts, listed

NOON = "2026-11-23T17:00:00Z"
NEW_ORLEANS = "+15045550123"


def declared(
    state: str, *, since: str = "2026-11-20T00:00:00Z", until: str = "", area: str = "Erie County"
) -> EmergencyFact:
    """Return a declared emergency."""
    return EmergencyFact(state=state, area=area, since=at(since), until=at(until) if until else None)


NEW_YORK = (declared("NY"),)
ASKED = ConsentFact(
    ref="consent:1",
    kind=ConsentKind.PEC,
    number="+12125550123",
    sellers=frozenset({SELLER}),
    obtained_by=SELLER,
    given_at=at("2026-11-22T12:00:00Z"),
)


@pytest.mark.parametrize(
    ("name", "given", "code", "needs_review"),
    [
        ("ST-004 T1", facts(NOON, emergencies=NEW_YORK), "SOE_STATE", False),
        ("ST-004 T2", facts(NOON, emergencies=NEW_YORK, consents=(ASKED,)), "SOE_STATE", True),
        ("ST-004 T3", facts(NOON, emergencies=NEW_YORK, purpose=Purpose.INFORMATIONAL), "", False),
        (
            "ST-004 T4",
            facts(NOON, number=NEW_ORLEANS, emergencies=(declared("LA"),), channel=Channel.SMS),
            "SOE_STATE",
            False,
        ),
    ],
)
def test_vectors(name: str, given: ContactFacts, code: str, needs_review: bool) -> None:
    verdict = ask(no_emergency, given)

    assert (verdict.code, verdict.needs_review) == (code, needs_review), name


def test_st_004_t1_decides() -> None:
    decision = decide(facts(NOON, emergencies=NEW_YORK))

    assert decision.code == "SOE_STATE"
    assert decision.sentence == (
        "Not called: an emergency is declared in Erie County, New York allows no sales contacts there."
    )
    assert decision.next_allowed_at is None


def test_st_004_t3_decides() -> None:
    assert decide(facts(NOON, emergencies=NEW_YORK, purpose=Purpose.INFORMATIONAL)).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("name", "emergency", "code"),
    [
        ("a state without a ban", declared("TX"), ""),
        ("not begun", declared("NY", since="2026-11-23T17:00:01Z"), ""),
        ("begins now", declared("NY", since="2026-11-23T17:00:00Z"), "SOE_STATE"),
        ("ends now", declared("NY", until="2026-11-23T17:00:00Z"), ""),
        ("ends in a second", declared("NY", until="2026-11-23T17:00:01Z"), "SOE_STATE"),
    ],
)
def test_an_emergency_binds_from_its_beginning_to_its_end(
    name: str, emergency: EmergencyFact, code: str
) -> None:
    assert ask(no_emergency, facts(NOON, emergencies=(emergency,))).code == code, name


def test_new_yorks_ban_is_on_calls_and_texts() -> None:
    """Section 4.1: every voice channel and SMS, unless the row says otherwise."""
    assert ask(no_emergency, facts(NOON, emergencies=NEW_YORK, channel=Channel.SMS)).code == "SOE_STATE"


def _ends(*days: str) -> tuple[EmergencyFact, ...]:
    return tuple(declared("NY", until=f"{day}T05:00:00Z", area=f"County {day}") for day in days)


def test_the_call_waits_for_the_last_emergency_to_end_and_then_for_the_window() -> None:
    given = facts(NOON, emergencies=_ends("2026-11-25", "2026-11-27"))

    decision = decide(given)

    assert ask(no_emergency, given).retry_at == at("2026-11-27T05:00:00Z")
    assert decision.next_allowed_at == at("2026-11-27T13:00:00Z")  # 08:00 in New York
    assert decide(replace(given, at=datetime.fromisoformat("2026-11-27T13:00:00+00:00"))).code == ""


def test_one_emergency_without_an_end_cannot_be_waited_for() -> None:
    given = facts(NOON, emergencies=(*_ends("2026-11-25"), *NEW_YORK))

    assert decide(given).next_allowed_at is None


@pytest.mark.parametrize(
    ("name", "changes", "code", "needs_review"),
    [
        ("FED-024 T1", {"campaign": CampaignFacts(emergency="boil-water notice of 23 Nov")}, "", False),
        (
            "FED-024 T2",
            {
                "campaign": CampaignFacts(emergency="urgent"),
                "message": MessageFacts(ref="asset:1", marketing=True),
            },
            "PURPOSE_UNKNOWN",
            False,
        ),
        ("FED-024 T3", {"campaign": CampaignFacts()}, "PURPOSE_UNKNOWN", True),
        (
            "answers that are used to sell",
            {"campaign": CampaignFacts(emergency="storm", sells_later=True)},
            "PURPOSE_UNKNOWN",
            False,
        ),
    ],
)
def test_fed_024_an_emergency_is_a_named_event_that_sells_nothing(
    name: str, changes: dict[str, Any], code: str, needs_review: bool
) -> None:
    verdict = ask(known_purpose, facts(NOON, purpose=Purpose.EMERGENCY, **changes))

    assert (verdict.code, verdict.needs_review) == (code, needs_review), name


def test_fed_024_t1_passes_the_whole_gate_at_three_in_the_morning() -> None:
    notice = CampaignFacts(emergency="boil-water notice of 23 Nov")
    given = facts(
        "2026-11-23T08:00:00Z",
        purpose=Purpose.EMERGENCY,
        campaign=notice,
        registry=listed(date(2026, 11, 12)),
    )

    assert decide(given).outcome is Outcome.ALLOW


def test_fed_034_the_purpose_says_when_an_answer_makes_it_telemarketing() -> None:
    given = facts(NOON, purpose=Purpose.SURVEY, campaign=CampaignFacts(sells_later=True))

    verdict = ask(known_purpose, given)

    assert verdict.rule_id == "FED-034"
    assert verdict.reason == "a preview contact, survey, judged as telemarketing: it helps to sell"
