"""The chance of an answer from stored calls to the order of calls and the pacer."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

import msgspec
import pytest
from django.db import connection
from django.test import Client

from campaigns import besttime as engine
from campaigns import cards, ordering
from campaigns.models import CampaignLead, ContactPhone
from campaigns.ordering import Kind, Order
from campaigns.selectors import orders
from compliance.gathering import policy_for
from dialer import best_time_reads
from dialer.models import BestTimeFit, Call, DialAttempt
from dialer.pacing_reads import look
from dialer.services import besttime, placing
from dialer.services.paced import Paced
from tests.factories.world import World, add_lead

MOBILE, LANDLINE = "+14075550123", "+14075550124"
_ids = count(1)


def past_calls(told: Sequence[tuple[CampaignLead, str, datetime, int, int]]) -> None:
    """Store ended calls as the dialer leaves them, so many a row, of them so many answered.

    The triggers that ask for a verdict of each are off meanwhile.
    """
    attempts, calls = [], []
    for lead, number, at, many, answers in told:
        for index in range(many):
            attempt = DialAttempt(
                id=uuid.uuid4(), campaign_lead=lead, number=number, caller_id="+14075550100", channel="live_predictive",
                decision_id=next(_ids), state="ended", state_at=at, reserved_at=at,
            )  # fmt: skip
            is_answered = index < answers
            call = Call(
                attempt=attempt, campaign_id=lead.campaign_id, contact_id=lead.contact_id, number=number,
                caller_id="+14075550100", state="ended", outcome="answered" if is_answered else "no_answer",
                answered_by="person" if is_answered else "", answered_at=at if is_answered else None,
                created_at=at, ended_at=at,
            )  # fmt: skip
            attempts.append(attempt)
            calls.append(call)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        DialAttempt.objects.bulk_create(attempts)
        Call.objects.bulk_create(calls)
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.fixture
def history(world: World, now: datetime) -> World:
    """Forty-five days on which mobiles answered in the evening and landlines hardly ever."""
    mobile, landline = add_lead(world, MOBILE), add_lead(world, LANDLINE)
    ContactPhone.objects.filter(number=MOBILE).update(kind="mobile")
    evenings = [(now - timedelta(days=day)).replace(hour=23) for day in range(1, 46)]
    past_calls([(mobile, MOBILE, at, 15, 9) for at in evenings])
    past_calls([(landline, LANDLINE, at - timedelta(hours=8), 15, 1) for at in evenings])
    return world


def test_a_fit_of_stored_calls_beats_the_average_and_is_kept(history: World, now: datetime) -> None:
    row = besttime.fit(now=now)

    assert (row.calls, row.answers, row.is_better) == (1350, 450, True)
    assert row.brier < row.brier_average
    assert row.held_out > engine.ENOUGH_HELD_OUT
    model = best_time_reads.model_in_use()
    assert model is not None
    assert model.term("line", "mobile") > model.term("line", "main")
    assert model.term("hour", "18") > model.term("hour", "10")


def test_the_likeliest_to_answer_is_first_with_a_score_said_in_words(history: World, now: datetime) -> None:
    besttime.fit(now=now)
    history.campaign.order_plan = ordering.store(Order(kind=Kind.BEST_TIME))
    history.campaign.save(update_fields=["order_plan"])
    CampaignLead.objects.filter(contact__phones__number=MOBILE).update(next_try_at=now - timedelta(hours=1))
    CampaignLead.objects.filter(contact__phones__number=LANDLINE).update(next_try_at=now - timedelta(days=1))

    placing.sweep(now=now)

    page = orders.get_page(history.campaign.pk, now=now)
    first = CampaignLead.objects.get(pk=page.next_up[0].lead_id)
    scores = [lead.score or 0.0 for lead in CampaignLead.objects.order_by("place")]
    assert first.contact.phones.get().number == MOBILE
    assert scores == sorted(scores, reverse=True)
    assert page.next_up[0].why.endswith("% answer at this hour")


def test_the_pacer_is_told_the_scores_of_the_next_leads_and_of_calls_that_ring(
    history: World, now: datetime
) -> None:
    besttime.fit(now=now)
    history.campaign.order_plan = ordering.store(Order(kind=Kind.BEST_TIME))
    history.campaign.save(update_fields=["order_plan"])
    placing.sweep(now=now)
    lead = CampaignLead.objects.get(contact__phones__number=MOBILE)
    ringing(lead, now, score=lead.score)
    running = cards.running_campaigns()

    seen = look(running, wrongly_hung_up={}, now=now)[history.campaign.pk]
    snapshot = Paced(running[0], now=now).snapshot(seen, policy_for(now), lines_left=10, now=now)

    assert len(snapshot.next_scores) == 2
    assert snapshot.next_scores == sorted(snapshot.next_scores, reverse=True)
    assert snapshot.ringing_scores == [lead.score]


def ringing(lead: CampaignLead, now: datetime, *, score: float | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        attempt = DialAttempt.objects.create(
            campaign_lead=lead, number=MOBILE, caller_id="+14075550100", channel="live_predictive",
            decision_id=next(_ids), state="placed", state_at=now, reserved_at=now, placed_at=now, score=score,
        )  # fmt: skip
        Call.objects.create(
            attempt=attempt, campaign_id=lead.campaign_id, contact_id=lead.contact_id, number=MOBILE,
            caller_id="+14075550100", state="ringing", created_at=now,
        )  # fmt: skip
        cursor.execute("SET session_replication_role = DEFAULT")


def test_a_model_that_does_not_beat_the_average_is_not_used(world: World, now: datetime) -> None:
    lead = add_lead(world, MOBILE)
    past_calls([(lead, MOBILE, now - timedelta(days=2), 50, 25)])
    world.campaign.order_plan = ordering.store(Order(kind=Kind.BEST_TIME))
    world.campaign.save(update_fields=["order_plan"])

    assert not besttime.fit(now=now).is_better

    placing.sweep(now=now)
    lead.refresh_from_db()
    assert best_time_reads.model_in_use() is None
    assert (lead.score, lead.place) == (None, 0.0)


def test_a_fit_without_calls_is_kept_and_not_used(world: World, now: datetime) -> None:
    assert besttime.fit(now=now).calls == 0
    assert best_time_reads.model_in_use() is None


def test_the_page_says_how_good_the_model_is(world: World, client: Client, now: datetime) -> None:
    client.force_login(world.mia)
    assert "tomorrow" in client.get("/campaigns/best-time/").content.decode()
    cells = [engine.Cell((str(hour), "0", "FL", "main", "0"), 50, hour) for hour in range(9, 21)]
    found = engine.judge(cells, cells, cells)
    BestTimeFit.objects.create(
        fitted_at=now, since=now, calls=found.calls, answers=found.answers, held_out=found.held_out, brier=found.brier,
        brier_average=found.brier_average, z=found.z, is_better=found.is_better, model=msgspec.to_builtins(found.model),
        bins=msgspec.to_builtins(found.bins),
    )  # fmt: skip

    shown = client.get("/campaigns/best-time/").content.decode()

    assert "Brier score of the plain average" in shown
    assert "20:00 to 21:00" in shown


def test_agents_do_not_see_it(world: World, client: Client) -> None:
    client.force_login(world.ana)
    assert client.get("/campaigns/best-time/").status_code == 403
