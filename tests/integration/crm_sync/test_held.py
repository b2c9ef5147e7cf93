"""What waits for a person: edited, sent again, set aside, one by one and all of a reason."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core.errors import AppError, NotFound, Stale
from core.models import AuditEvent
from crm_sync import selectors
from crm_sync.models import CrmConnection, SyncQueueItem
from crm_sync.services import held, pushing
from tests.fakes.crm import FakeAccount
from tests.integration.crm_sync.conftest import NOW, Clock
from tests.integration.crm_sync.test_pages import HOSTILE, _pages, signed_in
from tests.integration.crm_sync.test_queue import hear

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["_pages"]  # the fixture that serves the pages

EDIT = {"subject": "Call: short", "note": "shorter", "disposition_label": "Sale", "person_id": "00Q1"}


def hold(connection: CrmConnection, *reasons: str) -> list[SyncQueueItem]:
    """Store a held call for each reason."""
    for call_id, reason in enumerate(reasons, start=1):
        hear(connection, call_id=call_id, contact_ref=f"salesforce:{connection.id}:00Q{call_id}")
        SyncQueueItem.objects.filter(state="waiting").update(state="held", reason=reason)
    return list(SyncQueueItem.objects.order_by("id"))


def edit(item: SyncQueueItem, **changes: str) -> None:
    """Edit as Mia."""
    held.edit_item(item_id=item.id, changes={**EDIT, **changes}, by_name="mia", now=NOW)


def test_an_edited_call_goes_out_as_edited_and_keeps_what_the_dialer_said(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    (item,) = hold(connection, "Too long.")

    edit(item, person_id="00Q77")

    assert pushing.push_due(clock=clock, connect=crm.connect) == 1
    sent = crm.calls[item.external_call_id][1]
    assert (sent.subject, sent.note, sent.person_id) == ("Call: short", "shorter", "00Q77")
    item.refresh_from_db()
    assert (item.payload["note"], item.person_id) == ("", "00Q77")
    told = AuditEvent.objects.get(verb="crm_sync.item.edited")
    assert told.after == {"fields": ["disposition_label", "note", "person_id", "subject"]}


def test_an_edit_holds_until_the_dialer_changes_that_field(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    (item,) = hold(connection, "Too long.")
    edit(item)

    hear(connection, version=2, note="said later", contact_ref=f"salesforce:{connection.id}:00Q1")
    pushing.push_due(clock=clock, connect=crm.connect)

    sent = crm.calls[item.external_call_id][1]
    assert (sent.note, sent.subject) == ("said later", "Call: short")


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"subject": "  "}, "subject"), ({"person_id": "../1"}, "not an id"), ({"person_id": ""}, "not an id")],
)
def test_what_cannot_be_sent_is_refused(
    changes: dict[str, str], words: str, connection: CrmConnection
) -> None:
    (item,) = hold(connection, "Too long.")

    with pytest.raises(AppError, match=words):
        edit(item, **changes)

    item.refresh_from_db()
    assert (item.state, item.edits) == ("held", {})


def test_flags_and_calls_on_their_way_are_not_edited(connection: CrmConnection) -> None:
    (item,) = hold(connection, "No property.")
    SyncQueueItem.objects.update(kind="do_not_call")
    with pytest.raises(AppError, match="nothing to edit"):
        edit(item)

    SyncQueueItem.objects.update(kind="call", state="waiting", reason="")
    with pytest.raises(Stale):
        edit(item)
    with pytest.raises(Stale):
        held.set_aside_item(item_id=item.id, by_name="mia", now=NOW)
    with pytest.raises(NotFound):
        held.set_aside_item(item_id=item.id + 1, by_name="mia", now=NOW)


def test_all_of_a_reason_go_again_or_aside_together(connection: CrmConnection) -> None:
    hold(connection, "A rule.", "A rule.", "Gone.")

    assert [(row.reason, row.count) for row in selectors.list_held()] == [("A rule.", 2), ("Gone.", 1)]
    assert held.retry_all(connection_id=connection.id, reason="A rule.", by_name="mia", now=NOW) == 2
    assert held.set_aside_all(connection_id=connection.id, reason="Gone.", by_name="mia", now=NOW) == 1
    assert held.retry_all(connection_id=connection.id, reason="No such.", by_name="mia", now=NOW) == 0

    assert list(SyncQueueItem.objects.order_by("id").values_list("state", flat=True)) == [
        "waiting",
        "waiting",
        "set_aside",
    ]


def test_a_call_set_aside_goes_again_when_asked_or_when_it_changes(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    item, other = hold(connection, "Gone.", "Gone.")
    held.set_aside_all(connection_id=connection.id, reason="Gone.", by_name="mia", now=NOW)
    assert pushing.push_due(clock=clock, connect=crm.connect) == 0

    held.retry_item(item_id=item.id, by_name="mia", now=NOW)
    hear(connection, call_id=2, version=2, contact_ref=f"salesforce:{connection.id}:00Q2")

    assert pushing.push_due(clock=clock, connect=crm.connect) == 2
    assert other.id in SyncQueueItem.objects.filter(state="done").values_list("id", flat=True)


def test_the_page_edits_and_acts_for_those_who_may(connection: CrmConnection, mia: User, sol: User) -> None:
    item, _ = hold(connection, "A <rule> refuses.", "A <rule> refuses.")
    page = signed_in(mia).get("/crm/activity/?state=held").content.decode()
    assert "Send all 2 again" in page
    assert "A &lt;rule&gt; refuses." in page
    assert "Send all" not in signed_in(sol).get("/crm/activity/").content.decode()
    client = signed_in(mia)

    assert b"refused this call" in client.get(f"/crm/activity/{item.id}/").content
    assert client.post(f"/crm/activity/{item.id}/", {**EDIT, "subject": ""}).status_code == 422
    assert client.post(f"/crm/activity/{item.id}/", EDIT).status_code == 302
    bulk = {"connection_id": connection.id, "reason": "A <rule> refuses."}
    assert client.post("/crm/activity/set-aside/", bulk).status_code == 302
    assert sorted(SyncQueueItem.objects.values_list("state", flat=True)) == ["set_aside", "waiting"]


@pytest.mark.parametrize("path", ["/crm/activity/{}/", "/crm/activity/retry/", "/crm/activity/{}/set-aside/"])
def test_only_who_manages_crms_acts_on_held_calls(
    path: str, connection: CrmConnection, sol: User, ana: User
) -> None:
    (item,) = hold(connection, "Gone.")

    for user in (sol, ana):
        assert signed_in(user).post(path.format(item.id), EDIT).status_code == 403
    assert SyncQueueItem.objects.get().state == "held"
    assert Client().post(path.format(item.id)).status_code == 302


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_edits_get_a_page(text: str, connection: CrmConnection, mia: User) -> None:
    (item,) = hold(connection, "Gone.")
    text = text.encode("utf-8", "replace").decode()
    client: Any = signed_in(mia)

    answer = client.post(f"/crm/activity/{item.id}/", dict.fromkeys(EDIT, text))
    bulk = client.post("/crm/activity/retry/", {"connection_id": text, "reason": text})

    assert answer.status_code in (302, 422)
    assert b"<script>alert" not in answer.content
    assert bulk.status_code == 302
