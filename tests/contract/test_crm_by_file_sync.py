"""A CRM without ids of ours and without times of change, followed and written to while answers are lost and workers killed."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.db import transaction
from django.test import override_settings

from campaigns.models import Contact, Lead, LeadList
from core import crypto
from crm_sync import registry
from crm_sync.handlers import on_call_logged
from crm_sync.models import CrmConnection, LiveMember, Reconciliation, SyncQueueItem, WrittenCall
from crm_sync.protocol import CrmConnector
from crm_sync.services import pushing, queueing, reconciling
from sandbox.plaincrm import app as plaincrm_app
from sandbox.testing import run_in_thread
from tests.contract.test_crm_by_file import PLAIN, act, standing
from tests.contract.test_crm_live import follow, poll
from tests.contract.test_crm_queue import KilledError
from tests.integration.crm_sync.conftest import NOW, Clock, call_logged, make_connection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def url() -> Iterator[str]:
    """A fresh stand-in that we may ask."""
    with (
        run_in_thread(plaincrm_app.make_app(plaincrm_app.Settings())) as address,
        override_settings(CRM_PRIVATE_HOSTS=[address.removeprefix("http://")], CRM_TIMEOUT_SECONDS=0.4),
    ):
        yield address


@pytest.fixture
def connection(url: str) -> CrmConnection:
    """A connection to it; a lost answer may be looked for at once."""
    text = PLAIN.replace("http://127.0.0.1:8104", url).replace("settle_seconds: 15", "settle_seconds: 0")
    secrets = crypto.seal({"secret": "plain-sandbox"})
    return make_connection("Our CRM", "rest", secrets=secrets, settings={"mapping": text})


def hear(connection: CrmConnection, person: str, call_id: int, version: int = 1, **values: object) -> None:
    """Store a call as the relay would."""
    ref = f"rest:{connection.id}:{person}"
    with transaction.atomic():
        on_call_logged(call_logged(connection, call_id, version, contact_ref=ref, **values), NOW)


class Doomed:
    """Makes connectors whose worker dies at the request of a number, before the CRM heard of it or after."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def __call__(self, kind: str, **values: Any) -> CrmConnector:
        made: Any = registry.connect(kind, **values)
        real, dies_at, requests_made = made._line._send, self._rng.randrange(1, 30), itertools.count(1)
        after = self._rng.random() < 0.5

        def send(*args: Any, **kwargs: Any) -> Any:
            if next(requests_made) != dies_at:
                return real(*args, **kwargs)
            if after:
                real(*args, **kwargs)
            raise KilledError

        made._line._send = send
        connector: CrmConnector = made
        return connector


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_workers_and_lost_answers_lose_and_double_nothing(
    seed: int, url: str, connection: CrmConnection, clock: Clock
) -> None:
    rng = random.Random(seed)
    people = [f"c-{number:05d}" for number in range(1, 8)]
    for call_id in range(1, 41):
        hear(connection, rng.choice(people), call_id)
    kinds = {"timeout_after_effect": 0.02, "http_500_after_effect": 0.1, "http_500": 0.08, "http_429": 0.05}
    for kind, rate in kinds.items():
        requests.post(f"{url}/_sandbox/faults", json={"kind": kind, "rate": rate}, timeout=5)

    for round_number in range(120):
        if round_number == 3:
            for call_id in range(1, 41, 4):
                hear(
                    connection,
                    SyncQueueItem.objects.get(external_call_id__endswith=f"-{call_id}").person_id,
                    call_id,
                    2,
                    note="later",
                )
        try:
            pushing.push_due(clock=clock, connect=Doomed(rng))
        except KilledError:
            queueing.free_stuck(now=clock.tick(61))
        clock.tick(310)
        if not SyncQueueItem.objects.exclude(state="done").exists():
            break

    found = standing(url)
    counted = Counter(str(row["external_id"]) for row in found)
    assert len(counted) == 40, SyncQueueItem.objects.exclude(state="done").values_list("state", "reason")
    assert set(counted.values()) == {1}
    ids = {item.external_call_id: item.crm_id for item in SyncQueueItem.objects.all()}
    assert {row["external_id"]: row["id"] for row in found} == ids
    assert not WrittenCall.objects.filter(crm_id="").exists()
    assert sum("later" in row["text"] for row in found) == 10
    by_person: dict[str, list[int]] = {}
    for row in found:
        by_person.setdefault(row["contact"], []).append(int(str(row["external_id"]).rsplit("-", 1)[1]))
    assert all(order == sorted(order) for order in by_person.values())


def test_a_lost_answer_waits_until_the_request_can_no_longer_take_effect(
    url: str, connection: CrmConnection, clock: Clock
) -> None:
    connection.settings["mapping"] = connection.settings["mapping"].replace(
        "settle_seconds: 0", "settle_seconds: 60"
    )
    connection.save(update_fields=["settings"])
    hear(connection, "c-00001", 1)
    requests.post(f"{url}/_sandbox/faults", json={"kind": "http_500_after_effect", "count": 1}, timeout=5)
    pushing.push_due(clock=clock)
    clock.tick(310)
    pushing.push_due(clock=clock)

    item = SyncQueueItem.objects.get()
    assert item.state == "waiting"
    assert "The answer to writing this was lost" in item.reason
    assert len(standing(url)) == 1


def test_a_followed_list_finds_who_joined_left_and_changed(
    url: str, connection: CrmConnection, clock: Clock
) -> None:
    live = follow(connection, clock)
    assert LiveMember.objects.filter(live_list=live).exclude(stamp="").count() == 24
    lead_list = LeadList.objects.get(name="Autumn")
    poll(clock)
    live.refresh_from_db()
    assert (live.joined, live.left, live.changed, live.last_error) == (24, 0, 0, "")

    headers = {"Authorization": "Bearer plain-sandbox"}
    requests.patch(
        f"{url}/api/contacts/c-00003", json={"family_name": "Newname"}, headers=headers, timeout=5
    ).raise_for_status()
    act(url, do="set_members", id="s-1", contacts=[f"c-{n:05d}" for n in range(2, 26)])
    clock.tick(300)
    poll(clock)

    live.refresh_from_db()
    assert (live.joined, live.left, live.changed, live.last_error) == (25, 1, 1, "")
    assert Contact.objects.get(external_ref=f"rest:{connection.id}:c-00003").last_name == "Newname"
    assert Lead.objects.filter(lead_list=lead_list).count() >= 22  # some have no number that can be dialed


def test_both_sides_are_compared_by_the_marker(url: str, connection: CrmConnection, clock: Clock) -> None:
    for call_id in range(1, 5):
        hear(connection, f"c-{call_id:05d}", call_id)
    pushing.push_due(clock=clock)
    items = list(SyncQueueItem.objects.order_by("id"))
    act(url, do="delete", id=items[0].crm_id)
    act(url, do="purge", id=items[1].crm_id)
    clock.tick(400)

    assert reconciling.reconcile(connection_id=connection.id, clock=clock) == 1
    pushing.push_due(clock=clock)

    day = Reconciliation.objects.get(day=NOW.date())
    assert (day.ours, day.theirs, day.deleted, day.sent_again, day.error) == (4, 2, 1, 1, "")
    assert len(standing(url)) == 3
    assert SyncQueueItem.objects.filter(state="done").count() == 4


def test_a_crm_whose_day_cannot_be_asked_for_says_so(
    url: str, connection: CrmConnection, clock: Clock
) -> None:
    text = connection.settings["mapping"]
    begin, end = text.index("  all:\n    path: /activities"), text.index("errors:")
    connection.settings["mapping"] = text[:begin] + text[end:]
    connection.save(update_fields=["settings"])

    assert reconciling.reconcile(connection_id=connection.id, clock=clock, days=1) == 0

    assert "calls.all" in Reconciliation.objects.get().error
