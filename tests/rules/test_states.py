"""The state overlay: the rule book's vectors, and every row of its table against hours written down here."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from compliance.rules.calling_window import next_open, state_days, state_hours
from compliance.rules.decision import Outcome
from compliance.rules.engine import decide
from compliance.rules.facts import (
    AttemptFact,
    CampaignFacts,
    Channel,
    ContactFacts,
    Evidence,
    EvidenceKind,
    LineType,
    Purpose,
)
from compliance.rules.frequency import not_too_often
from compliance.rules.jurisdictions.holidays import closed_days, easter
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.pack import UNKNOWN_STATE
from compliance.rules.packfile import shipped
from compliance.rules.policy import HouseLimit, in_force
from tests.rules.making import at, attempt, confirmed, consent, facts

WIRELESS = LineType.WIRELESS


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        (
            "ST-001 T1",
            facts("2026-11-23T23:30:00Z", number="+14015550123", state="RI", line_type=WIRELESS),
            "HOURS_STATE",
        ),
        (
            "ST-001 T2",
            facts("2026-11-24T01:05:00Z", number="+13055550123", state="FL", city="Miami"),
            "HOURS_STATE",
        ),
        (
            "ST-001 T3",
            facts("2026-11-22T17:30:00Z", number="+12145550123", postal_code="75201"),
            "HOURS_STATE",
        ),
        (
            "ST-001 T3 from noon",
            facts("2026-11-22T18:00:00Z", number="+12145550123", postal_code="75201"),
            "",
        ),
        ("ST-001 T4 Act 47", facts("2026-11-24T00:30:00Z", number="+12155550123", state="PA"), "HOURS_STATE"),
        ("ST-001 T4 before it", facts("2026-10-17T23:30:00Z", number="+12155550123", state="PA"), ""),
        ("ST-002 T1", facts("2026-11-22T16:00:00Z", number="+12055550123", state="AL"), "DAY_STATE"),
        ("ST-002 T2", facts("2027-02-09T16:00:00Z", number="+15045550123", state="LA"), "HOLIDAY_STATE"),
        ("ST-002 T3 cold", facts("2026-07-24T18:00:00Z", number="+18015550123", state="UT"), "HOLIDAY_STATE"),
        (
            "ST-002 T3 with logged express consent",
            facts(
                "2026-07-24T18:00:00Z",
                number="+18015550123",
                state="UT",
                consents=(consent(given_at=at("2026-06-01T18:00:00Z"), number="+18015550123"),),
                reassigned=confirmed(at("2026-07-24T18:00:00Z")),
            ),
            "",
        ),
        (
            "ST-002 T3 with a consent that may be another holder's (FED-030)",
            facts(
                "2026-07-24T18:00:00Z",
                number="+18015550123",
                state="UT",
                consents=(consent(given_at=at("2026-06-01T18:00:00Z"), number="+18015550123"),),
            ),
            "HOLIDAY_STATE",
        ),
        (
            "ST-002 T3 with a consent that ran out",
            facts(
                "2026-07-24T18:00:00Z",
                number="+18015550123",
                state="UT",
                consents=(
                    consent(
                        given_at=at("2026-06-01T18:00:00Z"),
                        number="+18015550123",
                        valid_until=at("2026-07-24T18:00:00Z"),
                    ),
                ),
            ),
            "HOLIDAY_STATE",
        ),
        ("ST-002 T4 Sunday", facts("2026-07-05T18:00:00Z", number="+16015550123", state="MS"), "DAY_STATE"),
        (
            "ST-002 T4 4 July on a weekday",
            facts("2025-07-04T18:00:00Z", number="+16015550123", state="MS"),
            "",
        ),
        ("ST-010 T1", facts("2026-11-24T01:30:00Z", number="+13055550123", state="GA"), "HOURS_STATE"),
        (
            "ST-010 T2 in both",
            facts("2026-11-24T04:30:00Z", number="+18045550123", state="OR", city="Portland"),
            "HOURS_FED",
        ),
    ],
)
def test_vectors(name: str, given: ContactFacts, code: str) -> None:
    assert decide(given).code == code, name


def _three_attempts(instant: str) -> tuple[AttemptFact, ...]:
    return tuple(attempt(at(instant) - timedelta(hours=hours)) for hours in (1, 5, 23))


def test_st_003_t1_the_fourth_attempt_from_a_new_caller_id_is_refused() -> None:
    instant = "2026-11-23T16:00:00Z"

    decision = decide(
        facts(
            instant,
            number="+13055550123",
            state="FL",
            attempts=_three_attempts(instant),
            caller_id="+13055550177",
        )
    )

    assert decision.code == "FREQ_STATE"
    assert decision.next_allowed_at == at("2026-11-23T17:00:00Z")


def test_st_003_t2_oregon_counts_calls_and_texts_together() -> None:
    now = at("2026-11-23T18:00:00Z")
    channels = (Channel.LIVE_PREVIEW, Channel.LIVE_MANUAL, Channel.SMS)
    attempts = tuple(
        attempt(now - timedelta(hours=hours), channel=channel)
        for hours, channel in zip((3, 2, 1), channels, strict=True)
    )
    given = facts(now, number="+15035550123", state="OR", channel=Channel.SMS, attempts=attempts)

    verdict = not_too_often(given, in_force(now))

    assert (verdict.code, verdict.reason) == (
        "FREQ_STATE",
        "tried 3 times in the last 24 hours, Oregon allows 3",
    )


@pytest.mark.parametrize(
    ("channel", "hours", "code"),
    [
        (Channel.LIVE_PREDICTIVE, 7, "FREQ_STATE"),
        (Channel.LIVE_PREDICTIVE, 8, ""),
        (Channel.PREREC, 1, "FREQ_STATE"),
        (Channel.LIVE_PREVIEW, 1, ""),
    ],
)
def test_st_003_maine_allows_a_machine_one_call_in_8_hours(channel: Channel, hours: int, code: str) -> None:
    now = at("2026-11-23T18:00:00Z")
    given = facts(
        now,
        number="+12075550123",
        state="ME",
        channel=channel,
        attempts=(attempt(now - timedelta(hours=hours)),),
    )

    verdict = not_too_often(given, in_force(now))

    assert verdict.code == code
    assert verdict.retry_at == (now + timedelta(hours=8 - hours) if code else None)


@pytest.mark.parametrize(("left_on_call", "code"), [(True, ""), (False, "FREQ_STATE")])
def test_st_003_a_message_left_on_a_call_is_that_call_and_one_without_a_call_is_an_attempt(
    left_on_call: bool, code: str
) -> None:
    """FED-029 counts a message that comes without a ring; one left on a call we placed was counted with the call."""
    now = at("2026-11-23T18:00:00Z")
    calls = tuple(attempt(now - timedelta(hours=hours)) for hours in (3, 2))
    left = attempt(now - timedelta(hours=2), channel=Channel.PREREC, left_on_call=left_on_call)

    verdict = not_too_often(facts(now, attempts=(*calls, left)), in_force(now))

    assert verdict.code == code


def test_a_house_that_allows_no_attempt_is_obeyed() -> None:
    now = at("2026-11-23T18:00:00Z")
    house = (HouseLimit(name="attempts_per_24h", value=0, since=date(2026, 1, 1)),)

    verdict = not_too_often(facts(now), in_force(now, house=house))

    assert (verdict.code, verdict.waits) == ("FREQ_STATE", False)


def test_st_003_t3_another_subject_of_the_seller_is_the_fourth_attempt_too() -> None:
    """Florida's law would leave it open; the house counts attempts whatever they are about."""
    now = at("2026-11-23T16:00:00Z")
    solar = tuple(attempt(now - timedelta(hours=hours), subject="solar") for hours in (1, 5, 23))
    given = facts(
        now, number="+13055550123", state="FL", attempts=solar, campaign=CampaignFacts(subject="roofs")
    )

    assert decide(given).code == "FREQ_STATE"
    assert decide(replace(given, purpose=Purpose.SURVEY, campaign_ref="campaign:2")).code == "FREQ_STATE"


def test_st_003_t4_unanswered_attempts_count() -> None:
    now = at("2026-11-23T16:00:00Z")
    unanswered = tuple(attempt(now - timedelta(hours=hours), connected=False) for hours in (1, 5, 23))

    assert decide(facts(now, number="+13055550123", state="FL", attempts=unanswered)).code == "FREQ_STATE"


def test_st_003_with_more_attempts_than_the_cap_enough_of_them_must_grow_old() -> None:
    now = at("2026-11-23T16:00:00Z")
    attempts = tuple(attempt(now - timedelta(hours=hours)) for hours in (23, 22, 21, 20, 19))

    decision = decide(facts(now, attempts=attempts))

    assert decision.next_allowed_at == now + timedelta(hours=3)  # when the third newest is 24 hours old


def test_st_003_the_period_is_24_hours_exactly() -> None:
    now = at("2026-11-23T16:00:00Z")
    day = timedelta(hours=24)

    just_out = decide(facts(now, attempts=tuple(map(attempt, (now - day, now, now)))))
    just_in = decide(facts(now, attempts=tuple(map(attempt, (now - day + timedelta(seconds=1), now, now)))))

    assert just_out.outcome is Outcome.ALLOW
    assert just_in.code == "FREQ_STATE"


# The table of the rule book once more, by hand: weekday, Saturday, Sunday as "opens-closes", "-" = none, "f" = 8-21.
TABLE = """
AL 8-20 8-20 -      AK f f f            AZ f f f            AR f f f            CA f f f            CO f f f
CT 9-20 9-20 9-20   DE f f f            DC f f f            FL 8-20 8-20 8-20   GA f f f            HI f f f
ID f f f            IL f f f            IN f f f            IA f f f            KS f f f            KY 10-21 10-21 10-21
LA 8-20 8-20 -      ME f f f            MD 8-20 8-20 8-20   MA 8-20 8-20 8-20   MI 9-21 9-21 9-21   MN 9-21 9-21 9-21
MS 8-20 8-20 -      MO f f f            MT f f f            NE f f f            NV 9-20 9-20 9-20   NH f f f
NJ 8-20 8-20 8-20   NM 9-21 9-21 9-21   NY f f f            NC f f f            ND f f f            OH f f f
OK 8-20 8-20 8-20   OR 8-20 8-20 8-20   PA 9-19 9-19 -      RI 9-18 10-17 -     SC f f f            SD 9-21 9-21 -
TN f f f            TX 9-21 9-21 12-21  UT f f -            VT f f f            VA f f f            WA 8-20 8-20 8-20
WV f f f            WI f f f            WY 8-20 8-20 8-20   PR 9-21 9-21 9-21   VI f f f            GU f f f
AS f f f            MP f f f
"""
WORDS = TABLE.split()
EXPECTED = {WORDS[i]: WORDS[i + 1 : i + 4] for i in range(0, len(WORDS), 4)}
DAYS = (
    date(2026, 11, 18),
    date(2026, 11, 21),
    date(2026, 11, 22),
)  # a Wednesday, Saturday, Sunday without a holiday
A_ZONE = "America/Chicago"


def test_the_table_has_every_state_and_territory() -> None:
    assert set(EXPECTED) == set(STATE_NAMES) == {row.state for row in shipped().state_rows} - {UNKNOWN_STATE}


def _in_state(state: str, local: datetime) -> ContactFacts:
    evidence = Evidence(
        kind=EvidenceKind.STATE,
        source=f"state {state}",
        states=frozenset({state}),
        zones=frozenset({A_ZONE}),
        place=state,
    )
    return facts(local.astimezone(UTC), evidences=(evidence,), ring_seconds=0)


@pytest.mark.parametrize("state", sorted(EXPECTED))
@pytest.mark.parametrize("weekday", [0, 1, 2])
def test_every_row(state: str, weekday: int) -> None:
    word, day = EXPECTED[state][weekday], DAYS[weekday]
    opens, closes = (8, 21) if word == "f" else (0, 0) if word == "-" else map(int, word.split("-"))
    policy = in_force(at("2026-11-20T00:00:00Z"))

    for half_hour in range(48):
        local = datetime.combine(day, time(half_hour // 2, half_hour % 2 * 30), ZoneInfo(A_ZONE))
        given = _in_state(state, local)
        passes = all(rule(given, policy).outcome is Outcome.ALLOW for rule in (state_hours, state_days))
        assert passes == (opens <= half_hour / 2 < closes), f"{state} {local}"


def test_every_row_cites_its_source_and_confidence() -> None:
    for row in shipped().state_rows:
        assert row.citation
        assert row.confidence in {"H", "M", "L"}
        assert row.sources or row.state == UNKNOWN_STATE


def test_rows_of_one_state_and_channel_never_overlap_in_time() -> None:
    for state in STATE_NAMES:
        for on in (
            date(2025, 6, 1),
            date(2026, 1, 1),
            date(2026, 10, 17),
            date(2026, 10, 18),
            date(2027, 6, 1),
        ):
            assert len(shipped().hours_rows(state, Channel.LIVE_PREVIEW, on)) == 1, f"{state} on {on}"


def test_ms_hours_hold_on_fixed_central_standard_time_too() -> None:
    """In summer 08:30 in Jackson is 07:30 on the clock of the statute, so the day starts at 09:00 local."""
    early = facts("2026-07-01T13:30:00Z", number="+16015550123", state="MS")
    late = facts("2026-07-01T14:00:00Z", number="+16015550123", state="MS")
    winter = facts("2026-11-23T14:00:00Z", number="+16015550123", state="MS")

    assert decide(early).code == "HOURS_STATE"
    assert decide(late).outcome is Outcome.ALLOW
    assert decide(winter).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("instant", "channel", "code"),
    [
        ("2026-12-25T19:59:59Z", Channel.PREREC, "HOURS_STATE"),
        ("2026-12-25T20:00:00Z", Channel.PREREC, ""),
        ("2026-12-25T18:00:00Z", Channel.LIVE_PREVIEW, ""),
        ("2027-07-05T18:59:59Z", Channel.PREREC, "HOURS_STATE"),
        ("2026-12-24T16:00:00Z", Channel.PREREC, ""),
    ],
    ids=["12:59:59 on Christmas", "13:00", "a live call", "the observed Independence Day", "the day before"],
)
def test_st_002_ne_holidays_have_the_hours_of_a_sunday_for_recordings(
    instant: str, channel: Channel, code: str
) -> None:
    """West Nebraska is on Mountain time, the later of the state's two clocks."""
    given = facts(instant, number="+13085550123", state="NE", channel=channel)

    assert state_hours(given, in_force(given.at)).code == code
    assert state_days(given, in_force(given.at)).code == ""


def test_st_002_ne_says_when_recordings_may_be_played_on_a_holiday() -> None:
    given = facts("2026-12-25T16:00:00Z", number="+13085550123", state="NE", channel=Channel.PREREC)

    verdict = state_hours(given, in_force(given.at))

    assert verdict.reason.endswith("Nebraska on holidays allows from 13:00")
    assert next_open(given, in_force(given.at)) == at("2026-12-25T20:00:00Z")


def test_a_state_that_does_not_close_adds_no_closed_day_to_the_unknown_state() -> None:
    arbor_day = date(2027, 4, 30)

    assert arbor_day in closed_days(shipped(), "NE", 2027)
    assert arbor_day not in closed_days(shipped(), UNKNOWN_STATE, 2027)


@pytest.mark.parametrize(
    ("state", "day", "name"),
    [
        ("AL", date(2026, 4, 27), "Confederate Memorial Day"),
        ("AL", date(2026, 6, 1), "Jefferson Davis Birthday"),
        ("AL", date(2026, 12, 1), "Mrs. Rosa L. Parks Day"),
        ("AL", date(2026, 2, 17), "Mardi Gras"),
        ("LA", date(2026, 4, 3), "Good Friday"),
        ("LA", date(2027, 3, 26), "Good Friday"),
        ("LA", date(2026, 2, 17), "Mardi Gras"),
        ("LA", date(2026, 11, 27), "the day after Thanksgiving"),
        ("PA", date(2026, 6, 14), "Flag Day"),
        ("RI", date(2026, 5, 4), "Rhode Island Independence Day"),
        ("RI", date(2026, 8, 10), "Victory Day"),
        ("RI", date(2026, 11, 3), "Election Day"),
        ("UT", date(2026, 7, 24), "Pioneer Day"),
        ("UT", date(2026, 7, 3), "Independence Day (observed)"),
        ("UT", date(2027, 12, 31), "New Year's Day (observed)"),
        ("OK", date(2026, 12, 25), "Christmas Day"),
    ],
)
def test_holidays_of_table_4_3(state: str, day: date, name: str) -> None:
    assert closed_days(shipped(), state, day.year).get(day) == name


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (2024, date(2024, 3, 31)),
        (2026, date(2026, 4, 5)),
        (2027, date(2027, 3, 28)),
        (2038, date(2038, 4, 25)),
    ],
)
def test_easter(year: int, day: date) -> None:
    assert easter(year) == day


def test_unknown_state_and_a_mobile_of_which_only_the_area_code_is_known_get_the_strictest_row() -> None:
    evening = "2026-11-23T23:30:00Z"  # 18:30 in New York
    home = facts(evening)
    mobile = facts(evening, line_type=WIRELESS)
    unknown = facts(evening, line_type=LineType.UNKNOWN)
    mobile_with_address = facts(evening, line_type=WIRELESS, postal_code="10001")
    nowhere = replace(
        home, evidences=tuple(replace(evidence, states=frozenset()) for evidence in home.evidences)
    )

    assert decide(home).outcome is Outcome.ALLOW
    assert decide(mobile).code == decide(unknown).code == "HOURS_STATE"
    assert "HOURS_STATE" in {verdict.code for verdict in decide(nowhere).verdicts}  # ST-006 denies before it
    assert decide(mobile_with_address).outcome is Outcome.ALLOW
