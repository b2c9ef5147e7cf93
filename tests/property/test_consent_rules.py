# ruff: noqa: DTZ001 - Hypothesis takes naive bounds beside the zone
"""What must hold of the consent rules for any facts: they never raise, and less consent or more doubt never allows more."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.rules import consent_needed, lines, reassigned, state_consent, suppression
from compliance.rules.decision import Outcome, Verdict
from compliance.rules.engine import Rule
from compliance.rules.facts import (
    AttemptFact,
    CampaignFacts,
    Channel,
    ConsentFact,
    ConsentKind,
    ContactFacts,
    Evidence,
    EvidenceKind,
    LineFacts,
    LineType,
    MessageFacts,
    Purpose,
    ReassignedAnswer,
    ReassignedFact,
    RelationshipFact,
    SenderFacts,
    SuppressionFact,
    SuppressionKind,
    SuppressionScope,
)
from compliance.rules.policy import Policy, in_force
from tests.examples import examples

NUMBER, OTHER_NUMBER = "+12125550123", "+12125550199"
SELLERS = ("Northwind", "LeadShop")
PEOPLE = ("lead:1", "lead:2", "")
NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
FAMILY: tuple[Rule, ...] = (
    lines.not_protected,
    suppression.not_suppressed,
    lines.one_line_of_a_business,
    consent_needed.no_generated_numbers,
    consent_needed.consent_held,
    consent_needed.obtained_directly,
    state_consent.state_written_consent,
    state_consent.no_mobile_ban,
    reassigned.same_holder,
)
LAW = in_force(NOW)
POLICIES = (
    LAW,
    replace(LAW, revocation_stops="category"),
    replace(LAW, seller_named_required=False, written_consent_in_fifth_circuit=False),
    replace(LAW, exempt_recordings=0, reassigned_max_age_days=0),
)
thorough = settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.too_slow])

past = st.one_of(
    st.integers(0, 60 * 24 * 40).map(lambda minutes: NOW - timedelta(minutes=minutes)),
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
)
days = past.map(lambda instant: instant.date())
mostly_true = st.sampled_from([True] * 9 + [False])
rarely = mostly_true.map(lambda value: not value)
some_channels = st.one_of(st.just(frozenset[Channel]()), st.frozensets(st.sampled_from(Channel), max_size=3))
some_purposes = st.one_of(st.just(frozenset[Purpose]()), st.frozensets(st.sampled_from(Purpose), max_size=3))

consents = st.builds(
    ConsentFact,
    ref=st.sampled_from(["consent:1", "consent:2"]),
    kind=st.sampled_from([ConsentKind.PEWC, *ConsentKind]),
    number=st.sampled_from([NUMBER, NUMBER, NUMBER, OTHER_NUMBER]),
    sellers=st.sampled_from(
        [frozenset({"Northwind"}), frozenset(SELLERS), frozenset({"LeadShop"}), frozenset()]
    ),
    obtained_by=st.sampled_from(["Northwind", "Northwind", "LeadShop", ""]),
    given_at=st.just(NOW - timedelta(days=200)) | past,
    valid_until=st.none() | st.none() | past,
    revoked_at=st.none() | st.none() | past,
    purposes=some_purposes,
    channels=some_channels,
    has_text=mostly_true,
    signature=st.sampled_from(["checkbox", "typed name", "voice", ""]),
    authorises_automation=mostly_true,
    not_a_condition=mostly_true,
    box_preticked=rarely,
    asked_by_person=st.booleans(),
)
suppressions = st.builds(
    SuppressionFact,
    seller=st.sampled_from(SELLERS),
    scope=st.sampled_from(SuppressionScope),
    reason=st.just("asked"),
    heard_on=st.sampled_from(["phone", ""]),
    at=past,
    kind=st.sampled_from(SuppressionKind),
    channels=some_channels,
    campaign_ref=st.sampled_from(["", "campaign:1", "campaign:2"]),
    person_ref=st.sampled_from(PEOPLE),
    category=st.sampled_from(["", "marketing", "informational", "shipping"]),
    lifted_on=st.sampled_from(["", "", "consent:1", "consent:2"]),
)
relationships = st.builds(
    RelationshipFact,
    seller=st.sampled_from(SELLERS),
    last_purchase_on=st.none() | days,
    last_inquiry_on=st.none() | days,
    customer=st.booleans(),
)
attempts = st.builds(
    AttemptFact,
    at=past,
    number=st.just(NUMBER),
    channel=st.sampled_from([Channel.PREREC, *Channel]),
    purpose=st.sampled_from(Purpose),
    seller=st.sampled_from(SELLERS),
    with_consent=st.booleans(),
)
campaigns = st.builds(
    CampaignFacts,
    subject=st.sampled_from(["", "shipping", "solar"]),
    generates_numbers=rarely,
    sells_later=rarely,
    to_businesses=st.booleans(),
    office_supplies=st.booleans(),
    nonprofit=st.booleans(),
    paid_fundraiser=st.booleans(),
    emergency=st.sampled_from(["", "boil water"]),
)
messages = st.builds(
    MessageFacts,
    marketing=rarely,
    parts=st.integers(0, 3),
    replies_to=st.none() | past,
)
answers = st.builds(
    ReassignedFact,
    answer=st.sampled_from([ReassignedAnswer.NO, *ReassignedAnswer]),
    checked_at=past,
    since=days,
)
places = st.builds(
    Evidence,
    kind=st.sampled_from(EvidenceKind),
    source=st.just("somewhere"),
    states=st.frozensets(st.sampled_from(["NY", "FL", "OK", "TX", "AZ", "NJ", "ME", "CT", "LA"]), max_size=2),
    zones=st.sampled_from([frozenset({"America/New_York"}), frozenset({"Pacific/Guam"}), frozenset()]),
)
contacts = st.builds(
    ContactFacts,
    at=st.just(NOW),
    number=st.just(NUMBER),
    channel=st.sampled_from([*Channel, Channel.PREREC, Channel.PREREC, Channel.SMS]),
    purpose=st.sampled_from([*Purpose, Purpose.TELEMARKETING]),
    seller=st.just("Northwind"),
    campaign_ref=st.just("campaign:1"),
    person_ref=st.sampled_from(PEOPLE),
    attempt_ref=st.just("attempt:1"),
    caller_id=st.just("+14075550100"),
    ring_seconds=st.just(25),
    line=st.builds(
        LineFacts,
        type=st.sampled_from(LineType),
        checked_at=st.just(NOW - timedelta(days=1)) | st.none() | past,
        protected=rarely.map(lambda value: "911 centre" if value else ""),
    ),
    evidences=st.lists(places, max_size=2).map(tuple),
    suppressions=st.lists(suppressions, max_size=2).map(tuple),
    crm_do_not_call=rarely,
    consents=st.lists(consents, max_size=3).map(tuple),
    relationships=st.lists(relationships, max_size=1).map(tuple),
    reassigned=st.just(ReassignedFact(answer=ReassignedAnswer.NO, checked_at=NOW, since=date(2023, 1, 1)))
    | st.none()
    | answers,
    campaign=campaigns,
    message=messages,
    sender=st.builds(SenderFacts, free_to_end_user=st.booleans()),
    attempts=st.lists(attempts, max_size=4).map(tuple),
    account_calls_open=rarely.map(int),
)
policies = st.sampled_from(POLICIES)
# Mostly one that could stand: otherwise little that is drawn is ever allowed, and nothing could get worse.
likely = contacts.map(lambda facts: replace(facts, suppressions=(), crm_do_not_call=False)) | contacts


def verdicts(facts: ContactFacts, policy: Policy) -> list[Verdict]:
    """Return what each rule of the family says; a rule that raises fails the test."""
    return [rule(facts, policy) for rule in FAMILY]


def allows(facts: ContactFacts, policy: Policy) -> bool:
    """Return whether the whole family lets the contact through."""
    return all(verdict.outcome is Outcome.ALLOW for verdict in verdicts(facts, policy))


@thorough
@given(contacts, policies)
def test_every_fact_gets_a_verdict_and_every_denial_a_reason(facts: ContactFacts, policy: Policy) -> None:
    for verdict in verdicts(facts, policy):
        assert (verdict.outcome is Outcome.DENY) == bool(verdict.code)
        assert verdict.reason
        assert not verdict.reason.endswith(".")
    assert reassigned.is_without_consent(facts, policy) in (True, False)


@thorough
@given(likely, policies, st.data())
def test_a_consent_less_never_allows_more(facts: ContactFacts, policy: Policy, data: st.DataObject) -> None:
    kept = data.draw(
        st.sets(st.sampled_from(range(len(facts.consents)))) if facts.consents else st.just(set())
    )

    fewer = tuple(consent for index, consent in enumerate(facts.consents) if index in kept)

    assert allows(facts, policy) or not allows(replace(facts, consents=fewer), policy)


@thorough
@given(likely, policies, suppressions)
def test_a_suppression_more_never_allows_more(
    facts: ContactFacts, policy: Policy, more: SuppressionFact
) -> None:
    worse = replace(facts, suppressions=(*facts.suppressions, more))

    assert allows(facts, policy) or not allows(worse, policy)


@thorough
@given(likely, policies, st.integers(0, 60 * 24 * 400))
def test_an_earlier_revocation_never_allows_more(facts: ContactFacts, policy: Policy, minutes: int) -> None:
    """Of a consent. A request that is earlier than the person's return is another matter (FED-006 T4)."""
    earlier = timedelta(minutes=minutes)
    revoked = tuple(
        replace(consent, revoked_at=(consent.revoked_at or facts.at) - earlier) for consent in facts.consents
    )

    assert allows(facts, policy) or not allows(replace(facts, consents=revoked), policy)


@thorough
@given(likely, policies)
def test_consent_to_another_seller_alone_never_allows_more(facts: ContactFacts, policy: Policy) -> None:
    elsewhere = tuple(
        replace(consent, sellers=frozenset({"LeadShop"}), obtained_by="LeadShop")
        for consent in facts.consents
    )

    assert allows(facts, policy) or not allows(replace(facts, consents=elsewhere), policy)


@thorough
@given(likely, policies, st.integers(1, 60 * 24 * 400))
def test_a_consent_that_ends_earlier_never_allows_more(
    facts: ContactFacts, policy: Policy, minutes: int
) -> None:
    ended = tuple(
        replace(consent, valid_until=(consent.valid_until or facts.at) - timedelta(minutes=minutes))
        for consent in facts.consents
    )

    assert allows(facts, policy) or not allows(replace(facts, consents=ended), policy)


@thorough
@given(likely, policies, st.integers(1, 60 * 24 * 20))
def test_time_alone_lifts_counted_exemptions_and_nothing_else(
    facts: ContactFacts, policy: Policy, minutes: int
) -> None:
    """A later day lets answers and line types grow old and consents run out. What was dated ahead of its time is left out."""
    consents_then = tuple(each for each in facts.consents if each.given_at <= facts.at)
    checked, answer, asked_at = facts.line.checked_at, facts.reassigned, facts.message.replies_to
    now = replace(
        facts,
        consents=consents_then,
        attempts=(),
        line=replace(facts.line, checked_at=checked if checked and checked <= facts.at else None),
        reassigned=answer if answer and answer.checked_at <= facts.at else None,
        message=replace(facts.message, replies_to=asked_at if asked_at and asked_at <= facts.at else None),
    )

    assert allows(now, policy) or not allows(replace(now, at=now.at + timedelta(minutes=minutes)), policy)


@thorough
@given(likely, policies, st.sampled_from(["line", "answer", "marketing", "attempt", "sells_later", "tie"]))
def test_more_doubt_never_allows_more(facts: ContactFacts, policy: Policy, doubt: str) -> None:
    sent = AttemptFact(
        at=facts.at,
        number=NUMBER,
        channel=Channel.PREREC,
        purpose=Purpose.SURVEY,
        seller="Northwind",
        with_consent=False,
    )
    worse = {
        "line": replace(facts, line=replace(facts.line, type=LineType.UNKNOWN)),
        "answer": replace(facts, reassigned=None),
        "marketing": replace(facts, message=replace(facts.message, marketing=True)),
        "attempt": replace(facts, attempts=(*facts.attempts, sent)),
        "sells_later": replace(facts, campaign=replace(facts.campaign, sells_later=True)),
        "tie": replace(facts, relationships=()),
    }[doubt]

    assert allows(facts, policy) or not allows(worse, policy)
