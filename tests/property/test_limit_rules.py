"""The rules about hours, debts, abandonment and messages: never raise, and nothing that is added ever allows more."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.rules import abandonment, assets, calling_window, debt, frequency
from compliance.rules.decision import Outcome
from compliance.rules.facts import (
    AbandonmentFacts,
    AttemptFact,
    CampaignFacts,
    Channel,
    ContactFacts,
    DebtFacts,
    MessageFacts,
    Purpose,
)
from compliance.rules.pack import Hours, RuleBook, StateRow
from compliance.rules.packfile import shipped
from compliance.rules.policy import HouseLimit, Policy, in_force
from tests.examples import examples
from tests.property.test_gate_rules import contact_facts
from tests.rules.making import attempt

RULES = (
    *calling_window.WINDOW_RULES,
    frequency.not_too_often,
    debt.debt_calls,
    debt.debt_silence,
    debt.local_debt_caps,
    abandonment.within_abandonment_limit,
    assets.abandoned_message,
    assets.message_ready,
    assets.limited_content,
    assets.rings_long_enough,
)
many = settings(max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.too_slow])
LONG_AGO = date(2020, 1, 1)
SUBJECTS = ("debt:A", "debt:A", "debt:B", "")

counts = st.integers(0, 400)
messages = st.builds(
    MessageFacts,
    ref=st.sampled_from(["", "asset:1"]),
    problems=st.sampled_from([(), ("it is too long",)]),
    marketing=st.booleans(),
    has_toll_free_opt_out=st.booleans(),
    limited_content=st.booleans(),
)
hours_of_day = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))


@st.composite
def bound_facts(draw: st.DrawFn) -> ContactFacts:
    """Return facts that these rules bind: debts with a history, campaigns with counts, messages."""
    base = draw(contact_facts())
    ago = st.integers(0, 10 * 24 * 60).map(lambda count: base.at - timedelta(minutes=count))
    earlier = st.builds(_attempt, ago, st.booleans(), st.booleans(), st.sampled_from(SUBJECTS))
    attempts = draw(st.lists(earlier, max_size=9))
    live = draw(st.integers(0, 12_000))
    return replace(
        base,
        purpose=draw(st.sampled_from([Purpose.DEBT, Purpose.DEBT, *Purpose])),
        campaign=CampaignFacts(
            subject=draw(st.sampled_from(SUBJECTS)),
            abandonment=AbandonmentFacts(period_live=live, period_abandoned=draw(counts)),
            abandoned_message=draw(messages),
            sells_later=draw(st.booleans()),
        ),
        message=draw(messages),
        debt=DebtFacts(
            inconvenient=tuple(draw(st.lists(st.tuples(hours_of_day, hours_of_day), max_size=2))),
            asked_to_be_called_at=draw(st.one_of(st.none(), ago)),
        ),
        attempts=tuple(sorted(attempts, key=lambda each: each.at)),
    )


def _attempt(when: datetime, connected: bool, conversation: bool, subject: str) -> AttemptFact:
    return attempt(
        when,
        purpose=Purpose.DEBT,
        subject=subject,
        connected=connected,
        conversation=conversation,
    )


def allows(facts: ContactFacts, policy: Policy) -> bool:
    """Return whether every rule of this file lets the contact through; any that raises fails the test."""
    return all(rule(facts, policy).outcome is Outcome.ALLOW for rule in RULES)


@many
@given(bound_facts())
def test_every_rule_answers_and_every_denial_has_a_code_and_a_reason(facts: ContactFacts) -> None:
    for rule in RULES:
        verdict = rule(facts, in_force(facts.at))
        assert verdict.reason
        assert bool(verdict.code) == (verdict.outcome is Outcome.DENY)
        assert verdict.retry_at is None or verdict.retry_at > facts.at


def add_attempt(facts: ContactFacts, minutes: int) -> ContactFacts:
    made = attempt(facts.at - timedelta(minutes=minutes), purpose=Purpose.DEBT, subject="debt:A")
    return replace(facts, attempts=(*facts.attempts, made))


def add_conversation(facts: ContactFacts, minutes: int) -> ContactFacts:
    made = attempt(
        facts.at - timedelta(minutes=minutes), purpose=Purpose.DEBT, subject="debt:A", conversation=True
    )
    return replace(facts, attempts=(*facts.attempts, made))


def raise_abandoned(facts: ContactFacts, more: int) -> ContactFacts:
    counted = facts.campaign.abandonment
    worse = replace(
        counted,
        period_live=counted.period_live + more,
        period_abandoned=counted.period_abandoned + more,
        trailing_live=counted.trailing_live + more,
        trailing_abandoned=counted.trailing_abandoned + more,
    )
    return replace(facts, campaign=replace(facts.campaign, abandonment=worse))


def rule_out(facts: ContactFacts, hour: int) -> ContactFacts:
    span = (time(hour % 24), time((hour + 2) % 24))
    return replace(facts, debt=replace(facts.debt, inconvenient=(*facts.debt.inconvenient, span)))


def rule_out_a_day(facts: ContactFacts, day: int) -> ContactFacts:
    span = (day % 7, time(day % 24), time(0))
    return replace(facts, debt=replace(facts.debt, inconvenient_on=(*facts.debt.inconvenient_on, span)))


def rule_out_the_number(facts: ContactFacts, _: int) -> ContactFacts:
    return replace(facts, debt=replace(facts.debt, ruled_out_here=True))


def find_a_problem(facts: ContactFacts, _: int) -> ContactFacts:
    return replace(facts, message=replace(facts.message, problems=("another one",)))


def drop_the_wish(facts: ContactFacts, _: int) -> ContactFacts:
    return replace(facts, debt=replace(facts.debt, asked_to_be_called_at=None))


def ring_longer_than_the_law_asks(facts: ContactFacts, more: int) -> ContactFacts:
    """More ring time may reach past a closing hour; it never opens one. The shortest ring is met before and after."""
    return replace(facts, ring_seconds=max(15, facts.ring_seconds) + more)


WORSE: list[Callable[[ContactFacts, int], ContactFacts]] = [
    add_attempt,
    add_conversation,
    raise_abandoned,
    rule_out,
    rule_out_a_day,
    rule_out_the_number,
    find_a_problem,
    drop_the_wish,
]


@many
@given(bound_facts(), st.sampled_from(WORSE), st.integers(1, 10 * 24 * 60))
def test_what_is_added_never_allows_more(
    facts: ContactFacts, worsen: Callable[[ContactFacts, int], ContactFacts], amount: int
) -> None:
    policy = in_force(facts.at)

    assert allows(facts, policy) or not allows(worsen(facts, amount), policy)


@many
@given(bound_facts(), st.integers(0, 3600))
def test_a_longer_ring_never_allows_more(facts: ContactFacts, more: int) -> None:
    policy = in_force(facts.at)
    base = ring_longer_than_the_law_asks(facts, 0)

    assert allows(base, policy) or not allows(ring_longer_than_the_law_asks(facts, more), policy)


STRICTER = [
    ("debt_calls", 5),
    ("debt_calls_days", 9),
    ("debt_silence_days", 9),
    ("debt_wish_days", 3),
    ("debt_opens", time(9)),
    ("debt_closes", time(20)),
    ("abandon_limit_basis_points", 150),
    ("min_ring_seconds", 20),
    ("close_margin_seconds", 90),
    ("attempts_per_24h", 1),
    ("federal_closes", time(19)),
]


@many
@given(bound_facts(), st.sampled_from(STRICTER))
def test_a_stricter_number_never_allows_more(facts: ContactFacts, number: tuple[str, int | time]) -> None:
    name, value = number
    house = (HouseLimit(name=name, value=value, since=LONG_AGO),)

    assert allows(facts, in_force(facts.at)) or not allows(facts, in_force(facts.at, house=house))


def _shorter(row: StateRow) -> StateRow:
    late = Hours(time(11), time(17))
    return replace(
        row, weekday=late, saturday=late, sunday=None, closed_on_holidays=True, cap=1, lifted_by_consent=False
    )


STRICT_BOOK = RuleBook(
    packs=tuple(replace(pack, states=tuple(_shorter(row) for row in pack.states)) for pack in shipped().packs)
)


@many
@given(bound_facts())
def test_stricter_state_rows_never_allow_more(facts: ContactFacts) -> None:
    base = replace(facts, channel=Channel.LIVE_PREVIEW, purpose=Purpose.TELEMARKETING)

    assert allows(base, in_force(base.at)) or not allows(base, in_force(base.at, book=STRICT_BOOK))


@many
@given(bound_facts())
def test_a_debt_may_be_called_about_once_the_wait_is_over(facts: ContactFacts) -> None:
    base = replace(facts, debt=replace(facts.debt, asked_to_be_called_at=None))
    policy = in_force(base.at)

    for rule in (debt.debt_calls, debt.debt_silence):
        waits_until = rule(base, policy).retry_at
        assert waits_until is None or not rule(replace(base, at=waits_until), policy).code
