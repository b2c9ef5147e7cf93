"""Both sides counted through the stand-ins' own searches."""

from datetime import UTC, date, datetime, timedelta

import pytest
import requests

from crm_sync.models import CrmConnection, Reconciliation, SyncQueueItem
from crm_sync.services import pushing, reconciling
from tests.contract.test_crm_live import api, connector_of
from tests.contract.test_crm_mishaps import Account, act
from tests.contract.test_crm_queue import hear, standing
from tests.integration.crm_sync.conftest import Clock

pytestmark = pytest.mark.django_db(transaction=True)

DAY = date(2026, 3, 4)  # of the calls told of


def log(account: Account, clock: Clock, count: int = 4) -> list[SyncQueueItem]:
    """Have calls logged, long enough ago for any search to know them."""
    connection, _, people = account
    for number in range(count):
        hear(connection, people[number], call_id=number + 1)
    assert pushing.push_due(clock=clock) == count
    clock.tick(600)
    return list(SyncQueueItem.objects.order_by("id"))


def purge(account: Account, item: SyncQueueItem) -> None:
    """Lose the call in the CRM without a trace, as a restored backup would."""
    connection, url, _ = account
    if connection.kind == "hubspot":
        act(url, "purge", object="calls", id=item.crm_id)
    else:
        act(url, "purge", object="Task", id=item.crm_id)


def row() -> Reconciliation:
    """Return the day's comparison."""
    return Reconciliation.objects.get(day=DAY)


def test_days_that_agree_are_even(account: Account, clock: Clock) -> None:
    log(account, clock)

    assert reconciling.reconcile(connection_id=account[0].id, clock=clock) == 0

    found = row()
    assert (found.ours, found.theirs, found.extra, found.examples, found.error) == (4, 4, 0, [], "")
    assert Reconciliation.objects.count() == 3
    assert connector_of(account[0]).count_logged(DAY) == 4


def test_what_is_missing_in_the_crm_is_sent_again_once(account: Account, clock: Clock) -> None:
    items = log(account, clock)
    purge(account, items[1])
    assert len(standing(account[1])) == 3

    assert reconciling.reconcile(connection_id=account[0].id, clock=clock) == 1
    assert pushing.push_due(clock=clock) == 1
    clock.tick(600)
    assert reconciling.reconcile(connection_id=account[0].id, clock=clock) == 0

    assert len(standing(account[1])) == 4
    assert (row().ours, row().theirs, row().sent_again) == (4, 4, 0)


def test_what_people_deleted_in_the_crm_stays_deleted(account: Account, clock: Clock) -> None:
    connection, url, _ = account
    items = log(account, clock)
    act(url, "delete", object="calls" if connection.kind == "hubspot" else "Task", id=items[0].crm_id)

    assert reconciling.reconcile(connection_id=connection.id, clock=clock) == 0

    assert (row().deleted, row().theirs) == (1, 3)
    assert "stays deleted" in row().examples[0]


def test_extra_ones_are_explained(account: Account, clock: Clock) -> None:
    connection, _, people = account
    items = log(account, clock)
    SyncQueueItem.objects.filter(id=items[0].id).delete()
    hear(connection, people[1], call_id=2, version=2, note="newer")

    assert reconciling.reconcile(connection_id=connection.id, clock=clock) == 0

    assert (row().extra, row().open) == (2, 1)
    assert "restored backup" in row().examples[0]
    assert "newer version" in row().examples[1]


def test_a_crm_that_is_away_is_kept_as_the_reason_and_changes_nothing(account: Account, clock: Clock) -> None:
    log(account, clock)
    requests.post(f"{account[1]}/_sandbox/faults", json={"kind": "http_500"}, timeout=5)

    assert reconciling.reconcile(connection_id=account[0].id, clock=clock) == 0

    assert row().error
    assert SyncQueueItem.objects.filter(state="done").count() == 4


def test_calls_of_another_installation_are_none_of_ours(account: Account, clock: Clock) -> None:
    connection, _, _ = account
    log(account, clock)
    CrmConnection.objects.filter(id=connection.id).update(install_key="other")
    SyncQueueItem.objects.all().delete()

    assert reconciling.reconcile(connection_id=connection.id, clock=clock) == 0

    assert (row().theirs, row().extra) == (0, 0)


@pytest.mark.parametrize("account", ["hubspot"], indirect=True)
def test_a_day_longer_than_a_search_is_read_in_parts(
    account: Account, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, url, people = account
    for number in range(12):
        at = datetime(2026, 3, 4, 1, tzinfo=UTC) + timedelta(hours=number)
        hear(connection, people[number], call_id=number, started_at=at.isoformat())
    pushing.push_due(clock=clock)
    monkeypatch.setattr("crm_sync.connectors.hubspot_count.MOST", 5)
    monkeypatch.setattr("crm_sync.connectors.hubspot_count.PAGE", 2)

    found = [ref for page in connector_of(connection).logged(DAY) for ref in page]

    assert sorted(found) == sorted(standing(url))
    assert api(connection, url)
