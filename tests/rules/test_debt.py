"""Regulation F and local caps: the rule book's vectors REGF-001, REGF-002 and REGF-006."""

from datetime import timedelta
from typing import Any

import pytest

from compliance.rules.debt import ANY_DEBT, debt_calls, debt_silence, local_debt_caps
from compliance.rules.facts import (
    AttemptFact,
    CampaignFacts,
    Channel,
    ContactFacts,
    DebtFacts,
    LineType,
    Purpose,
)
from compliance.rules.policy import in_force
from tests.rules.making import at, attempt, facts

POLICY = in_force(at("2026-11-23T00:00:00Z"))
DEBT_A, DEBT_B = "debt:A", "debt:B"
UNSAID = CampaignFacts(subject=ANY_DEBT)


def call(instant: str, **changes: Any) -> ContactFacts:
    """Return a call about debt A."""
    return facts(instant, **{"purpose": Purpose.DEBT, "campaign": CampaignFacts(subject=DEBT_A), **changes})


def tried(*instants: str, **changes: Any) -> tuple[AttemptFact, ...]:
    """Return earlier attempts about debt A."""
    values: dict[str, Any] = {"purpose": Purpose.DEBT, "subject": DEBT_A, **changes}
    return tuple(attempt(at(each), **values) for each in instants)


# Monday to Friday, 10:00 and later in New York.
SEVEN = tuple(f"2026-11-{day}T{hour}:00:00Z" for day, hour in
    ((16, 15), (16, 20), (17, 15), (18, 15), (19, 15), (19, 20), (20, 15)))  # fmt: skip
SUNDAY = "2026-11-22T17:00:00Z"


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        ("REGF-001 T1", call(SUNDAY, attempts=tried(*SEVEN)), "REGF_7IN7"),
        (
            "REGF-001 T2",
            call(SUNDAY, attempts=(*tried(*SEVEN[:6]), *tried(*SEVEN, subject=DEBT_B))),
            "",
        ),
        (
            "REGF-001 T3",
            call(SUNDAY, attempts=(*tried(*SEVEN[:6]), *tried(SEVEN[6], connected=False))),
            "",
        ),
        (
            "REGF-001 T4",
            call(SUNDAY, attempts=(*tried(*SEVEN[:3], channel=Channel.PREREC), *tried(*SEVEN[3:], SEVEN[6]))),
            "REGF_7IN7",
        ),
        ("the seventh call is free", call(SUNDAY, attempts=tried(*SEVEN[:6])), ""),
        (
            "another number and seller of the person count",
            call(SUNDAY, attempts=tried(*SEVEN, number="+12125550199", seller="Other")),
            "REGF_7IN7",
        ),
        (
            "an attempt that does not say which debt counts",
            call(SUNDAY, attempts=(*tried(*SEVEN[:6]), *tried(SEVEN[6], subject=""))),
            "REGF_7IN7",
        ),
        ("texts are no calls", call(SUNDAY, attempts=tried(*SEVEN, channel=Channel.SMS)), ""),
        ("a text may be sent", call(SUNDAY, attempts=tried(*SEVEN), channel=Channel.SMS), ""),
        (
            "a voicemail left on one of them is that call",
            call(
                SUNDAY,
                attempts=(*tried(*SEVEN[:6]), *tried(SEVEN[0], channel=Channel.PREREC, left_on_call=True)),
            ),
            "",
        ),
        (
            "a voicemail without a call counts by itself",
            call(SUNDAY, attempts=(*tried(*SEVEN[:6]), *tried(SEVEN[0], channel=Channel.PREREC))),
            "REGF_7IN7",
        ),
        ("no subject", call(SUNDAY, campaign=CampaignFacts()), "REGF_7IN7"),
        (
            "REGF-001 T1 by the lead's own reference",
            call(
                SUNDAY,
                campaign=UNSAID,
                debt=DebtFacts(ref="A-17"),
                attempts=tried(*SEVEN, subject="debt:a-17"),
            ),
            "REGF_7IN7",
        ),
        (
            "REGF-001 T2 by the lead's own reference",
            call(
                SUNDAY,
                campaign=UNSAID,
                debt=DebtFacts(ref="B-4"),
                attempts=tried(*SEVEN, subject="debt:a-17"),
            ),
            "",
        ),
        (
            "capitals and spaces make no other debt",
            call(SUNDAY, debt=DebtFacts(ref=" A  17 "), attempts=tried(*SEVEN, subject="debt:a 17")),
            "REGF_7IN7",
        ),
        (
            "a call about some debt, nobody knows which, counts for each",
            call(SUNDAY, debt=DebtFacts(ref="A-17"), attempts=tried(*SEVEN, subject=ANY_DEBT)),
            "REGF_7IN7",
        ),
        (
            "of a debt nobody knows calls about every debt count",
            call(SUNDAY, campaign=UNSAID, attempts=tried(*SEVEN, subject="debt:a-17")),
            "REGF_7IN7",
        ),
        (
            "and offers count for none",
            call(
                SUNDAY,
                campaign=UNSAID,
                attempts=tried(*SEVEN, subject="campaign:1", purpose=Purpose.TELEMARKETING),
            ),
            "",
        ),
        ("a reference is enough", call(SUNDAY, campaign=CampaignFacts(), debt=DebtFacts(ref="A-17")), ""),
        ("other purposes", call(SUNDAY, purpose=Purpose.SURVEY, attempts=tried(*SEVEN)), ""),
    ],
)
def test_regf_001_seven_calls_in_seven_days(name: str, given: ContactFacts, code: str) -> None:
    assert debt_calls(given, POLICY).code == code, name


def test_regf_001_t2_the_house_cap_still_holds_on_two_debts() -> None:
    """Seven calls each on two debts pass this rule; how many a day is for ST-003."""
    given = call(SUNDAY, attempts=tried(*SEVEN, subject=DEBT_B))

    assert debt_calls(given, POLICY).reason == "call 1 of 7 about this debt in 7 days"


def test_regf_001_says_what_is_missing() -> None:
    verdict = debt_calls(call(SUNDAY, campaign=CampaignFacts()), POLICY)

    assert verdict.reason == "nobody says which debt it is about; give the lead the debt's reference"
    assert not verdict.waits


def test_regf_001_the_period_is_168_hours_and_seven_local_days() -> None:
    given = call(SUNDAY, attempts=tried(*SEVEN))

    verdict = debt_calls(given, POLICY)

    assert verdict.reason == "called 7 times about this debt in 7 days, the law allows 7"
    assert verdict.retry_at == at(SEVEN[0]) + timedelta(days=7)
    assert debt_calls(call("2026-11-23T14:59:59Z", attempts=tried(*SEVEN)), POLICY).code == "REGF_7IN7"
    assert debt_calls(call("2026-11-23T15:00:00Z", attempts=tried(*SEVEN)), POLICY).code == ""


def test_regf_001_seven_days_with_a_25_hour_day_are_longer_than_168_hours() -> None:
    """From Monday 00:30 EDT 168 hours end on Sunday 23:30 EST, the seventh calendar day at midnight."""
    made = tried(*["2026-10-26T04:30:00Z"] * 7)
    after_168_hours = call("2026-11-02T04:40:00Z", attempts=made)

    verdict = debt_calls(after_168_hours, POLICY)

    assert verdict.code == "REGF_7IN7"
    assert verdict.retry_at == at("2026-11-02T05:00:00Z")


def spoke(instant: str, **changes: Any) -> tuple[AttemptFact, ...]:
    """Return a conversation about debt A."""
    return tried(instant, conversation=True, **changes)


TUESDAY_TALK = "2026-09-08T18:00:00Z"


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        (
            "REGF-002 T1 Monday",
            call("2026-09-14T18:00:00Z", attempts=spoke(TUESDAY_TALK)),
            "REGF_COOLDOWN",
        ),
        ("REGF-002 T1 Tuesday", call("2026-09-15T12:00:00Z", attempts=spoke(TUESDAY_TALK)), ""),
        (
            "REGF-002 T2 “call me Thursday”",
            call(
                "2026-09-10T18:00:00Z",
                attempts=spoke(TUESDAY_TALK),
                debt=DebtFacts(asked_to_be_called_at=at("2026-09-08T18:05:00Z")),
            ),
            "",
        ),
        (
            "REGF-002 T2 asked more than 7 days ago",
            call(
                "2026-09-15T18:30:00Z",
                attempts=(*spoke("2026-09-08T18:00:00Z"), *spoke("2026-09-10T18:00:00Z")),
                debt=DebtFacts(asked_to_be_called_at=at("2026-09-08T18:05:00Z")),
            ),
            "REGF_COOLDOWN",
        ),
        (
            "asked before that conversation: it was the call they asked for",
            call(
                "2026-09-10T18:00:00Z",
                attempts=spoke(TUESDAY_TALK),
                debt=DebtFacts(asked_to_be_called_at=at("2026-09-07T18:00:00Z")),
            ),
            "REGF_COOLDOWN",
        ),
        (
            "REGF-002 T3 they called in",
            call("2026-09-14T18:00:00Z", attempts=spoke(TUESDAY_TALK, channel=Channel.LIVE_MANUAL)),
            "REGF_COOLDOWN",
        ),
        (
            "REGF-002 T4 “wrong number”",
            call("2026-09-14T18:00:00Z", attempts=tried(TUESDAY_TALK)),
            "",
        ),
        ("another debt", call("2026-09-14T18:00:00Z", attempts=spoke(TUESDAY_TALK, subject=DEBT_B)), ""),
        ("a text", call("2026-09-14T18:00:00Z", attempts=spoke(TUESDAY_TALK), channel=Channel.SMS), ""),
        (
            "other purposes",
            call("2026-09-14T18:00:00Z", attempts=spoke(TUESDAY_TALK), purpose=Purpose.SURVEY),
            "",
        ),
    ],
)
def test_regf_002_silence_after_a_conversation(name: str, given: ContactFacts, code: str) -> None:
    assert debt_silence(given, POLICY).code == code, name


def test_regf_002_ends_at_midnight_where_the_person_is() -> None:
    given = call("2026-09-14T18:00:00Z", number="+18505550123", attempts=spoke(TUESDAY_TALK))

    verdict = debt_silence(given, POLICY)

    assert verdict.reason == "they spoke about this debt on 8 Sep; the law asks for silence for 7 days"
    assert verdict.retry_at == at("2026-09-15T05:00:00Z")  # midnight in Central, the later of the two zones


def contacts(*pairs: tuple[str, Channel]) -> tuple[AttemptFact, ...]:
    """Return contacts about debt A on several channels."""
    return tuple(tried(instant, channel=channel)[0] for instant, channel in pairs)


THREE = contacts(
    ("2027-01-11T15:00:00Z", Channel.LIVE_PREVIEW),
    ("2027-01-12T15:00:00Z", Channel.LIVE_PREVIEW),
    ("2027-01-13T15:00:00Z", Channel.SMS),
)
NYC = DebtFacts(city="New York City")


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        # The book's fourth contact is an email, which is no channel here; a text stands for it.
        (
            "REGF-006 T1",
            call("2027-01-15T17:00:00Z", state="NY", channel=Channel.SMS, debt=NYC, attempts=THREE),
            "REGF_7IN7",
        ),
        (
            "REGF-006 T1 before the day it takes effect",
            call(
                "2026-12-18T17:00:00Z",
                state="NY",
                debt=NYC,
                attempts=tried("2026-12-14T15:00:00Z", "2026-12-15T15:00:00Z", "2026-12-16T15:00:00Z"),
            ),
            "",
        ),
        (
            "elsewhere in New York",
            call("2027-01-15T17:00:00Z", state="NY", debt=DebtFacts(city="Buffalo"), attempts=THREE),
            "",
        ),
        (
            "the city is not known",
            call("2027-01-15T17:00:00Z", state="NY", attempts=THREE),
            "REGF_7IN7",
        ),
        (
            "REGF-006 the city that is said counts, whatever the number's and the address's state",
            call("2027-01-15T17:00:00Z", number="+12145550123", state="TX", debt=NYC, attempts=THREE),
            "REGF_7IN7",
        ),
        (
            "REGF-006 T2",
            call(
                "2026-11-20T17:00:00Z",
                number="+16175550123",
                state="MA",
                attempts=tried("2026-11-16T15:00:00Z", "2026-11-18T15:00:00Z"),
            ),
            "REGF_7IN7",
        ),
        (
            "a second call in Massachusetts",
            call(
                "2026-11-20T17:00:00Z",
                number="+16175550123",
                state="MA",
                attempts=tried("2026-11-16T15:00:00Z"),
            ),
            "",
        ),
        (
            "a mobile of which only the area code is known may be in Massachusetts",
            call(
                "2026-11-20T17:00:00Z",
                line_type=LineType.WIRELESS,
                attempts=tried("2026-11-16T15:00:00Z", "2026-11-18T15:00:00Z"),
            ),
            "REGF_7IN7",
        ),
        (
            "a state without a cap",
            call("2026-11-20T17:00:00Z", number="+12145550123", state="TX", attempts=tried(*SEVEN)),
            "",
        ),
    ],
)
def test_regf_006_local_caps(name: str, given: ContactFacts, code: str) -> None:
    assert local_debt_caps(given, in_force(given.at)).code == code, name


def test_regf_006_names_the_place() -> None:
    given = call("2027-01-15T17:00:00Z", state="NY", debt=NYC, attempts=THREE)

    verdict = local_debt_caps(given, in_force(given.at))

    assert verdict.reason == "contacted 3 times about this debt in 7 days, New York City allows 3"
    assert verdict.retry_at == at("2027-01-18T15:00:00Z")
