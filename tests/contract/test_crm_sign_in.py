"""Signing in at both stand-ins' own pages: consent, refusal, replay, wrong addresses, renewal by many at once, consent taken back."""

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.db import connection as database
from django.db import connections as databases
from django.test import override_settings

from accounts.models import User
from core import clock, crypto
from crm_sync.models import CrmConnection, SignInAttempt
from crm_sync.protocol import SyncError
from crm_sync.services import connections, pulling, signing_in, tokens
from crm_sync.services.signing_in import Back, SignInRefused
from sandbox.hubspot import app as hubspot_app
from sandbox.salesforce import app as salesforce_app
from sandbox.testing import run_in_thread

pytestmark = pytest.mark.django_db(transaction=True)
CALLBACK = "http://127.0.0.1:8000/crm/sign-in/return/"
APP = {"client_id": "parley-sandbox", "client_secret": "sandbox-secret"}
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "salesforce": {"domain": "sandbox.my", "sign_in": "person"},
    "hubspot": {"do_not_call_property": "do_not_call", "sign_in": "person"},
}


@dataclass
class There:
    """A stand-in at whose page somebody signs in."""

    kind: str
    url: str
    user: User

    def begin(self, **values: Any) -> str:
        """Return the address of the CRM's page."""
        given = {
            "kind": self.kind, "name": "Ours", "secrets": APP, "settings": SETTINGS[self.kind],
            "redirect_uri": CALLBACK, "by_id": self.user.id, "now": clock.now(), **values,
        }  # fmt: skip
        return signing_in.begin(**given)

    def answer(self, address: str, answer: str = "allow") -> Back:
        """Answer on the CRM's page; return what the browser brings back."""
        page = requests.get(address, timeout=5)
        assert page.status_code == 200, page.text
        hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
        sent = requests.post(
            address.partition("?")[0], data={**hidden, "answer": answer}, timeout=5, allow_redirects=False
        )
        found = {key: values[0] for key, values in parse_qs(urlsplit(sent.headers["Location"]).query).items()}
        return Back(
            state=found.get("state", ""),
            code=found.get("code", ""),
            error=found.get("error", ""),
            description=found.get("error_description", ""),
        )

    def finish(self, back: Back, **values: Any) -> int:
        """Come back with the answer."""
        given = {"by_id": self.user.id, "by_name": "mia", "clock": clock.now, **values}
        return signing_in.finish(back, **given)

    def connect(self) -> CrmConnection:
        """Sign in as it should be."""
        return CrmConnection.objects.get(id=self.finish(self.answer(self.begin())))

    def tell(self, act: str) -> None:
        """Have the stand-in do what its administrator would."""
        assert requests.post(f"{self.url}/_sandbox/{act}", timeout=5).status_code == 200


@pytest.fixture(params=["salesforce", "hubspot"])
def there(request: pytest.FixtureRequest, db: None) -> Iterator[There]:
    """Each stand-in."""
    user = User.objects.create_user("mia", password="correct horse", role="manager")
    module: Any = {"salesforce": salesforce_app, "hubspot": hubspot_app}[request.param]
    with (
        run_in_thread(module.make_app(module.Settings())) as url,
        override_settings(**{f"{request.param.upper()}_BASE_URL": url, "CRM_TIMEOUT_SECONDS": 5.0}),
    ):
        yield There(request.param, url, user)


def secrets_of(made: CrmConnection) -> dict[str, str]:
    """Return what is sealed."""
    return crypto.unseal(CrmConnection.objects.get(id=made.id).secrets)


def test_who_allows_it_there_is_connected_here(there: There) -> None:
    made = there.connect()

    assert (made.kind, made.name, made.created_by_id) == (there.kind, "Ours", there.user.id)
    assert [check for check in made.checks if not check["ok"]] == []
    assert made.state == "connected"
    assert {"token", "refresh_token", "client_id"} <= set(secrets_of(made))
    assert "sandbox-secret" not in made.secrets
    assert SignInAttempt.objects.get().secrets == ""
    assert pulling.list_crm_lists(connection_id=made.id, clock=clock.now)


def test_who_refuses_there_is_told_that_nothing_was_stored(there: There) -> None:
    back = there.answer(there.begin(), "deny")

    with pytest.raises(SignInRefused, match=r"You refused it there.*Nothing was stored"):
        there.finish(back)

    assert not CrmConnection.objects.exists()


def test_an_answer_works_once(there: There) -> None:
    back = there.answer(there.begin())
    there.finish(back)

    with pytest.raises(SignInRefused, match="used already"):
        there.finish(back)

    assert CrmConnection.objects.count() == 1


def test_an_answer_works_for_who_began_it_and_for_half_an_hour(there: There) -> None:
    back = there.answer(there.begin())
    with pytest.raises(SignInRefused, match="Somebody else"):
        there.finish(back, by_id=there.user.id + 1)
    with pytest.raises(SignInRefused, match="last half hour"):
        there.finish(back, clock=lambda: clock.now() + timedelta(minutes=31))
    for state in ("", "x", "\ud83d", "0" * 3000):
        with pytest.raises(SignInRefused, match="not one begun here"):
            there.finish(Back(state=state, code=back.code, error="", description=""))

    assert there.finish(back)


def test_a_code_of_another_sign_in_is_refused(there: There) -> None:
    """Somebody who has the victim follow a link with the attacker's code gets nothing: the verifier or the code does not fit."""
    stolen = there.answer(there.begin())
    there.finish(stolen)
    mine = there.answer(there.begin(name="Other"))

    with pytest.raises(SignInRefused, match="Nothing was stored"):
        there.finish(Back(state=mine.state, code=stolen.code, error="", description=""))

    assert CrmConnection.objects.count() == 1


def test_a_callback_address_the_app_does_not_know_stays_on_the_crms_page(there: There) -> None:
    address = there.begin(redirect_uri="https://evil.example.com/crm/sign-in/return/")

    page = requests.get(address, timeout=5)

    assert (page.status_code, "redirect_uri_mismatch" in page.text) == (400, True)


def test_a_callback_address_other_than_the_one_asked_with_is_refused_in_words(there: There) -> None:
    address = there.begin()
    back = there.answer(address.replace("8000", "8001"))

    with pytest.raises(SignInRefused, match="callback address that Parley shows"):
        there.finish(back)


def test_a_wrong_app_secret_is_refused_in_words(there: There) -> None:
    back = there.answer(there.begin(secrets={**APP, "client_secret": "wrong"}))

    with pytest.raises(SignInRefused, match="Copy the app's secret again"):
        there.finish(back)


def test_a_name_that_is_taken_is_said_before_anybody_goes_there(there: There) -> None:
    there.connect()

    with pytest.raises(connections.NameTakenError):
        there.begin()


def test_signing_in_again_renews_the_same_connection(there: There) -> None:
    made = there.connect()
    before = secrets_of(made)
    connections.disconnect(connection_id=made.id, by_name="mia", now=clock.now())

    again = there.finish(there.answer(there.begin(connection_id=made.id)))

    assert again == made.id
    assert secrets_of(made)["token"] != before["token"]


def test_access_the_crm_ends_is_renewed_in_the_middle_of_a_reading(there: There) -> None:
    made = there.connect()
    before = secrets_of(made)
    connector = tokens.opened(made, clock=clock.now)
    item = next(each for each in connector.lists() if each.name == "Autumn outreach")
    pages = connector.member_ids(item)
    there.tell("expire_sessions")

    assert sum(len(page) for page in pages) == 180
    assert secrets_of(made)["token"] != before["token"]


def test_access_that_ends_soon_is_renewed_before(there: There) -> None:
    made = there.connect()
    ends = {**secrets_of(made), "token_until": (clock.now() + timedelta(minutes=4)).isoformat()}
    CrmConnection.objects.filter(id=made.id).update(secrets=crypto.seal(ends))
    made.refresh_from_db()

    tokens.opened(made, clock=clock.now)

    assert secrets_of(made)["token"] != ends["token"]


def test_of_many_processes_one_renews_and_all_go_on(there: There) -> None:
    made = there.connect()
    refused = secrets_of(made)["token"]
    there.tell("expire_sessions")

    def renew(_: int) -> str:
        try:
            return tokens.renewed(made.id, refused, clock=clock.now)
        except SyncError as error:
            return f"{error.kind} {error.retry_after}"
        finally:
            databases.close_all()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(renew, range(24)))

    assert set(found) - {"retryable 2"} == {secrets_of(made)["token"]}
    assert CrmConnection.objects.get(id=made.id).token_claimed_until is None
    assert database.is_usable()
    # the refresh token is still good: HubSpot's stand-in takes each once
    assert tokens.renewed(made.id, secrets_of(made)["token"], clock=clock.now)


def test_a_consent_taken_back_is_said_and_loses_nothing(there: There) -> None:
    made = there.connect()
    there.tell("revoke_consents")
    there.tell("expire_sessions")

    said = connections.check_again(connection_id=made.id, clock=clock.now)

    made.refresh_from_db()
    assert "sign in again" in said
    assert made.state == "failing"
    assert made.token_claimed_until is None
