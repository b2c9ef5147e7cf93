"""Several workers push at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection as database
from django.db import transaction

from crm_sync.handlers import on_call_logged
from crm_sync.models import SyncQueueItem
from crm_sync.services import pushing
from tests.fakes.crm import FakeAccount
from tests.integration.crm_sync.conftest import NOW, Clock, call_logged, make_connection


@pytest.mark.django_db(transaction=True)
def test_eight_workers_send_each_call_once() -> None:
    crm, clock, made = FakeAccount(), Clock(), make_connection()
    for call_id in range(1, 241):
        person = f"salesforce:{made.id}:00Q{call_id % 120}"
        with transaction.atomic():
            on_call_logged(call_logged(made, call_id, contact_ref=person), NOW)

    def work(_: int) -> int:
        try:
            return pushing.push_due(clock=clock, connect=crm.connect)
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        confirmed = sum(pool.map(work, range(8)))
    confirmed += pushing.push_due(clock=clock, connect=crm.connect)

    assert confirmed == 240
    assert SyncQueueItem.objects.filter(state="done").count() == 240
    assert set(Counter(ref for batch in crm.writes for ref in batch).values()) == {1}
    order: dict[str, list[int]] = {}
    for batch in crm.writes:
        for ref in batch:
            person = crm.calls[ref][1].person_id
            order.setdefault(person, []).append(int(ref.rsplit("-", 1)[1]))
    assert all(ids == sorted(ids) for ids in order.values())
