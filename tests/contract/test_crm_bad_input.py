"""What a CRM may throw at us, and where it is tried; each with what people see, and nothing lost or doubled by it.

| mishap | on the way out | while reading |
|---|---|---|
| pick-list value unknown | test_crm_mishaps, test_crm_out (fields), here (HubSpot) | tests/unit/crm_sync/test_deciding |
| field removed | test_crm_mishaps (what calls need), test_crm_out (mapped) | here: one we need, one we can do without |
| record deleted | test_crm_mishaps | here in mid-reading; test_crm_live |
| record merged, converted | test_crm_mishaps; here: what else waits goes along | here in mid-reading; test_crm_live |
| validation rule refused | test_crm_mishaps (calls), test_crm_out (texts) | – |
| text too long | test_crm_mishaps (calls), test_crm_out (fields) | – |
| owner inactive | test_crm_mishaps, test_crm_out (HubSpot); here (Salesforce) | – |
| quota gone | test_crm_mishaps | here |
| token revoked in mid-batch | test_crm_mishaps (HubSpot); here (Salesforce, both) | here; test_crm_sign_in (OAuth) |
| clock skew | here: signatures, JWT | here: an hour behind, an hour ahead |
| partial success of a batch | test_crm_mishaps, test_crm_out | – |
| webhook unknown, forged, older than five minutes | tests/integration/crm_sync/test_webhooks | – |
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import override_settings

from campaigns.models import Contact, ListImport
from core import clock as core_clock
from core import crypto
from crm_sync import registry
from crm_sync.models import CrmConnection, ListPull, LiveList, SyncQueueItem
from crm_sync.protocol import SyncError
from crm_sync.services import connections, live, pulling, pushing
from sandbox import crm_common
from sandbox.clock import Clock as TheirClock
from sandbox.hubspot import app as hubspot_app
from sandbox.salesforce import app as salesforce_app
from sandbox.testing import run_in_thread
from tests.contract.conftest import SECRETS, SETTINGS
from tests.contract.test_crm_live import follow, on_list, poll, rename
from tests.contract.test_crm_mishaps import Account, act, object_of, person, same_kind
from tests.contract.test_crm_out import maps
from tests.contract.test_crm_queue import hear, standing
from tests.integration.crm_sync.conftest import Clock, make_connection

pytestmark = pytest.mark.django_db(transaction=True)
only_salesforce = pytest.mark.parametrize("account", ["salesforce"], indirect=True)
only_hubspot = pytest.mark.parametrize("account", ["hubspot"], indirect=True)
CALLED_BACK: dict[str, Any] = {
    "disposition_code": "callback", "disposition_label": "Call back", "disposition_category": "callback", "lead_id": 7,
    "callback_at": "2026-03-06T15:00:00+00:00", "callback_date": "2026-03-06", "callback_agent_name": "Ana",
    "callback_agent_email": "nobody@example.com",
}  # fmt: skip


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of either CRM takes several pages, and each page a task of its own."""
    monkeypatch.setattr("sandbox.salesforce.api._page_size", lambda _: 40)
    monkeypatch.setattr("crm_sync.connectors.hubspot_first.PAGE", 40)
    monkeypatch.setattr("crm_sync.services.pulling.SLICE", pulling.timedelta(0))


def begin_reading(connection: CrmConnection, clock: Clock) -> int:
    """Read the first page of the account's outreach list, and return the import."""
    chosen = next(
        item
        for item in pulling.list_crm_lists(connection_id=connection.pk, clock=clock)
        if item.name == "Autumn outreach"
    )
    import_id = pulling.start_list_import(
        connection_id=connection.pk, list_kind=chosen.kind, list_id=chosen.external_id, crm_list_name=chosen.name,
        list_name="Autumn", by_id=None, by_name="mia", now=clock(),
    )  # fmt: skip
    pulling.import_list(import_id=import_id, clock=clock)
    assert ListPull.objects.get(import_id=import_id).rows_read == 40
    return import_id


def read_on(import_id: int, clock: Clock) -> ListPull:
    """Have the rest read, page by page."""
    for _ in range(20):
        pulling.import_list(import_id=import_id, clock=clock)
        pulling.go_on(now=clock.tick(400))
    return ListPull.objects.get(import_id=import_id)


def hide(account: Account, *names: str) -> None:
    """Take a field away from the people of the account."""
    connection, url, _ = account
    for name in names:
        if connection.kind == "salesforce":
            for kind in ("Lead", "Contact"):
                act(url, "change_field", object=kind, field=name, hidden=True)
        else:
            act(url, "change_property", object="contacts", property=name, archived=True)


def test_a_field_we_need_that_goes_in_mid_reading_ends_it_in_words_and_imports_nobody(
    account: Account, clock: Clock, small_pages: None
) -> None:
    connection, _, _ = account
    import_id = begin_reading(connection, clock)

    hide(account, "DoNotCall" if connection.kind == "salesforce" else "do_not_call")
    pull = read_on(import_id, clock)

    # Without it nobody could be told from those who must not be called.
    assert pull.state == "failed"
    assert "DoNotCall" in pull.last_error or "do_not_call" in pull.last_error
    assert ListImport.objects.get(id=import_id).state == "failed"
    assert Contact.objects.count() == 0


def test_a_field_we_can_do_without_that_goes_in_mid_reading_changes_nothing_else(
    account: Account, clock: Clock, small_pages: None
) -> None:
    connection, _, people = account
    import_id = begin_reading(connection, clock)

    hide(account, "Title" if connection.kind == "salesforce" else "jobtitle")
    pull = read_on(import_id, clock)

    assert (pull.state, pull.rows_read) == ("done", len(people))


def test_the_flag_s_field_gone_between_two_pages_of_one_reader_is_noticed(account: Account) -> None:
    connection, _, people = account
    if connection.kind == "salesforce":  # its query would be refused
        return
    connector = registry.connect(
        connection.kind, secrets=SECRETS[connection.kind], settings=connection.settings, ref_prefix="x:"
    )
    pages = connector.people_of([person(ref) for ref in people])
    assert next(pages)

    hide(account, "do_not_call")

    with pytest.raises(SyncError, match="do_not_call"):
        next(pages)


def test_who_is_deleted_or_merged_in_mid_reading_is_nobody_twice_and_gone_with_the_next_poll(
    account: Account, clock: Clock, small_pages: None
) -> None:
    connection, url, _ = account
    followed = follow(connection, clock)
    while ListPull.objects.get().state == "waiting" and ListPull.objects.get().rows_read < 80:
        pulling.import_list(import_id=ListPull.objects.get().import_id, clock=clock)
    import_id = ListPull.objects.get().import_id
    first, second = same_kind(connection, sorted(account[2]))
    deleted = next(ref for ref in sorted(account[2], reverse=True) if ref not in (first, second))
    act(url, "delete", object=object_of(connection, deleted), id=person(deleted))
    act(url, "merge", object=object_of(connection, first), id=person(first), into=person(second))

    read_on(import_id, clock)
    for _ in range(3):
        poll(clock)

    followed.refresh_from_db()
    assert followed.last_error == ""
    here = on_list()
    assert deleted not in here
    assert first not in here
    assert second in here
    assert here <= set(account[2]) - {deleted, first}


def test_a_reading_waits_for_the_day_s_requests_and_goes_on_where_it_stopped(
    account: Account, clock: Clock, small_pages: None
) -> None:
    connection, url, people = account
    import_id = begin_reading(connection, clock)
    fault = {"kind": "http_429_daily" if connection.kind == "hubspot" else "http_429", "count": 1}
    requests.post(f"{url}/_sandbox/faults", json=fault, timeout=5)

    pulling.import_list(import_id=import_id, clock=clock)

    pull = ListPull.objects.get()
    assert (pull.state, pull.rows_read) == ("waiting", 40)
    assert pull.last_error
    pull = read_on(import_id, clock)
    assert (pull.state, pull.rows_read) == ("done", len(people))


@only_salesforce
def test_a_token_revoked_in_the_middle_of_a_push_is_got_anew_and_doubles_nothing(
    account: Account, clock: Clock
) -> None:
    connection, url, people = account
    for number in range(20):
        hear(connection, people[number % 15], call_id=number)
    fault = {"kind": "timeout_after_effect", "count": 1, "match": "/composite/"}
    requests.post(f"{url}/_sandbox/faults", json=fault, timeout=5)
    pushing.push_due(clock=clock)
    requests.post(f"{url}/_sandbox/expire_sessions", timeout=5)

    for _ in range(3):
        pushing.push_due(clock=clock)
        clock.tick(310)

    assert len(standing(url)) == 20
    assert SyncQueueItem.objects.filter(state="done").count() == 20


def test_access_taken_away_for_good_in_the_middle_of_a_push_is_said_and_all_of_it_waits(
    account: Account, clock: Clock
) -> None:
    connection, url, people = account
    for number in range(20):
        hear(connection, people[number % 15], call_id=number)
    match = "/composite/" if connection.kind == "salesforce" else "/calls/batch"
    requests.post(f"{url}/_sandbox/faults", json={"kind": "unauthorized", "match": match}, timeout=5)

    assert pushing.push_due(clock=clock) == 0

    connection.refresh_from_db()
    assert connection.state == "failing"
    assert connection.last_error
    assert set(SyncQueueItem.objects.values_list("state", flat=True)) == {"waiting"}
    requests.delete(f"{url}/_sandbox/faults", timeout=5)
    clock.tick(301)
    while pushing.push_due(clock=clock):
        clock.tick(1)
    assert len(standing(url)) == 20


@only_salesforce
def test_a_record_of_an_inactive_owner_holds_its_fields_alone(account: Account, clock: Clock) -> None:
    connection, url, people = account
    leads = [ref for ref in people if object_of(connection, ref) == "Lead"]
    maps(connection, "Lead", {"ours": "call.campaign", "theirs": "Title"})
    act(url, "deactivate_owner", object="Lead", id=person(leads[0]))
    result: dict[str, Any] = {
        "disposition_code": "sale",
        "disposition_label": "Sale",
        "disposition_category": "conversion",
    }
    hear(connection, leads[0], **result)

    for _ in range(3):
        pushing.push_due(clock=clock)
        clock.tick(5)

    states = {item.kind: item for item in SyncQueueItem.objects.all()}
    assert states["call"].state == "done"
    assert states["fields"].state == "held"
    assert "give it to somebody active" in states["fields"].reason


@only_hubspot
def test_a_call_outcome_the_account_has_no_more_waits_for_the_mapping(account: Account, clock: Clock) -> None:
    connection, _, people = account
    maps(
        connection, "calls",
        {"ours": "call.outcome", "theirs": "hs_call_disposition", "values": {"answered": "5c8e1f0a-0000"}},
    )  # fmt: skip
    hear(connection, people[0])
    for _ in range(2):
        pushing.push_due(clock=clock)
        clock.tick(5)

    item = SyncQueueItem.objects.get()
    assert (item.state, item.held_for_setup) == ("held", True)
    maps(connection, "calls", {"ours": "call.campaign", "theirs": "hs_call_title"})
    connections.check_again(connection_id=connection.pk, clock=clock)
    pushing.push_due(clock=clock)
    assert SyncQueueItem.objects.get().state == "done"


def test_what_else_waits_for_a_merged_person_goes_along_in_its_order(account: Account, clock: Clock) -> None:
    connection, url, people = account
    first, second = same_kind(connection, people)
    act(url, "merge", object=object_of(connection, first), id=person(first), into=person(second))
    hear(connection, first, **CALLED_BACK)
    hear(connection, first, call_id=2)

    for _ in range(4):
        pushing.push_due(clock=clock)
        clock.tick(5)

    items = list(SyncQueueItem.objects.order_by("id"))
    assert {(each.state, each.person_id) for each in items} == {("done", person(second))}
    call, promise, _ = items
    assert call.acknowledged_at <= promise.acknowledged_at


def skewed(kind: str, seconds: float) -> Any:
    """Return a stand-in whose clock is so far ahead of ours (or behind)."""
    module: Any = {"salesforce": salesforce_app, "hubspot": hubspot_app}[kind]
    given = {"search_limit": 1000} if kind == "hubspot" else {}
    common = crm_common.Settings(clock=TheirClock(offset_seconds=seconds))
    return module.make_app(module.Settings(common=common, **given))


class RealClock(Clock):
    """The machine's clock, which tests put forward: the stand-in's is counted from it."""

    def __init__(self) -> None:
        self.now = core_clock.now()


@pytest.fixture(params=["salesforce", "hubspot"])
def shifted(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Return what connects a stand-in of either kind with a clock of its own."""
    kind = request.param
    with contextlib.ExitStack() as opened:

        def connect(seconds: float) -> tuple[CrmConnection, str]:
            url = opened.enter_context(run_in_thread(skewed(kind, seconds)))
            settings = {f"{kind.upper()}_BASE_URL": url, "CRM_TIMEOUT_SECONDS": 2.0}
            opened.enter_context(override_settings(**settings))
            made = make_connection(kind, kind, secrets=crypto.seal(SECRETS[kind]), settings=SETTINGS[kind])
            assert connections.check_again(connection_id=made.id, clock=RealClock()) == ""
            made.refresh_from_db()
            return made, url

        yield connect


@pytest.mark.parametrize("seconds", [-3600.0, 3600.0])
def test_no_change_is_passed_over_however_wrong_a_clock_is(shifted: Any, seconds: float) -> None:
    connection, url = shifted(seconds)
    clock = RealClock()
    follow(connection, clock)
    poll(clock)
    refs = sorted(on_list())

    for number in range(3):
        rename(connection, url, refs[number], f"Newname{number}")
        clock.tick(400)
        poll(clock)
        poll(clock)
        assert Contact.objects.get(external_ref=refs[number]).last_name == f"Newname{number}"

    assert LiveList.objects.get().last_error == ""
    imported = ListImport.objects.count()
    clock.tick(1200)
    poll(clock)
    assert ListImport.objects.count() == imported  # what was read is not imported again and again


def test_a_webhook_in_the_middle_of_a_poll_is_not_forgotten(account: Account, clock: Clock) -> None:
    connection, _, _ = account
    followed = follow(connection, clock)

    def connect(kind: str, **values: Any) -> Any:
        live.ask_soon(connection_id=connection.pk, now=clock())
        return registry.connect(kind, **values)

    clock.tick(60)
    live.poll_due(clock=clock, connect=connect)

    followed.refresh_from_db()
    assert followed.due_at <= clock()


def test_an_assertion_refused_for_a_clock_says_to_look_at_it() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    secrets = {"client_id": "parley-sandbox", "username": "u@example.com", "private_key": pem.decode()}
    with (
        run_in_thread(skewed("salesforce", 3600.0)) as url,
        override_settings(SALESFORCE_BASE_URL=url),
    ):
        connector = registry.connect(
            "salesforce", secrets=secrets, settings={"domain": "sandbox.my"}, ref_prefix="x:"
        )
        with pytest.raises(SyncError, match="this server's clock") as refused:
            connector.check()

    assert refused.value.kind == "unauthorized"
