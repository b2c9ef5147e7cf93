"""The phone inside a CRM: who may hold it, who may drive it, what it says."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from campaigns.models import CampaignLead, Contact
from core import clock
from crm_sync.models import CrmConnection
from dialer.models import AgentSession, Call
from tests.factories.world import World
from tests.integration.crm_sync.conftest import make_connection
from tests.integration.dialer.conftest import sign_on


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Stop the clock of the pages."""
    monkeypatch.setattr(clock, "now", lambda: now)


@pytest.fixture
def crm(world: World, lead: CampaignLead) -> CrmConnection:
    """A CRM whose person is the lead."""
    facts = {"record_url": "https://crm.example.com/c/{person_id}"}
    made = make_connection("Our CRM", "rest", settings=facts)
    Contact.objects.filter(pk=lead.contact_id).update(external_ref=f"rest:{made.id}:c-1")
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def token_of(client: Client, crm: CrmConnection) -> str:
    page = client.get(f"/phone/{crm.id}/sign-in/").content.decode()
    return page.split('data-token="', 1)[1].split('"', 1)[0]


def ask(crm: CrmConnection, what: str, token: str, body: Any = None) -> Any:
    """Ask as the frame does: without any cookie."""
    headers = {"Authorization": f"Phone {token}"}
    if body is None:
        return Client().get(f"/phone/{crm.id}/{what}", headers=headers)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(f"/phone/{crm.id}/{what}", data, content_type="application/json", headers=headers)


KINDS = [
    (
        "rest",
        {"record_url": "https://crm.example.com:8443/c/{person_id}"},
        "https://crm.example.com:8443",
        "'self'",
    ),
    (
        "salesforce",
        {"instance": "acme.my.salesforce.com"},
        "https://acme.my.salesforce.com https://acme.lightning.force.com",
        "'self' https://acme.my.salesforce.com",
    ),
    (
        "hubspot",
        {"ui_domain": "app-eu1.hubspot.com"},
        "https://app-eu1.hubspot.com https://app.hubspot.com",
        "'self'",
    ),
]


@pytest.mark.parametrize(("kind", "facts", "ancestors", "scripts"), KINDS)
@override_settings(SALESFORCE_BASE_URL="", HUBSPOT_BASE_URL="")
def test_only_the_connected_crm_may_hold_the_phone(
    kind: str, facts: dict[str, str], ancestors: str, scripts: str, db: None
) -> None:
    made = make_connection(kind, kind, settings=facts)

    answer = Client().get(f"/phone/{made.id}/")

    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert answer.status_code == 200
    assert policy["frame-ancestors"] == ancestors
    assert policy["script-src"] == scripts
    assert policy["default-src"] == "'self'"
    assert "X-Frame-Options" not in answer
    assert "Set-Cookie" not in answer.headers
    assert not answer.cookies


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {}},
        {"state": "disconnected", "secrets": ""},
        {"settings": {"record_url": "javascript:alert(1)//"}},
    ],
)
def test_a_crm_that_has_not_said_where_its_pages_are_has_no_phone(change: dict[str, Any], db: None) -> None:
    made = make_connection("rest", "rest", **change)

    assert Client().get(f"/phone/{made.id}/").status_code == 404
    assert Client().get("/phone/999999/").status_code == 404


def test_no_other_page_may_be_held(world: World, crm: CrmConnection) -> None:
    ana = signed_in(world.ana)

    for path in ("/desk/", f"/phone/{crm.id}/sign-in/"):
        answer = ana.get(path)
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "DENY"


def test_the_sign_in_window_keeps_in_touch_with_the_frame_and_wants_an_agent(
    world: World, crm: CrmConnection
) -> None:
    path = f"/phone/{crm.id}/sign-in/"
    nobody = Client().get(path)

    assert nobody.status_code == 302
    assert Client().get(nobody["Location"])["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert Client().get("/sign-in/?next=/desk/")["Cross-Origin-Opener-Policy"] == "same-origin"
    assert signed_in(world.ana).get(path)["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert signed_in(world.nil).get(path).status_code == 403


def test_the_phone_shows_the_card_and_dials_it(
    world: World, crm: CrmConnection, lead: CampaignLead, now: datetime
) -> None:
    token = token_of(signed_in(world.ana), crm)
    assert ask(crm, "state", token).json()["word"] == "Signed off"
    sign_on(world, now=now)

    told = ask(crm, "state", token).json()
    assert (told["word"], told["person"], told["record"], told["call"]) == (
        "Preview",
        "Maria Alvarez",
        "c-1",
        None,
    )

    assert ask(crm, "dial", token, {"record": "c-1", "number": "(407) 555-0123"}).json() == {
        "said": "",
        "ok": True,
    }
    call = Call.objects.get()
    told = ask(crm, "state", token).json()
    assert (told["call"], told["record"], told["word"], told["may_hang_up"]) == (
        call.pk,
        "c-1",
        "Dialing",
        True,
    )

    refused = ask(crm, "dial", token, {"record": "c-1"})
    assert (refused.status_code, refused.json()["said"]) == (422, "You are in a call. End it first.")
    assert ask(crm, "hang-up", token, {}).json()["ok"]


def test_the_record_of_another_crm_is_not_told(
    world: World, crm: CrmConnection, lead: CampaignLead, now: datetime
) -> None:
    Contact.objects.update(external_ref="salesforce:77:00Q1")
    sign_on(world, now=now)
    token = token_of(signed_in(world.ana), crm)

    assert ask(crm, "state", token).json()["record"] == ""


def test_a_cookie_alone_drives_nothing(world: World, crm: CrmConnection, now: datetime) -> None:
    sign_on(world, now=now)
    ana = signed_in(world.ana)

    for answer in (
        ana.get(f"/phone/{crm.id}/state"),
        ana.post(f"/phone/{crm.id}/dial", {"record": "c-1"}, content_type="application/json"),
        ana.post(f"/phone/{crm.id}/hang-up"),
        ana.post(f"/phone/{crm.id}/save", {"call": 1}, content_type="application/json"),
    ):
        assert answer.status_code == 401
    assert not Call.objects.exists()


def test_a_token_ends_with_the_sign_in_and_is_good_for_one_crm(world: World, crm: CrmConnection) -> None:
    ana = signed_in(world.ana)
    token = token_of(ana, crm)
    other = make_connection("Another", "rest", settings=crm.settings)
    assert ask(crm, "state", token).status_code == 200
    assert ask(other, "state", token).status_code == 401

    User.objects.filter(pk=world.ana.pk).update(role=world.nil.role)
    assert ask(crm, "state", token).status_code == 401
    User.objects.filter(pk=world.ana.pk).update(role="agent", is_active=False)
    assert ask(crm, "state", token).status_code == 401
    User.objects.filter(pk=world.ana.pk).update(is_active=True)
    assert ask(crm, "state", token).status_code == 200
    ana.post("/sign-out/")
    assert ask(crm, "state", token).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "gAAAA", "\u00e9", "a b c", "{}"])
def test_a_token_that_is_none_is_refused(token: str, crm: CrmConnection) -> None:
    assert ask(crm, "state", token).status_code == 401


@pytest.mark.parametrize(
    "body",
    [b"", b"[", b"[]", b"1", b'{"record": {"a": 1}}', b'{"record": "\\u0000"}', b'{"number": ["x"]}', b"\xff", b"{" * 9000,
     b'{"record": "c-1\' OR 1=1"}', b'{"number": "tel:911"}'],
)  # fmt: skip
def test_hostile_requests_are_answered_in_words(
    body: bytes, world: World, crm: CrmConnection, now: datetime
) -> None:
    sign_on(world, now=now)
    token = token_of(signed_in(world.ana), crm)

    answer = ask(crm, "dial", token, body)

    assert answer.status_code == 422
    assert len(answer.json()["said"]) > 10
    assert not Call.objects.exists()
    assert AgentSession.objects.get().state == "preview"


def test_the_state_costs_a_fixed_number_of_queries(
    world: World, crm: CrmConnection, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sign_on(world, now=now)
    token = token_of(signed_in(world.ana), crm)

    with django_assert_num_queries(4):  # connection, sign-in, person, desk
        ask(crm, "state", token)
