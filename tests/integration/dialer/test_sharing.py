"""Priority over several pacing processes: here another connection holds the other campaign's lock, as its process would."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from campaigns import cards
from campaigns.models import Campaign
from core import db
from dialer.models import AnsweredDay, DialAttempt, PacingSample
from dialer.services import sharing
from dialer.standing import Standing
from tests.factories.world import World, add_lead, agree_to_be_called
from tests.integration.dialer.conftest import sign_on, tick
from tests.integration.dialer.test_pacing_loop import join_in


@pytest.fixture
def floor(world: World, now: datetime, settings: Any) -> World:
    """A progressive campaign with three agents ready, and a carrier of three calls a second."""
    settings.CARRIER_CPS = 3
    Campaign.objects.update(mode="progressive", started_at=now - timedelta(days=3))
    sign_on(world, now=now)
    for name in ("ben", "cem"):
        join_in(world, name, now)
    for index in range(6):
        number = f"+1407555{101 + index:04d}"
        add_lead(world, number)
        agree_to_be_called(number, now=now)
    return world


@pytest.fixture
def elsewhere(floor: World, now: datetime) -> Iterator[Campaign]:
    """A campaign of the same kind that dials first and that another process paces."""
    other = Campaign.objects.get()
    other.pk, other.name, other.priority = None, "Renewals", Campaign.Priority.FIRST
    other.save(force_insert=True)
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as held:
        held.execute("SELECT pg_advisory_lock(%s)", [db.lock_key("pacer", other.pk)])
        yield other


def decided(campaign: Campaign, at: datetime, **changes: object) -> PacingSample:
    """What the other process kept of its last look."""
    values: dict[str, object] = {
        "mode": "progressive", "standing": Standing.DIALING.value, "at_work": 2, "idle": 2, "talking": 0, "under_way": 0,
        "wanted": 2, "started": 0, "held": "nothing",
    }  # fmt: skip
    return PacingSample.objects.create(campaign=campaign, at=at, **{**values, **changes})


def test_what_a_campaign_elsewhere_wants_first_is_left_to_it(elsewhere: Campaign, now: datetime) -> None:
    decided(elsewhere, now - timedelta(seconds=1))

    assert tick(now=now) == 1
    assert DialAttempt.objects.count() == 1


@pytest.mark.parametrize(
    "told",
    [
        {"started": 2},
        {"wanted": 0, "idle": 0},
        {"standing": Standing.HELD_BY_RULES.value},
        {"standing": Standing.LIST_SHORT.value},
        {"mode": "preview"},
    ],
)
def test_it_keeps_nothing_back_that_it_would_not_take(
    elsewhere: Campaign, now: datetime, told: dict[str, object]
) -> None:
    decided(elsewhere, now - timedelta(seconds=1), **told)

    assert tick(now=now) == 3


def test_a_process_that_died_keeps_nothing_back(elsewhere: Campaign, now: datetime) -> None:
    decided(elsewhere, now - timedelta(seconds=20))

    assert tick(now=now) == 3


def test_later_and_equal_campaigns_elsewhere_do_not_come_first(elsewhere: Campaign, now: datetime) -> None:
    decided(elsewhere, now - timedelta(seconds=1))
    Campaign.objects.filter(pk=elsewhere.pk).update(priority=Campaign.Priority.NORMAL)

    assert tick(now=now) == 3


def test_lines_are_kept_too(elsewhere: Campaign, now: datetime, settings: Any) -> None:
    settings.CARRIER_CPS = 100
    settings.CARRIER_MAX_LINES = 6  # three of them agents' own
    decided(elsewhere, now - timedelta(seconds=1), wanted=0, standing=Standing.LINES_FULL.value)

    assert tick(now=now) == 1


def test_calls_a_second_are_counted_over_all_processes(elsewhere: Campaign, now: datetime) -> None:
    Campaign.objects.exclude(pk=elsewhere.pk).update(mode="power")
    AnsweredDay.objects.create(
        campaign=Campaign.objects.exclude(pk=elsewhere.pk).get(), day=now.date(), live=4000, abandoned=0
    )
    decided(elsewhere, now, started=2)

    assert tick(now=now) == 3
    assert tick(now=now) == 0  # another process within the same second, of six calls wanted
    assert tick(now=now + timedelta(seconds=1)) == 3


def test_alone_a_process_asks_nothing(floor: World, now: datetime, django_assert_num_queries: object) -> None:
    running = cards.running_campaigns()

    with django_assert_num_queries(0):  # type: ignore[operator]  # pytest-django's fixture has no public type
        found = sharing.look(running, [one.id for one in running], now=now)

    assert (found.started, found.before(3)) == (None, 0)
