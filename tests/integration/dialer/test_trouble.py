"""Credentials the carrier does not take: one alarm, everything held, nothing asked again and again, nothing lost."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import Campaign
from campaigns.services import moves
from carriers import health
from carriers.models import CarrierTrouble
from carriers.protocol import CarrierError
from carriers.twilio import errors
from core.models import AuditEvent
from dialer.models import AgentSession, DialAttempt
from dialer.services import dialing, lines, reconciling, trouble
from tests.factories.world import World, add_attempt, add_lead
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.test_dialing import dial, place


def refusal() -> CarrierError:
    return CarrierError("Authenticate", kind="retryable", code=20003, refuses_us=True)


@pytest.fixture
def refused(at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime) -> AgentSession:
    """Ana dialed, and the carrier did not take our credentials."""
    call = dial(world, now)
    carrier.fail_next = refusal()
    place(call, now)
    at_work.refresh_from_db()
    return at_work


def test_a_refusal_raises_one_alarm_and_pauses_running_campaigns_with_the_reason(
    refused: AgentSession, world: World, now: datetime
) -> None:
    trouble.notice(refusal(), now=now + timedelta(seconds=1))

    world.campaign.refresh_from_db()
    paused = AuditEvent.objects.get(verb="campaigns.campaign.paused")
    found = health.trouble()
    assert found is not None
    assert (found.since, found.reason) == (now, "Authenticate")
    assert CarrierTrouble.objects.count() == 1
    assert AuditEvent.objects.filter(verb="carriers.credentials.refused").count() == 1
    assert world.campaign.state == "paused"
    assert paused.actor == "carrier"
    assert paused.after == {"state": "paused", "reason": "The carrier refuses our credentials: Authenticate"}


def test_the_agent_keeps_the_card_and_reads_why(refused: AgentSession) -> None:
    assert (refused.state, refused.reason) == ("preview", trouble.SENTENCE)
    assert DialAttempt.objects.get().state == "released"


def test_calls_reserved_meanwhile_are_given_back_without_asking(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)
    trouble.notice(refusal(), now=now)
    later = dialing.sweep(now=now + timedelta(seconds=5))

    place(call, now)

    attempt = DialAttempt.objects.get(pk=call.attempt_id)
    assert (attempt.state, later, carrier.placed) == ("released", 0, [])


def test_while_the_alarm_stands_the_carrier_is_not_asked(
    refused: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    other = add_lead(world, "+14075550124")
    add_attempt(other, "+14075550124", state="unknown", now=now)
    carrier.fail_next = refusal()
    late = now + timedelta(minutes=10)

    dialing.sweep(now=late)
    reconciling.reconcile(now=late)
    lines.withdraw_unrung(now=late)

    assert carrier.fail_next is not None
    assert DialAttempt.objects.get(number="+14075550124").state == "unknown"


def test_nothing_resumes_by_itself_nor_by_hand_before_a_check(
    refused: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    with pytest.raises(moves.CampaignRefused, match="refuses our credentials"):
        moves.resume(campaign_id=world.campaign.pk, by_name="mia", now=now)

    out = StringIO()
    call_command("check_carrier", stdout=out)

    assert "takes our credentials: A carrier in memory (active)" in out.getvalue()
    assert health.trouble() is None
    assert Campaign.objects.get(pk=world.campaign.pk).state == "paused"
    moves.resume(campaign_id=world.campaign.pk, by_name="mia", now=now)
    assert AuditEvent.objects.filter(verb="carriers.credentials.accepted", actor="check_carrier").exists()


def test_a_check_that_fails_says_what_to_do_and_leaves_the_alarm(
    refused: AgentSession, carrier: FakeCarrier
) -> None:
    carrier.fail_next = refusal()

    with pytest.raises(CommandError, match="TWILIO_AUTH_TOKEN"):
        call_command("check_carrier", stdout=StringIO())

    assert health.trouble() is not None


def test_a_check_finds_refused_credentials_before_a_call_does(
    world: World, carrier: FakeCarrier, now: datetime
) -> None:
    carrier.fail_next = refusal()

    with pytest.raises(trouble.StillRefused):
        trouble.check(actor="ada", now=now)

    assert health.trouble() is not None
    assert Campaign.objects.get(pk=world.campaign.pk).state == "paused"


def test_another_refusal_is_no_alarm(world: World, carrier: FakeCarrier, now: datetime) -> None:
    carrier.fail_next = CarrierError("The carrier could not be reached in time.", kind="retryable")

    with pytest.raises(trouble.StillRefused, match="network"):
        trouble.check(actor="ada", now=now)

    assert health.trouble() is None


@pytest.mark.parametrize(
    ("status", "code", "about_us", "kind"),
    [
        (401, 20003, True, "retryable"),
        (401, None, True, "retryable"),
        (403, None, True, "permanent"),
        (403, 20003, True, "retryable"),
        (403, 20005, True, "retryable"),
        (400, 21211, False, "permanent"),
        (400, 21215, False, "permanent"),
        (429, 20429, False, "retryable"),
        (500, None, False, "unknown"),
    ],
)
def test_twilios_refusals_are_told_apart(status: int, code: int | None, about_us: bool, kind: str) -> None:
    assert errors.refuses_us(status, code) is about_us
    assert errors.kind_of(status, code) == kind
