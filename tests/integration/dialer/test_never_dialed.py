"""Numbers that came into a list before we knew better: refused before the carrier hears of them, with the reason on the lead."""

from datetime import datetime

import pytest

from campaigns.models import CampaignLead
from carriers import numbers
from carriers.protocol import NumberSetup, OwnNumber
from dialer.models import DialAttempt
from tests.factories.world import CALLER_ID, World, add_lead
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.conftest import sign_on

SETUP = NumberSetup(
    voice_url="https://x/", fallback_url="https://x/", status_url="https://x/", text_url="https://x/"
)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("+19005550123", "it is a premium-rate number"),
        ("+14079765000", "it is a pay-per-call or directory assistance number"),
        ("+15005550006", "it is a forwarding number that charges its callers"),
        ("+14075551212", "it is a pay-per-call or directory assistance number"),
        (CALLER_ID, "it is the number the call would come from"),
        ("+5352123456", "there are no calling rules here for numbers of CU"),
        ("+870773111632", "there are no calling rules here for numbers of 001"),
        ("+18765550123", "there are no calling rules here for numbers of JM"),
        ("+10005550123", "no such number can exist"),
    ],
)
def test_the_gate_refuses_before_the_carrier_and_the_lead_says_why(
    world: World, carrier: FakeCarrier, now: datetime, number: str, words: str
) -> None:
    lead = add_lead(world, number)

    session = sign_on(world, now=now)

    lead.refresh_from_db()
    assert session.campaign_lead_id is None
    assert lead.state == CampaignLead.State.FINISHED
    assert words in lead.reason
    assert not DialAttempt.objects.exists()
    assert carrier.placed == []


def test_a_number_that_became_ours_is_never_called_until_it_is_given_back(
    world: World, carrier: FakeCarrier, now: datetime
) -> None:
    lead = add_lead(world, "+14075550123")
    new = OwnNumber(ref="PN1", number="+14075550123", label="", has_voice=True, setup=SETUP, handled_by="")
    rows = numbers.differences([new], wanted=SETUP, ours={})
    numbers.apply(rows, carrier=carrier, wanted=SETUP, labels={}, actor="test", now=now)

    session = sign_on(world, now=now)

    lead.refresh_from_db()
    assert session.campaign_lead_id is None
    assert "the line is never dialed: it is one of our own numbers" in lead.reason

    gone = numbers.differences([], wanted=SETUP, ours={"+14075550123": True})
    numbers.apply(gone, carrier=carrier, wanted=SETUP, labels={}, actor="test", now=now)

    from compliance.models import LineRecord

    assert LineRecord.objects.get(number="+14075550123").protected == ""
