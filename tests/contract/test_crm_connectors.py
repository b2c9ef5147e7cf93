"""One suite for every connector: the stand-ins through the vendors' libraries, and the twin in memory."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import transaction

from campaigns.importing import RawPerson, clean
from core.db import InsideTransaction
from crm_sync.connectors.by_file import ByFileConnector
from crm_sync.connectors.by_file_full import by_file as by_file_connector
from crm_sync.connectors.hubspot import HubSpotConnector
from crm_sync.connectors.salesforce import SalesforceConnector
from crm_sync.protocol import CallActivity, CrmConnector, CrmList, DoNotCall, SyncError
from sandbox.hubspot import app as hubspot_app
from sandbox.plaincrm import app as plaincrm_app
from sandbox.salesforce import app as salesforce_app
from sandbox.testing import run_in_thread
from tests.fakes.crm import FakeAccount, FakeLedger, people_of_list

HUBSPOT_SECRETS = {"token": "pat-na1-sandbox"}
SALESFORCE_SECRETS = {"client_id": "parley-sandbox", "client_secret": "sandbox-secret"}
EXAMPLE = Path(__file__).parents[2] / "crm_sync" / "byfile" / "examples" / "plain-crm.yaml"
_numbers = itertools.count(1)


@dataclasses.dataclass
class Crm:
    """A CRM under test, and its own word on what stands in it."""

    name: str
    connector: CrmConnector
    person_ids: Sequence[str]
    activities: Callable[[], Mapping[str, Mapping[str, Any]]]  # by external call id
    url: str = ""

    def call(self, **values: object) -> CallActivity:
        """Return a call that is not logged yet."""
        given: dict[str, Any] = {
            "external_call_id": f"parley-test-{next(_numbers)}",
            "person_id": self.person_ids[0],
            "subject": "Call: Interested",
            "direction": "outbound",
            "number": "+14075550123",
            "caller_id": "+14075550100",
            "started_at": "2026-11-20T15:00:00.000Z",
            "ended_at": "2026-11-20T15:01:05.000Z",
            "local_date": "2026-11-20",
            "duration_seconds": 65,
            "network_outcome": "answered",
            "disposition_label": "Interested",
            "disposition_category": "conversion",
            "note": "Wants <b>solar</b> & a call\nin May",
            "campaign_name": "Spring",
            "agent_name": "Ana Agent",
            "agent_email": "ana@example.com",
        }
        return CallActivity(**{**given, **values})

    def flagged(self) -> dict[str, bool]:
        """Return what the CRM's own list says of each person, by their id there."""
        chosen = next(item for item in self.connector.lists() if item.name == "Autumn outreach")
        people = people_of_list(self.connector, chosen)
        return {row.external_ref.rsplit(":", 1)[1]: row.do_not_call for row in people}

    def fault(self, kind: str, *, match: str = "", count: int = 1) -> None:
        """Have the stand-in fail the next matching request."""
        body = {"kind": kind, "count": count, "match": match}
        assert requests.post(f"{self.url}/_sandbox/faults", json=body, timeout=5).status_code == 201


def salesforce(url: str, **values: Any) -> SalesforceConnector:
    """Return a connector for the stand-in."""
    given: dict[str, Any] = {
        "secrets": SALESFORCE_SECRETS,
        "settings": {"domain": "sandbox.my"},
        "ref_prefix": "salesforce:7:",
        "base_url": url,
        "version": "66.0",
        "timeout_seconds": 1.5,
    }
    return SalesforceConnector(**{**given, **values})


def hubspot(url: str, **values: Any) -> HubSpotConnector:
    """Return a connector for the stand-in."""
    given: dict[str, Any] = {
        "secrets": HUBSPOT_SECRETS,
        "settings": {"do_not_call_property": "do_not_call", "portal_id": "24681012"},
        "ref_prefix": "hubspot:7:",
        "base_url": url,
        "version": "v3",
        "timeout_seconds": 1.5,
    }
    return HubSpotConnector(**{**given, **values})


def by_file(url: str, mapping: str = "", **values: Any) -> ByFileConnector:
    """Return a connector for the stand-in, by the example's mapping file or another one."""
    text = (mapping or EXAMPLE.read_text(encoding="utf-8")).replace("http://127.0.0.1:8104", url)
    given: dict[str, Any] = {
        "secrets": {"secret": "plain-sandbox"},
        "settings": {"mapping": text},
        "ref_prefix": "rest:7:",
        "private_hosts": [url.removeprefix("http://")],
        "ledger": FakeLedger(),
        "timeout_seconds": 1.5,
    }
    return by_file_connector(**{**given, **values})


def _stand_in_activities(url: str) -> Mapping[str, Mapping[str, Any]]:
    found = requests.get(f"{url}/_sandbox/activities", timeout=5).json()["activities"]
    by_call = {item["external_id"]: item for item in found}
    assert len(by_call) == len(found), "an activity stands twice in the CRM"
    return by_call


@pytest.fixture(scope="module")
def salesforce_url() -> Iterator[str]:
    """The Salesforce stand-in."""
    with run_in_thread(salesforce_app.make_app(salesforce_app.Settings())) as url:
        yield url


@pytest.fixture(scope="module")
def hubspot_url() -> Iterator[str]:
    """The HubSpot stand-in, without limits on requests."""
    limits = hubspot_app.Settings(ten_second_limit=10_000, search_limit=1_000)
    with run_in_thread(hubspot_app.make_app(limits)) as url:
        hubspot(url).prepare()
        yield url


def _people_ids(connector: CrmConnector) -> list[str]:
    chosen = next(item for item in connector.lists() if item.name == "Autumn outreach")
    return [row.external_ref.rsplit(":", 1)[1] for row in people_of_list(connector, chosen)]


@pytest.fixture
def salesforce_crm(salesforce_url: str) -> Crm:
    """Salesforce through simple-salesforce."""
    connector = salesforce(salesforce_url)
    activities = lambda: _stand_in_activities(salesforce_url)  # noqa: E731
    return Crm("salesforce", connector, _people_ids(connector), activities, salesforce_url)


@pytest.fixture
def hubspot_crm(hubspot_url: str) -> Crm:
    """HubSpot through hubspot-api-client."""
    connector = hubspot(hubspot_url)
    activities = lambda: _stand_in_activities(hubspot_url)  # noqa: E731
    return Crm("hubspot", connector, _people_ids(connector), activities, hubspot_url)


@pytest.fixture(scope="module")
def plaincrm_url() -> Iterator[str]:
    """The stand-in of a CRM that is connected by a mapping file."""
    with run_in_thread(plaincrm_app.make_app(plaincrm_app.Settings())) as url:
        yield url


@pytest.fixture
def by_file_crm(plaincrm_url: str) -> Crm:
    """A CRM described by a mapping file, which keeps no id of ours."""
    connector = by_file(plaincrm_url)
    activities = lambda: _stand_in_activities(plaincrm_url)  # noqa: E731
    return Crm("by_file", connector, _people_ids(connector), activities, plaincrm_url)


@pytest.fixture
def twin() -> Crm:
    """The CRM in memory."""
    people = [
        RawPerson(row_number=n, phones=[("main", "407 555 0100")], external_ref=f"P{n}") for n in range(1, 6)
    ]
    people[1] = dataclasses.replace(people[1], do_not_call=True)
    account = FakeAccount(people={f"P{n}" for n in range(1, 6)})
    account.lists["1"] = (CrmList(kind="list", external_id="1", name="Autumn outreach", size=5), people)
    connector = account.connect("salesforce", secrets={}, settings={}, ref_prefix="salesforce:7:")

    def activities() -> Mapping[str, Mapping[str, Any]]:
        return {key: {"id": crm_id} for key, (crm_id, _) in account.calls.items()}

    return Crm("twin", connector, ["P1", "P2"], activities)


@pytest.fixture(params=["salesforce_crm", "hubspot_crm", "by_file_crm", "twin"])
def crm(request: pytest.FixtureRequest) -> Crm:
    """Each CRM in turn."""
    found: Crm = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["salesforce_crm", "hubspot_crm"])
def real(request: pytest.FixtureRequest) -> Crm:
    """Each stand-in in turn, for what happens on the wire."""
    found: Crm = request.getfixturevalue(request.param)
    return found


def test_a_healthy_account_passes_every_check(crm: Crm) -> None:
    facts = crm.connector.prepare()
    assert facts == crm.connector.prepare()

    assert [check for check in crm.connector.check() if not check.ok] == []
    assert facts.get("instance") or facts.get("portal_id") or facts.get("record_url")


def test_lists_hold_as_many_people_as_they_say(crm: Crm) -> None:
    lists = crm.connector.lists()

    assert lists == sorted(lists, key=lambda item: (item.name.lower(), item.external_id))
    for item in lists:
        people = people_of_list(crm.connector, item)
        assert item.size is None or item.size == len(people), item.name
        assert len({row.external_ref for row in people}) == len(people)
        assert people == people_of_list(crm.connector, item)


def test_people_come_with_what_a_call_needs(crm: Crm) -> None:
    chosen = next(item for item in crm.connector.lists() if item.name == "Autumn outreach")
    people = people_of_list(crm.connector, chosen)

    assert any(row.do_not_call for row in people)
    assert not all(row.do_not_call for row in people)
    assert all(row.external_ref.split(":")[1] == "7" for row in people)
    dialable = [row for row in people if not hasattr(clean(row), "reason")]
    assert len(dialable) > len(people) * 0.9
    assert all(isinstance(value, str) for row in people for phone in row.phones for value in phone)


def test_logging_a_call_twice_updates_it(crm: Crm) -> None:
    call = crm.call()

    first = crm.connector.log_calls([call])
    second = crm.connector.log_calls([dataclasses.replace(call, note="changed", duration_seconds=66)])

    assert first == second
    assert isinstance(first[0], str)
    assert crm.activities()[call.external_call_id]["id"] == first[0]


def test_one_person_who_is_gone_holds_up_nobody(crm: Crm) -> None:
    gone = {"salesforce": "00QHs0000009999IAA", "hubspot": "99999999", "twin": "P99", "by_file": "c-99999"}[
        crm.name
    ]
    calls = [crm.call(), crm.call(person_id=gone), crm.call(person_id=crm.person_ids[1])]

    results = crm.connector.log_calls(calls)

    assert [isinstance(result, str) for result in results] == [True, False, True]
    assert isinstance(results[1], SyncError)
    assert results[1].kind == "gone"
    standing = crm.activities()
    assert standing[calls[2].external_call_id]["id"] == results[2]


def test_no_calls_are_no_request(crm: Crm) -> None:
    assert list(crm.connector.log_calls([])) == []


def test_more_calls_than_a_batch_holds_are_all_logged(real: Crm) -> None:
    calls = [real.call(person_id=real.person_ids[n % 20]) for n in range(230)]

    results = real.connector.log_calls(calls)

    standing = real.activities()
    assert [standing[call.external_call_id]["id"] for call in calls] == list(results)


def flag(person_id: str, do_not_call: bool = True) -> DoNotCall:
    """Return a flag as it is to be."""
    return DoNotCall(
        person_id=person_id,
        do_not_call=do_not_call,
        subject="Do not call",
        started_at="2026-11-20T15:00:00+00:00",
    )


def test_a_flag_stands_in_the_crm_until_it_is_taken_back(crm: Crm) -> None:
    before = crm.flagged()
    one, other = (
        [person for person in crm.person_ids if not before[person]][:2]
        if crm.name != "twin"
        else ("P1", "P3")
    )

    first = crm.connector.set_do_not_call([flag(one), flag(other)])
    again = crm.connector.set_do_not_call([flag(one)])
    during = crm.flagged()
    crm.connector.set_do_not_call([flag(one, False), flag(other, False)])

    assert list(first) == [one, other]
    assert list(again) == [one]
    assert {person for person, is_set in during.items() if is_set != before[person]} == {one, other}
    assert crm.flagged() == before


def test_a_flag_of_somebody_who_is_gone_holds_up_nobody(crm: Crm) -> None:
    gone = {"salesforce": "00QHs0000009999IAA", "hubspot": "99999999", "twin": "P99", "by_file": "c-99999"}[
        crm.name
    ]
    here = crm.person_ids[0]
    was = crm.flagged()[here]

    results = crm.connector.set_do_not_call([flag(gone), flag(here)])

    assert isinstance(results[0], SyncError)
    assert (results[0].kind, results[1]) == ("gone", here)
    assert crm.flagged()[here]
    crm.connector.set_do_not_call([flag(here, was)])


def test_no_flags_are_no_request(crm: Crm) -> None:
    assert list(crm.connector.set_do_not_call([])) == []


def test_more_flags_than_a_batch_holds_are_all_written(real: Crm) -> None:
    before = real.flagged()
    people = list(before)
    many = (people * 3)[:230]

    results = real.connector.set_do_not_call([flag(person) for person in many])

    assert list(results) == many
    assert all(real.flagged()[person] for person in set(many))
    real.connector.set_do_not_call([flag(person, is_set) for person, is_set in before.items()])


@pytest.mark.parametrize("fault", ["http_429", "http_500", "timeout"])
def test_a_crm_in_trouble_takes_flags_later(fault: str, real: Crm) -> None:
    match = "/composite/" if real.name == "salesforce" else "/contacts/batch/update"
    real.fault(fault, match=match)

    with pytest.raises(SyncError) as caught:
        real.connector.set_do_not_call([flag(real.person_ids[0], False)])

    assert caught.value.kind == "retryable"


def test_hubspot_without_a_property_says_that_it_cannot_be_told(hubspot_url: str) -> None:
    without = hubspot(hubspot_url, settings={"do_not_call_property": "", "portal_id": "24681012"})
    misspelt = hubspot(hubspot_url, settings={"do_not_call_property": "no_such_one", "portal_id": "24681012"})
    people = _people_ids(hubspot(hubspot_url))[:2]

    for connector, words in ((without, "Name one there"), (misspelt, "no_such_one")):
        results = connector.set_do_not_call([flag(person) for person in people])

        assert all(isinstance(each, SyncError) and each.kind == "permanent" for each in results)
        assert all(words in str(each) for each in results)


@pytest.mark.parametrize("outcome", ["answered", "busy", "no_answer", "failed", "canceled"])
def test_every_outcome_is_accepted(outcome: str, real: Crm) -> None:
    call = real.call(
        network_outcome=outcome, disposition_label="", disposition_category="", duration_seconds=0
    )

    assert isinstance(real.connector.log_calls([call])[0], str)


@pytest.mark.parametrize(
    "text", ["", "x" * 40_000, "\x00\x07", "'; --", "日本語 🙂", "<script>alert(1)</script>"]
)
def test_whatever_an_agent_writes_is_accepted(text: str, real: Crm) -> None:
    call = real.call(note=text, disposition_label=text[:60], campaign_name=text[:120], agent_name=text[:100])

    assert isinstance(real.connector.log_calls([call])[0], str)


@pytest.mark.parametrize(
    ("fault", "kind"), [("http_429", "retryable"), ("http_500", "retryable"), ("timeout", "retryable")]
)
def test_a_crm_in_trouble_is_told_from_a_refusal(fault: str, kind: str, real: Crm) -> None:
    real.connector.log_calls([real.call()])
    real.fault(fault)

    with pytest.raises(SyncError) as caught:
        real.connector.log_calls([real.call()])

    assert caught.value.kind == kind
    assert (caught.value.retry_after is not None) == (fault == "http_429")
    assert real.name in str(caught.value).lower()


@pytest.mark.parametrize("fault", ["timeout_after_effect", "http_500_after_effect"])
def test_a_request_whose_answer_was_lost_may_be_repeated(fault: str, real: Crm) -> None:
    real.connector.log_calls([real.call()])
    call = real.call()
    match = "/composite/" if real.name == "salesforce" else "/calls/batch/upsert"
    real.fault(fault, match=match)
    with pytest.raises(SyncError):
        real.connector.log_calls([call])
    before = real.activities()[call.external_call_id]["id"]

    assert real.connector.log_calls([call]) == [before]


def test_a_locked_record_is_tried_again(real: Crm) -> None:
    real.connector.log_calls([real.call()])
    real.fault("lock_row", match="/composite/" if real.name == "salesforce" else "/calls/")

    try:
        result = real.connector.log_calls([real.call()])[0]
    except SyncError as error:
        result = error

    assert isinstance(result, SyncError)
    assert result.kind == "retryable"


def test_a_wrong_secret_is_unauthorized_and_says_what_to_do(real: Crm) -> None:
    bad: CrmConnector
    if real.name == "salesforce":
        bad = salesforce(real.url, secrets={**SALESFORCE_SECRETS, "client_secret": "wrong"})
    else:
        bad = hubspot(real.url, secrets={"token": "wrong"})

    with pytest.raises(SyncError) as caught:
        bad.check()

    assert caught.value.kind == "unauthorized"
    assert "again" in str(caught.value)
    assert "wrong" not in str(caught.value)


def test_nobody_listening_is_said_as_such(real: Crm) -> None:
    nowhere = "http://127.0.0.1:9"
    absent = salesforce(nowhere) if real.name == "salesforce" else hubspot(nowhere)

    with pytest.raises(SyncError, match="did not answer") as caught:
        absent.check()

    assert caught.value.kind == "retryable"


@pytest.mark.parametrize("list_id", ["' OR Id != '", "../../limits", "1 2", ""])
def test_a_list_id_that_is_none_is_refused_without_a_request(list_id: str, real: Crm) -> None:
    kind = "campaign" if real.name == "salesforce" else "list"

    with pytest.raises(SyncError, match="not") as caught:
        people_of_list(real.connector, CrmList(kind=kind, external_id=list_id, name="", size=None))

    assert caught.value.kind == "permanent"


@pytest.mark.django_db(transaction=True)
def test_no_request_leaves_from_inside_a_transaction(real: Crm) -> None:
    with transaction.atomic(), pytest.raises(InsideTransaction):
        real.connector.log_calls([real.call()])


def test_an_expired_salesforce_session_is_renewed_once(salesforce_crm: Crm) -> None:
    salesforce_crm.connector.log_calls([salesforce_crm.call()])
    requests.post(f"{salesforce_crm.url}/_sandbox/expire_sessions", timeout=5)

    assert isinstance(salesforce_crm.connector.log_calls([salesforce_crm.call()])[0], str)


def test_salesforce_accepts_a_signed_assertion(salesforce_url: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    secrets = {"client_id": "parley-sandbox", "username": "parley@example.com", "private_key": pem.decode()}

    assert all(check.ok for check in salesforce(salesforce_url, secrets=secrets).check())


def test_a_private_key_that_is_none_is_said_as_such(salesforce_url: str) -> None:
    secrets = {
        "client_id": "parley-sandbox",
        "username": "u",
        "private_key": "-----BEGIN PRIVATE KEY-----\nx",
    }

    with pytest.raises(SyncError, match="whole PEM file") as caught:
        salesforce(salesforce_url, secrets=secrets).check()

    assert caught.value.kind == "unauthorized"


def test_a_salesforce_task_carries_what_the_call_was(salesforce_crm: Crm) -> None:
    call = salesforce_crm.call()

    salesforce_crm.connector.log_calls([call])

    task = salesforce_crm.activities()[call.external_call_id]
    assert (task["subtype"], task["who_id"]) == ("Call", call.person_id)
    assert (task["disposition"], task["duration_seconds"]) == ("Interested", 65)


def test_a_hubspot_call_is_associated_with_its_contact(hubspot_crm: Crm) -> None:
    call = hubspot_crm.call()

    hubspot_crm.connector.log_calls([call])

    logged = hubspot_crm.activities()[call.external_call_id]
    assert logged["contact_ids"] == [call.person_id]
    assert logged["disposition"] == "f240bbac-87c9-4f6e-bf70-924b57d47db7"  # Connected
    assert logged["duration_ms"] == "65000"


def test_one_value_hubspot_refuses_holds_up_nobody(hubspot_crm: Crm) -> None:
    calls = [hubspot_crm.call() for _ in range(5)]
    calls[3] = dataclasses.replace(calls[3], started_at="the day before")

    results = hubspot_crm.connector.log_calls(calls)

    assert [isinstance(result, str) for result in results] == [True, True, True, False, True]


def test_hubspot_answers_at_dated_addresses_too(hubspot_url: str) -> None:
    dated = hubspot(hubspot_url, version="2026-09")

    assert all(check.ok for check in dated.check())
    assert dated.lists() == hubspot(hubspot_url).lists()


def test_one_setting_leaves_no_numbered_address_of_hubspots() -> None:
    settings = hubspot_app.Settings(ten_second_limit=10_000, search_limit=1_000, only_dated=True)
    with run_in_thread(hubspot_app.make_app(settings)) as url:
        dated = hubspot(url, version="2026-03")
        crm = Crm("hubspot", dated, ["151"], lambda: _stand_in_activities(url), url)

        assert dated.prepare()["portal_id"]
        assert [check for check in dated.check() if not check.ok] == []
        people = people_of_list(dated, next(item for item in dated.lists() if item.size))
        person = people[0].external_ref.rsplit(":", 1)[1]
        call = crm.call(person_id=person)
        crm_id = dated.log_calls([call])[0]
        assert isinstance(crm_id, str)
        assert dated.set_do_not_call([DoNotCall(person, True, "Asked", call.started_at)]) == [person]
        assert dated.deleted_by_people([crm_id]) == set()
        assert dated.successors([person]) == {}
        day = date.fromisoformat(call.local_date)
        assert (dated.count_logged(day), [each for page in dated.logged(day) for each in page]) == (
            1,
            [call.external_call_id],
        )
        changed = [each for page in dated.changed_since(datetime(2020, 1, 1, tzinfo=UTC)) for each in page]
        assert person in dict(changed)
        with pytest.raises(SyncError, match="No operation at /crm/v3"):
            hubspot(url).prepare()


def test_a_salesforce_that_does_not_offer_our_version_says_what_to_set(salesforce_url: str) -> None:
    connector = salesforce(salesforce_url, version="67.0")

    with pytest.raises(
        SyncError, match=r"31\.0 to 66\.0, and Parley asks for 67\.0: set SALESFORCE_API_VERSION"
    ):
        connector.prepare()


def test_hubspot_without_the_do_not_call_property_imports_nobody(hubspot_url: str) -> None:
    connector = hubspot(hubspot_url, settings={"do_not_call_property": "never_call"})
    chosen = connector.lists()[0]

    assert [check.name for check in connector.check() if not check.ok] == ["Do not call"]
    with pytest.raises(SyncError, match="never_call") as caught:
        people_of_list(connector, chosen)
    assert caught.value.kind == "config"
