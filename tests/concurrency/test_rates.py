"""Many processes of many threads keep one rate together, by one clock."""

import multiprocessing
import threading
import time
from typing import Any
from uuid import uuid4

import pytest
import redis

from carriers import throttle
from core import rates
from core.rates import Limit

pytestmark = pytest.mark.slow_test

THREADS, PROCESSES, SECONDS = 8, 3, 3.0


def act(name: str, rate: float, until: float, acts: Any) -> None:
    """Take slots as fast as they are given and note between which instants each may be used; runs in a process of its own."""
    mine: list[tuple[float, float]] = []

    def work() -> None:
        while time.time() < until:
            asked = time.time()
            slot = rates.take([Limit(name=name, per_second=rate)], asker=uuid4().hex, patience_seconds=0.5)
            if slot.reserved:
                mine.append((asked + slot.wait_seconds, time.time() + slot.wait_seconds))
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

    # A busy machine hears of a slot late, so the widest window that the acts may have been in is held to the rate.
    burst = max(1.0, rate)
    for first, (began, _) in enumerate(times):
        ended = began
        for count, (_, until_then) in enumerate(times[first:], start=1):
            ended = max(ended, until_then)
            assert count <= rate * (ended - began) + burst + 0.01, (first, count, ended - began)
    assert len(times) > burst


def test_an_asker_who_comes_back_has_the_same_slot(settings: Any) -> None:
    redis.Redis.from_url(settings.REDIS_URL).set(rates.BEGUN, 0)  # kept for long
    settings.CARRIER_CPS, settings.TWILIO_ACCOUNT_SID = 2.0, (run := uuid4().hex)
    asked = [throttle.reserve_slot(caller_id="+14075550100", attempt_ref=f"{run}{ref}") for ref in "aaabcc"]

    assert [slot.reserved for slot in asked] == [True] * 6
    assert [slot.wait_seconds for slot in asked[:4]] == [0.0, 0.0, 0.0, 0.0]
    assert 0.5 >= asked[4].wait_seconds >= asked[5].wait_seconds >= 0


def test_who_would_wait_too_long_uses_up_nothing(settings: Any) -> None:
    settings.CARRIER_CPS, settings.TWILIO_ACCOUNT_SID = 0.05, uuid4().hex  # slower than any machine
    first, *refused = [
        throttle.reserve_slot(caller_id="+14075550100", attempt_ref=uuid4().hex) for _ in range(4)
    ]

    assert first.reserved
    assert [slot.reserved for slot in refused] == [False] * 3
    assert all(10 < slot.wait_seconds <= 20 for slot in refused)


def test_a_number_has_a_limit_of_its_own_below_the_accounts(settings: Any) -> None:
    settings.CARRIER_CPS, settings.CARRIER_NUMBER_CPS = 100.0, 0.05
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


def test_a_server_that_lost_its_data_gives_no_burst(settings: Any) -> None:
    client = redis.Redis.from_url(settings.REDIS_URL)
    limits = [Limit(name=f"test:{uuid4().hex}", per_second=4.0)]
    client.set(rates.BEGUN, 0)
    for _ in range(4):
        rates.take(limits, asker=uuid4().hex, patience_seconds=10)

    client.delete(rates.BEGUN, f"{rates.PREFIX}{limits[0].name}")
    after = [rates.take(limits, asker=uuid4().hex, patience_seconds=10).wait_seconds for _ in range(4)]

    assert after[0] == 0.0
    assert after[3] == pytest.approx(0.75, abs=0.2)


def test_a_limit_nobody_used_for_a_while_has_its_burst_again(settings: Any) -> None:
    redis.Redis.from_url(settings.REDIS_URL).set(rates.BEGUN, 0)
    limits = [Limit(name=f"test:{uuid4().hex}", per_second=4.0)]

    waits = [rates.take(limits, asker=uuid4().hex, patience_seconds=10).wait_seconds for _ in range(5)]

    assert waits[:4] == [0.0] * 4
    assert waits[4] > 0
