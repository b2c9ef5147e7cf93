"""The rule book's vectors on reassigned numbers (FED-030)."""

from datetime import date, timedelta
from typing import Any

import pytest

from compliance.rules.facts import (
    CampaignFacts,
    Channel,
    ContactFacts,
    LineType,
    MessageFacts,
    Purpose,
    ReassignedAnswer,
    ReassignedFact,
)
from compliance.rules.policy import in_force
from compliance.rules.reassigned import is_without_consent, same_holder
from tests.rules.making import at, attempt, consent, facts, written

NOW = at("2026-11-20T16:00:00Z")
LAW = in_force(NOW)
OF_2025 = at("2025-01-10T15:00:00Z")
ME = {"number": "+12075550123", "state": "ME"}


def answer(
    said: ReassignedAnswer = ReassignedAnswer.NO,
    checked: str = "2026-11-19T16:00:00Z",
    since: date = date(2025, 1, 10),
) -> ReassignedFact:
    """Return what the database said."""
    return ReassignedFact(answer=said, checked_at=at(checked), since=since)


def recorded(**changes: Any) -> ContactFacts:
    """Return facts of a recorded sales message to a mobile that stands on a written consent of January 2025."""
    values = {
        "channel": Channel.PREREC,
        "line_type": LineType.WIRELESS,
        "consents": (written(given_at=OF_2025),),
    }
    return facts(NOW, **{**values, **changes})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(recorded(reassigned=answer(ReassignedAnswer.YES)), "RND_RISK", id="FED-030 T1"),
        pytest.param(recorded(reassigned=answer(ReassignedAnswer.NO_DATA)), "RND_RISK", id="FED-030 T2"),
        pytest.param(recorded(reassigned=answer()), "", id="FED-030 T3"),
        pytest.param(recorded(), "RND_RISK", id="never asked"),
        pytest.param(
            recorded(reassigned=answer(checked="2026-10-21T16:00:00Z")), "", id="30 days ago is fresh"
        ),
        pytest.param(
            recorded(reassigned=answer(checked="2026-10-21T15:59:59Z")), "RND_RISK", id="a second more is not"
        ),
        pytest.param(
            recorded(reassigned=answer(checked="2026-11-20T16:00:01Z")), "RND_RISK", id="from the future"
        ),
        pytest.param(
            recorded(reassigned=answer(since=date(2025, 1, 11))), "RND_RISK", id="asked about a later day"
        ),
        pytest.param(
            recorded(channel=Channel.SMS, purpose=Purpose.INFORMATIONAL), "RND_RISK", id="a text on consent"
        ),
        pytest.param(
            recorded(
                channel=Channel.SMS,
                purpose=Purpose.INFORMATIONAL,
                message=MessageFacts(replies_to=NOW - timedelta(minutes=1)),
            ),
            "",
            id="an answer stands on no consent",
        ),
        pytest.param(
            recorded(
                channel=Channel.SMS,
                purpose=Purpose.CHARITY,
                message=MessageFacts(replies_to=NOW - timedelta(minutes=1)),
            ),
            "RND_RISK",
            id="an answer for a charity nobody knows stands on consent, as a sale does",
        ),
        pytest.param(recorded(consents=()), "", id="no consent: another rule says so"),
        pytest.param(recorded(channel=Channel.LIVE_PREVIEW), "", id="a live sales call needs no consent"),
        pytest.param(
            recorded(channel=Channel.LIVE_PREDICTIVE, state="FL"),
            "RND_RISK",
            id="a predictive call that a state's consent allows",
        ),
        pytest.param(
            recorded(channel=Channel.LIVE_PREVIEW, state="AZ", consents=(consent(),)),
            "RND_RISK",
            id="a call to a mobile that consent allows in Arizona",
        ),
        pytest.param(
            recorded(purpose=Purpose.EMERGENCY, campaign=CampaignFacts(emergency="boil water")),
            "",
            id="an emergency",
        ),
        pytest.param(
            recorded(line_type=LineType.LANDLINE_BIZ),
            "RND_RISK",
            id="a recording that the TSR's agreement allows",
        ),
        pytest.param(
            recorded(
                line_type=LineType.LANDLINE_RES,
                purpose=Purpose.CHARITY,
                campaign=CampaignFacts(paid_fundraiser=True),
            ),
            "RND_RISK",
            id="a fundraiser's recording, exempt from the TCPA's consent but not from the TSR's",
        ),
        pytest.param(facts(NOW, **ME), "RND_RISK", id="Maine: any sales call"),
        pytest.param(facts(NOW, **ME, purpose=Purpose.SURVEY), "", id="Maine: no sale"),
        pytest.param(facts(NOW, **ME, reassigned=answer()), "", id="Maine: asked"),
        pytest.param(
            facts(NOW, **ME, reassigned=answer(ReassignedAnswer.YES)), "RND_RISK", id="Maine: reassigned"
        ),
    ],
)
def test_fed_030(given: ContactFacts, code: str) -> None:
    assert same_holder(given, LAW).code == code


def test_fed_030_t2_no_data_is_for_a_supervisor_and_nothing_else_is() -> None:
    verdicts = {
        said: same_holder(recorded(reassigned=answer(said)), LAW).needs_review for said in ReassignedAnswer
    }

    assert verdicts == {
        ReassignedAnswer.NO: False,
        ReassignedAnswer.YES: False,
        ReassignedAnswer.NO_DATA: True,
    }


def test_every_consent_that_is_needed_must_be_covered() -> None:
    """The oral consent of 2025 meets federal law, the written one of 2024 Florida: the question must reach back to both."""
    oral = consent(given_at=OF_2025)
    older = written(given_at=at("2024-03-01T15:00:00Z"))
    given = recorded(state="FL", consents=(oral, older))

    late = same_holder(recorded(state="FL", consents=(oral, older), reassigned=answer()), LAW)
    early = same_holder(
        recorded(state="FL", consents=(oral, older), reassigned=answer(since=date(2024, 3, 1))), LAW
    )

    assert same_holder(given, LAW).code == "RND_RISK"
    assert (late.code, early.code) == ("RND_RISK", "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {},
            "the Reassigned Numbers Database was not asked in the last 30 days; "
            "ask it about 10 Jan 2025, the day of the consent",
        ),
        (
            {"reassigned": answer(since=date(2026, 1, 1))},
            "the Reassigned Numbers Database was asked about a day after the consent; "
            "ask it about 10 Jan 2025, the day of the consent",
        ),
    ],
)
def test_the_reason_says_what_to_ask(changes: dict[str, Any], reason: str) -> None:
    assert same_holder(recorded(**changes), LAW).reason == reason


def survey(**changes: Any) -> ContactFacts:
    """Return facts of a recorded survey to a landline, which few times needs no consent."""
    return recorded(**{"purpose": Purpose.SURVEY, "line_type": LineType.LANDLINE_RES, **changes})


def test_an_exempt_message_counts_unless_a_confirmed_consent_takes_it_out() -> None:
    confirmed = survey(reassigned=answer())
    unconfirmed = survey()

    assert not is_without_consent(confirmed, LAW)
    assert is_without_consent(unconfirmed, LAW)
    assert is_without_consent(survey(consents=(), reassigned=answer()), LAW)
    assert not is_without_consent(recorded(reassigned=answer()), LAW)


def test_an_exempt_message_needs_no_check_until_the_exemption_is_used_up() -> None:
    earlier = tuple(
        attempt(NOW - timedelta(days=days), channel=Channel.PREREC, with_consent=False) for days in (9, 5, 1)
    )

    assert same_holder(survey(attempts=earlier[:2]), LAW).code == ""
    assert same_holder(survey(attempts=earlier), LAW).code == "RND_RISK"
