"""A callback is promised for a time at which it may be made."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from campaigns.models import Campaign, CampaignLead
from dialer.models import AgentSession, Call
from dialer.services import dialing, results
from dialer.services.callback_times import OutsideHours
from dialer.services.results import ResultForm
from tests.factories.world import World


@pytest.fixture
def call(at_work: AgentSession, world: World, now: datetime) -> Call:
    """A call of Ana's to Orlando that has ended, at 11:00 there on a Monday; its campaign calls 09:00 to 20:00 on all days."""
    dialing.reserve(user_id=world.ana.pk, version=at_work.version, phone_id=None, now=now)
    Call.objects.update(state="ended", outcome="answered", ended_at=now)
    AgentSession.objects.filter(pk=at_work.pk).update(state="wrap_up")
    return Call.objects.get()


def save(call: Call, world: World, at: datetime, now: datetime, *, hard: bool = False) -> None:
    form = ResultForm(
        "callback", note="", callback_at=at, callback_mine=True, then_ready=False, callback_hard=hard
    )
    results.save_result(user_id=world.ana.pk, call_id=call.pk, form=form, now=now)


@pytest.mark.parametrize(
    ("at", "offer", "words"),
    [
        (
            datetime(2026, 11, 24, 1, 30, tzinfo=UTC),
            datetime(2026, 11, 24, 14, 0, tzinfo=UTC),
            "Tuesday 24 November, 09:00",
        ),
        (
            datetime(2026, 11, 24, 13, 0, tzinfo=UTC),
            datetime(2026, 11, 24, 14, 0, tzinfo=UTC),
            "Tuesday 24 November, 09:00",
        ),
    ],
)
def test_a_time_outside_the_hours_is_refused_with_the_next_that_is_not(
    call: Call, world: World, now: datetime, at: datetime, offer: datetime, words: str
) -> None:
    with pytest.raises(OutsideHours, match=words) as refused:
        save(call, world, at, now)

    assert refused.value.offer == offer
    assert CampaignLead.objects.get().is_callback is False
    save(call, world, refused.value.offer, now)
    assert CampaignLead.objects.get().next_try_at == offer


def test_a_day_the_campaign_does_not_call_is_found(call: Call, world: World, now: datetime) -> None:
    Campaign.objects.update(window_days="013")

    with pytest.raises(OutsideHours, match="Thursday 26 November, 09:00"):
        save(call, world, datetime(2026, 11, 25, 17, 0, tzinfo=UTC), now)


def test_a_hard_callback_is_the_agents_alone(call: Call, world: World, now: datetime) -> None:
    save(call, world, now + timedelta(hours=2), now, hard=True)

    lead = CampaignLead.objects.get()
    assert (lead.callback_for_id, lead.callback_hard) == (world.ana.pk, True)


def test_the_desk_offers_the_next_time_on_their_clock(call: Call, world: World, client: Client) -> None:
    client.force_login(world.ana)
    entered = {
        "call": str(call.pk),
        "result": "callback",
        "callback_date": "2027-01-12",
        "callback_time": "21:30",
        "callback_zone": "America/New_York",
        "callback_hard": "on",
    }

    answer = client.post("/desk/act/result", entered)

    triggers = json.loads(answer.headers["HX-Trigger"])
    assert answer.status_code == 422
    assert triggers["desk:callback-offer"] == {
        "date": "2027-01-13",
        "time": "09:00",
        "words": "Wed 13 Jan, 09:00",
    }
