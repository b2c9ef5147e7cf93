"""The carrier's limits: calls wait their turn, lines are not overbooked, queued calls are taken back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from carriers.events import CarrierNews
from carriers.protocol import CarrierError
from compliance.services import suppress
from core import db
from core.types import PhoneNumber
from dialer import jobs as names
from dialer.models import AgentSession, Call, CallEvent, DialAttempt
from dialer.reads import carrier_load
from dialer.services import dialing, lines
from tests.factories.world import SELLER, World, add_attempt, add_lead
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.test_dialing import dial, place

Jobs = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def one_in_a_while(settings: Any) -> None:
    """One call in 20 seconds, so that the slowest machine sees the limit, and a bucket nobody else has used."""
    settings.CARRIER_CPS, settings.TWILIO_ACCOUNT_SID = 0.05, uuid4().hex


def spend(world: World, now: datetime) -> None:
    """Use up the slot."""
    from carriers import throttle

    assert throttle.reserve_slot(caller_id="+14075550100", attempt_ref=uuid4().hex).reserved


def test_a_call_that_comes_too_soon_waits_in_its_row_and_keeps_its_clearance(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime, one_in_a_while: None
) -> None:
    call = dial(world, now)
    spend(world, now)

    place(call, now)

    attempt = DialAttempt.objects.get(pk=call.attempt_id)
    assert carrier.placed == []
    assert (attempt.state, attempt.reason) == (
        "reserved",
        "the carrier takes 0.05 calls a second, and others came first; dial again in a moment",
    )
    assert carrier_load(now=now).waiting == 1


def test_a_call_that_waits_is_started_again_and_placed(
    at_work: AgentSession,
    world: World,
    carrier: FakeCarrier,
    now: datetime,
    one_in_a_while: None,
    sent_jobs: Jobs,
    settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    call = dial(world, now)
    spend(world, now)
    place(call, now)
    settings.TWILIO_ACCOUNT_SID = uuid4().hex  # the while is over

    with django_capture_on_commit_callbacks(execute=True):
        lines.hint_waiting(now=now + timedelta(seconds=1))
    place(call, now + timedelta(seconds=1))

    assert (names.PLACE_CALL, {"attempt_id": str(call.attempt_id)}) in sent_jobs
    assert len(carrier.placed) == 1
    assert carrier_load(now=now + timedelta(seconds=1)).waiting == 0


def test_a_slot_that_comes_soon_is_waited_for(
    at_work: AgentSession,
    world: World,
    carrier: FakeCarrier,
    now: datetime,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from core import clock

    settings.CARRIER_CPS, settings.TWILIO_ACCOUNT_SID = 2.5, uuid4().hex
    paused: list[float] = []
    monkeypatch.setattr(clock, "pause", paused.append)
    call = dial(world, now)
    spend(world, now)
    spend(world, now)
    settings.CARRIER_CPS = 2.5

    place(call, now)

    assert len(carrier.placed) == 1
    assert all(0 < seconds <= 0.5 for seconds in paused)


def test_a_call_that_waited_until_its_clearance_ran_out_says_what_it_waited_for(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime, one_in_a_while: None
) -> None:
    call = dial(world, now)
    spend(world, now)
    place(call, now)

    place(call, now + timedelta(seconds=16))

    session = AgentSession.objects.get(pk=at_work.pk)
    assert DialAttempt.objects.get(pk=call.attempt_id).state == "released"
    assert session.state == "preview"
    assert session.reason.startswith("Not placed: the carrier takes 0.05 calls a second, and others")


def test_who_refused_calls_while_theirs_waited_is_not_told_of_the_carrier(
    at_work: AgentSession,
    world: World,
    carrier: FakeCarrier,
    now: datetime,
    one_in_a_while: None,
    settings: Any,
) -> None:
    call = dial(world, now)
    spend(world, now)
    place(call, now)
    with db.use_case():
        suppress(
            number=PhoneNumber(call.number),
            seller=SELLER,
            reason="asked not to be called",
            raw_words="stop",
            heard_on="phone",
            actor="test",
            now=now,
        )
    settings.TWILIO_ACCOUNT_SID = uuid4().hex

    place(call, now + timedelta(seconds=2))

    assert carrier.placed == []
    assert "the carrier" not in AgentSession.objects.get(pk=at_work.pk).reason


def test_a_new_call_does_not_overtake_one_that_waits(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime, settings: Any
) -> None:
    other = add_lead(world, "+14075550124")
    waiting = add_attempt(other, "+14075550124", state="reserved", now=now - timedelta(seconds=2))
    DialAttempt.objects.filter(pk=waiting.pk).update(reason="the carrier takes 1 call a second")
    call = dial(world, now)

    place(call, now)

    assert carrier.placed == []
    assert DialAttempt.objects.get(pk=call.attempt_id).reason != ""


def test_the_oldest_are_started_again_as_many_as_may_go_and_those_whose_time_is_over(
    world: World, now: datetime, settings: Any
) -> None:
    settings.CARRIER_CPS = 4.0
    for index in range(6):
        number = f"+1407555{200 + index:04d}"
        since = now - timedelta(seconds=20 if index == 0 else 5)
        attempt = add_attempt(add_lead(world, number), number, state="reserved", now=since)
        DialAttempt.objects.filter(pk=attempt.pk).update(reason="the carrier takes 4 calls a second")

    assert lines.hint_waiting(now=now) == 1 + 2


def test_no_more_lines_are_used_than_the_account_has(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime, settings: Any
) -> None:
    settings.CARRIER_MAX_LINES = 2  # Ana's own leg is one
    other = add_lead(world, "+14075550124")
    add_attempt(other, "+14075550124", state="placed", now=now)
    call = dial(world, now)

    place(call, now)

    attempt = DialAttempt.objects.get(pk=call.attempt_id)
    assert carrier.placed == []
    assert (attempt.state, attempt.reason[:38]) == ("reserved", "all 2 lines of the carrier's account s")

    DialAttempt.objects.exclude(pk=call.attempt_id).update(state="ended")
    place(call, now + timedelta(seconds=1))

    assert len(carrier.placed) == 1


def placed(world: World, now: datetime) -> Call:
    call = dial(world, now)
    place(call, now)
    call.refresh_from_db()
    return call


def listed(carrier: FakeCarrier, call: Call, news: CarrierNews, now: datetime) -> None:
    carrier.list_call(
        ref=str(call.carrier_ref), to=call.number, caller_id=call.caller_id, news=news, created_at=now
    )


def test_a_call_the_carrier_has_only_queued_is_taken_back(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = placed(world, now)
    listed(carrier, call, CarrierNews.INITIATED, now)

    early = lines.withdraw_unrung(now=now + timedelta(seconds=9))
    late = lines.withdraw_unrung(now=now + timedelta(seconds=10))

    call.refresh_from_db()
    assert (early, late) == (0, 1)
    assert carrier.withdrawn == [call.carrier_ref]
    assert (call.state, call.outcome) == ("ended", "canceled")
    assert CallEvent.objects.filter(call=call, detail="Withdrawn: not ringing after 10 seconds").exists()


@pytest.mark.parametrize(
    ("news", "state"),
    [
        (CarrierNews.RINGING, "ringing"),
        (CarrierNews.ANSWERED, "answered"),
        (CarrierNews.BUSY, "ended"),
    ],
)
def test_a_call_that_rings_or_more_is_not_touched_and_its_news_is_applied(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime, news: CarrierNews, state: str
) -> None:
    call = placed(world, now)
    listed(carrier, call, news, now)

    lines.withdraw_unrung(now=now + timedelta(seconds=11))

    call.refresh_from_db()
    assert (carrier.withdrawn, carrier.hung_up) == ([], [])
    assert call.state == state


def test_a_call_we_know_to_ring_is_not_asked_about(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = placed(world, now)
    Call.objects.filter(pk=call.pk).update(state="ringing")
    carrier.fail_next = CarrierError("must not be asked", kind="retryable")

    lines.withdraw_unrung(now=now + timedelta(seconds=11))
    again = lines.withdraw_unrung(now=now + timedelta(seconds=30))

    assert carrier.fail_next is not None
    assert again == 0


def test_a_carrier_that_does_not_answer_is_asked_again(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = placed(world, now)
    listed(carrier, call, CarrierNews.INITIATED, now)
    carrier.fail_next = CarrierError("no answer", kind="unknown")

    lines.withdraw_unrung(now=now + timedelta(seconds=11))
    assert carrier.withdrawn == []
    lines.withdraw_unrung(now=now + timedelta(seconds=13))

    assert carrier.withdrawn == [call.carrier_ref]


def test_the_load_is_one_query(world: World, now: datetime, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        load = carrier_load(now=now)

    assert (load.waiting, load.calls, load.per_second, load.limit) == (0, 0, 0.0, "10000 calls a second")


def test_a_lost_hint_of_a_waiting_call_is_not_placed_past_the_queue(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)
    DialAttempt.objects.filter(pk=call.attempt_id).update(reason="the carrier takes 1 call a second")

    dialing.sweep(now=now + timedelta(seconds=5))

    assert carrier.placed == []
