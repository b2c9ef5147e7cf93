"""Pools of caller numbers: drawn from under caps, judged by the gate, rested when they fall."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from campaigns.models import Campaign, CampaignVersion
from campaigns.services import caller_pools, work
from campaigns.services.moves import CampaignRefused
from carriers import pools
from carriers.models import CallerNumber, CallerPoolMember
from carriers.pools import PoolRefused, PoolSpec
from compliance.models import CallerAuthority, OpenClearance
from core import db
from core.errors import NotFound
from core.models import AuditEvent
from dialer import pool_reads
from dialer.models import AgentSession, Call, DialAttempt
from dialer.services import autodial, caller_ids, dialing, offers, optout
from dialer.why.reading import read_person
from dialer.why.waterfall import waterfall
from tests.factories.world import CALLER_ID, SELLER, World, add_lead, agree_to_be_called, give_papers

SECOND = "+13055550100"
BY: dict[str, Any] = {"by_name": "mia"}


@pytest.fixture
def pool(world: World, now: datetime) -> int:
    """A pool of an Orlando and a Miami number, used by the campaign."""
    CallerNumber.objects.create(number=SECOND, label="Miami")
    give_papers(now, caller_id=SECOND)
    made = pools.create_pool(spec=PoolSpec(name="Florida", daily_cap=2), now=now, **BY)
    for number in (CALLER_ID, SECOND):
        pools.add_number(pool_id=made, number=number, now=now, **BY)
    Campaign.objects.update(caller_pool_id=made)
    return made


def draw(pool: int, now: datetime, seed: str = "s") -> str | None:
    with db.use_case():
        found = pools.draw(pool, to="+14075550123", seed=seed, today=caller_ids.office_day(now), now=now)
    return found.number if found else None


def test_a_call_shows_the_number_drawn_and_says_why(
    at_work: AgentSession, pool: int, world: World, now: datetime
) -> None:
    dialing.reserve(user_id=world.ana.pk, version=at_work.version, phone_id=None, now=now)

    attempt = DialAttempt.objects.get()
    assert (attempt.caller_id, Call.objects.get().caller_id) == (CALLER_ID, CALLER_ID)
    assert attempt.caller_why.startswith("same area code 407")
    assert OpenClearance.objects.get().caller_id == CALLER_ID
    assert CallerPoolMember.objects.get(number__number=CALLER_ID).dials_today == 1


def test_the_gate_judges_the_number_that_is_shown_and_a_refused_call_is_not_counted(
    at_work: AgentSession, pool: int, world: World, now: datetime
) -> None:
    pools.remove_number(pool_id=pool, number=CALLER_ID, now=now, **BY)
    CallerAuthority.objects.filter(number=SECOND).delete()

    said = dialing.reserve(user_id=world.ana.pk, version=at_work.version, phone_id=None, now=now)

    assert said is not None
    assert "caller ID" in said
    assert CallerPoolMember.objects.get().dials_today == 0


def test_caps_hold_and_begin_anew_the_next_day(pool: int, now: datetime) -> None:
    drawn = [draw(pool, now, str(number)) for number in range(5)]

    assert drawn == [CALLER_ID, CALLER_ID, SECOND, SECOND, None]
    assert draw(pool, now + timedelta(days=1)) == CALLER_ID


def test_nothing_is_dialed_where_every_number_is_at_its_cap(
    at_work: AgentSession, pool: int, world: World, now: datetime
) -> None:
    CallerPoolMember.objects.update(day=caller_ids.office_day(now), dials_today=2)

    with pytest.raises(caller_ids.NoCallerNumber, match="rests or has made its calls"):
        dialing.reserve(user_id=world.ana.pk, version=at_work.version, phone_id=None, now=now)


def test_a_number_rests_after_so_many_calls(pool: int, now: datetime) -> None:
    pools.change_pool(
        pool_id=pool, spec=PoolSpec(name="Florida", rest_after=1, rest_minutes=30), now=now, **BY
    )

    assert [draw(pool, now), draw(pool, now), draw(pool, now)] == [CALLER_ID, SECOND, None]
    assert draw(pool, now + timedelta(minutes=30)) == CALLER_ID
    pools.end_rest(pool_id=pool, number=SECOND, now=now, **BY)
    assert draw(pool, now) == SECOND


def test_the_dialer_starts_no_more_calls_than_the_pool_has(pool: int, world: World, now: datetime) -> None:
    Campaign.objects.update(mode="progressive")
    for last in range(123, 129):
        add_lead(world, f"+14075550{last}")
        agree_to_be_called(f"+14075550{last}", now=now)

    assert autodial.start_calls(campaign_id=world.campaign.pk, count=6, now=now) == 4

    shown = sorted(DialAttempt.objects.values_list("caller_id", flat=True))
    assert shown == [SECOND, SECOND, CALLER_ID, CALLER_ID]


def test_our_numbers_of_a_pool_take_requests_for_its_campaigns_sellers(pool: int, world: World) -> None:
    Campaign.objects.update(seller="Another")

    assert optout.sellers_of(SECOND) == ["Another"]
    assert SELLER not in optout.sellers_of(CALLER_ID)


def test_what_a_pool_cannot_be_is_refused(pool: int, now: datetime) -> None:
    for spec in (
        PoolSpec(name=" "),
        PoolSpec(name="x" * 81),
        PoolSpec(name="A", daily_cap=0),
        PoolSpec(name="A", rest_after=10**9),
        PoolSpec(name="A", rest_minutes=0),
        PoolSpec(name="Florida"),
    ):
        with pytest.raises(PoolRefused):
            pools.create_pool(spec=spec, now=now, **BY)
    with pytest.raises(PoolRefused, match="in a pool already"):
        pools.add_number(pool_id=pool, number=SECOND, now=now, **BY)
    with pytest.raises(PoolRefused, match="FED-025"):
        pools.add_number(pool_id=pool, number="+12125550100", now=now, **BY)
    with pytest.raises(NotFound):
        pools.remove_number(pool_id=pool, number="x", now=now, **BY)


def test_a_campaign_takes_a_pool_while_it_does_not_dial(pool: int, world: World, now: datetime) -> None:
    about = {"campaign_id": world.campaign.pk, "now": now, **BY}
    with pytest.raises(CampaignRefused, match="Pause it first"):
        caller_pools.use_pool(pool_id=None, **about)
    Campaign.objects.update(state="paused", caller_pool_id=None)
    caller_pools.use_pool(pool_id=pool, **about)
    assert Campaign.objects.get().caller_pool_id == pool
    caller_pools.use_pool(pool_id=None, **about)
    assert Campaign.objects.get().caller_pool_id is None
    assert CampaignVersion.objects.latest("number").note == "Shows its own number again."
    empty = pools.create_pool(spec=PoolSpec(name="Empty"), now=now, **BY)
    with pytest.raises(CampaignRefused, match="no numbers in use"):
        caller_pools.use_pool(pool_id=empty, **about)


def test_the_pages_show_and_change_pools(pool: int, world: World, client: Client) -> None:
    client.force_login(world.mia)
    page = client.get(f"/caller-ids/{pool}/").content.decode()
    assert "Miami" in page
    assert "in use" in page
    assert "Florida" in client.get("/caller-ids/").content.decode()
    made = client.post("/caller-ids/", {"name": "Second", "rest_minutes": "5"})
    assert made.status_code == 302
    refused = client.post(f"/caller-ids/{pool}/", {"name": "Florida", "rest_minutes": "x", "daily_cap": "-1"})
    assert refused.status_code == 422
    for action in ("add", "remove", "end-rest", "use", "leave", "dance"):
        answer = client.post(f"/caller-ids/{pool}/{action}/", {"number": "\x00" * 40, "campaign": "9" * 40})
        assert answer.status_code in (302, 404)
    client.post(f"/caller-ids/{pool}/remove/", {"number": SECOND})
    assert AuditEvent.objects.filter(verb="carriers.pool.number_removed").count() == 1
    assert client.get("/caller-ids/0/").status_code == 404
    client.force_login(world.ana)
    assert client.get("/caller-ids/").status_code == 403


def test_reading_a_pool_costs_the_same_however_large_it_is(
    pool: int, now: datetime, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(5):
        pool_reads.get_pool(pool, today=caller_ids.office_day(now), now=now)
    with django_assert_num_queries(3):
        pool_reads.list_pools()


def test_a_number_answered_less_than_the_others_rests_until_a_manager_looks(
    pool: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [(CALLER_ID, number % 3 == 0) for number in range(300)] + [(SECOND, False)] * 60
    rows = [(number, "answered" if is_answered else "no_answer", now) for number, is_answered in calls]
    found = pool_reads.health_of(list(CallerPoolMember.objects.select_related("number").order_by("pk")), rows)

    assert [one.has_fallen for one in found] == [False, True]
    monkeypatch.setattr(caller_ids, "fallen", lambda now: [one for one in found if one.has_fallen])
    assert caller_ids.rest_fallen(now=now) == 1

    row = CallerPoolMember.objects.get(number__number=SECOND)
    assert row.rest_reason == "Answered 0 of 60 calls; the pool’s others 33 %"
    assert draw(pool, now + timedelta(days=30), "x") == CALLER_ID


def test_the_gate_is_asked_ahead_about_the_number_that_will_be_shown(
    pool: int, world: World, now: datetime
) -> None:
    add_lead(world)
    agree_to_be_called("+14075550123", now=now)
    pools.remove_number(pool_id=pool, number=CALLER_ID, now=now, **BY)
    CallerAuthority.objects.filter(number=CALLER_ID).delete()  # the campaign's own, which nobody will see
    campaign = Campaign.objects.get()
    items = work.candidates(campaign_id=campaign.pk, user_id=None, now=now, limit=5, placed=False)

    [found] = offers.screen(campaign, items, now=now)

    assert found.phone is not None
    assert CallerPoolMember.objects.get().dials_today == 0
    CallerAuthority.objects.all().delete()
    assert offers.screen(campaign, items, now=now)[0].phone is None


def test_a_pool_says_how_it_stands_and_until_when(pool: int, world: World, now: datetime) -> None:
    day = caller_ids.office_day(now)
    CallerPoolMember.objects.filter(number__number=CALLER_ID).update(day=day, dials_today=2)
    CallerPoolMember.objects.filter(number__number=SECOND).update(
        rests_until=now + timedelta(minutes=30), rest_reason="9 calls in a row"
    )

    found = caller_ids.standing(Campaign.objects.get(), now=now)

    assert found is not None
    assert (found.free, found.resting, found.capped) == ([], 1, 1)
    assert found.next_at == now + timedelta(minutes=30)
    assert found.shown_to("+14075550123") == ""
    CallerPoolMember.objects.filter(number__number=SECOND).update(
        rests_until=now + pools.UNTIL_LOOKED_AT, rest_reason="fell"
    )
    later = caller_ids.standing(Campaign.objects.get(), now=now)
    assert later is not None
    assert later.next_at is not None
    assert caller_ids.office_day(later.next_at) == day + timedelta(days=1)


def test_the_waterfall_and_the_lead_say_that_the_pool_rests(pool: int, world: World, now: datetime) -> None:
    lead = add_lead(world)
    agree_to_be_called("+14075550123", now=now)
    CallerPoolMember.objects.update(rests_until=now + timedelta(minutes=30), rest_reason="9 calls in a row")

    counted = waterfall(world.campaign.pk, now=now)
    person = read_person(lead.contact_id, now=now)

    assert counted.callable_now == 0
    assert counted.callable_today == 1
    assert [reason.code for reason in counted.steps[-1].reasons] == ["POOL"]
    assert "every number of the pool “Florida” is held: 2 rest" in person.ladders[0].rungs[2].text
    assert person.ladders[0].rungs[2].passes_at == now + timedelta(minutes=30)
