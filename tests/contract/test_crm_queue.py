"""The queue against the stand-ins: whatever happens on the way, each call stands in the CRM exactly once."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import requests
from django.db import transaction
from django.test import Client, override_settings

from accounts.models import User
from campaigns.models import Contact, ContactPhone
from campaigns.services import imports
from compliance import services as gate
from compliance.models import Suppression
from config.wiring import HANDLERS
from core import outbox
from core.types import as_phone
from crm_sync import registry, selectors
from crm_sync.handlers import on_call_logged
from crm_sync.models import CrmConnection, SyncQueueItem
from crm_sync.protocol import CallActivity, CrmConnector, SyncError
from crm_sync.services import pulling, pushing, queueing
from tests.contract.conftest import SECRETS, SETTINGS
from tests.fakes.crm import people_of_list
from tests.integration.crm_sync.conftest import NOW, Clock, call_logged

pytestmark = pytest.mark.django_db(transaction=True)


class KilledError(BaseException):
    """The worker is gone."""


class Mortal:
    """A connector whose process dies before or after the request."""

    def __init__(self, real: CrmConnector, *, after: bool) -> None:
        self._real, self._after = real, after

    def log_calls(self, calls: Sequence[CallActivity]) -> Sequence[str | SyncError]:
        """Log, or not, and die."""
        if self._after:
            self._real.log_calls(calls)
        raise KilledError


def hear(connection: CrmConnection, ref: str, call_id: int = 1, version: int = 1, **values: object) -> None:
    """Store a call as the relay would."""
    with transaction.atomic():
        on_call_logged(call_logged(connection, call_id, version, contact_ref=ref, **values), NOW)


def standing(url: str) -> Mapping[str, Any]:
    """Return what the CRM itself says, by our call id; fails if a call stands twice."""
    found = requests.get(f"{url}/_sandbox/activities", timeout=5).json()["activities"]
    assert len({item["external_id"] for item in found}) == len(found)
    return {item["external_id"]: item for item in found}


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_worker_leaves_exactly_one_activity(
    after: bool, account: tuple[CrmConnection, str, list[str]], clock: Clock
) -> None:
    connection, url, people = account
    hear(connection, people[0])

    def mortal(kind: str, **values: Any) -> Any:
        return Mortal(registry.connect(kind, **values), after=after)

    with pytest.raises(KilledError):
        pushing.push_due(clock=clock, connect=mortal)
    hear(connection, people[0], version=2, note="saved while nobody was sending")
    queueing.free_stuck(now=clock.tick(61))

    assert pushing.push_due(clock=clock) == 1

    item = SyncQueueItem.objects.get()
    assert (item.state, item.sent_version) == ("done", 2)
    assert standing(url)[item.external_call_id]["id"] == item.crm_id


def test_calls_reach_the_crm_through_rate_limits_and_lost_answers(
    account: tuple[CrmConnection, str, list[str]], clock: Clock
) -> None:
    connection, url, people = account
    for number in range(20):
        hear(connection, people[number % 15], call_id=number)
    for fault in ("http_429", "timeout_after_effect", "http_500_after_effect", "http_500", "unauthorized"):
        requests.post(f"{url}/_sandbox/faults", json={"kind": fault, "count": 1}, timeout=5)

    for _ in range(20):
        pushing.push_due(clock=clock)
        clock.tick(310)

    assert SyncQueueItem.objects.filter(state="done").count() == 20
    assert len(standing(url)) == 20
    connection.refresh_from_db()
    assert (connection.state, connection.failures) == ("connected", 0)


def test_the_activity_page_links_to_the_record(
    account: tuple[CrmConnection, str, list[str]], clock: Clock
) -> None:
    connection, _, people = account
    hear(connection, people[0])
    pushing.push_due(clock=clock)

    row = selectors.list_activity().rows[0]

    for address in (row.person_url, row.crm_url):
        answer = requests.get(address, timeout=5)
        assert answer.status_code == 200, address
        assert row.subject in answer.text


def test_connecting_on_the_page_stores_a_crm_that_answers(
    account: tuple[CrmConnection, str, list[str]], db: None
) -> None:
    kind = account[0].kind
    client = Client()
    client.force_login(User.objects.create_user("mia", password="correct horse", role="manager"))
    way = {"salesforce": "secret", "hubspot": "token"}[kind]
    fields = {"name": "Another", "sign_in": way, **SECRETS[kind], **SETTINGS[kind]}

    with override_settings(ROOT_URLCONF="tests.integration.crm_sync.urls"):
        answer = client.post(f"/crm/connect/{kind}/", fields)

    assert answer.status_code == 302
    assert CrmConnection.objects.get(name="Another").state == "connected"


def flagged(connection: CrmConnection) -> dict[str, bool]:
    """Return what the CRM's own list says of each person."""
    connector = registry.connect(
        connection.kind,
        secrets=SECRETS[connection.kind],
        settings=connection.settings,
        ref_prefix=f"{connection.kind}:{connection.id}:",
    )
    chosen = next(item for item in connector.lists() if item.name == "Autumn outreach")
    return {row.external_ref: row.do_not_call for row in people_of_list(connector, chosen)}


def revoke(number: str, **changes: Any) -> None:
    """Have somebody refuse, and everybody hear of it."""
    given = {
        "seller": "Northwind Home Energy",
        "raw_words": "stop",
        "heard_on": "text message",
        "actor": "sms",
        **changes,
    }
    with transaction.atomic():
        gate.revoke(number=as_phone(number), now=NOW, **given)
    outbox.relay(HANDLERS, now=NOW)


def test_a_request_stands_as_a_flag_in_the_crm(
    account: tuple[CrmConnection, str, list[str]], clock: Clock
) -> None:
    connection, url, _ = account
    before = flagged(connection)
    ref = next(person for person, is_set in before.items() if not is_set)
    contact = Contact.objects.create(external_ref=ref, last_name="Lee", created_at=NOW, changed_at=NOW)
    ContactPhone.objects.create(contact=contact, number="+14075550123", raw="x", kind="main")
    requests.post(f"{url}/_sandbox/faults", json={"kind": "http_500_after_effect", "count": 1}, timeout=5)

    revoke("+14075550123")
    revoke("+14075550123", raw_words="I said stop")
    for _ in range(3):
        pushing.push_due(clock=clock)
        clock.tick(310)

    after = flagged(connection)
    item = SyncQueueItem.objects.get()
    assert {person for person in after if after[person] != before[person]} == {ref}
    assert (item.state, item.payload_version) == ("done", 1)


def test_a_flag_in_the_crm_is_a_request_here_and_comes_back_unchanged(
    account: tuple[CrmConnection, str, list[str]], clock: Clock
) -> None:
    connection, _, _ = account
    before = flagged(connection)

    for _ in range(2):
        pull(connection, clock)
        pushing.push_due(clock=clock)
        clock.tick(600)

    refused = {ref for ref, is_set in before.items() if is_set}
    with_numbers = Contact.objects.filter(external_ref__in=refused, phones__isnull=False)
    numbers = set(with_numbers.values_list("phones__number", flat=True))
    assert numbers
    assert set(Suppression.objects.values_list("number", flat=True)) == numbers
    assert set(Suppression.objects.values_list("heard_on", flat=True)) == {"CRM"}
    having = Contact.objects.filter(phones__number__in=numbers).values_list("external_ref", flat=True)
    assert flagged(connection) == before | dict.fromkeys(having, True)
    assert set(SyncQueueItem.objects.values_list("kind", "payload_version")) == {("do_not_call", 1)}


def pull(connection: CrmConnection, clock: Clock) -> None:
    """Import the list as a manager would, and have everybody hear of what it says."""
    chosen = next(
        item
        for item in pulling.list_crm_lists(connection_id=connection.id, clock=clock)
        if item.name == "Autumn outreach"
    )
    user, _ = User.objects.get_or_create(username="mia", defaults={"role": "manager"})
    import_id = pulling.start_list_import(
        connection_id=connection.id,
        list_kind=chosen.kind,
        list_id=chosen.external_id,
        crm_list_name=chosen.name,
        list_name="Autumn",
        by_id=user.id,
        by_name="mia",
        now=clock(),
    )
    pulling.import_list(import_id=import_id, clock=clock)
    assert imports.apply_import(import_id=import_id, now=clock())
    outbox.relay(HANDLERS, now=clock())
