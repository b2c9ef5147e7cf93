"""Races with real commits: the cap holds, and a clearance is used once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.db import close_old_connections, connection

from compliance import services
from compliance.models import ConsentRecord, ContactLedger, OpenClearance, Revocation, Suppression
from compliance.rules.facts import Channel, ConsentKind, Purpose
from compliance.services import ClearanceGone, Cleared, ContactRequest
from core import db
from core.types import PhoneNumber
from tests.factories.world import bound_of, give_papers
from tests.integration.compliance.conftest import NOW, SELLER

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow_test]


def _request(worker: int) -> ContactRequest:
    """The same person on a number of their own for each worker."""
    return ContactRequest(
        number=PhoneNumber(f"+1407555{101 + worker:04d}"),
        channel=Channel.LIVE_PREVIEW,
        purpose=Purpose.SURVEY,
        seller=SELLER,
        campaign_ref="campaign:1",
        person_ref="lead:1",
        attempt_ref=f"attempt:{worker}",
        caller_id=PhoneNumber("+14075550100"),
        ring_seconds=25,
        postal_code="32801",
    )


@pytest.fixture(autouse=True)
def _papers(transactional_db: None) -> None:
    give_papers(NOW)


@pytest.fixture
def together() -> Callable[[Callable[[int], bool], int], list[bool]]:
    """Run a function in threads that start at once; each closes its connection."""

    def run(work: Callable[[int], bool], count: int) -> list[bool]:
        gate = Barrier(count)

        def one(worker: int) -> bool:
            close_old_connections()
            gate.wait()
            try:
                return work(worker)
            finally:
                connection.close()

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(one, range(count)))

    return run


def test_eng_001_t3_of_fifty_workers_three_reach_the_person(together: Callable[..., list[bool]]) -> None:
    def clear(worker: int) -> bool:
        with db.use_case():
            (answer,) = services.clear_to_contact(
                [_request(worker)], now=NOW + timedelta(milliseconds=worker)
            )
        return isinstance(answer, Cleared)

    passed = together(clear, 50)

    assert sum(passed) == 3
    assert ContactLedger.objects.count() == 3


def test_of_ten_threads_one_uses_the_clearance(together: Callable[..., list[bool]]) -> None:
    with db.use_case():
        (answer,) = services.clear_to_contact([_request(1)], now=NOW)

    def consume(worker: int) -> bool:
        try:
            with db.use_case():
                services.consume_clearance(
                    decision_id=answer.decision_id, bound=bound_of(answer.decision_id), now=NOW
                )
        except ClearanceGone:
            return False
        return True

    assert sum(together(consume, 10)) == 1


def test_a_clearance_is_either_used_or_voided(together: Callable[..., list[bool]]) -> None:
    with db.use_case():
        (answer,) = services.clear_to_contact([_request(1)], now=NOW)

    def race(worker: int) -> bool:
        with db.use_case():
            if worker == 0:
                services.suppress(
                    number=PhoneNumber("+14075550102"),
                    seller=SELLER,
                    reason="asked",
                    raw_words="stop",
                    heard_on="phone",
                    actor="ana",
                    now=NOW,
                )
                return False
            try:
                services.consume_clearance(
                    decision_id=answer.decision_id, bound=bound_of(answer.decision_id), now=NOW
                )
            except ClearanceGone:
                return False
            return True

    used = sum(together(race, 6))

    row = OpenClearance.objects.get()
    assert used == (row.voided_at is None)
    assert (row.consumed_at is None) != (row.voided_at is None)


def test_batches_that_overlap_do_not_lock_each_other_for_ever(together: Callable[..., list[bool]]) -> None:
    def clear(worker: int) -> bool:
        requests = [_request(number) for number in range(6)]
        ordered = requests if worker % 2 else list(reversed(requests))
        with db.use_case():
            answers = services.clear_to_contact(ordered, now=NOW)
        return any(isinstance(answer, Cleared) for answer in answers)

    assert sum(together(clear, 6)) == 1


def test_a_request_not_to_be_called_waits_for_the_gate_and_voids_what_it_gave(
    together: Callable[..., list[bool]],
) -> None:
    """Had it not waited, it would not have seen the clearance of a transaction still open."""
    decided, asked = Event(), Event()

    def race(worker: int) -> bool:
        if worker == 0:
            with db.use_case():
                (answer,) = services.clear_to_contact([_request(1)], now=NOW)
                decided.set()
                asked.wait(0.3)  # set only if the other thread did not wait
            return isinstance(answer, Cleared)
        decided.wait(5)
        with db.use_case():
            services.revoke(
                number=PhoneNumber("+14075550102"),
                seller=SELLER,
                raw_words="stop",
                heard_on="phone",
                actor="ana",
                now=NOW,
            )
        asked.set()
        return True

    assert all(together(race, 2))
    assert OpenClearance.objects.get().voided_at == NOW


def test_whatever_was_cleared_around_a_revocation_is_void_after_it(
    together: Callable[..., list[bool]],
) -> None:
    """Thirty workers clear numbers of three persons, each on all three caps, while every person refuses."""

    def race(worker: int) -> bool:
        person = worker % 3
        number = PhoneNumber(f"+1407555{101 + person:04d}")
        with db.use_case():
            if worker // 3 == 4:
                services.revoke(
                    number=number, seller=SELLER, raw_words="stop", heard_on="phone", actor="ana", now=NOW
                )
                return False
            [answer] = services.clear_to_contact(
                [replace(_request(worker), number=number, person_ref=f"lead:{person}")], now=NOW
            )
        return isinstance(answer, Cleared)

    cleared = sum(together(race, 30))

    assert ContactLedger.objects.count() == cleared <= 9
    assert OpenClearance.objects.filter(voided_at__isnull=False).count() == cleared
    assert Revocation.objects.count() == 3


def test_two_revocations_at_once_leave_one_suppression(together: Callable[..., list[bool]]) -> None:
    def revoke(worker: int) -> bool:
        with db.use_case():
            services.revoke(
                number=PhoneNumber("+14075550102"),
                seller=SELLER,
                raw_words="stop",
                heard_on="text message",
                actor="sms",
                now=NOW,
                source_ref="SM1",
            )
        return True

    together(revoke, 10)

    assert (Suppression.objects.count(), Revocation.objects.count()) == (1, 1)


def test_consents_kept_at_once_stand_in_one_chain(together: Callable[..., list[bool]]) -> None:
    number = PhoneNumber("+14075550102")

    def grant(worker: int) -> bool:
        given = services.NewConsent(
            number=number,
            kind=ConsentKind.PEC,
            obtained_by=SELLER,
            given_at=NOW - timedelta(minutes=worker // 2),  # each is sent twice
            source=services.Source.API,
        )
        with db.use_case():
            services.grant_consent(given, recorded_by="api", now=NOW)
        return True

    together(grant, 12)

    assert list(ConsentRecord.objects.order_by("position").values_list("position", flat=True)) == [
        *range(1, 7)
    ]
    assert services.broken_link(number) is None
