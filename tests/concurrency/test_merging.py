"""Two managers and one pair, with real commits: one merge, the other is told."""

import pytest

from campaigns.merging import Order
from campaigns.models import Contact, ContactPhone, Merge
from campaigns.services import merging
from core.errors import Stale
from tests.concurrency.test_imports import run_together
from tests.integration.campaigns.conftest import NOW, imported, person, us_phone

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_managers_merge_one_pair_in_both_directions_at_once() -> None:
    imported([person(number + 2, us_phone(number)) for number in range(2)])
    first, second = Contact.objects.order_by("pk").values_list("pk", flat=True)
    told: list[str] = []

    def merge(survivor: int, other: int, by: str) -> None:
        try:
            merging.merge(Order(survivor=survivor, merged=[other], values={}), by=by, now=NOW)
        except Stale as stale:
            told.append(str(stale))

    run_together([lambda: merge(first, second, "mia"), lambda: merge(second, first, "max")])

    done = Merge.objects.get()
    assert (Contact.objects.count(), ContactPhone.objects.count()) == (1, 2)
    assert len(told) == 1
    assert told[0].startswith(f"{done.by} has merged")
