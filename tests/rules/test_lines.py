"""The rule book's vectors on lines: stale types (FED-031) and lines left alone (FED-032)."""

from datetime import timedelta
from typing import Any

import pytest

from compliance.rules.consent_needed import consent_held
from compliance.rules.decision import Outcome
from compliance.rules.engine import decide
from compliance.rules.facts import (
    Channel,
    ContactFacts,
    LineFacts,
    LineType,
    Purpose,
    SuppressionFact,
    SuppressionScope,
)
from compliance.rules.lines import not_protected, one_line_of_a_business
from compliance.rules.policy import in_force
from compliance.rules.suppression import not_suppressed
from tests.rules.making import SELLER, at, facts

NOW = at("2026-11-20T16:00:00Z")
LAW = in_force(NOW)
PSAP, ROOM = "911 centre", "nursing home room"


def looked_up(days_ago: int, **changes: Any) -> ContactFacts:
    """Return facts of a recorded survey to what was a landline so many days ago."""
    line = LineFacts(type=LineType.LANDLINE_RES, checked_at=NOW - timedelta(days=days_ago))
    return facts(NOW, line=line, channel=Channel.PREREC, purpose=Purpose.SURVEY, **changes)


def test_fed_031_t1_on_day_12_a_landline_is_believed() -> None:
    assert consent_held(looked_up(12), LAW).outcome is Outcome.ALLOW


def test_fed_031_t2_on_day_16_it_counts_as_a_mobile() -> None:
    assert consent_held(looked_up(15), LAW).outcome is Outcome.ALLOW
    assert consent_held(looked_up(16), LAW).code == "CONSENT_PEC"


def test_fed_031_t3_on_day_12_the_internal_list_still_stands() -> None:
    asked = SuppressionFact(
        seller=SELLER, scope=SuppressionScope.SELLER, reason="asked", heard_on="phone", at=NOW
    )

    assert not_suppressed(looked_up(12, suppressions=(asked,)), LAW).code == "DNC_INTERNAL"


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("why", [pytest.param(PSAP, id="FED-032 T1"), pytest.param(ROOM, id="FED-032 T3")])
def test_fed_032_a_protected_line_is_never_dialed(why: str, channel: Channel) -> None:
    given = facts(NOW, channel=channel, line=LineFacts(type=LineType.LANDLINE_BIZ, protected=why))

    verdict = not_protected(given, LAW)

    assert (verdict.code, verdict.reason) == ("LINE_PROTECTED", f"the line is never dialed: {why}")


@pytest.mark.parametrize(
    ("channel", "open_calls", "code"),
    [
        pytest.param(Channel.LIVE_PREDICTIVE, 1, "LINE_BUSY_ACCOUNT", id="FED-032 T2"),
        (Channel.PREREC, 1, "LINE_BUSY_ACCOUNT"),
        (Channel.LIVE_PREDICTIVE, 0, ""),
        (Channel.LIVE_PREVIEW, 1, ""),
        (Channel.SMS, 1, ""),
    ],
)
def test_fed_032_t2_lines_of_one_business_are_dialed_one_after_the_other(
    channel: Channel, open_calls: int, code: str
) -> None:
    verdict = one_line_of_a_business(facts(NOW, channel=channel, account_calls_open=open_calls), LAW)

    assert (verdict.code, verdict.waits) == (code, bool(code))


def test_fed_032_is_asked_before_anything_the_person_said() -> None:
    given = facts(NOW, line=LineFacts(type=LineType.LANDLINE_BIZ, protected=PSAP), crm_do_not_call=True)

    assert decide(given).code == "LINE_PROTECTED"
