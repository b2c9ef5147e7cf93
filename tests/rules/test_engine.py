"""The engine's contract: fails closed, in one order, lifts only what may be lifted (ENG-001, ENG-004)."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from compliance.rules import stored
from compliance.rules.codes import CODES, NEVER_LIFTED
from compliance.rules.decision import Outcome, Verdict, denied, denied_for_now
from compliance.rules.engine import RULES, Rule, decide
from compliance.rules.facts import (
    CampaignWindow,
    ContactFacts,
    OverrideFact,
    Purpose,
    RegistryListing,
    SuppressionFact,
    SuppressionScope,
)
from compliance.rules.policy import Policy, in_force
from tests.rules.making import SELLER, at, attempt, facts, fresh_registry, listed

NOON = at("2026-11-23T17:00:00Z")
ONE_DAY = timedelta(days=1)


def broken(facts: ContactFacts, policy: Policy) -> Verdict:
    """Fail as a rule does whose store is down."""
    raise ConnectionError("the consent service is down")


def answers_nothing(facts: ContactFacts, policy: Policy) -> Verdict:
    """Fail as a rule does that forgets to answer."""
    return None  # type: ignore[return-value]  # on purpose


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (broken, "the rule “broken” could not be evaluated (ConnectionError)"),
        (answers_nothing, "the rule “answers nothing” could not be evaluated (AttributeError)"),
    ],
)
def test_eng_001_t1_a_rule_that_fails_denies_and_the_decision_says_so(rule: Rule, reason: str) -> None:
    decision = decide(facts(NOON), rules=(*RULES, rule))

    assert (decision.outcome, decision.code) == (Outcome.DENY, "RULE_ERROR")
    assert decision.sentence == f"Not called: {reason}."
    assert decision.failures == (reason,)
    assert decision.next_allowed_at is None


def test_eng_001_t1_the_other_rules_are_asked_all_the_same() -> None:
    decision = decide(facts(NOON), rules=(broken, *RULES))

    assert len(decision.verdicts) == len(RULES) + 1
    assert [verdict.code for verdict in decision.verdicts if verdict.code] == ["RULE_ERROR"]


def test_a_decision_without_a_failure_has_none() -> None:
    assert decide(facts(NOON)).failures == ()


def test_eng_001_t2_queued_in_time_originated_too_late() -> None:
    queued, originated = facts("2026-11-24T01:40:00Z"), facts("2026-11-24T01:59:40Z")

    assert decide(queued).outcome is Outcome.ALLOW
    assert decide(originated).code == "HOURS_FED"


def test_eng_001_t3_of_two_for_the_third_attempt_the_second_sees_the_first() -> None:
    """The lock that makes one wait for the other is tested in tests/concurrency; here: what the second one sees."""
    two = tuple(attempt(NOON - timedelta(hours=hours)) for hours in (3, 2))
    first = facts(NOON, number="+13055550123", state="FL", attempts=two)
    second = replace(first, attempts=(*two, attempt(NOON)))

    assert decide(first).outcome is Outcome.ALLOW
    assert decide(second).code == "FREQ_STATE"


def test_eng_001_t4_a_request_while_it_rings_outranks_the_shortest_ring() -> None:
    """The call is judged again when the request lands: denied, whatever the ring; who rings it then cancels it."""
    heard = SuppressionFact(
        seller=SELLER, scope=SuppressionScope.SELLER, reason="asked", heard_on="web", at=NOON
    )

    decision = decide(facts(NOON, suppressions=(heard,), ring_seconds=60))

    assert decision.code == "DNC_INTERNAL"


def refusing(code: str) -> Rule:
    """Return a rule that refuses everything with that code."""

    def rule(facts: ContactFacts, policy: Policy) -> Verdict:
        return denied_for_now("X-001", code, "no", retry_at=NOON + timedelta(hours=1))

    return rule


def override(code: str, since: datetime, until: datetime) -> OverrideFact:
    return OverrideFact(code=code, by="nil", reason="they asked for it", at=since, until=until)


DAY = (NOON - timedelta(hours=12), NOON + timedelta(hours=12))


@pytest.mark.parametrize("code", sorted(CODES))
def test_eng_004_an_override_lifts_what_may_be_lifted_and_nothing_else(code: str) -> None:
    given = facts(NOON, overrides=(override(code, *DAY),))

    decision = decide(given, rules=(refusing(code),))

    assert (decision.outcome is Outcome.ALLOW) == (code not in NEVER_LIFTED)


@pytest.mark.parametrize(
    "code",
    ["REVOKED", "DNC_INTERNAL", "WRONG_NUMBER", "LITIGATOR", "HOURS_FED", "HOURS_STATE", "DAY_STATE",
     "HOLIDAY_STATE", "REGF_TIME", "TZ_UNKNOWN", "RULE_ERROR", "CLOCK_WRONG", "LINE_PROTECTED",
     "JURISDICTION_UNKNOWN"],
)  # fmt: skip
def test_eng_004_revocations_requests_and_hours_are_never_lifted(code: str) -> None:
    assert code in NEVER_LIFTED


def test_every_code_that_is_never_lifted_exists() -> None:
    assert set(CODES) >= NEVER_LIFTED


@pytest.mark.parametrize(
    ("name", "given", "lifted"),
    [
        ("from its instant on", override("FREQ_STATE", NOON, DAY[1]), True),
        ("not before", override("FREQ_STATE", NOON + timedelta(microseconds=1), DAY[1]), False),
        ("not at its end", override("FREQ_STATE", DAY[0], NOON), False),
        ("just before its end", override("FREQ_STATE", DAY[0], NOON + timedelta(microseconds=1)), True),
        ("not another code", override("CONSENT_PEC", *DAY), False),
    ],
)
def test_eng_004_an_override_holds_in_its_time_and_for_its_code(
    name: str, given: OverrideFact, lifted: bool
) -> None:
    decision = decide(facts(NOON, overrides=(given,)), rules=(refusing("FREQ_STATE"),))

    assert (decision.outcome is Outcome.ALLOW) == lifted, name


def test_eng_004_a_lifted_denial_says_who_lifted_it_and_why() -> None:
    decision = decide(facts(NOON, overrides=(override("FREQ_STATE", *DAY),)), rules=(refusing("FREQ_STATE"),))

    assert [verdict.reason for verdict in decision.verdicts] == ["no; lifted by nil: they asked for it"]
    assert stored.verdicts_as_json(decision.verdicts) == [["X-001", "no; lifted by nil: they asked for it"]]


def test_an_override_does_not_lift_the_denials_beside_it() -> None:
    given = facts("2026-11-24T02:05:00Z", overrides=(override("FREQ_STATE", *DAY),))

    decision = decide(given, rules=(refusing("FREQ_STATE"), *RULES))

    assert decision.code == "HOURS_FED"


def test_an_instant_without_a_zone_is_denied_even_with_overrides() -> None:
    given = replace(
        facts(NOON),
        at=NOON.replace(tzinfo=None),
        overrides=(override("SCRUB_STALE", *DAY),),
    )

    def refusal(facts: ContactFacts, policy: Policy) -> Verdict:
        return denied("X-001", "SCRUB_STALE", "no")

    decision = decide(given, rules=(*RULES, refusal))

    assert decision.code == "CLOCK_WRONG"


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_instants_no_calendar_reaches_are_decided_too(year: int) -> None:
    given = facts(datetime(year, 12, 31, 3, 0, tzinfo=UTC), purpose=Purpose.DEBT) if year > 1 else replace(
        facts(NOON), at=datetime(1, 1, 1, tzinfo=UTC)
    )  # fmt: skip

    decision = decide(given, in_force(NOON))

    assert decision.outcome is Outcome.DENY


# ENG-001, step by step.
ORDER = """
trusted_clock valid_number known_jurisdiction not_protected not_suppressed known_purpose registered
proven_caller_id rested_caller_id registered_sender within_carrier_cap sendable_purpose short_enough
line_type one_line_of_a_business consented consented no_generated_numbers consent_held
obtained_directly state_written_consent no_mobile_ban same_holder not_registered not_on_dncl
not_on_tps known_zone federal_hours state_hours state_days debt_hours campaign_hours hours
no_emergency not_too_often debt_calls debt_silence local_debt_caps no_repeat
within_abandonment_limit abandonment no_abandoned_calls abandoned_message message_ready
limited_content rings_long_enough
"""


def test_the_rules_are_asked_in_the_order_of_the_book() -> None:
    assert " ".join(rule.__name__ for rule in RULES).split() == ORDER.split()


def test_eng_004_an_override_lifts_its_own_code_and_uncovers_what_stood_behind_it() -> None:
    """A number on the national list and on Florida's: lifting the one leaves the other."""
    both = (
        RegistryListing(name="national", as_of=date(2026, 11, 12)),
        RegistryListing(name="FL", as_of=date(2026, 11, 12)),
    )
    registry = replace(fresh_registry(date(2026, 11, 12)), listings=both)

    def code(*lifted: str) -> str:
        overrides = tuple(
            OverrideFact(code=each, by="sol", reason="customer", at=NOON - ONE_DAY, until=NOON + ONE_DAY)
            for each in lifted
        )
        return decide(
            facts(NOON, number="+13055550123", state="FL", registry=registry, overrides=overrides)
        ).code

    assert (code(), code("DNC_NATIONAL"), code("DNC_STATE")) == ("DNC_NATIONAL", "DNC_STATE", "DNC_NATIONAL")
    assert code("DNC_NATIONAL", "DNC_STATE") == ""


def test_eng_004_a_campaign_called_on_another_day_keeps_its_hours() -> None:
    """NOON is a Monday's, on which this campaign does not call, and before it opens."""
    window = CampaignWindow(opens=time(15), closes=time(18), days=frozenset({1}))

    def code(*lifted: str) -> str:
        given = facts(NOON, window=window, overrides=tuple(override(each, *DAY) for each in lifted))
        return decide(given).code

    assert (code(), code("DAY_CAMPAIGN")) == ("DAY_CAMPAIGN", "HOURS_CAMPAIGN")
    assert (code("HOURS_CAMPAIGN"), code("DAY_CAMPAIGN", "HOURS_CAMPAIGN")) == ("DAY_CAMPAIGN", "")


def test_eng_001_a_purpose_that_nobody_says_is_judged_as_a_sale_even_once_that_is_lifted() -> None:
    given = facts(NOON, purpose=Purpose.UNKNOWN, registry=listed(date(2026, 11, 12)))
    lifted = replace(given, overrides=(override("PURPOSE_UNKNOWN", *DAY),))

    assert (decide(given).code, decide(lifted).code) == ("PURPOSE_UNKNOWN", "DNC_NATIONAL")
