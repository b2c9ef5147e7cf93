# ruff: noqa: DTZ001 - Hypothesis takes naive bounds beside the zone
"""What must hold for any facts of registries, registrations, emergencies, caller IDs, senders and the packs abroad."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.rules import canada, emergency, registration, registry, sender, united_kingdom
from compliance.rules.caller import proven_caller_id, rested_caller_id
from compliance.rules.days import next_midnight, next_month
from compliance.rules.decision import Outcome
from compliance.rules.engine import Rule
from compliance.rules.facts import (
    AbandonmentFacts,
    CallerFacts,
    CampaignFacts,
    Channel,
    ConsentFact,
    ConsentKind,
    ContactFacts,
    EmergencyFact,
    Evidence,
    EvidenceKind,
    LineFacts,
    LineType,
    MessageFacts,
    Purpose,
    RegistrationFact,
    RegistryFacts,
    RegistryListing,
    RelationshipFact,
    SenderFacts,
)
from compliance.rules.permission import add_months
from tests.examples import examples
from tests.rules.making import attempt, law

SELLERS = ("Northwind", "Other Seller")
STATES = ("NY", "LA", "FL", "TX", "IN", "PA", "OH", "IL", "VT")
ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Vancouver",
    "America/St_Johns",
    "Europe/London",
    "Pacific/Guam",
)
NUMBERS = {"US": "+12125550123", "CA": "+14165550123", "GB": "+442079460123"}
LAW_RULES: tuple[Rule, ...] = (
    registry.not_registered,
    registration.registered,
    emergency.no_emergency,
    proven_caller_id,
    rested_caller_id,
    *sender.SENDER_RULES,
    canada.hours,
    canada.abandonment,
    canada.not_on_dncl,
    canada.consented,
    united_kingdom.no_abandoned_calls,
    united_kingdom.no_repeat,
    united_kingdom.not_on_tps,
    united_kingdom.consented,
)
quick = settings(max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.too_slow])

instants = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))
days = st.dates(date(2025, 1, 1), date(2029, 12, 31))
some_days = st.one_of(st.none(), days)
sellers = st.sampled_from(SELLERS)
listings = st.builds(
    RegistryListing, name=st.sampled_from(["national", "FL", "IN", "TX", canada.DNCL, "TPS"]), as_of=days
)
emergencies = st.builds(
    EmergencyFact,
    state=st.sampled_from(STATES),
    area=st.just("the county"),
    since=instants,
    until=st.one_of(st.none(), instants),
)
registrations = st.builds(
    RegistrationFact,
    state=st.sampled_from(STATES),
    certificate=st.sampled_from(["", "1"]),
    valid_from=days,
    valid_to=some_days,
    exemption=st.sampled_from(["", "filed"]),
    covers_texts_only=st.booleans(),
)
relationships = st.builds(
    RelationshipFact,
    seller=sellers,
    last_purchase_on=some_days,
    last_inquiry_on=some_days,
    personal=st.booleans(),
)
consents = st.builds(
    ConsentFact,
    ref=st.just("consent:1"),
    kind=st.sampled_from(ConsentKind),
    number=st.sampled_from(sorted(NUMBERS.values())),
    sellers=st.frozensets(sellers),
    obtained_by=sellers,
    given_at=instants,
    channels=st.frozensets(st.sampled_from(Channel), max_size=2),
    has_text=st.booleans(),
    signature=st.sampled_from(["", "voice"]),
    authorises_automation=st.booleans(),
    not_a_condition=st.booleans(),
    agrees_to_be_called=st.booleans(),
)
campaigns = st.builds(
    CampaignFacts,
    sells_later=st.booleans(),
    to_businesses=st.booleans(),
    office_supplies=st.booleans(),
    nonprofit=st.booleans(),
    paid_fundraiser=st.booleans(),
    emergency=st.sampled_from(["", "storm"]),
    abandonment=st.builds(
        AbandonmentFacts,
        month_live=st.integers(0, 100),
        month_abandoned=st.integers(0, 9),
        day_live=st.integers(0, 100),
        day_abandoned=st.integers(0, 3),
    ),
)
senders = st.builds(
    SenderFacts,
    kind=st.sampled_from(["", "long_code", "toll_free", "short_code", "pager"]),
    brand_approved=st.booleans(),
    campaign_approved=st.booleans(),
    attached=st.booleans(),
    in_pool=st.booleans(),
    use_case=st.sampled_from(["", "marketing", "customer_care"]),
    toll_free_verified=st.booleans(),
    political_token=st.booleans(),
    parts_today=st.integers(0, 3000),
    daily_cap=st.sampled_from([None, 1000, 2000]),
)


@st.composite
def contacts(draw: st.DrawFn) -> ContactFacts:
    """Return facts of any country, purpose and channel; places, people and papers as they come."""
    at = draw(instants)
    region = draw(st.sampled_from(sorted(NUMBERS)))
    place = Evidence(
        kind=draw(st.sampled_from(EvidenceKind)),
        source="somewhere",
        states=draw(st.frozensets(st.sampled_from(STATES), max_size=2)),
        zones=draw(st.frozensets(st.sampled_from(ZONES), max_size=2)),
    )
    own_lists = tuple(
        RegistryListing(name=name, as_of=at.date())
        for name in ("FL", "IN", "LA", "PA", "TX", "TPS", canada.DNCL)
    )
    earlier = st.builds(
        attempt,
        st.integers(0, 100).map(lambda hours: at - timedelta(hours=hours)),
        number=st.just(NUMBERS[region]),
        abandoned=st.booleans(),
        machine=st.booleans(),
    )
    return ContactFacts(
        at=at,
        number=NUMBERS[region],
        region=region,
        channel=draw(st.sampled_from(Channel)),
        purpose=draw(st.sampled_from(Purpose)),
        seller="Northwind",
        campaign_ref="campaign:1",
        person_ref="lead:1",
        attempt_ref="attempt:1",
        caller_id="+14075550100",
        ring_seconds=draw(st.integers(0, 60)),
        line=LineFacts(type=draw(st.sampled_from(LineType)), checked_at=at - timedelta(hours=1)),
        evidences=(place,),
        consents=tuple(draw(st.lists(consents, max_size=2))),
        relationships=tuple(draw(st.lists(relationships, max_size=2))),
        registry=RegistryFacts(
            seller_has_snapshot=draw(st.booleans()),
            covers_number=draw(st.booleans()),
            as_of=draw(st.one_of(some_days, st.just(at.date()))),
            listings=tuple(draw(st.lists(listings, max_size=1))),
            own_lists=draw(st.sampled_from([(), own_lists])),
        ),
        caller=CallerFacts(
            known=True,
            active=draw(st.booleans()),
            authority="lease",
            takes_requests=True,
            tested_on=draw(st.one_of(some_days, st.just(at.date()))),
            dials_today=draw(st.integers(0, 300)),
        ),
        registrations=tuple(draw(st.lists(registrations, max_size=3))),
        emergencies=tuple(draw(st.lists(emergencies, max_size=2))),
        sender=draw(senders),
        message=MessageFacts(ref="asset:1", marketing=draw(st.booleans()), parts=draw(st.integers(0, 12))),
        campaign=draw(campaigns),
        attempts=tuple(draw(st.lists(earlier, max_size=2))),
    )


def passes(rule: Rule, facts: ContactFacts, **house: Any) -> bool:
    """Return whether the rule lets the contact through."""
    return rule(facts, law(facts.at, **house)).outcome is Outcome.ALLOW


@quick
@given(contacts())
def test_every_rule_answers_with_a_reason_and_a_wait_that_lies_ahead(facts: ContactFacts) -> None:
    for rule in LAW_RULES:
        verdict = rule(facts, law(facts.at))

        assert verdict.reason
        assert (verdict.outcome is Outcome.DENY) == bool(verdict.code)
        assert verdict.retry_at is None or verdict.retry_at > facts.at
        assert verdict == rule(facts, law(facts.at))  # the same facts, the same answer


def _worse(
    facts: ContactFacts, what: str, listing: RegistryListing, emergency_fact: EmergencyFact
) -> ContactFacts:
    """Return the facts with one thing more against the contact, or one thing less in its favour."""
    changes: dict[str, Any] = {
        "a listing": {"registry": replace(facts.registry, listings=(*facts.registry.listings, listing))},
        "an emergency": {"emergencies": (*facts.emergencies, emergency_fact)},
        "a certificate less": {"registrations": facts.registrations[1:]},
        "a consent less": {"consents": facts.consents[1:]},
        "a relationship less": {"relationships": facts.relationships[1:]},
        "a copy less": {"registry": replace(facts.registry, own_lists=())},
        "an unreadable copy": {"registry": replace(facts.registry, problem="the copy cannot be read")},
        "a flag of the CRM": {"crm_do_not_call": True},
        "more dials": {"caller": replace(facts.caller, dials_today=facts.caller.dials_today + 100)},
        "a caller ID out of service": {"caller": replace(facts.caller, active=False)},
        "more texts": {"sender": replace(facts.sender, parts_today=facts.sender.parts_today + 500)},
        "a cap nobody knows": {"sender": replace(facts.sender, daily_cap=None)},
        "a longer text": {"message": replace(facts.message, parts=facts.message.parts + 5)},
        "marketing": {"message": replace(facts.message, marketing=True)},
        "a survey that sells": {"campaign": replace(facts.campaign, sells_later=True)},
        "a paid fundraiser": {"campaign": replace(facts.campaign, paid_fundraiser=True)},
    }
    return replace(facts, **changes[what])


WORSE = st.sampled_from(
    [
        "a listing", "an emergency", "a certificate less", "a consent less", "a relationship less", "a copy less",
        "an unreadable copy", "a flag of the CRM", "more dials", "a caller ID out of service", "more texts",
        "a cap nobody knows", "a longer text", "marketing", "a survey that sells", "a paid fundraiser",
    ]
)  # fmt: skip


@settings(max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(contacts(), WORSE, listings, emergencies)
def test_more_against_a_contact_never_allows_more(
    facts: ContactFacts, what: str, listing: RegistryListing, emergency_fact: EmergencyFact
) -> None:
    worse = _worse(facts, what, listing, emergency_fact)

    for rule in LAW_RULES:
        assert passes(rule, facts) or not passes(rule, worse), (rule, what)


@quick
@given(contacts(), st.frozensets(st.sampled_from(STATES), min_size=1, max_size=2))
def test_another_place_the_person_may_be_never_allows_more(
    facts: ContactFacts, states: frozenset[str]
) -> None:
    """What is not known counts as every state and clock, so a first state or zone is left out here: it is better."""
    if not facts.states or (facts.region == "CA" and not facts.has_address):
        return
    more = Evidence(
        kind=EvidenceKind.STATE, source="CRM", states=states, zones=frozenset({"America/Los_Angeles"})
    )
    worse = replace(facts, evidences=(*facts.evidences, more))

    for rule in LAW_RULES:
        if facts.zones or rule is not canada.hours:
            assert passes(rule, facts) or not passes(rule, worse), rule


@quick
@given(contacts())
def test_knowing_the_state_never_allows_less_than_not_knowing_it(facts: ContactFacts) -> None:
    american = replace(facts, region="US", number=NUMBERS["US"])
    unknown = replace(
        american, evidences=tuple(replace(each, states=frozenset()) for each in american.evidences)
    )

    for rule in (registry.not_registered, registration.registered):
        assert passes(rule, american) or not passes(rule, unknown), rule


@quick
@given(contacts(), st.integers(0, 28), st.integers(0, 149))
def test_a_stricter_house_never_allows_more(facts: ContactFacts, age: int, dials: int) -> None:
    stricter = {
        "registry_max_age_days": age,
        "ca_registry_max_age_days": age,
        "uk_registry_max_age_days": age,
        "relationship_purchase_days": age,
        "caller_test_max_age_days": age,
        "caller_dials_per_day": dials,
    }

    for rule in LAW_RULES:
        assert passes(rule, facts) or not passes(rule, facts, **stricter), rule


@quick
@given(contacts())
def test_numbers_abroad_are_free_of_the_states_and_american_ones_of_the_packs(facts: ContactFacts) -> None:
    home = replace(facts, region="US", number=NUMBERS["US"])
    abroad = replace(facts, evidences=tuple(replace(each, states=frozenset()) for each in facts.evidences))

    for rule in LAW_RULES:
        name = rule.__module__.rsplit(".", 1)[-1]
        if name in {"canada", "united_kingdom"}:
            assert not rule(home, law(home.at)).applies
        elif name in {"registry", "registration", "emergency"} and facts.region != "US":
            assert not rule(abroad, law(abroad.at)).applies


@quick
@given(instants)
def test_midnights_are_the_next_ones(at: datetime) -> None:
    for zone in ZONES:
        midnight, month = next_midnight(at, zone), next_month(at, zone)
        local = midnight.astimezone(ZoneInfo(zone))

        assert timedelta(0) < midnight - at <= timedelta(hours=25)
        assert (local.hour, local.minute) == (0, 0)
        assert at < month <= at + timedelta(days=32)
        assert month.astimezone(ZoneInfo(zone)).day == 1


@quick
@given(days, st.integers(0, 24), st.integers(0, 24))
def test_calendar_months_only_go_forward(day: date, months: int, more: int) -> None:
    assert add_months(day, months) <= add_months(day, months + more)
    assert add_months(day, 0) == day
    assert abs((add_months(day, months) - day).days - months * 30.44) < 4
