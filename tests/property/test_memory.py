"""What rules are not asked again, they would have answered alike: remembered verdicts are those of rules asked afresh."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.rules import memory, stored
from compliance.rules.decision import Outcome, Verdict, allowed, denied
from compliance.rules.engine import RULES
from compliance.rules.facts import (
    CampaignFacts,
    ContactFacts,
    MessageFacts,
    Purpose,
    ReassignedAnswer,
    ReassignedFact,
    RegistryListing,
    RelationshipFact,
    SuppressionFact,
    SuppressionScope,
)
from compliance.rules.memory import Memory
from compliance.rules.policy import Policy, in_force
from tests.examples import examples
from tests.load.bench_decide import made
from tests.property.test_gate_rules import contact_facts
from tests.rules.making import SELLER, at, facts

NOON = at("2026-11-23T17:00:00Z")
POLICY = in_force(NOON)
LEARNED = Memory(RULES, POLICY)  # by all examples of a run


def _varied(chance: Random, found: ContactFacts) -> ContactFacts:
    """The facts with something added that some rules look at, and others do not."""
    when = found.at - timedelta(minutes=chance.randrange(1, 60 * 24 * 40))
    return replace(
        found,
        crm_do_not_call=chance.random() < 0.1,
        region=chance.choice(("US", "US", "US", "CA", "GB", "")),
        clock_problem=chance.choice(("", "", "", "the clock is wrong")),
        campaign=CampaignFacts(sells_later=chance.random() < 0.2, emergency=chance.choice(("", "flood"))),
        message=MessageFacts(ref="script:1", marketing=chance.random() < 0.2, limited_content=True),
        relationships=chance.choice(
            ((), (RelationshipFact(seller=SELLER, last_purchase_on=when.date(), customer=True),))
        ),
        reassigned=chance.choice(
            (None, ReassignedFact(answer=ReassignedAnswer.NO, checked_at=when, since=when.date()))
        ),
        suppressions=chance.choice(
            (
                (),
                (),
                (
                    SuppressionFact(
                        seller=SELLER,
                        scope=SuppressionScope.SELLER,
                        reason="asked",
                        heard_on="phone",
                        at=when,
                    ),
                ),
            )
        ),
        registry=replace(
            found.registry,
            listings=chance.choice(((), (), (RegistryListing(name="national", as_of=when.date()),))),
        ),
    )


def _afresh(found: ContactFacts, policy: Policy) -> tuple[Verdict, ...]:
    return tuple(rule(found, policy) for rule in RULES)


@given(st.lists(contact_facts(), min_size=1, max_size=8), st.integers(0, 2**32))
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_remembered_verdicts_are_those_of_rules_asked_afresh(drawn: list[ContactFacts], seed: int) -> None:
    chance = Random(seed)
    several = [each for one in drawn for each in (one, _varied(chance, one), _varied(chance, one))]

    for found in several:
        verdicts, denials = LEARNED.ask(found)
        first = LEARNED.first_denial(found)

        expected = _afresh(found, POLICY)
        assert verdicts == expected
        assert denials == [each for each in expected if each.outcome is Outcome.DENY]
        assert first == (denials[0] if denials else None)


def test_contacts_of_every_day_are_answered_alike_however_much_was_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "FULL", 20)
    monkeypatch.setattr(memory, "ONE_IN", 1)
    chance, small = Random(7), Memory(RULES, POLICY)
    contacts = [chance.choice((each, _varied(chance, each))) for each in made(1500)]

    answers = [small.ask(each)[0] for each in contacts]

    assert answers == [_afresh(each, POLICY) for each in contacts]


def test_a_rule_is_asked_once_for_contacts_alike_in_what_it_looks_at() -> None:
    asked = []

    def only_sales(found: ContactFacts, policy: Policy) -> Verdict:
        asked.append(1)
        is_sale = found.purpose is Purpose.TELEMARKETING
        return allowed("X-1", "a sale") if is_sale else denied("X-1", "NO", "no sale")

    known = Memory([only_sales], POLICY)
    contacts = [facts(NOON + timedelta(seconds=second)) for second in range(50)]

    answers = [known.first_denial(each) for each in contacts]

    assert answers == [None] * 50
    assert len(asked) == 1


def test_a_rule_that_looks_at_the_instant_is_asked_each_time() -> None:
    asked = []

    def only_by_day(found: ContactFacts, policy: Policy) -> Verdict:
        asked.append(1)
        return allowed("X-1", "by day") if found.at.hour > 7 else denied("X-1", "NO", "at night")

    known = Memory([only_by_day], POLICY)

    answers = [known.first_denial(facts(NOON - timedelta(hours=hour))) for hour in range(24)]

    assert sum(answer is None for answer in answers) == 16
    assert len(asked) == 25  # once more to see what it looks at


def test_a_rule_that_fails_fails_each_time() -> None:
    def fails(found: ContactFacts, policy: Policy) -> Verdict:
        raise ZeroDivisionError(found.number)

    known = Memory([fails], POLICY)

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            known.ask(facts(NOON))


def test_a_rule_that_compares_the_facts_is_asked_with_the_facts_themselves() -> None:
    usual = facts(NOON)

    def only_usual(found: ContactFacts, policy: Policy) -> Verdict:
        return allowed("X-1", "usual") if found.line == usual.line else denied("X-1", "NO", "another line")

    known = Memory([only_usual], POLICY)
    other = replace(usual, line=replace(usual.line, protected="hospital room"))

    answers = [known.first_denial(each) for each in (usual, other, usual)]

    assert [answer is None for answer in answers] == [True, False, True]


@given(contact_facts(), st.integers(0, 2**32))
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_record_read_by_its_parts_is_the_record_read_whole(drawn: ContactFacts, seed: int) -> None:
    text = stored.facts_as_text(_varied(Random(seed), drawn))

    found = stored.facts_from_text(text)

    whole = msgspec.json.decode(text, type=ContactFacts)
    assert found == whole
    assert (found.zones, found.states, found.has_address) == (whole.zones, whole.states, whole.has_address)
    assert found.days == whole.days
