"""What a mapping file can say beyond calls, each thing standing in the CRM once: texts, callbacks, fields, statuses, new people."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
import requests
from django.db import transaction
from django.test import override_settings

from campaigns.models import Contact, ContactPhone
from core import crypto
from crm_sync import registry
from crm_sync.capabilities import Capability, FieldWrite, HasFields, able
from crm_sync.handlers import on_call_logged, on_numbers_revoked, on_text_logged
from crm_sync.models import CrmConnection, MatchRules, PersonMatch, SyncQueueItem
from crm_sync.selectors import facts
from crm_sync.services import connections, mapped, matches, pushing
from crm_sync.services.mapped_in import Incoming
from sandbox.plaincrm import app as plaincrm_app
from sandbox.testing import run_in_thread
from tests.contract.test_crm_by_file import PLAIN, act, standing
from tests.contract.test_crm_live import follow, running_campaign
from tests.contract.test_crm_out import maps, text
from tests.integration.crm_sync.conftest import NOW, Clock, call_logged, make_connection

pytestmark = pytest.mark.django_db(transaction=True)
RESULT: dict[str, Any] = {
    "disposition_code": "sale",
    "disposition_label": "Sale",
    "disposition_category": "conversion",
}
PERSON = "c-00001"
MEMBER = "c-00003"


@pytest.fixture
def url() -> Iterator[str]:
    """A fresh stand-in that we may ask."""
    with (
        run_in_thread(plaincrm_app.make_app(plaincrm_app.Settings())) as address,
        override_settings(CRM_PRIVATE_HOSTS=[address.removeprefix("http://")], CRM_TIMEOUT_SECONDS=1.0),
    ):
        yield address


@pytest.fixture
def connection(url: str) -> CrmConnection:
    """A tested connection to it; a lost answer may be looked for at once."""
    body = PLAIN.replace("http://127.0.0.1:8104", url).replace("settle_seconds: 15", "settle_seconds: 0")
    body = body.replace("    text: text\ntasks:", "    text: text\n    settle_seconds: 0\ntasks:")
    body = body.replace("    text: text\nerrors:", "    text: text\n    settle_seconds: 0\nerrors:")
    secrets = crypto.seal({"secret": "plain-sandbox"})
    made = make_connection("Our CRM", "rest", secrets=secrets, settings={"mapping": body})
    assert connections.check_again(connection_id=made.id, clock=Clock()) == ""
    made.refresh_from_db()
    return made


def ref(connection: CrmConnection, person: str = PERSON) -> str:
    return f"rest:{connection.pk}:{person}"


def know(connection: CrmConnection, number: str = "+14075550123") -> Contact:
    """Return our person of the CRM's first one, with a number."""
    contact = Contact.objects.create(
        external_ref=ref(connection), first_name="Lee", last_name="Lead", created_at=NOW, changed_at=NOW
    )
    ContactPhone.objects.create(contact=contact, number=number, raw=number, kind="main")
    return contact


def hear(connection: CrmConnection, call_id: int = 1, person: str = PERSON, **values: Any) -> None:
    """Store a call as the relay would."""
    with transaction.atomic():
        on_call_logged(call_logged(connection, call_id, contact_ref=ref(connection, person), **values), NOW)


def push(clock: Clock, times: int = 4) -> None:
    for _ in range(times):
        pushing.push_due(clock=clock)
        clock.tick(310)


def stands(url: str, kind: str) -> list[dict[str, Any]]:
    return [row for row in standing(url) if row["type"] == kind]


def fault(url: str, **body: Any) -> None:
    requests.post(f"{url}/_sandbox/faults", json={"count": 1, **body}, timeout=5).raise_for_status()


def contact_of(url: str, person: str = PERSON) -> dict[str, Any]:
    headers = {"Authorization": "Bearer plain-sandbox"}
    found: dict[str, Any] = requests.get(f"{url}/api/contacts/{person}", headers=headers, timeout=5).json()
    return found


def test_the_connection_says_what_its_file_declares(connection: CrmConnection) -> None:
    said = {each["name"]: each["detail"] for each in connection.checks}
    assert connection.settings["can"].split() == list(Capability)
    assert "says how (texts)" in said["Texts"]
    bare = PLAIN[: PLAIN.index("texts:")] + PLAIN[PLAIN.index("errors:") :]
    less = registry.connect("rest", secrets={}, settings={"mapping": bare}, ref_prefix="rest:1:")

    assert able(less, Capability.FIELDS)
    assert not able(less, Capability.TEXTS)
    assert not able(less, Capability.TASKS)
    assert registry.can("rest", Capability.TEXTS, connection.settings)
    assert not registry.can("rest", Capability.TEXTS, {})


@pytest.mark.parametrize("lost", ["http_500_after_effect", "timeout_after_effect"])
def test_a_text_and_its_answer_stand_once_each(
    lost: str, url: str, connection: CrmConnection, clock: Clock
) -> None:
    know(connection)
    with transaction.atomic():
        on_text_logged(text(answer="You are off the list."), NOW)
    fault(url, kind=lost, match="POST /api/activities")

    push(clock)

    items = list(SyncQueueItem.objects.order_by("id"))
    assert [(item.kind, item.state) for item in items] == [("text", "done")] * 2, [i.reason for i in items]
    rows = {row["id"]: row for row in stands(url, "text")}
    assert set(rows) == {item.crm_id for item in items}
    assert len(rows) == 2
    assert rows[items[0].crm_id]["direction"] == "inbound"
    assert "From: +14075550123" in rows[items[0].crm_id]["text"]


def test_a_callback_is_a_task_that_the_next_result_completes(
    url: str, connection: CrmConnection, clock: Clock
) -> None:
    promise: dict[str, Any] = {
        "disposition_code": "callback", "disposition_label": "Call back", "disposition_category": "callback", "lead_id": 7,
        "callback_at": "2026-03-06T15:00:00+00:00", "callback_date": "2026-03-06", "callback_agent_name": "Ana",
        "callback_agent_email": "nobody@example.com",
    }  # fmt: skip
    hear(connection, 1, **promise)
    push(clock)
    [before] = stands(url, "task")
    hear(connection, 2, lead_id=7, **RESULT)
    push(clock)

    [after] = stands(url, "task")
    assert (before["done"], after["done"], after["id"]) == (False, True, before["id"])
    assert before["at"] == "2026-03-06T15:00:00Z"
    # Neither is taken for a call where days are compared.
    crm = registry.connect(
        "rest", secrets={"secret": "plain-sandbox"}, settings=connection.settings, ref_prefix="rest:1:"
    )
    assert crm.count_logged(NOW.date()) == 2


def test_fields_of_a_person_are_read_and_written(url: str, connection: CrmConnection, clock: Clock) -> None:
    maps(
        connection,
        "person",
        {"ours": "call.result", "theirs": "lead_source", "values": {"sale": "phone"}},
        {"ours": "call.seconds", "theirs": "score"},
        {"ours": "call.campaign", "theirs": "job", "mode": "append"},
    )
    hear(connection, **RESULT)
    push(clock)

    item = SyncQueueItem.objects.get(kind="fields")
    assert item.state == "done", item.reason
    now = contact_of(url)
    assert (now["lead_source"], now["score"]) == ("phone", 60)
    assert now["job"].count("Spring") == 1


def test_fields_come_in_with_an_import(url: str, connection: CrmConnection) -> None:
    crm: Any = registry.connect(
        "rest",
        secrets={"secret": "plain-sandbox"},
        settings=connection.settings,
        ref_prefix=f"rest:{connection.pk}:",
    )
    assert isinstance(crm, HasFields)
    [written] = crm.write_fields([FieldWrite(PERSON, "person", {"interests": "solar;windows", "score": 7})])
    assert written == PERSON
    assert contact_of(url)["interests"] == ["solar", "windows"]
    maps(connection, "person", {"ours": "person.title", "theirs": "interests", "way": "in"})
    chosen = next(item for item in crm.lists() if item.name == "Autumn outreach")
    page = next(iter(crm.read_people(chosen, "")))
    before = crm.usage().requests

    filled = Incoming(connection, cast(Any, crm), now=NOW).fill(page.people)

    assert filled[0].title == "solar;windows"
    assert crm.usage().requests == before, "the records that came with the list are not asked for again"
    assert {each.name for each in mapped.objects_of(connection.pk, now=NOW)} == {"person", "CampaignMember"}


def test_a_no_to_texts_is_set_in_the_mapped_field(url: str, connection: CrmConnection, clock: Clock) -> None:
    know(connection)
    row = {"ours": facts.TEXT_OPT_OUT, "theirs": "no_texts", "way": "both", "mode": "stricter"}
    maps(connection, "person", row)
    gone = {
        "numbers": ["+14075550123"],
        "campaign_ref": "",
        "channels": ["sms"],
        "seller": "",
        "reason": "",
        "by": "",
    }
    with transaction.atomic():
        on_numbers_revoked(gone, NOW)
    push(clock, 2)

    item = SyncQueueItem.objects.get()
    assert (item.kind, item.state) == ("opt_out", "done"), item.reason
    assert contact_of(url)["no_texts"] is True


def test_a_list_says_how_it_went_with_its_member(url: str, connection: CrmConnection, clock: Clock) -> None:
    follow(connection, clock)
    campaign = running_campaign()
    person = Contact.objects.get(external_ref=ref(connection, MEMBER))
    maps(
        connection,
        "CampaignMember",
        {"ours": "call.result", "theirs": "Status", "values": {"sale": "won"}},
    )
    hear(connection, person=MEMBER, campaign_id=campaign.pk, contact_id=person.pk, **RESULT)
    push(clock, 2)

    item = SyncQueueItem.objects.get(kind="member")
    assert item.state == "done", item.reason
    shown = requests.get(f"{url}/segments/s-1", timeout=5).text
    assert "won" in shown


def rules(connection: CrmConnection, **values: str) -> None:
    MatchRules.objects.create(
        connection=connection,
        seek="inbound",
        changed_at=NOW,
        changed_by="mia",
        **{"nobody": "create", **values},
    )


@pytest.mark.parametrize("lost", ["", "http_500_after_effect", "timeout_after_effect"])
def test_somebody_new_who_writes_is_created_once(
    lost: str, url: str, connection: CrmConnection, clock: Clock
) -> None:
    rules(connection)
    with transaction.atomic():
        on_text_logged(text(number="+12125559876"), NOW)
    if lost:
        fault(url, kind=lost, match="POST /api/contacts")
    for _ in range(4):
        matches.match_due(clock=clock)
        clock.tick(1000)
    push(clock)

    match = PersonMatch.objects.get()
    assert match.state in ("created", "linked"), (match.rule, match.last_error)
    crm: Any = registry.connect(
        "rest", secrets={"secret": "plain-sandbox"}, settings=connection.settings, ref_prefix="rest:1:"
    )
    assert [each.person_id for each in crm.find_people(number="+12125559876", email="")] == [match.person_id]
    assert SyncQueueItem.objects.get().state == "done"
    assert [row["contact"] for row in stands(url, "text")] == [match.person_id]


def test_somebody_the_crm_knows_is_found_by_number_or_address(url: str, connection: CrmConnection) -> None:
    known = contact_of(url, "c-00002")
    digits = "".join(filter(str.isdigit, known["phone"] or known["mobile"]))[-10:]
    crm: Any = registry.connect(
        "rest", secrets={"secret": "plain-sandbox"}, settings=connection.settings, ref_prefix="rest:1:"
    )

    by_number = crm.find_people(number=f"+1{digits}", email="")
    by_address = crm.find_people(number="+12125550000", email=known["email"])

    assert "c-00002" in [each.person_id for each in by_number]
    assert "c-00002" in [each.person_id for each in by_address]
    assert all(each.object_name == "person" and each.url for each in by_number)


def test_what_the_crm_refuses_of_one_is_held_for_a_person(
    url: str, connection: CrmConnection, clock: Clock
) -> None:
    act(url, do="rename_field", field="lead_source", to="origin")
    maps(connection, "person", {"ours": "call.result", "theirs": "lead_source", "values": {"sale": "fair"}})
    hear(connection, **RESULT)
    push(clock)

    item = SyncQueueItem.objects.get(kind="fields")
    assert (item.state, "change it in the mapping file" in item.reason) == ("held", True)
    assert SyncQueueItem.objects.get(kind="call").state == "done"
