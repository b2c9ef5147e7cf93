"""A CRM by its mapping file, on the wire: ways to sign in and to page, lost answers, renamed fields, hostile answers."""

import dataclasses
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import requests

from crm_sync.protocol import SyncError
from sandbox.plaincrm import app as plaincrm_app
from sandbox.testing import run_in_thread
from tests.contract.test_crm_connectors import EXAMPLE, Crm, by_file, flag
from tests.fakes.crm import FakeLedger

PLAIN = EXAMPLE.read_text(encoding="utf-8")
PAGING = PLAIN[PLAIN.index("paging:") : PLAIN.index("times:")]


@pytest.fixture
def url() -> Iterator[str]:
    """A fresh stand-in."""
    with run_in_thread(plaincrm_app.make_app(plaincrm_app.Settings())) as address:
        yield address


def act(url: str, **body: Any) -> None:
    """Have people in the CRM do something."""
    assert requests.post(f"{url}/_sandbox/acts", json=body, timeout=5).status_code == 200


def standing(url: str) -> list[dict[str, Any]]:
    """Return the activities the CRM has."""
    found: list[dict[str, Any]] = requests.get(f"{url}/_sandbox/activities", timeout=5).json()["activities"]
    return found


def crm_at(url: str, connector: Any) -> Crm:
    """Return the CRM with people's ids."""
    return Crm(
        "by_file",
        connector,
        ["c-00001", "c-00002"],
        lambda: {row["external_id"]: row for row in standing(url)},
        url,
    )


@pytest.mark.parametrize(
    ("auth", "secrets"),
    [
        ("type: bearer", {"secret": "plain-sandbox"}),
        ("type: basic", {"user": "parley", "secret": "plain-password"}),
        ("type: header\n  header: X-Api-Key", {"secret": "plain-sandbox"}),
        ("type: client_credentials\n  token_path: /token", {"user": "parley", "secret": "plain-password"}),
    ],
)
def test_every_way_to_sign_in(auth: str, secrets: dict[str, str], url: str) -> None:
    connector = by_file(url, PLAIN.replace("type: bearer", auth), secrets=secrets)
    wrong = by_file(url, PLAIN.replace("type: bearer", auth), secrets={**secrets, "secret": "wrong-secret"})

    assert [check for check in connector.check() if not check.ok] == []
    with pytest.raises(SyncError, match="again") as caught:
        wrong.check()
    assert caught.value.kind == "unauthorized"
    assert "wrong-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "paging",
    [
        "type: page\n  param: page\n  size_param: per_page\n  size: 100",
        "type: page\n  param: page\n  size_param: per_page\n  size: 16\n  total_at: total",
        "type: offset\n  param: offset\n  size_param: limit\n  size: 500",
        "type: offset\n  param: offset\n  size_param: limit\n  size: 7\n  total_at: total",
        "type: cursor\n  param: after\n  next_at: next\n  size_param: limit",
        "type: link\n  size_param: per_page",
    ],
)
def test_every_way_to_page_brings_everybody_once(paging: str, url: str) -> None:
    connector = by_file(url, PLAIN.replace(PAGING, f"paging:\n  {paging}\n"))
    chosen = next(item for item in connector.lists() if item.name == "Everybody")

    ids = [person for page in connector.member_ids(chosen) for person in page]

    assert len(ids) == len(set(ids)) == chosen.size == 160


def test_a_parameter_the_crm_does_not_know_is_noticed(url: str) -> None:
    connector = by_file(
        url, PLAIN.replace(PAGING, "paging:\n  type: page\n  param: seite\n  size_param: per_page\n")
    )

    with pytest.raises(SyncError, match=r"the same page twice\. Check “paging”") as caught:
        connector.lists()

    assert caught.value.kind == "config"


@pytest.mark.parametrize("fault", ["timeout_after_effect", "http_500_after_effect"])
def test_a_call_whose_answer_was_lost_is_found_again(fault: str, url: str) -> None:
    ledger = FakeLedger()
    crm = crm_at(url, by_file(url, ledger=ledger))
    call = crm.call()
    crm.fault(fault, match="POST /api/activities")
    with pytest.raises(SyncError):
        crm.connector.log_calls([call])
    assert ledger.entries == {call.external_call_id: ""}

    [result] = crm.connector.log_calls([dataclasses.replace(call, note="later")])

    assert [row["id"] for row in standing(url)] == [result]
    assert "later" in standing(url)[0]["text"]


def test_nothing_is_decided_while_the_lost_request_may_still_take_effect(url: str) -> None:
    ledger = FakeLedger(age_seconds=5)
    crm = crm_at(url, by_file(url, ledger=ledger))
    lost, other = crm.call(), crm.call()
    ledger.begin(lost.external_call_id)

    results = crm.connector.log_calls([lost, other])

    assert isinstance(results[0], SyncError)
    assert (results[0].kind, round(results[0].retry_after or 0)) == ("retryable", 10)
    assert isinstance(results[1], str)


def test_a_refused_call_leaves_nothing_in_the_book(url: str) -> None:
    ledger = FakeLedger()
    crm = crm_at(url, by_file(url, ledger=ledger))

    [result] = crm.connector.log_calls([crm.call(person_id="c-99999")])

    assert isinstance(result, SyncError)
    assert (result.kind, ledger.entries) == ("gone", {})


def test_a_note_that_quotes_another_call_is_not_taken_for_it(url: str) -> None:
    ledger = FakeLedger()
    crm = crm_at(url, by_file(url, ledger=ledger))
    quoted, quoting = crm.call(), crm.call()
    crm.connector.log_calls([dataclasses.replace(quoting, note=f"see [{quoted.external_call_id}]")])
    ledger.begin(quoted.external_call_id)

    [result] = crm.connector.log_calls([quoted])

    assert len(standing(url)) == 2
    assert list(crm.connector.logged(date(2026, 11, 20))) == [
        [quoting.external_call_id, quoted.external_call_id]
    ]
    assert crm.activities()[quoted.external_call_id]["id"] == result


def test_a_call_that_people_deleted_is_told_from_one_that_was_lost(url: str) -> None:
    crm = crm_at(url, by_file(url))
    deleted, lost = crm.connector.log_calls([crm.call(), crm.call()])
    act(url, do="delete", id=deleted)
    act(url, do="purge", id=lost)

    assert crm.connector.deleted_by_people([str(deleted), str(lost)]) == {deleted}
    assert list(crm.connector.logged(date(2026, 11, 20))) == []


def test_who_was_merged_is_followed(url: str) -> None:
    crm = crm_at(url, by_file(url))
    act(url, do="merge", id="c-00001", into="c-00002")

    assert crm.connector.successors(["c-00001", "c-00002", "c-99999"]) == {"c-00001": "c-00002"}
    assert isinstance(crm.connector.log_calls([crm.call()])[0], SyncError)
    assert [row.external_ref for page in crm.connector.people_of(["c-00001", "c-00002"]) for row in page] == [
        "rest:7:c-00002"
    ]


def test_who_was_changed_has_another_fingerprint(url: str) -> None:
    connector = by_file(url)
    chosen = next(item for item in connector.lists() if item.name == "Autumn outreach")
    list(connector.member_ids(chosen))
    before = dict(connector.stamps())
    connector.set_do_not_call([flag("c-00003")])

    after = by_file(url)
    list(after.member_ids(chosen))
    [page] = after.changed_since(None)  # type: ignore[arg-type]  # not asked of a CRM without times

    assert {person for person, stamp in page if before[person] != stamp} == {"c-00003"}


def test_people_read_one_by_one_are_told_apart_from_the_first_reading_on(url: str) -> None:
    text = PLAIN.replace("whole: true", "whole: false").replace(
        "  do_not_call: do_not_call\n",
        "  all:\n    path: /contacts\n    items_at: items\n    id: id\n  do_not_call: do_not_call\n",
    )
    connector = by_file(url, text)
    chosen = next(item for item in connector.lists() if item.name == "Autumn outreach")
    first = [row for page in connector.read_people(chosen, "") for row in page.people]
    read = dict(connector.stamps())

    joined = by_file(url, text)
    list(joined.people_of(["c-00001", "c-00003"]))
    [page, *_] = by_file(url, text).changed_since(None)  # type: ignore[arg-type]  # as above
    everybody = dict(page)

    assert len(read) == len(first) == 24
    assert read.items() <= everybody.items()
    assert joined.stamps().items() <= read.items()
    assert len(joined.stamps()) == 2


def test_a_field_with_a_new_name_is_noticed_by_the_test_and_by_the_first_write(url: str) -> None:
    connector = by_file(url)
    act(url, do="rename_field", field="phone", to="telephone")
    act(url, do="rename_field", field="mobile", to="cell")
    act(url, do="rename_field", field="do_not_call", to="never_call")

    failed = [check for check in connector.check() if not check.ok]
    assert [check.name for check in failed] == ["Telephone numbers"]
    assert "may have another name" in failed[0].detail
    with pytest.raises(SyncError, match="change it in the mapping file") as caught:
        connector.set_do_not_call([flag("c-00001")])
    assert caught.value.kind == "config"


HOSTILE = [
    ("path: /segments\n", "path: /page\n", "with text/html; charset=utf-8, not JSON"),
    ("path: /segments\n", "path: /moved\n", "It leads elsewhere"),
    ("path: /segments\n", "path: /huge\n", "more than 8 MB"),
    ("path: /segments\n", "path: /nowhere\n", "Nothing is at this path"),
    ("items_at: items\n  id: id\n  name", "items_at: rows\n  id: id\n  name", "no list at rows"),
    ("id: id\n  name: title", "id: title\n  name: title", "which is no id Parley can keep"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), HOSTILE, ids=[words for *_, words in HOSTILE])
def test_an_answer_that_is_not_what_the_file_says_is_told(old: str, new: str, words: str, url: str) -> None:
    assert old in PLAIN
    checks = by_file(url, PLAIN.replace(old, new, 1)).check()

    assert not checks[0].ok
    assert words in checks[0].detail


def test_an_address_of_our_own_network_is_not_asked(url: str) -> None:
    for hosts, words in (([], "must begin with https://"), (["127.0.0.1:1"], "must begin with https://")):
        [check, *_] = by_file(url, private_hosts=hosts).check()
        assert words in check.detail
    inside = by_file(
        url, PLAIN.replace("http://127.0.0.1:8104/api", url.replace("http", "https")), private_hosts=[]
    )
    assert "which is no public address" in inside.check()[0].detail


def test_a_limit_on_requests_is_kept(url: str) -> None:
    connector = by_file(url, PLAIN + "rate:\n  requests: 2\n  seconds: 1\n")
    from time import monotonic

    began = monotonic()
    for _ in range(3):
        connector.lists()

    assert monotonic() - began >= 0.9
