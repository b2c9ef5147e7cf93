"""The gate agrees with a second reading of the rule book on random contacts; `compare` does the same for millions."""

from itertools import islice

import pytest

from compliance.rules import calling_window, consent_needed, reassigned, suppression
from compliance.rules.engine import RULES, Rule, decide
from tests.oracle.book import judge
from tests.oracle.compare import compare
from tests.oracle.population import contacts


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


def test_the_same_seed_draws_the_same_contacts() -> None:
    first, second = list(islice(contacts(3), 50)), list(islice(contacts(3), 50))

    assert first == second
