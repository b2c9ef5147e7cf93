"""Real processes: one paces, dies without a word, and another takes its campaigns over; nobody is called twice."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from accounts.roles import Role
from campaigns.models import Campaign, CampaignAgent
from dialer.models import AgentSession, Call, DialAttempt, PacerState
from dialer.services import agents
from tests.concurrency.test_dialing import carrier, ready_session, world
from tests.conftest import NOW
from tests.factories.world import World, add_lead, agree_to_be_called, person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow_test]
__all__ = ["carrier", "world"]  # fixtures
ROOT = Path(__file__).resolve().parents[2]
AGENTS, PEOPLE = 4, 30
# It is noon for all of them: at night nobody may be called.
BEGAN_AHEAD = (NOW - datetime.now(UTC)).total_seconds()
STARTED = b"dialer.pacer.started"
TAKEN_OVER_WITHIN = 5.0
BEAT = 5.0  # seconds between signs of life; on a slow machine agents without any are away before a process has begun
ONE_ROUND = timedelta(seconds=0.1)  # what the first may have begun


@pytest.fixture
def pacer() -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Return what starts a pacing process on the test's database; all end with the test."""
    begun: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        env = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "PARLEY_REGISTRY_DIR": str(settings.REGISTRY_DIR),
            "PARLEY_LOG_LEVEL": "INFO",
            "PARLEY_DEMO": "True",
            "PARLEY_CLOCK_OFFSET_SECONDS": str(BEGAN_AHEAD),
        }
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run_pacer", "--tick", "0.5"],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        begun.append(process)
        assert process.stdout is not None
        while STARTED not in process.stdout.readline():
            assert process.poll() is None
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def database_url() -> str:
    """Return the address of the test's database."""
    server = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(server._replace(path=f"/{connection.settings_dict['NAME']}"))


def there() -> datetime:
    """Return the instant it is for the processes."""
    return datetime.now(UTC) + timedelta(seconds=BEGAN_AHEAD)


def wait_for(found: Callable[[], bool], seconds: float) -> float:
    """Wait until it is so and return how long that took; fails after so many seconds. Meanwhile agents' pages give signs of life."""
    began = alive = time.monotonic()
    AgentSession.objects.update(seen_at=there())
    while not found():
        assert time.monotonic() - began < seconds, "it did not come to be"
        time.sleep(0.05)
        if time.monotonic() - alive > BEAT:
            AgentSession.objects.update(seen_at=there())
            alive = time.monotonic()
    return time.monotonic() - began


def holder_count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        return int(cursor.fetchone()[0])


def test_another_process_takes_over_within_five_seconds_and_nobody_is_called_twice(
    world: World, pacer: Callable[[], subprocess.Popen[bytes]]
) -> None:
    now = there()
    people = [person(f"agent{index}", Role.AGENT) for index in range(AGENTS)]
    Campaign.objects.update(mode="progressive", started_at=now)
    for someone in people:
        CampaignAgent.objects.create(campaign=world.campaign, user=someone)
        ready_session(world, someone.pk, now)
    for index in range(PEOPLE):
        number = f"+1407555{101 + index:04d}"
        add_lead(world, number)
        agree_to_be_called(number, now=now)
    first = pacer()
    wait_for(lambda: PacerState.objects.exists(), 30)
    second = pacer()
    for someone in people[:2]:
        agents.set_ready(user_id=someone.pk, now=there())
    wait_for(lambda: Call.objects.count() == 2, 10)

    first.kill()
    died = there()
    took = wait_for(
        lambda: PacerState.objects.filter(seen_at__gt=died + ONE_ROUND).exists(), TAKEN_OVER_WITHIN
    )
    for someone in people[2:]:
        agents.set_ready(user_id=someone.pk, now=there())
    wait_for(lambda: Call.objects.count() == AGENTS, 20)  # its first questions to the gate take longest

    time.sleep(1.5)  # two more rounds, in which nothing may come on top
    numbers = list(DialAttempt.objects.values_list("number", flat=True))
    assert took < TAKEN_OVER_WITHIN
    assert second.poll() is None
    assert holder_count() == 1
    assert len(numbers) == len(set(numbers)) == Call.objects.count() == AGENTS
    assert AgentSession.objects.filter(state="ready").count() == AGENTS
