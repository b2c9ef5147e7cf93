"""A CRM in the manner of JSON:API: nested attributes, a total that changes from page to page, members as ids, refusals with status 200,
access for a password that ends before its time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from crm_sync.capabilities import FieldWrite, NewPerson
from crm_sync.protocol import SyncError
from sandbox.plaincrm import app as plaincrm_app
from sandbox.testing import run_in_thread
from tests.contract.test_crm_by_file import act, crm_at, standing
from tests.contract.test_crm_connectors import by_file, flag
from tests.fakes.crm import FakeLedger

ODD = (Path(__file__).parent / "plain-jsonapi.yaml").read_text(encoding="utf-8")
SECRETS = {
    "user": "parley",
    "secret": "plain-password",
    "client_id": "parley-client",
    "client_secret": "client-sandbox",
}


@pytest.fixture
def url() -> Iterator[str]:
    """A fresh stand-in."""
    with run_in_thread(plaincrm_app.make_app(plaincrm_app.Settings())) as address:
        yield address


def odd(url: str, text: str = ODD, **values: Any) -> Any:
    return by_file(url, text, **{"secrets": SECRETS, **values})


def test_all_its_paths_are_read(url: str) -> None:
    checks = odd(url).check()

    assert [check for check in checks if not check.ok] == []


def test_a_total_that_changes_leaves_nobody_out(url: str) -> None:
    [*pages] = odd(url).changed_since(None)

    people = [person for page in pages for person, _ in page]
    assert len(people) == len(set(people)) == 160


def test_what_is_told_stands_in_its_attributes_once(url: str) -> None:
    ledger = FakeLedger()
    crm = crm_at(url, odd(url, ledger=ledger))
    call = crm.call()
    crm.fault("http_500_after_effect", match="POST /jsonapi/module")
    with pytest.raises(SyncError):
        crm.connector.log_calls([call])

    [first] = crm.connector.log_calls([call])
    [again] = crm.connector.log_calls([call])

    assert first == again
    [row] = standing(url)
    assert (row["id"], row["contact"], row["external_id"]) == (first, "c-00001", call.external_call_id)
    assert crm.connector.set_do_not_call([flag("c-00003")]) == ["c-00003"]
    assert crm.flagged()["c-00003"]


def test_fields_and_new_people_go_as_nested_bodies(url: str) -> None:
    connector = odd(url)
    assert connector.write_fields([FieldWrite("c-00001", "person", {"job": "Roofer"})]) == ["c-00001"]
    assert connector.read_records("person", ["c-00001"], ["job"])["c-00001"].values == {"job": "Roofer"}

    made = connector.create_person(
        NewPerson("parleyperson-k-1", "person", first_name="Ida", last_name="Frost", number="+13035550171")
    )

    assert [each.person_id for each in connector.find_people(number="+13035550171", email="")] == [made]


def test_a_refusal_with_status_200_is_one(url: str) -> None:
    act(url, do="rename_field", field="do_not_call", to="never_call")
    connector = odd(url)

    with pytest.raises(SyncError, match="change it in the mapping file") as caught:
        connector.set_do_not_call([flag("c-00001")])
    [unknown] = connector.write_fields([FieldWrite("c-99999", "person", {"job": "Roofer"})])

    assert caught.value.kind == "config"
    assert isinstance(unknown, SyncError)
    assert unknown.kind == "gone"
    text = ODD[: ODD.index("errors:\n")]
    [plain] = odd(url, text).set_do_not_call([flag("c-00001")])
    assert isinstance(plain, SyncError)
    assert (plain.kind, "unknown field" in str(plain)) == ("permanent", True)


def test_access_that_ended_early_is_renewed_and_a_wrong_password_is_said(url: str) -> None:
    connector = odd(url)
    connector.lists()
    for _ in range(2):
        requests.post(f"{url}/jsonapi/_end_tokens", timeout=5)
        assert connector.lists()

    wrong = odd(url, secrets={**SECRETS, "secret": "wrong-password"})
    with pytest.raises(SyncError, match="enter what it signs in with again") as caught:
        wrong.lists()
    assert caught.value.kind == "unauthorized"
    assert "wrong-password" not in str(caught.value)
