"""The page of a connection, the rotation of its secret, and what a limit of requests leaves."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from core import crypto
from crm_sync import quota
from crm_sync.models import ApiHour, CrmConnection, LiveList, Reconciliation
from crm_sync.selectors import health
from crm_sync.selectors import live as live_selectors
from crm_sync.services import connections, live, pushing, reconciling
from tests.fakes.crm import FakeAccount
from tests.integration.crm_sync.conftest import NOW, Clock, make_connection
from tests.integration.crm_sync.test_pages import _pages, signed_in
from tests.integration.crm_sync.test_queue import hear

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["_pages"]


def make(used: int, per_hour: float = 0.0, limit: int = 1000) -> quota.Quota:
    """Return what is known of a limit."""
    return quota.Quota(used=used, limit=limit, read_at=NOW, per_hour=per_hour)


# NOW is 15:00 UTC: nine hours of the day are left.
@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (make(0), timedelta(0)),
        (make(0, per_hour=99), timedelta(0)),  # 891 of the 900 allowed
        (make(450, per_hour=100), timedelta(seconds=60)),  # 72 s would do, a minute is the longest
        (make(899, per_hour=1), timedelta(seconds=60)),
        (make(950), timedelta(seconds=60)),
        (make(100, per_hour=10_000, limit=100_000), timedelta(seconds=32_400 / 89_900)),
    ],
)
def test_pushes_are_gathered_only_where_the_day_would_not_do(known: quota.Quota, expected: timedelta) -> None:
    found = quota.gap(known, NOW, per_push=1)

    assert found == pytest.approx(expected, abs=timedelta(milliseconds=1))


@given(
    used=st.integers(0, 2000),
    per_hour=st.floats(0, 1e6),
    per_push=st.floats(0, 100),
    seconds=st.integers(0, 86_399),
)
def test_a_gap_is_never_longer_than_a_minute_nor_too_short_for_the_day(
    used: int, per_hour: float, per_push: float, seconds: int
) -> None:
    now = datetime(2026, 3, 4, tzinfo=UTC) + timedelta(seconds=seconds)
    known = make(used, per_hour)

    gap = quota.gap(known, now, per_push=per_push)

    assert timedelta(0) <= gap <= quota.LONGEST_GAP
    if timedelta(0) < gap < quota.LONGEST_GAP:
        pushes = (timedelta(days=1) - timedelta(seconds=seconds)) / gap
        assert used + pushes * max(per_push, 1) <= known.allowed + 1


@pytest.mark.parametrize(
    ("used", "after", "held"), [(899, 0, False), (900, 0, True), (900, 899, True), (900, 901, False)]
)
def test_the_reserve_is_touched_once_a_quarter_of_an_hour(used: int, after: float, held: bool) -> None:
    assert (quota.held_until(make(used), NOW + timedelta(seconds=after)) is not None) == held


def test_what_a_push_cost_is_kept_by_the_hour(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    crm.used, crm.limit = 40, 1000
    hear(connection)

    pushing.push_due(clock=clock, connect=crm.connect)

    hour = ApiHour.objects.get()
    assert (hour.hour, hour.requests, hour.activities) == (NOW, 1, 1)
    connection.refresh_from_db()
    assert (connection.api_used, connection.api_limit, connection.api_read_at) == (40, 1000, NOW)


def test_the_page_shows_limit_days_and_what_to_do(
    connection: CrmConnection, mia: User, sol: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    CrmConnection.objects.update(api_used=950, api_limit=1000, api_read_at=NOW)
    Reconciliation.objects.create(
        connection=connection,
        day=NOW.date(),
        ran_at=NOW,
        ours=5,
        theirs=4,
        sent_again=1,
        examples=["<x>: gone"],
    )
    hear(connection)

    page = signed_in(mia).get(f"/crm/{connection.id}/").content.decode()

    assert "950 of 1,000 were used" in page
    assert "&lt;x&gt;: gone" in page
    assert "Compare both sides now" in page
    assert "Compare both sides now" not in signed_in(sol).get(f"/crm/{connection.id}/").content.decode()
    with django_assert_num_queries(10):
        health.get_health(connection.id, NOW)
    assert signed_in(mia).get("/crm/999/").status_code == 404
    assert signed_in(mia).post("/crm/999/reconcile/").status_code == 404


def test_a_hubspot_account_shows_where_its_webhooks_go(mia: User, sol: User) -> None:
    made = make_connection("Hub", "hubspot")

    assert (
        f"/crm/hooks/hubspot/{made.install_key}/" in signed_in(mia).get(f"/crm/{made.id}/").content.decode()
    )
    assert "/crm/hooks/" not in signed_in(sol).get(f"/crm/{made.id}/").content.decode()


def test_followed_lists_are_shown_and_can_be_left_alone(
    connection: CrmConnection, mia: User, sol: User
) -> None:
    client = signed_in(mia)
    query = {"list_kind": "campaign", "list_id": "701A", "crm_list_name": "Spring <x>", "list_name": "Spring"}
    answer = client.post(f"/crm/{connection.id}/lists/import/", {**query, "keep_up_to_date": "on"})
    assert answer.headers["Location"] == "/crm/live/"
    refused = client.post(
        f"/crm/{connection.id}/lists/import/", {**query, "list_id": "a-b", "keep_up_to_date": "on"}
    )
    assert refused.status_code == 422

    page = client.get("/crm/live/").content.decode()
    assert "Spring &lt;x&gt;" in page
    assert "Stop following" not in signed_in(sol).get("/crm/live/").content.decode()
    found = LiveList.objects.get()
    assert client.post(f"/crm/live/{found.id}/stop/").status_code == 302
    assert client.post("/crm/live/999/stop/").status_code == 404
    assert [row.is_on for row in live_selectors.list_live()] == [False]
    assert live.poll_due(clock=Clock()) == 0


def test_secrets_are_encrypted_with_the_new_key_and_unreadable_ones_named(db: None) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with override_settings(ENCRYPTION_KEYS=[old]):
        make_connection("Readable")
    with override_settings(ENCRYPTION_KEYS=[Fernet.generate_key().decode()]):
        make_connection("Lost")

    with override_settings(ENCRYPTION_KEYS=[new, old]), pytest.raises(CommandError, match="Lost"):
        call_command("rotate_crm_secrets", stdout=StringIO())

    with override_settings(ENCRYPTION_KEYS=[new]):
        assert crypto.unseal(CrmConnection.objects.get(name="Readable").secrets)["token"] == "good"
        assert connections.reseal_all(now=NOW) == (1, ["Lost"])


def test_the_nightly_comparison_passes_by_who_is_disconnected(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    make_connection("Gone", state="disconnected", secrets="")
    hear(connection)
    pushing.push_due(clock=clock, connect=crm.connect)
    crm.calls.clear()
    clock.tick(3600)

    assert reconciling.reconcile_all(clock=clock, connect=crm.connect) == 1
    assert Reconciliation.objects.filter(connection=connection).count() == 3
    assert Reconciliation.objects.count() == 3
