"""The United Kingdom: the vectors of section 9.2."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from compliance.rules import places, united_kingdom
from compliance.rules.decision import Decision, Outcome
from compliance.rules.engine import decide
from compliance.rules.facts import (
    AbandonmentFacts,
    CampaignFacts,
    Channel,
    ConsentFact,
    ConsentKind,
    ContactFacts,
    MessageFacts,
    Purpose,
    RegistryFacts,
    RegistryListing,
)
from tests.rules.making import SELLER, ask, at, attempt, facts, law

LONDON = "+442079460123"
MONDAY_TEN, WEDNESDAY_NINE = "2026-11-23T10:00:00Z", "2026-11-25T09:00:00Z"


def tps(as_of: date, *, listed: str = "") -> RegistryFacts:
    """Return a copy of the TPS; the number stands in the list named."""
    return RegistryFacts(
        own_lists=(RegistryListing(name="TPS", as_of=as_of),),
        listings=(RegistryListing(name=listed, as_of=as_of),) if listed else (),
    )


def call(instant: str, **changes: Any) -> ContactFacts:
    """Return the facts of a sales call to London, with a fresh copy of the TPS and nothing American."""
    values: dict[str, Any] = {
        "number": LONDON,
        "registry": tps(at(instant).date()),
        "registrations": (),
        "caller_id": LONDON,
        **changes,
    }
    return facts(instant, **values)


def judge(given: ContactFacts, jurisdictions: str = "us,uk") -> Decision:
    """Return the gate's decision in a house that calls the United Kingdom."""
    return decide(given, law(given.at, jurisdictions=jurisdictions))


def consent(**changes: Any) -> ConsentFact:
    """Return an express consent to this seller's live and recorded calls."""
    values: dict[str, Any] = {
        "ref": "consent:1",
        "kind": ConsentKind.PEC,
        "number": LONDON,
        "sellers": frozenset({SELLER}),
        "obtained_by": SELLER,
        "given_at": at("2026-10-01T12:00:00Z"),
        "channels": frozenset({Channel.PREREC, Channel.LIVE_PREVIEW}),
    }
    return ConsentFact(**{**values, **changes})


def abandoned(instant: str, **changes: Any) -> Any:
    """Return an abandoned predictive call to the number."""
    return attempt(
        at(instant), number=LONDON, channel=Channel.LIVE_PREDICTIVE, **{"abandoned": True, **changes}
    )


def test_uk_002_t1_no_repeat_after_an_abandoned_call_but_with_a_reserved_agent() -> None:
    again = call(WEDNESDAY_NINE, channel=Channel.LIVE_PREDICTIVE, attempts=(abandoned(MONDAY_TEN),))
    by_hand = replace(again, channel=Channel.LIVE_PREVIEW)

    verdict = ask(united_kingdom.no_repeat, again)

    assert verdict.code == "NO_REPEAT"
    assert verdict.retry_at == at("2026-11-26T10:00:00Z")
    assert judge(by_hand).outcome is Outcome.ALLOW


def test_uk_003_t2_a_tps_number_without_consent_is_not_called() -> None:
    decision = judge(call(MONDAY_TEN, registry=tps(date(2026, 11, 20), listed="TPS")))

    assert decision.code == "DNC_NATIONAL"
    assert decision.sentence == "Not called: on the Telephone Preference Service."


def test_uk_003_t3_an_artificial_voice_needs_specific_consent() -> None:
    given = call(MONDAY_TEN, channel=Channel.PREREC)

    assert ask(united_kingdom.consented, given).code == "CONSENT_PEC"
    assert ask(united_kingdom.consented, replace(given, consents=(consent(),))).outcome is Outcome.ALLOW


def test_uk_001_t4_one_call_abandoned_in_silence_is_an_alarm() -> None:
    counts = AbandonmentFacts(day_live=1000, day_abandoned=1)
    message = MessageFacts(ref="asset:7")
    given = call(MONDAY_TEN, channel=Channel.LIVE_PREDICTIVE, campaign=CampaignFacts(abandonment=counts))
    spoken = replace(given, campaign=CampaignFacts(abandonment=counts, abandoned_message=message))

    alarm = ask(united_kingdom.no_abandoned_calls, given)

    assert (alarm.code, alarm.needs_review) == ("ABANDON_CAP", True)
    assert ask(united_kingdom.no_abandoned_calls, spoken).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("live", "gone", "code"),
    [(0, 0, ""), (100, 1, ""), (99, 1, "ABANDON_CAP"), (1000, 11, "ABANDON_CAP"), (0, 1, "ABANDON_CAP")],
)
def test_uk_001_the_alarm_is_at_one_percent_in_24_hours(live: int, gone: int, code: str) -> None:
    campaign = CampaignFacts(
        abandonment=AbandonmentFacts(day_live=live, day_abandoned=gone),
        abandoned_message=MessageFacts(ref="asset:7"),
    )

    given = call(MONDAY_TEN, channel=Channel.LIVE_PREDICTIVE, campaign=campaign)

    assert ask(united_kingdom.no_abandoned_calls, given).code == code
    assert not ask(united_kingdom.no_abandoned_calls, replace(given, channel=Channel.LIVE_MANUAL)).applies


@pytest.mark.parametrize(
    ("name", "earlier", "ago", "code"),
    [
        ("abandoned, a second short of 72 hours", {}, timedelta(hours=72, seconds=-1), "NO_REPEAT"),
        ("abandoned, 72 hours", {}, timedelta(hours=72), ""),
        (
            "a machine, a second short of 24 hours",
            {"abandoned": False, "machine": True},
            timedelta(hours=24, seconds=-1),
            "NO_REPEAT",
        ),
        ("a machine, 24 hours", {"abandoned": False, "machine": True}, timedelta(hours=24), ""),
        ("answered", {"abandoned": False}, timedelta(hours=1), ""),
    ],
)
def test_uk_002_periods(name: str, earlier: dict[str, Any], ago: timedelta, code: str) -> None:
    when = at(MONDAY_TEN) - ago
    given = call(
        MONDAY_TEN, channel=Channel.LIVE_PREDICTIVE, attempts=(abandoned(when.isoformat(), **earlier),)
    )

    assert ask(united_kingdom.no_repeat, given).code == code, name


def test_uk_002_the_longest_period_counts_and_other_numbers_do_not() -> None:
    machine = abandoned("2026-11-24T18:00:00Z", abandoned=False, machine=True)
    other = replace(abandoned(MONDAY_TEN), number="+442079460999")
    given = call(WEDNESDAY_NINE, channel=Channel.PREREC, attempts=(abandoned(MONDAY_TEN), machine))

    assert ask(united_kingdom.no_repeat, given).retry_at == at("2026-11-26T10:00:00Z")
    assert ask(united_kingdom.no_repeat, replace(given, attempts=(other,))).outcome is Outcome.ALLOW
    assert not ask(united_kingdom.no_repeat, replace(given, channel=Channel.SMS)).applies


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("fresh", {}, ""),
        ("28 days", {"registry": tps(date(2026, 10, 26))}, ""),
        ("29 days", {"registry": tps(date(2026, 10, 25))}, "SCRUB_STALE"),
        ("of the future", {"registry": tps(date(2026, 11, 24))}, "SCRUB_STALE"),
        ("no copy", {"registry": RegistryFacts()}, "SCRUB_STALE"),
        ("unreadable", {"registry": RegistryFacts(problem="the file is broken")}, "SCRUB_STALE"),
        ("a business on CTPS", {"registry": tps(date(2026, 11, 20), listed="CTPS")}, "DNC_NATIONAL"),
        (
            "consent lifts it",
            {"registry": tps(date(2026, 11, 20), listed="TPS"), "consents": (consent(),)},
            "",
        ),
        (
            "another seller's does not",
            {
                "registry": tps(date(2026, 11, 20), listed="TPS"),
                "consents": (consent(sellers=frozenset({"Other Seller"})),),
            },
            "DNC_NATIONAL",
        ),
        (
            "one that names nobody does not",
            {
                "registry": tps(date(2026, 11, 20), listed="TPS"),
                "consents": (consent(sellers=frozenset()),),
            },
            "DNC_NATIONAL",
        ),
        ("a survey is no marketing", {"registry": RegistryFacts(), "purpose": Purpose.SURVEY}, ""),
        (
            "a charity's appeal is",
            {"registry": tps(date(2026, 11, 20), listed="TPS"), "purpose": Purpose.CHARITY},
            "DNC_NATIONAL",
        ),
    ],
)
def test_uk_003_tps(name: str, changes: dict[str, Any], code: str) -> None:
    assert judge(call(MONDAY_TEN, **changes)).code == code, name


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        (
            "for live calls only",
            {"consents": (consent(channels=frozenset({Channel.LIVE_PREVIEW})),)},
            "CONSENT_PEC",
        ),
        ("for no channel by name", {"consents": (consent(channels=frozenset()),)}, "CONSENT_PEC"),
        ("to nobody by name", {"consents": (consent(sellers=frozenset()),)}, "CONSENT_PEC"),
        ("a conversation", {"consents": (consent(kind=ConsentKind.CONVERSATION),)}, "CONSENT_PEC"),
        ("a text without", {"channel": Channel.SMS}, "CONSENT_PEC"),
        ("a recorded survey", {"purpose": Purpose.SURVEY}, ""),
        ("a person calls", {"channel": Channel.LIVE_PREDICTIVE}, ""),
    ],
)
def test_uk_003_automated_marketing(name: str, changes: dict[str, Any], code: str) -> None:
    given = call(MONDAY_TEN, **{"channel": Channel.PREREC, **changes})

    assert ask(united_kingdom.consented, given).code == code, name


@pytest.mark.parametrize(
    ("changes", "jurisdictions", "code"),
    [
        ({}, "us", "JURISDICTION_UNKNOWN"),
        ({}, "uk", ""),
        ({"country_stated": "Scotland"}, "us,uk", ""),
        ({"country_stated": "Ireland"}, "us,uk", "JURISDICTION_UNKNOWN"),
        ({"number": "+12125550123"}, "uk", "JURISDICTION_UNKNOWN"),
        ({"number": "+33142685300"}, "us,ca,uk", "JURISDICTION_UNKNOWN"),
        ({"number": "+441481960000"}, "us,ca,uk", "JURISDICTION_UNKNOWN"),  # Guernsey has its own law
    ],
)
def test_the_kingdom_is_called_only_where_the_house_switched_it_on(
    changes: dict[str, Any], jurisdictions: str, code: str
) -> None:
    assert judge(call(MONDAY_TEN, **changes), jurisdictions).code == code


def test_the_law_of_the_states_does_not_bind_and_the_houses_rules_do() -> None:
    decision = judge(call(MONDAY_TEN))

    not_bound = {verdict.rule_id for verdict in decision.verdicts if not verdict.applies}
    assert {"FED-001", "FED-002", "ST-001", "ST-002", "ST-004", "ST-005", "CA-001"} <= not_bound
    assert judge(call("2026-11-23T07:30:00Z")).code == "HOURS_CAMPAIGN"


@pytest.mark.parametrize("number", [LONDON, "+447400123456", "+441314960123"])
def test_numbers_of_the_kingdom_are_on_its_clock(number: str) -> None:
    info = places.describe_number(number)

    assert info.region == "GB"
    assert info.evidence is not None
    assert "Europe/London" in info.evidence.zones
    assert not info.evidence.states
