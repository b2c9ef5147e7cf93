"""Many processes of many threads keep one rate together, by one clock."""

import multiprocessing
import threading
import time
from typing import Any
from uuid import uuid4

import pytest

from carriers import throttle
from core import rates
from core.rates import Limit

pytestmark = pytest.mark.slow_test

THREADS, PROCESSES, SECONDS = 8, 3, 3.0


def act(name: str, rate: float, until: float, acts: "multiprocessing.Queue[list[float]]") -> None:
    """Take slots as fast as they are given and note when each may be used; runs in a process of its own."""
    import redis
    from django.conf import settings

    server = redis.Redis.from_url(settings.REDIS_URL)
    # Instants by the server's clock, which is the one that counts.
    seconds, micros = server.time()
    ahead = seconds + micros / 1e6 - time.time()
    mine: list[float] = []

    def work() -> None:
        while time.time() < until:
            slot = rates.take([Limit(name=name, per_second=rate)], asker=uuid4().hex, patience_seconds=0.5)
            if slot.reserved:
                mine.append(time.time() + ahead + slot.wait_seconds)
            else:
                time.sleep(0.01)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    acts.put(mine)


@pytest.mark.parametrize("rate", [1.0, 20.0])
def test_24_threads_of_3_processes_keep_the_rate_in_every_window(rate: float) -> None:
    context = multiprocessing.get_context("fork")
    acts: Any = context.Queue()
    name, until = f"test:{uuid4().hex}", time.time() + SECONDS
    workers = [context.Process(target=act, args=(name, rate, until, acts)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    times = sorted(instant for _ in workers for instant in acts.get(timeout=30))
    for worker in workers:
        worker.join()

    burst, slack = max(1.0, rate), 0.05  # the answer's way back is not the server's time
    for first in range(len(times)):
        for last in range(first, len(times)):
            window = times[last] - times[first]
            assert last - first + 1 <= rate * (window + slack) + burst, (first, last, window)
    assert len(times) >= rate * (SECONDS - 0.5)


def test_an_asker_who_comes_back_has_the_same_slot(settings: Any) -> None:
    settings.CARRIER_CPS, settings.TWILIO_ACCOUNT_SID = 2.0, (run := uuid4().hex)
    asked = [throttle.reserve_slot(caller_id="+14075550100", attempt_ref=f"{run}{ref}") for ref in "aaabcc"]

    assert [slot.reserved for slot in asked] == [True] * 6
    assert [round(slot.wait_seconds, 1) for slot in asked[:4]] == [0.0, 0.0, 0.0, 0.0]
    assert round(asked[4].wait_seconds, 1) == round(asked[5].wait_seconds, 1) == 0.5


def test_who_would_wait_too_long_uses_up_nothing(settings: Any) -> None:
    settings.CARRIER_CPS, settings.TWILIO_ACCOUNT_SID = 1.0, uuid4().hex
    first, *refused = [
        throttle.reserve_slot(caller_id="+14075550100", attempt_ref=uuid4().hex) for _ in range(4)
    ]

    assert first.reserved
    assert [slot.reserved for slot in refused] == [False] * 3
    assert all(0.8 < slot.wait_seconds <= 1.0 for slot in refused)


def test_a_number_has_a_limit_of_its_own_below_the_accounts(settings: Any) -> None:
    settings.CARRIER_CPS, settings.CARRIER_NUMBER_CPS = 100.0, 1.0
    settings.TWILIO_ACCOUNT_SID = uuid4().hex
    ours, other = f"+1407555{uuid4().int % 10_000:04d}", f"+1212555{uuid4().int % 10_000:04d}"

    asked = [
        throttle.reserve_slot(caller_id=number, attempt_ref=uuid4().hex) for number in (ours, ours, other)
    ]

    assert [slot.reserved for slot in asked] == [True, False, True]


def test_without_the_server_a_process_keeps_to_one_a_second(settings: Any) -> None:
    settings.REDIS_URL, settings.CARRIER_CPS = "redis://127.0.0.1:1/0", 50.0
    rates._script.cache_clear()
    try:
        asked = [throttle.reserve_slot(caller_id="+14075550100", attempt_ref=uuid4().hex) for _ in range(3)]
    finally:
        rates._script.cache_clear()

    assert [slot.reserved for slot in asked] == [True, False, False]
