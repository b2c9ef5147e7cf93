"""The hash chain under threads: nobody waits for somebody else's lane, and no position is lost or used twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import close_old_connections, connection, transaction

from compliance import services
from compliance.models import ChainLane, ComplianceDecision
from compliance.rules.facts import Channel, Purpose
from compliance.services import ContactRequest
from compliance.store import partitions, sealing
from compliance.store.verifying import verify_day
from core import db
from core.types import PhoneNumber
from tests.integration.compliance.conftest import NOW, SELLER

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow_test]


def _request(worker: int, turn: int) -> ContactRequest:
    number = 1000 + worker * 50 + turn
    return ContactRequest(
        number=PhoneNumber(f"+1407555{number}"),
        channel=Channel.LIVE_PREVIEW,
        purpose=Purpose.SURVEY,
        seller=SELLER,
        campaign_ref="campaign:1",
        person_ref=f"lead:{number}",
        attempt_ref=f"attempt:{number}",
        caller_id=PhoneNumber("+14075550100"),
        ring_seconds=25,
        postal_code="32801",
    )


def _in_threads(work: Callable[[int], None], count: int) -> None:
    """Run the work in threads that begin together; raise what any of them raised."""
    barrier = Barrier(count)

    def one(worker: int) -> None:
        close_old_connections()
        barrier.wait()
        try:
            work(worker)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(one, range(count)))


def test_twenty_threads_lose_no_position_and_do_not_lock_each_other_up() -> None:
    def clear(worker: int) -> None:
        for turn in range(10):
            with db.use_case():
                services.clear_to_contact(
                    [_request(worker, turn), _request(worker, turn + 20)],
                    now=NOW + timedelta(milliseconds=turn),
                )

    _in_threads(clear, 20)

    found = verify_day(NOW.date())
    assert (found.verdicts, found.findings) == (400, ())
    assert sum(ChainLane.objects.values_list("count", flat=True)) == 400
    assert 1 <= ChainLane.objects.count() <= 20


def test_a_lane_that_is_held_is_not_waited_for() -> None:
    with db.use_case():
        services.clear_to_contact([_request(0, 0)], now=NOW)

        def clear(worker: int) -> None:
            with db.use_case():
                services.clear_to_contact([_request(1, worker)], now=NOW)

        _in_threads(clear, 1)  # ends while our own transaction still holds its lane

    assert sorted(ChainLane.objects.values_list("count", flat=True)) == [1, 1]


def test_what_a_transaction_took_back_leaves_no_gap() -> None:
    with db.use_case():
        services.clear_to_contact([_request(0, 0)], now=NOW)
        transaction.set_rollback(True)
    with db.use_case():
        services.clear_to_contact([_request(0, 1)], now=NOW)

    assert ComplianceDecision.objects.get().position == 1
    assert verify_day(NOW.date()).findings == ()


def test_verifying_and_making_months_go_on_while_the_gate_writes() -> None:
    problems: list[str] = []

    def work(worker: int) -> None:
        for turn in range(15):
            if worker == 0:
                problems.extend(verify_day(NOW.date()).findings)
            elif worker == 1:
                partitions.manage_partitions(now=NOW)
            else:
                with db.use_case():
                    services.clear_to_contact([_request(worker, turn)], now=NOW)

    _in_threads(work, 8)

    assert problems == []
    assert verify_day(NOW.date()).verdicts == 90


def test_two_processes_seal_a_day_once() -> None:
    with db.use_case():
        services.clear_to_contact([_request(0, 0)], now=NOW)
    seals: list[object] = []

    _in_threads(lambda worker: seals.append(sealing.seal_day(NOW.date(), now=NOW + timedelta(days=1))), 4)

    assert len([seal for seal in seals if seal is not None]) == 1
