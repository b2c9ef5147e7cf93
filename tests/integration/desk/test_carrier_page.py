"""The carrier's page and its line on the floor: who may see it, what it counts, hides and does."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.roles import Role
from carriers import services as inbox
from carriers.models import CarrierInbox
from carriers.protocol import CarrierError
from core import clock
from core.models import AuditEvent
from dialer.models import AgentSession, Call, DialAttempt
from dialer.services import calls, trouble
from tests.factories.world import World, add_attempt, add_lead, person
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.test_dialing import dial, place

PAGE = "/floor/carrier/"


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Stop the clock of the pages."""
    monkeypatch.setattr(clock, "now", lambda: now)


@pytest.fixture
def sol(world: World) -> Client:
    return signed_in(world.sol)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def message(now: datetime, *, subject: str = "", kind: str = "call_status", **params: str) -> int:
    found = inbox.receive(
        inbox.Incoming(
            kind=kind, key=uuid4().hex, subject_ref=subject or str(uuid4()), payload=params, received_at=now
        )
    )
    assert found is not None
    return found


def failing(now: datetime) -> int:
    """Return a message that no version of ours can apply: its subject is no call's id."""
    found = message(now, subject="not-an-id", CallStatus="ringing")
    for minutes in (1, 5, 30):
        calls.sweep_webhooks(now=now + timedelta(minutes=minutes))
    return found


def test_supervisors_and_administrators_see_it_others_do_not(world: World) -> None:
    ada = person("ada", Role.ADMIN)

    answers = {
        user.username: signed_in(user).get(PAGE).status_code
        for user in (world.sol, ada, world.ana, world.mia)
    }

    assert answers == {"sol": 200, "ada": 200, "ana": 403, "mia": 403}
    assert Client().get(PAGE).status_code == 302


def test_messages_without_effect_are_counted_and_shown_without_numbers_in_full(
    sol: Client, now: datetime
) -> None:
    message(
        now,
        CallSid="CA123",
        CallStatus="completed",
        To="+14075550123",
        Digits="4111111111111111",
        ToCity="ORLANDO",
    )
    failing(now)
    calls.sweep_webhooks(now=now + timedelta(hours=1))

    page = sol.get(PAGE).content.decode()

    assert "unknown: no call with this id" in page
    assert "failed: ValueError: badly formed hexadecimal UUID string" in page
    assert "…0123" in page
    assert "CA123" in page
    assert "+14075550123" not in page
    assert "4111111111111111" not in page
    assert "ORLANDO" not in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", 2), ("?shown=failing", 1), ("?shown=unknown", 1), ("?shown=ignored", 0), ("?shown=nonsense&days=x&before=-1", 2),
     ("?kind=conference", 0), ("?kind=call_status", 2), ("?before=1", 0)],
)  # fmt: skip
def test_filters_narrow_what_is_shown(sol: Client, now: datetime, query: str, expected: int) -> None:
    message(now, CallStatus="completed")
    failing(now)

    page = sol.get(PAGE + query).content.decode()

    assert page.count("Apply again<span") == expected


def test_older_messages_are_a_page_away(sol: Client, now: datetime) -> None:
    for _ in range(51):
        message(now, CallStatus="completed")
    calls.sweep_webhooks(now=now + timedelta(minutes=1))

    first = sol.get(PAGE)
    older = sol.get(f"{PAGE}?before={first.context['found'].older}")

    assert first.content.decode().count("Apply again<span") == 50
    assert older.content.decode().count("Apply again<span") == 1


def test_a_message_is_applied_again_and_the_act_is_on_record(
    sol: Client, at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)
    place(call, now)
    call.refresh_from_db()
    row = message(now, CallSid=str(call.carrier_ref), CallStatus="ringing", SequenceNumber="1")
    calls.sweep_webhooks(now=now + timedelta(minutes=1))
    CarrierInbox.objects.filter(pk=row).update(subject_ref=str(call.attempt_id))

    answer = sol.post(f"{PAGE}messages/{row}/apply", follow=True)

    assert "applied again" in answer.content.decode()
    assert Call.objects.get(pk=call.pk).state == "ringing"
    assert CarrierInbox.objects.get(pk=row).outcome == "applied"
    assert AuditEvent.objects.filter(verb="carriers.webhook.reopened", actor="sol").exists()


def test_one_that_fails_again_is_kept_and_said(sol: Client, now: datetime) -> None:
    row = failing(now)

    answer = sol.post(f"{PAGE}messages/{row}/apply", follow=True)

    assert "failed again and is kept" in answer.content.decode()
    assert CarrierInbox.objects.get(pk=row).applied_at is None


def test_one_that_was_applied_is_not_applied_again(sol: Client, now: datetime) -> None:
    row = message(now, CallStatus="completed")
    CarrierInbox.objects.filter(pk=row).update(applied_at=now, outcome="applied")

    answer = sol.post(f"{PAGE}messages/{row}/apply", follow=True)

    assert "has been applied already" in answer.content.decode()


def test_the_floor_says_how_many_wait_for_the_carrier(
    sol: Client, world: World, now: datetime, settings: Any
) -> None:
    settings.CARRIER_CPS = 1.0
    for number in ("+14075550123", "+14075550124"):
        attempt = add_attempt(add_lead(world, number), number, state="reserved", now=now)
        DialAttempt.objects.filter(pk=attempt.pk).update(reason="the carrier takes 1 call a second")

    page = " ".join(sol.get("/floor/").content.decode().split())

    assert "2 calls wait for the carrier’s limit of 1 call a second; 0.0 a second were placed" in page


def test_refused_credentials_stand_on_the_floor_until_a_check_goes_well(
    sol: Client, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    refusal = CarrierError("Authenticate", kind="retryable", code=20003, refuses_us=True)
    trouble.notice(refusal, now=now)
    before = sol.get("/floor/").content.decode()
    carrier.fail_next = refusal
    failed = sol.post(f"{PAGE}check", follow=True).content.decode()

    mended = sol.post(f"{PAGE}check", follow=True).content.decode()

    assert "The carrier refuses our credentials since" in before
    assert "TWILIO_AUTH_TOKEN" in failed
    assert "The carrier refuses our credentials since" in failed
    assert "The carrier takes our credentials: A carrier in memory (active)." in mended
    assert "refuses our credentials" not in sol.get("/floor/").content.decode()


def test_the_page_asks_a_fixed_number_of_questions(
    sol: Client, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(30):
        message(now, CallStatus="completed")
    calls.sweep_webhooks(now=now + timedelta(minutes=1))

    with django_assert_max_num_queries(6):
        sol.get(PAGE)
