# ruff: noqa: DTZ001 - Hypothesis takes naive bounds beside the zone
"""What must hold for any facts: the gate is total, and nothing that is added to the evidence ever allows more."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.rules import calling_window, policy
from compliance.rules.decision import Outcome
from compliance.rules.engine import RULES, decide
from compliance.rules.facts import (
    CampaignWindow,
    Channel,
    ContactFacts,
    Evidence,
    EvidenceKind,
    LineFacts,
    LineType,
    Purpose,
    RegistryListing,
    SuppressionFact,
    SuppressionScope,
)
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.pack import Value
from compliance.rules.policy import HouseLimit, Policy, in_force
from tests.examples import examples
from tests.rules.making import attempt, facts, fresh_registry

ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "Pacific/Guam",
    "America/Indiana/Knox",
)
quick = settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])

instants = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))
around_changes = st.one_of(
    instants,
    st.datetimes(datetime(2026, 10, 31), datetime(2026, 11, 2), timezones=st.just(UTC)),
    st.datetimes(datetime(2027, 3, 13), datetime(2027, 3, 15), timezones=st.just(UTC)),
)
minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))
windows = st.builds(
    CampaignWindow, opens=minutes, closes=minutes, days=st.frozensets(st.integers(0, 6), min_size=1)
)


def evidences(kind: EvidenceKind) -> st.SearchStrategy[Evidence]:
    """Return evidence of one kind with a few states and zones."""
    return st.builds(
        Evidence,
        kind=st.just(kind),
        source=st.just(kind.value),
        states=st.frozensets(st.sampled_from(sorted(STATE_NAMES)), max_size=2),
        zones=st.frozensets(st.sampled_from(ZONES), min_size=1, max_size=2),
        place=st.sampled_from(["", "Springfield"]),
    )


registries = st.dates(date(2026, 1, 1), date(2028, 12, 31)).map(fresh_registry)


@st.composite
def contact_facts(draw: st.DrawFn) -> ContactFacts:
    """Return facts that often pass: a fresh registry, few attempts, every purpose and kind of evidence."""
    at = draw(around_changes)
    ago = st.integers(0, 30 * 60).map(lambda count: at - timedelta(minutes=count))
    return ContactFacts(
        at=at,
        number="+12125550123",
        channel=draw(st.sampled_from(Channel)),
        purpose=draw(st.sampled_from(Purpose)),
        seller="Northwind",
        campaign_ref="campaign:1",
        person_ref="lead:1",
        attempt_ref="attempt:1",
        caller_id="+14075550100",
        ring_seconds=draw(st.integers(0, 60)),
        line=LineFacts(type=draw(st.sampled_from(LineType)), checked_at=at - timedelta(hours=1)),
        evidences=(
            draw(evidences(EvidenceKind.AREA_CODE)),
            *draw(st.lists(evidences(EvidenceKind.STATE), max_size=1)),
        ),
        window=draw(st.one_of(st.just(CampaignWindow()), windows)),
        registry=draw(st.one_of(st.just(fresh_registry(at.date())), registries)),
        caller=facts(at).caller,
        registrations=facts(at).registrations,
        attempts=tuple(attempt(when) for when in draw(st.lists(ago, max_size=5))),
    )


def live(given_facts: ContactFacts) -> ContactFacts:
    """Return the facts as a live sales call, so that more of them pass."""
    return replace(given_facts, channel=Channel.LIVE_PREVIEW, purpose=Purpose.TELEMARKETING)


def allows(given_facts: ContactFacts, limits: Policy | None = None) -> bool:
    """Return whether the gate lets the contact through."""
    return decide(given_facts, limits).outcome is Outcome.ALLOW


@quick
@given(contact_facts())
def test_every_fact_gets_a_decision_and_every_denial_a_sentence(given_facts: ContactFacts) -> None:
    decision = decide(given_facts)

    assert decision.sentence.endswith(".")
    assert (decision.outcome is Outcome.ALLOW) == (decision.code == "")
    starts = ("Not called: ", "Not texted: ")
    assert decision.sentence.startswith(starts) == (decision.outcome is Outcome.DENY)
    assert len(decision.verdicts) == len(RULES)
    assert decision.next_allowed_at is None or decision.next_allowed_at >= given_facts.at


text = st.text(max_size=20)


@quick
@given(contact_facts(), text, text, text, st.integers(-100, 10**6))
def test_nonsense_is_denied_and_never_raises(
    given_facts: ContactFacts, number: str, caller_id: str, zone: str, ring_seconds: int
) -> None:
    broken = Evidence(kind=EvidenceKind.AREA_CODE, source="x", zones=frozenset({zone}))

    assert not allows(
        replace(
            live(given_facts),
            number=number,
            caller_id=caller_id,
            evidences=(broken,),
            ring_seconds=ring_seconds,
        )
    )


@quick
@given(contact_facts(), st.sampled_from(SuppressionScope))
def test_a_suppression_denies_whatever_else_holds(given_facts: ContactFacts, scope: SuppressionScope) -> None:
    request = SuppressionFact(
        seller="Northwind", scope=scope, reason="asked", heard_on="phone", at=given_facts.at
    )

    decision = decide(replace(given_facts, suppressions=(request,)))

    assert decision.outcome is Outcome.DENY
    assert decision.next_allowed_at is None


@quick
@given(
    contact_facts(),
    st.one_of(
        st.tuples(st.just("evidence"), evidences(EvidenceKind.STATED)),
        st.tuples(st.just("attempt"), st.integers(0, 1500)),
        st.tuples(st.just("listing"), st.sampled_from(["national", "FL"])),
        st.tuples(st.just("crm"), st.booleans()),
        st.tuples(st.just("ring"), st.integers(1, 120)),
    ),
)
def test_more_evidence_never_allows_more(given_facts: ContactFacts, more: tuple[str, object]) -> None:
    base = live(given_facts)
    kind, value = more
    if kind == "evidence":
        assert isinstance(value, Evidence)
        if not base.states:  # a state that becomes known takes the place of the strictest one
            value = replace(value, states=frozenset())
        worse = replace(base, evidences=(*base.evidences, value))
    elif kind == "attempt":
        assert isinstance(value, int)
        worse = replace(base, attempts=(*base.attempts, attempt(base.at - timedelta(minutes=value))))
    elif kind == "listing":
        listing = RegistryListing(name=str(value), as_of=base.at.date())
        worse = replace(base, registry=replace(base.registry, listings=(listing,)))
    elif kind == "crm":
        worse = replace(base, crm_do_not_call=True)
    else:
        assert isinstance(value, int)
        worse = replace(base, ring_seconds=base.ring_seconds + value)

    assert allows(base) or not allows(worse)


@quick
@given(contact_facts(), st.integers(30, 600), st.integers(0, 31), st.integers(1, 3))
def test_a_stricter_house_policy_never_allows_more(
    given_facts: ContactFacts, margin: int, age: int, cap: int
) -> None:
    base = live(given_facts)
    law = in_force(base.at)

    house = tuple(
        HouseLimit(name=name, value=value, since=date(2020, 1, 1))
        for name, value in (
            ("close_margin_seconds", margin),
            ("registry_max_age_days", age),
            ("attempts_per_24h", cap),
        )
    )
    strict = in_force(base.at, house=house)

    assert allows(base, law) or not allows(base, strict)


@pytest.mark.parametrize(
    ("name", "value", "is_override", "why"),
    [
        ("close_margin_seconds", 29, True, "is law"),
        ("registry_max_age_days", 32, True, "is law"),
        ("attempts_per_24h", 4, False, "is law"),
        ("federal_closes", time(21, 30), True, "is law"),
        ("caller_dials_per_day", 200, False, "takes an override"),
        ("attempts_per_24h", True, False, "is a int"),
        ("no_such_limit", 1, False, "no limit called"),
    ],
)
def test_a_looser_house_policy_is_refused(name: str, value: Value, is_override: bool, why: str) -> None:
    limit = HouseLimit(name=name, value=value, since=date(2026, 1, 1), is_override=is_override)

    with pytest.raises(policy.PolicyTooLoose, match=why):
        in_force(datetime(2026, 11, 23, tzinfo=UTC), house=(limit,))


def test_a_policy_of_ours_can_be_loosened_by_an_override_from_its_day_on() -> None:
    limit = HouseLimit(name="caller_dials_per_day", value=200, since=date(2026, 11, 23), is_override=True)

    before = in_force(datetime(2026, 11, 22, tzinfo=UTC), house=(limit,))
    after = in_force(datetime(2026, 11, 23, tzinfo=UTC), house=(limit,))

    assert (before.caller_dials_per_day, before.overridden) == (150, frozenset())
    assert (after.caller_dials_per_day, after.overridden) == (200, frozenset({"caller_dials_per_day"}))


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(contact_facts())
def test_next_open_is_open_and_nothing_before_it_is(given_facts: ContactFacts) -> None:
    base = replace(live(given_facts), at=given_facts.at.replace(microsecond=0))
    limits = in_force(base.at)

    found = calling_window.next_open(base, limits)

    if found is not None:
        assert calling_window.is_open(replace(base, at=found), limits)
    # On a minute grid, and only over the first two days: the rest repeats.
    end = min(found or base.at + timedelta(days=2), base.at + timedelta(days=2))
    step = base.at.replace(second=0) + timedelta(minutes=1)
    while step < end:
        assert not calling_window.is_open(replace(base, at=step), limits), step
        step += timedelta(minutes=7)


@quick
@given(contact_facts())
def test_waiting_until_next_allowed_at_is_enough(given_facts: ContactFacts) -> None:
    """The registry and the caller ID's test grow old while one waits, so they are kept fresh here."""
    decision = decide(live(given_facts))

    if decision.next_allowed_at is not None:
        later = replace(
            live(given_facts),
            at=decision.next_allowed_at,
            caller=facts(decision.next_allowed_at).caller,
            registry=fresh_registry(decision.next_allowed_at.date()),
        )
        assert allows(later)
