"""A number's daily cap holds over processes that draw at once, with real commits."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import close_old_connections, connection

from carriers import pools
from carriers.models import CallerNumber, CallerPoolMember
from carriers.pools import PoolSpec
from core import db
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow_test]
NUMBERS = ("+14075550100", "+14075550101")
WORKERS, EACH, CAP = 8, 5, 10


def test_caps_hold_over_all_processes() -> None:
    pool = pools.create_pool(spec=PoolSpec(name="Florida", daily_cap=CAP), by_name="mia", now=NOW)
    for number in NUMBERS:
        CallerNumber.objects.create(number=number)
        pools.add_number(pool_id=pool, number=number, by_name="mia", now=NOW)
    start = Barrier(WORKERS)

    def draw(worker: int) -> int:
        close_old_connections()
        start.wait()
        try:
            return sum(_drawn(pool, f"{worker} {at}") for at in range(EACH))
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as threads:
        drawn = sum(threads.map(draw, range(WORKERS)))

    assert drawn == CAP * len(NUMBERS)  # of 40 that were asked for
    assert set(CallerPoolMember.objects.values_list("dials_today", flat=True)) == {CAP}


def _drawn(pool: int, seed: str) -> bool:
    with db.use_case():
        return pools.draw(pool, to="+14075550123", seed=seed, today=date(2026, 11, 23), now=NOW) is not None
