"""What supervisors and managers see of the dialing loop: how each campaign stands, since when, and why."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign
from core import clock
from desk.pacing import WORDS, chart
from dialer import standing_reads
from dialer.models import AgentSession, PacerState, PacingSample
from dialer.standing import Standing
from tests.factories.world import World
from tests.integration.dialer.conftest import carrier, sign_on, tick, world

__all__ = ["carrier", "world"]  # fixtures


@pytest.fixture(autouse=True)
def _noon(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)


def page(person: object, name: str, *args: int) -> str:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # a user of the world
    return str(client.get(reverse(name, args=args)).content.decode())


def test_every_state_has_its_words() -> None:
    assert set(WORDS) == set(Standing)


def test_the_floor_says_since_when_and_why_a_campaign_does_not_dial(world: World, now: datetime) -> None:
    Campaign.objects.update(mode="predictive", started_at=now)
    tick(now=now)

    shown = page(world.sol, "floor-campaigns")

    assert "Spring solar" in shown
    assert "No agents" in shown
    assert "No agent is signed on to it." in shown
    assert f'data-since="{now.isoformat()}"' in shown


def test_a_campaign_nobody_paces_says_so(world: World, now: datetime) -> None:
    Campaign.objects.update(mode="predictive", state_changed_at=now - timedelta(seconds=6))

    assert "No pacing process" in page(world.sol, "floor-campaigns")


def test_the_campaigns_page_says_what_it_dropped_to_and_the_numbers_behind_it(
    world: World, now: datetime
) -> None:
    Campaign.objects.update(mode="predictive", started_at=now)
    sign_on(world, now=now)
    Campaign.objects.update(mode="predictive")
    PacerState.objects.create(
        campaign=world.campaign,
        standing="cap_near",
        words="Dials one to one: …",
        since=now,
        mode="progressive",
        seen_at=now,
    )
    for second in range(40):
        PacingSample.objects.create(
            campaign=world.campaign, at=now - timedelta(seconds=second), mode="progressive", standing="cap_near",
            at_work=5, idle=2, talking=3, under_way=4, wanted=3, started=1, held="one_to_one", budget=0.4,
            tolerance=0.012, agents_free=2.3, answers=0.8,
        )  # fmt: skip

    shown = page(world.mia, "campaign-pacing", world.campaign.pk)

    assert "Cap near" in shown
    assert "it dials as <strong>progressive</strong>" in shown
    assert "Why 1.4 lines an agent now" in shown
    for words in (
        "0.4 more calls may be abandoned",
        "2.3 agents free and 0.8 people",
        "1 of 3 calls started",
        "<polyline",
    ):
        assert words in shown


def test_a_campaign_that_does_not_run_has_no_such_part(world: World, now: datetime) -> None:
    Campaign.objects.update(state="paused")

    assert page(world.mia, "campaign-pacing", world.campaign.pk) == ""


def test_an_agent_may_not_see_it(world: World) -> None:
    client = Client()
    client.force_login(world.ana)

    assert client.get(reverse("campaign-pacing", args=[world.campaign.pk])).status_code == 403


def test_standings_take_two_queries(world: World, now: datetime, django_assert_num_queries: object) -> None:
    sign_on(world, now=now)
    tick(now=now)

    with django_assert_num_queries(2):  # type: ignore[operator]  # pytest-django's
        [one] = standing_reads.standings(now=now)

    assert one.standing == Standing.LIST_DONE
    assert AgentSession.objects.count() == 1


def test_a_line_needs_two_points_and_keeps_one_call_an_agent_in_sight() -> None:
    drawn = chart([(0.1, 0.5), (0.9, 1.0)])

    assert chart([(0.5, 1.0)]) is None
    assert drawn is not None
    assert drawn.top == pytest.approx(2.2)
    assert drawn.points == f"30.0,{60 * (1 - 0.5 / 2.2):.1f} 270.0,{drawn.one_y}"
