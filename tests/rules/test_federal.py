"""The rule book's test vectors for the federal rules, named by rule id and number."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from compliance.rules.decision import Outcome
from compliance.rules.engine import decide
from compliance.rules.facts import (
    Channel,
    ContactFacts,
    Purpose,
    RegistryFacts,
    SuppressionFact,
    SuppressionScope,
)
from tests.rules.making import SELLER, at, attempt, facts, listed, written

CHICAGO_ZIP = "60601"


def verdict_of(given: ContactFacts, rule_id: str) -> tuple[str, str]:
    """Return outcome and code of one rule."""
    for verdict in decide(given).verdicts:
        if verdict.rule_id == rule_id:
            return verdict.outcome.value, verdict.code
    raise AssertionError(f"{rule_id} did not answer")


@pytest.mark.parametrize(
    ("name", "given", "outcome", "code"),
    [
        ("FED-001 T1", facts("2026-11-24T01:59:30Z", ring_seconds=25), "deny", "HOURS_FED"),
        ("FED-001 T2", facts("2026-11-23T13:30:00Z"), "allow", ""),
        ("FED-001 T3", facts("2026-11-23T13:30:00Z", postal_code=CHICAGO_ZIP), "deny", "HOURS_FED"),
        (
            "FED-001 T4 texts keep the hours, consent or not",
            facts("2026-11-24T02:05:00Z", channel=Channel.SMS, consents=(written(),)),
            "deny",
            "HOURS_FED",
        ),
        ("opening is inclusive", facts("2026-11-23T13:00:00Z"), "allow", ""),
        ("a second before opening", facts("2026-11-23T12:59:59Z"), "deny", "HOURS_FED"),
        ("the last second that can ring out", facts("2026-11-24T01:59:04Z", ring_seconds=25), "allow", ""),
        ("the first that cannot", facts("2026-11-24T01:59:05Z", ring_seconds=25), "deny", "HOURS_FED"),
        ("surveys are outside the rule", facts("2026-11-24T01:59:30Z", purpose=Purpose.SURVEY), "allow", ""),
    ],
)
def test_fed_001_hours(name: str, given: ContactFacts, outcome: str, code: str) -> None:
    assert verdict_of(given, "FED-001") == (outcome, code), name


@pytest.mark.parametrize(
    ("name", "day", "registry", "outcome", "code"),
    [
        ("FED-002 T1", "2026-11-20", listed(date(2026, 11, 12)), "deny", "DNC_NATIONAL"),
        (
            "FED-002 T2 31 days",
            "2026-11-21",
            RegistryFacts(seller_has_snapshot=True, covers_number=True, as_of=date(2026, 10, 21)),
            "allow",
            "",
        ),
        (
            "FED-002 T2 32 days",
            "2026-11-22",
            RegistryFacts(seller_has_snapshot=True, covers_number=True, as_of=date(2026, 10, 21)),
            "deny",
            "SCRUB_STALE",
        ),
        ("FED-002 T4 only another seller's copy", "2026-11-20", RegistryFacts(), "deny", "SCRUB_STALE"),
        (
            "area code not covered",
            "2026-11-20",
            RegistryFacts(seller_has_snapshot=True),
            "deny",
            "SCRUB_STALE",
        ),
        (
            "dated in the future",
            "2026-11-20",
            RegistryFacts(seller_has_snapshot=True, covers_number=True, as_of=date(2026, 12, 1)),
            "deny",
            "SCRUB_STALE",
        ),
        (
            "a copy's file is missing",
            "2026-11-20",
            RegistryFacts(
                seller_has_snapshot=True,
                covers_number=True,
                as_of=date(2026, 11, 12),
                problem="the file is missing",
            ),
            "deny",
            "SCRUB_STALE",
        ),
        (
            "a copy's file is missing, another copy lists the number",
            "2026-11-20",
            replace(listed(date(2026, 11, 12)), problem="the file is missing"),
            "deny",
            "DNC_NATIONAL",
        ),
        ("a state's own list", "2026-11-20", listed(date(2026, 11, 12), "FL"), "deny", "DNC_STATE"),
    ],
)
def test_fed_002_registry(name: str, day: str, registry: RegistryFacts, outcome: str, code: str) -> None:
    given = facts(f"{day}T16:00:00Z", registry=registry)

    assert verdict_of(given, "FED-002") == (outcome, code), name


def test_fed_002_t3_a_survey_to_a_listed_number_is_allowed() -> None:
    given = facts("2026-11-20T16:00:00Z", registry=listed(date(2026, 11, 12)), purpose=Purpose.SURVEY)

    assert decide(given).outcome is Outcome.ALLOW


def test_fed_002_counts_days_where_the_person_may_be() -> None:
    """In Guam it is the 32nd day already while it is the 31st in UTC."""
    registry = RegistryFacts(seller_has_snapshot=True, covers_number=True, as_of=date(2026, 10, 21))

    given = facts("2026-11-21T23:00:00Z", number="+16715550123", registry=registry)

    assert verdict_of(given, "FED-002") == ("deny", "SCRUB_STALE")


def _asked(
    seller: str = SELLER, scope: SuppressionScope = SuppressionScope.SELLER
) -> tuple[SuppressionFact, ...]:
    heard = datetime(2026, 11, 20, 15, tzinfo=UTC)
    return (SuppressionFact(seller=seller, scope=scope, reason="asked", heard_on="phone", at=heard),)


@pytest.mark.parametrize(
    ("name", "changes", "outcome"),
    [
        ("FED-006 T1 blocks from the first second", {"suppressions": _asked()}, "deny"),
        (
            "FED-006 T2 another campaign of the seller",
            {"suppressions": _asked(), "campaign_ref": "campaign:2"},
            "deny",
        ),
        ("FED-006 T3 an unrelated seller", {"suppressions": _asked("Other Seller")}, "allow"),
        (
            "FED-006 T3 never call me from anyone",
            {"suppressions": _asked("", SuppressionScope.EVERYONE)},
            "deny",
        ),
        ("FED-006 T4 the CRM's flag alone", {"crm_do_not_call": True}, "deny"),
        (
            "FED-006 T4 the CRM says nothing, the request stands",
            {"suppressions": _asked(), "crm_do_not_call": False},
            "deny",
        ),
        ("surveys too", {"suppressions": _asked(), "purpose": Purpose.SURVEY}, "deny"),
    ],
)
def test_fed_006_internal_list(name: str, changes: dict[str, Any], outcome: str) -> None:
    given = facts("2026-11-20T16:00:00Z", **changes)

    assert verdict_of(given, "FED-006") == (outcome, "DNC_INTERNAL" if outcome == "deny" else ""), name


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"purpose": Purpose.UNKNOWN}, "PURPOSE_UNKNOWN"),
        ({"purpose": Purpose.DEBT}, "REGF_7IN7"),
        ({"channel": Channel.PREREC}, "CONSENT_PEWC"),
        ({"channel": Channel.SMS}, "A2P_UNREG"),
        ({"channel": Channel.LIVE_PREDICTIVE}, "MSG_MISSING"),
        ({"caller_id": ""}, "CLI_INVALID"),
        ({"number": "+12125550123", "number_problem": "no such number"}, "NUMBER_INVALID"),
        ({"number": "2125550123"}, "NUMBER_INVALID"),
        ({"number": "+14165550123"}, "JURISDICTION_UNKNOWN"),
        ({"number": "+442079460000"}, "JURISDICTION_UNKNOWN"),
        ({"country_stated": "Canada"}, "JURISDICTION_UNKNOWN"),
    ],
)
def test_eng_001_what_is_not_known_is_refused(changes: dict[str, Any], code: str) -> None:
    decision = decide(facts("2026-11-20T16:00:00Z", **changes))

    assert (decision.outcome, decision.code) == (Outcome.DENY, code)


def test_eng_001_internal_list_outranks_hours_and_everything_is_recorded() -> None:
    given = facts("2026-11-24T03:00:00Z", suppressions=_asked(), registry=listed(date(2026, 11, 12)))

    decision = decide(given)

    assert decision.code == "DNC_INTERNAL"
    assert {verdict.code for verdict in decision.verdicts} >= {"DNC_INTERNAL", "DNC_NATIONAL", "HOURS_FED"}
    assert decision.next_allowed_at is None


def test_a_call_within_every_rule_is_cleared() -> None:
    decision = decide(facts("2026-11-23T16:00:00Z"))

    assert decision.outcome is Outcome.ALLOW
    assert decision.sentence == "May be called: every rule passed."
    assert [verdict.code for verdict in decision.verdicts if verdict.code] == []
    assert decision.next_allowed_at is None
    assert len(decision.rules_hash) == 32


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            facts("2026-11-24T01:14:00Z", number="+14075550123", postal_code="32801"),
            "Not called: 20:14 in Orlando, Florida allows until 20:00; next 08:00 tomorrow.",
        ),
        (
            facts("2026-11-23T16:00:00Z", registry=listed(date(2026, 11, 12))),
            "Not called: on the national do-not-call list (registry of 12 Nov 2026).",
        ),
        (
            facts("2026-11-23T16:00:00Z", suppressions=_asked()),
            "Not called: asked not to be called (phone, 20 Nov 2026).",
        ),
        (facts("2026-11-23T16:00:00Z", crm_do_not_call=True), "Not called: the CRM says do not call."),
        (
            facts(
                "2026-11-23T16:00:00Z",
                registry=RegistryFacts(
                    seller_has_snapshot=True, covers_number=True, as_of=date(2026, 10, 21)
                ),
            ),
            "Not called: the do-not-call registry of 21 Oct 2026 is 33 days old, the limit is 31.",
        ),
        (
            facts("2026-11-22T16:30:00Z", number="+12515550123", city="Mobile", state="AL"),
            "Not called: Sunday in Mobile, Alabama allows no calls on Sundays; next 08:00 tomorrow.",
        ),
        (
            facts("2027-02-09T16:00:00Z", number="+15045550123", postal_code="70112"),
            "Not called: Mardi Gras in New Orleans, Louisiana allows no calls on holidays; next 08:00 tomorrow.",
        ),
        (
            facts("2026-11-23T13:30:00Z", number="+18505550123"),
            "Not called: 07:30 in Chicago time (area code 850), federal law allows from 08:00; next 08:00 today.",
        ),
        (
            facts(
                "2026-11-23T16:00:00Z",
                number="+14075550123",
                postal_code="32801",
                attempts=tuple(
                    attempt(at(when))
                    for when in ("2026-11-22T17:12:00Z", "2026-11-22T20:00:00Z", "2026-11-23T15:00:00Z")
                ),
            ),
            "Not called: tried 3 times in the last 24 hours, Florida allows 3; next 12:12 today.",
        ),
        (
            facts("2026-11-23T16:00:00Z", number="+18005550123"),
            "Not called: the time zone is not known.",
        ),
        (
            facts("2026-11-28T15:00:00Z", number="+12125550123", purpose=Purpose.UNKNOWN),
            "Not called: the purpose of the contact is not said.",
        ),
    ],
)
def test_sentences_are_for_people(given: ContactFacts, sentence: str) -> None:
    assert decide(given).sentence == sentence
