"""Scripts written as drafts, judged, published; and their builder."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from campaigns.models import Campaign, Script, ScriptDraft, ScriptVersion
from campaigns.scripting.flow import Answer, Kind, Node
from campaigns.selectors import scripts as read
from campaigns.services import readiness, scripts
from campaigns.services.scripts import ScriptRefused
from core.errors import NotFound, Stale
from core.models import AuditEvent
from tests.factories.scripts import SALES, draft_of, step_version, text_version
from tests.integration.campaigns.conftest import NOW

BY: dict[str, Any] = {"by_name": "mia", "now": NOW}


@pytest.fixture
def written(db: None) -> ScriptDraft:
    """A draft that may be published."""
    return draft_of(NOW)


@pytest.fixture
def manager(client: Client, mia: User) -> Client:
    client.force_login(mia)
    return client


def seen(written: ScriptDraft) -> dict[str, Any]:
    written.refresh_from_db()
    return {"script_id": written.script_id, "revision": written.revision, **BY}


def test_a_new_script_says_who_calls_and_is_a_draft(db: None) -> None:
    made = scripts.create_script(name=" Solar  2 ", purpose="survey", **BY)

    facts = read.get_script(made)
    assert (facts.name, facts.latest) == ("Solar 2", None)
    scripts.publish(script_id=made, revision=1, **BY)
    assert read.get_script(made).latest is not None


@pytest.mark.parametrize(
    ("name", "purpose", "words"),
    [
        ("", "survey", "a name"),
        ("x" * 121, "survey", "a name"),
        ("Taken", "survey", "already"),
        ("New", "fun", "are for"),
    ],
)
def test_a_script_that_cannot_be_is_refused(db: None, name: str, purpose: str, words: str) -> None:
    text_version(NOW, name="Taken")

    with pytest.raises(ScriptRefused, match=words):
        scripts.create_script(name=name, purpose=purpose, **BY)


def test_publishing_makes_a_version_that_never_changes(written: ScriptDraft) -> None:
    first = scripts.publish(**seen(written))
    with pytest.raises(ScriptRefused, match="Nothing changed"):
        scripts.publish(**seen(written))
    scripts.save_node(node=replace(SALES.nodes[4], text="Bye."), **seen(written))
    second = scripts.publish(**seen(written))

    versions = {version.pk: version for version in ScriptVersion.objects.all()}
    assert (versions[first].number, versions[second].number) == (1, 2)
    assert versions[first].flow == SALES
    assert "Bye." in versions[second].body
    assert AuditEvent.objects.filter(verb="campaigns.script.published").count() == 2


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (replace(SALES.nodes[0], text="Hello, may I go on?", tags=()), "never says their own name.*FED-026"),
        (replace(SALES.nodes[2], next=""), "leads nowhere"),
        (replace(SALES.nodes[3], text="Pay with a gift card {hat}"), "no merge field|does not exist"),
    ],
)
def test_what_is_missing_keeps_a_script_from_being_published(
    written: ScriptDraft, node: Node, words: str
) -> None:
    scripts.save_node(node=node, **seen(written))

    with pytest.raises(ScriptRefused, match=words):
        scripts.publish(**seen(written))

    assert not ScriptVersion.objects.exists()


def test_a_script_whose_purpose_nobody_said_is_not_published(written: ScriptDraft) -> None:
    ScriptDraft.objects.update(purpose="")

    with pytest.raises(ScriptRefused, match="Say what the calls are for"):
        scripts.publish(**seen(written))
    with pytest.raises(ScriptRefused, match="no state"):
        scripts.save_settings(purpose="survey", states=["ZZ"], **seen(written))
    scripts.save_settings(purpose="survey", states=["TX", "FL", "TX"], **seen(written))

    written.refresh_from_db()
    assert (written.purpose, written.states) == ("survey", ["FL", "TX"])


def test_an_answer_can_lead_to_a_step_that_is_made_for_it(written: ScriptDraft) -> None:
    wants = Answer(label="Perhaps", next=scripts.NEW_STEP)
    asked = replace(SALES.nodes[0], answers=(*SALES.nodes[0].answers, wants))

    scripts.save_node(node=asked, **seen(written))

    written.refresh_from_db()
    assert [node.code for node in written.flow.nodes][:2] == ["n1", "n6"]
    assert written.flow.nodes[0].answers[2].next == "n6"


def test_steps_are_added_moved_and_taken_out(written: ScriptDraft) -> None:
    made = scripts.add_node(kind="end", after="n1", **seen(written))
    scripts.move_node(code=made, up=False, **seen(written))
    scripts.remove_node(code="n5", **seen(written))

    written.refresh_from_db()
    assert [node.code for node in written.flow.nodes] == ["n1", "n2", made, "n3", "n4"]
    assert written.flow.nodes[0].answers[1].next == ""
    with pytest.raises(NotFound):
        scripts.remove_node(code="n5", **seen(written))
    with pytest.raises(ScriptRefused, match="Choose what"):
        scripts.add_node(kind="dance", after="", **seen(written))


def test_two_writers_do_not_save_over_each_other(written: ScriptDraft) -> None:
    before = seen(written)
    scripts.move_node(code="n5", up=True, **before)

    with pytest.raises(Stale, match="mia changed the script meanwhile"):
        scripts.save_node(node=SALES.nodes[0], **before)
    with pytest.raises(Stale):
        scripts.publish(**before)


def test_an_old_text_is_gone_on_with_as_one_step(db: None) -> None:
    text_version(NOW, body="Hello {first_name}")
    script_id = Script.objects.get().pk

    scripts.open_draft(script_id=script_id, **BY)
    scripts.open_draft(script_id=script_id, **BY)

    found = read.get_draft(script_id)
    assert found is not None
    assert [(node.kind, node.text) for node in found.flow.nodes] == [(Kind.END, "Hello {first_name}")]


def test_a_sales_campaign_does_not_start_with_a_script_judged_for_surveys(draft: int) -> None:
    version = step_version(NOW)
    row = Campaign.objects.get(pk=draft)
    row.script_version = version

    assert not [one for one in readiness.missing_of(row) if "do not sell" in one.text]
    version.purpose = "survey"
    assert [one for one in readiness.missing_of(row) if "do not sell" in one.text]


def test_a_manager_builds_publishes_and_tries_a_script_on_its_page(manager: Client) -> None:
    manager.post("/scripts/new/", {"name": "Solar", "purpose": "survey"})
    script_id = Script.objects.get().pk
    page = manager.get(f"/scripts/{script_id}/?lead=bare").content.decode()
    assert "The draft can be published" in page
    assert "[person’s first name]" in page or "first name]" in page

    manager.post(f"/scripts/{script_id}/add/", {"revision": "1", "node": "n1", "kind": "question"})
    asked = {
        "revision": "2",
        "title": "Roof",
        "kind": "question",
        "text": "Is it <b>your</b> roof?",
        "a0_label": "Yes",
        "a0_next": "n2",
        "a1_label": "No",
        "a1_next": "new",
    }
    answer = manager.post(f"/scripts/{script_id}/?node=n3", asked)
    assert answer.status_code == 302
    late = manager.post(f"/scripts/{script_id}/?node=n3", asked)
    assert late.status_code == 422
    assert "changed the script meanwhile" in late.content.decode()
    page = manager.get(f"/scripts/{script_id}/?node=n3").content.decode()
    assert "&lt;b&gt;your&lt;/b&gt;" in page
    assert "No way leads to “Roof”" in page
    refused = manager.post(f"/scripts/{script_id}/publish/", {"revision": "3"}, follow=True).content.decode()
    assert "It cannot be published yet" in refused

    assert ScriptDraft.objects.get().flow.nodes[1].answers[1].next == "n4"
    assert "never published" in manager.get("/scripts/").content.decode()


def test_an_old_script_is_shown_and_its_next_version_begun(manager: Client) -> None:
    text_version(NOW)
    script_id = Script.objects.get().pk

    assert "Write the next version" in manager.get(f"/scripts/{script_id}/").content.decode()
    manager.post(f"/scripts/{script_id}/open/")

    assert "cannot be published yet" in manager.get(f"/scripts/{script_id}/").content.decode()


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("?node=n1", {"revision": "x", "title": "", "kind": "dance", "tags": ["love"]}),
        ("?node=n1", {"revision": "1", "title": "A", "kind": "say", "next": "n77"}),
        ("?node=n1", {"revision": "1", "title": "A", "kind": "question", "a0_next": "n2"}),
        ("?node=n1", {"revision": "1", "title": "Goodbye", "kind": "say", "text": "x"}),
        ("?node=n1", {"revision": "1", "title": "A\x00", "kind": "say", "text": "x"}),
        ("?node=n1", {"revision": "1", "title": "A", "kind": "say", "text": "x" * 5000}),
    ],
)
def test_a_step_no_form_sends_is_refused_in_words(
    manager: Client, written: ScriptDraft, address: str, fields: dict[str, Any]
) -> None:
    answer = manager.post(f"/scripts/{written.script_id}/{address}", fields)

    assert answer.status_code == 422
    written.refresh_from_db()
    assert written.revision == 1


@pytest.mark.parametrize("action", ["add", "up", "remove", "settings", "publish", "dance"])
def test_an_act_with_nonsense_changes_nothing(manager: Client, written: ScriptDraft, action: str) -> None:
    fields = {"revision": "9" * 30, "node": "\x00", "kind": "x", "purpose": "x"}

    assert manager.post(f"/scripts/{written.script_id}/{action}/", fields).status_code in (302, 404)

    written.refresh_from_db()
    assert written.revision == 1


def test_an_agent_may_not_write_scripts(client: Client, ana: User, written: ScriptDraft) -> None:
    client.force_login(ana)

    for address in ("/scripts/", "/scripts/new/", f"/scripts/{written.script_id}/"):
        assert client.get(address).status_code == 403
    assert client.post(f"/scripts/{written.script_id}/publish/").status_code == 403


def test_the_builder_costs_the_same_however_long_the_script_is(
    manager: Client, written: ScriptDraft, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        manager.get(f"/scripts/{written.script_id}/")
