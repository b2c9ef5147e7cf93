"""From a CRM's list to the call, with a real worker and a real pacer: seconds by the clock. In no lane: it is not steady yet."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import requests
from celery import current_app

from accounts.roles import Role
from campaigns import ordering
from campaigns.models import Campaign, CampaignAgent, CampaignLead
from campaigns.ordering import Order
from core import crypto
from crm_sync import jobs
from crm_sync.models import CrmConnection, LiveList
from crm_sync.services import live, pulling
from dialer.models import PacerState
from dialer.services import agents
from sandbox import crm_common
from sandbox.clock import Clock as TheirClock
from sandbox.hubspot import app as hubspot_app
from sandbox.salesforce import app as salesforce_app
from sandbox.testing import run_in_thread
from tests.concurrency.test_dialing import carrier, ready_session, world
from tests.concurrency.test_pacing import BEGAN_AHEAD, ROOT, database_url, pacer, there, wait_for
from tests.contract.conftest import SECRETS, SETTINGS
from tests.contract.test_crm_live import api, change_membership
from tests.factories.world import World, agree_to_be_called, person
from tests.integration.crm_sync.conftest import make_connection

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow_test, pytest.mark.real_broker]
__all__ = ["carrier", "pacer", "world"]  # fixtures
ARRIVALS = 3
WITHIN = 5.0  # what is promised once the CRM has told, with an agent who waits
AGAIN = 1.5  # seconds
APPS: dict[str, Any] = {"salesforce": salesforce_app, "hubspot": hubspot_app}


@pytest.fixture(params=["salesforce", "hubspot"])
def crm(
    request: pytest.FixtureRequest, world: World, settings: Any, live_server: Any
) -> Iterator[tuple[CrmConnection, str]]:
    """A connection to a stand-in whose clock is ours; HubSpot's tells of changes by webhook."""
    kind = request.param
    settings.CLOCK_OFFSET_SECONDS = BEGAN_AHEAD
    settings.PUBLIC_URL = live_server.url
    common = crm_common.Settings(clock=TheirClock(offset_seconds=BEGAN_AHEAD))
    given = {"search_limit": 1000} if kind == "hubspot" else {}
    with run_in_thread(APPS[kind].make_app(APPS[kind].Settings(common=common, **given))) as url:
        setattr(settings, f"{kind.upper()}_BASE_URL", url)
        secrets = {**SECRETS[kind], **({"client_secret": "sandbox-secret"} if kind == "hubspot" else {})}
        made = make_connection(kind, kind, secrets=crypto.seal(secrets), settings=SETTINGS[kind])
        if kind == "hubspot":
            target = f"{live_server.url}/crm/hooks/hubspot/{made.install_key}/"
            requests.post(f"{url}/webhooks", data={"url": target}, timeout=5)
        yield made, url


@pytest.fixture
def worker(crm: tuple[CrmConnection, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker on the test's database, which asks the stand-in."""
    connection, url = crm
    env = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        f"{connection.kind.upper()}_BASE_URL": url,
        "PARLEY_DEMO": "True",
        "PARLEY_CLOCK_OFFSET_SECONDS": str(BEGAN_AHEAD),
    }
    command = [sys.executable, "-m", "celery", "-A", "config", "-q", "worker", "-Q", "dial,default,sync,bulk"]
    process = subprocess.Popen(
        [*command, "-c", "2", "--without-gossip", "--without-mingle"], cwd=ROOT, env=env
    )
    yield process
    process.kill()
    process.wait()


def new_person(connection: CrmConnection, url: str, number: str) -> str:
    """Have somebody made in the CRM, who is on no list yet."""
    body: dict[str, Any]
    if connection.kind == "hubspot":
        place = {"state": "FL", "city": "Orlando", "zip": "32801"}
        address = f"{url}/crm/v3/objects/contacts"
        body = {"properties": {"firstname": "Bo", "lastname": "Berg", "phone": number, **place}}
    else:
        place = {"State": "FL", "City": "Orlando", "PostalCode": "32801"}
        address = f"{url}/services/data/v66.0/sobjects/Lead"
        body = {"FirstName": "Bo", "LastName": "Berg", "Company": "Berg", "Phone": number, **place}
    answer = requests.post(address, json=body, headers=api(connection, url), timeout=5)
    answer.raise_for_status()
    return str(answer.json()["id"])


def joins(connection: CrmConnection, url: str, followed: LiveList, person_id: str) -> None:
    """Put somebody on the followed list; in HubSpot somebody also sets a property, which is what it tells of."""
    change_membership(connection, url, followed, person_id, joins=True)
    if connection.kind == "hubspot":
        body = {"properties": {"hs_lead_status": "OPEN"}}
        address = f"{url}/crm/v3/objects/contacts/{person_id}"
        requests.patch(address, json=body, headers=api(connection, url), timeout=5).raise_for_status()
        return
    # Salesforce tells nothing: the list is asked for when it is due, at most 40 s later. From there on it is measured.
    LiveList.objects.update(due_at=there())
    ask()


def ask() -> None:
    """Have the worker ask for lists that are due, as every few seconds."""
    current_app.send_task(jobs.POLL_LISTS, ignore_result=True)


def asking(connection: CrmConnection, found: Callable[[], bool]) -> Callable[[], bool]:
    """Have lists that are due asked for meanwhile, as every few seconds in life.

    Salesforce's is made due again: a look still under way when somebody joined puts the next one off.
    """
    asked = time.monotonic()

    def look() -> bool:
        nonlocal asked
        if found():
            return True
        if time.monotonic() - asked > AGAIN:
            asked = time.monotonic()
            if connection.kind == "salesforce":
                LiveList.objects.update(due_at=there())
            ask()
        return False

    return look


def state_of(number: str, state: str) -> bool:
    return CampaignLead.objects.filter(state=state, contact__phones__number=number).exists()


def test_who_joins_a_crm_s_list_is_dialed_within_seconds_and_who_leaves_it_is_not_dialed_any_more(
    world: World,
    crm: tuple[CrmConnection, str],
    worker: "subprocess.Popen[bytes]",
    pacer: Callable[[], "subprocess.Popen[bytes]"],
) -> None:
    connection, url = crm
    now = there()
    order = ordering.store(Order(fresh_minutes=30))
    Campaign.objects.update(mode="progressive", started_at=now, order_plan=order)
    numbers = [f"+1407555{901 + index:04d}" for index in range(ARRIVALS + 2)]
    people = [new_person(connection, url, number) for number in numbers]
    followed = follow_empty(connection, url, people[-1], world)
    pacer()
    wait_for(lambda: PacerState.objects.exists(), 30)
    for index in range(ARRIVALS):
        someone = person(f"agent{index}", Role.AGENT)
        CampaignAgent.objects.create(campaign=world.campaign, user=someone)
        ready_session(world, someone.pk, there())
        agents.set_ready(user_id=someone.pk, now=there())
    took = []

    for index in range(ARRIVALS):
        agree_to_be_called(numbers[index], now=there())
        began = time.monotonic()
        joins(connection, url, followed, people[index])
        wait_for(asking(connection, partial(state_of, numbers[index], "held")), 20)
        took.append(time.monotonic() - began)

    # Nobody waits any more: who joins now is ready, and leaves again.
    joins(connection, url, followed, people[ARRIVALS])
    wait_for(asking(connection, partial(state_of, numbers[ARRIVALS], "ready")), 20)
    began = time.monotonic()
    leaves(connection, url, followed, people[ARRIVALS])
    wait_for(asking(connection, partial(state_of, numbers[ARRIVALS], "finished")), 20)
    left = time.monotonic() - began

    said = ", ".join(f"{each:.2f} s" for each in took)
    print(f"speed to lead, {connection.kind}: {said}; off the list: {left:.2f} s")
    assert worker.poll() is None
    assert max(took) <= WITHIN


def leaves(connection: CrmConnection, url: str, followed: LiveList, person_id: str) -> None:
    """Take somebody off the list."""
    change_membership(connection, url, followed, person_id, joins=False)
    if connection.kind == "hubspot":
        body = {"properties": {"hs_lead_status": "UNQUALIFIED"}}
        address = f"{url}/crm/v3/objects/contacts/{person_id}"
        requests.patch(address, json=body, headers=api(connection, url), timeout=5).raise_for_status()
        return
    LiveList.objects.update(due_at=there())
    ask()


def follow_empty(connection: CrmConnection, url: str, first: str, world: World) -> LiveList:
    """Follow the account's list that has one member, and have it read once."""
    chosen = next(
        each
        for each in pulling.list_crm_lists(connection_id=connection.pk, clock=there)
        if each.name == "Spring launch"
    )
    made = LiveList(list_id=chosen.external_id)
    change_membership(connection, url, made, first, joins=True)
    live_id = live.follow(
        connection_id=connection.pk, list_kind=chosen.kind, list_id=chosen.external_id, list_name=chosen.name,
        lead_list_name=world.lead_list.name, by_id=None, by_name="mia", now=there(),
    )  # fmt: skip
    ask()
    wait_for(lambda: LiveList.objects.get(id=live_id).checked_at is not None, 60)
    return LiveList.objects.get(id=live_id)
