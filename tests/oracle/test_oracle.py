"""The gate agrees with a second reading of the rule book on random contacts; `compare` does the same for millions."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from compliance.rules import calling_window, consent_needed, reassigned, suppression
from compliance.rules.engine import RULES, Rule, decide
from compliance.rules.facts import CampaignFacts, DebtFacts, Purpose
from tests.oracle.book import judge, refusals
from tests.oracle.compare import compare
from tests.oracle.population import contacts
from tests.rules.making import attempt, facts


@pytest.mark.slow_test
def test_the_gate_and_the_second_reading_agree_on_three_thousand_contacts() -> None:
    population = islice(contacts(20261122), 3000)

    tally = compare(population)

    assert tally.outcome == 0, tally.cases[0]


@pytest.mark.slow_test
@pytest.mark.parametrize(
    "left_out",
    [
        suppression.not_suppressed,
        reassigned.same_holder,
        calling_window.state_hours,
        consent_needed.obtained_directly,
    ],
    ids=lambda rule: rule.__name__,
)
def test_a_gate_that_leaves_out_a_rule_is_found_out(left_out: Rule) -> None:
    rules = tuple(rule for rule in RULES if rule is not left_out)

    tally = compare(islice(contacts(5), 2000), lambda facts: decide(facts, rules=rules))

    assert tally.outcome > 0


@pytest.mark.slow_test
def test_the_population_is_neither_all_allowed_nor_all_refused_for_one_reason() -> None:
    population = list(islice(contacts(7), 3000))

    answers = [judge(facts) for facts in population]

    assert 0.2 < sum(not answer for answer in answers) / len(answers) < 0.8
    assert len({code for answer in answers for code in answer}) > 30


@pytest.mark.parametrize("purpose", [Purpose.DEBT, Purpose.TELEMARKETING])
@pytest.mark.parametrize("ref", ["", "A-17"])
@pytest.mark.parametrize("subject", ["debt", "debt:a-17", "debt:8", "offer:1", ""])
def test_both_count_the_same_contacts_about_a_debt(subject: str, ref: str, purpose: Purpose) -> None:
    now = datetime(2027, 1, 15, 17, 0, tzinfo=UTC)
    given = facts(
        now,
        state="NY",
        purpose=Purpose.DEBT,
        campaign=CampaignFacts(subject="debt"),
        debt=DebtFacts(ref=ref, city="New York City"),
        attempts=tuple(
            attempt(now - timedelta(days=days), subject=subject, purpose=purpose) for days in (2, 3, 4)
        ),
    )

    verdicts = {each.rule_id: each.code for each in decide(given).verdicts if each.code}

    assert ("REGF-006" in verdicts) == any(each.rule == "REGF-006" for each in refusals(given))


def test_the_same_seed_draws_the_same_contacts() -> None:
    first, second = list(islice(contacts(3), 50)), list(islice(contacts(3), 50))

    assert first == second
