"""Sets of results, made and changed by managers."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from campaigns.models import Campaign, Disposition, DispositionSet
from campaigns.results import Kind, Question, Step
from campaigns.selectors import result_sets as read
from campaigns.services import changes, dispositions, result_sets
from campaigns.services.moves import CampaignRefused
from campaigns.services.result_sets import ResultRefused, ResultSpec
from core import db
from core.errors import Stale
from core.models import AuditEvent
from tests.integration.campaigns.conftest import NOW

LATER = ResultSpec(label="Not now", category="right_party", step=Step.CALLBACK, hotkey="0", needs_note=True)


@pytest.fixture
def standard(db: None) -> int:
    """The set everybody begins with."""
    return dispositions.ensure_default_set(NOW)


@pytest.fixture
def signed_in(client: Client, mia: User) -> Client:
    client.force_login(mia)
    return client


def save(set_id: int, spec: ResultSpec, disposition_id: int | None = None) -> int:
    revision = DispositionSet.objects.get(pk=set_id).revision
    return result_sets.save_result(
        set_id=set_id, disposition_id=disposition_id, spec=spec, revision=revision, by_name="mia", now=NOW
    )


def act(set_id: int, code: str) -> dict[str, Any]:
    row = Disposition.objects.get(disposition_set_id=set_id, code=code)
    revision = DispositionSet.objects.get(pk=set_id).revision
    return {"set_id": set_id, "disposition_id": row.pk, "revision": revision, "by_name": "mia", "now": NOW}


def test_a_new_set_has_what_the_dialer_enters_and_do_not_call(standard: int) -> None:
    made = result_sets.create_set(name=" Surveys  2 ", copy_of=None, by_name="mia", now=NOW)

    facts = read.get_set(made)
    assert facts.name == "Surveys 2"
    assert {one.code for one in facts.offered} == {
        "left_message",
        "no_answer",
        "busy",
        "failed",
        "do_not_call",
    }
    assert {one.code for one in facts.automatic} == {"machine", "hung_up", "abandoned"}


def test_a_copy_is_its_own(standard: int) -> None:
    save(standard, LATER)
    copy = result_sets.create_set(name="Copy", copy_of=standard, by_name="mia", now=NOW)

    result_sets.remove_result(**act(copy, "interested"))

    assert [one.label for one in read.get_set(standard).offered].count("Interested") == 1
    assert "Interested" not in [one.label for one in read.get_set(copy).offered]
    assert "Not now" in [one.label for one in read.get_set(copy).offered]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"label": " "}, "Give the result a name"),
        ({"label": "callback"}, "already"),
        ({"category": "won"}, "Choose what the result counts as"),
        ({"hotkey": "3"}, "The key 3 is “Callback”’s"),
        ({"hotkey": "s"}, "digits 1 to 9"),
        ({"step": Step.RETRY}, "Say after how long"),
        ({"step": Step.RETRY, "retry_minutes": 10**9}, "Say after how long"),
        ({"step": Step.DO_NOT_CALL}, "Do not call again"),
        ({"category": "do_not_call"}, "Do not call again"),
        ({"category": "callback", "step": Step.FINISH}, "choose that step"),
        ({"crm_values": {"salesforce": "x" * 256}}, "at most 255"),
        ({"crm_values": {"pipedrive": "x"}}, "no connection to a CRM"),
        ({"questions": [Question(code="", label="")]}, "Give every question a text"),
    ],
)
def test_a_result_that_would_not_work_is_refused_in_words(
    standard: int, change: dict[str, Any], words: str
) -> None:
    fields: dict[str, Any] = {name: getattr(LATER, name) for name in LATER.__dataclass_fields__}

    with pytest.raises(ResultRefused, match=words):
        save(standard, ResultSpec(**{**fields, **change}))

    assert not Disposition.objects.filter(label="Not now").exists()


def test_a_question_keeps_its_code_while_its_text_stays(standard: int) -> None:
    one = Question(code="", label="Which roof?", kind=Kind.CHOICE, options=("Tile", "Slate"))
    made = save(standard, ResultSpec(label="Sold", category="conversion", questions=[one]))
    before = Disposition.objects.get(pk=made).asks[0].code

    both = [Question(code="", label="How big?"), one]
    save(standard, ResultSpec(label="Sold", category="conversion", questions=both), made)

    assert [each.code for each in Disposition.objects.get(pk=made).asks] == ["how_big", before]


def test_a_result_in_use_and_one_the_dialer_looks_for_are_retired_and_others_deleted(standard: int) -> None:
    made = save(standard, LATER)

    assert result_sets.remove_result(**act(standard, "not_now")) == "deleted"
    assert result_sets.remove_result(**act(standard, "busy")) == "retired"

    assert not Disposition.objects.filter(pk=made).exists()
    assert [one.label for one in read.get_set(standard).retired] == ["Busy"]
    result_sets.bring_back(**act(standard, "busy"))
    assert read.get_set(standard).retired == []


def test_do_not_call_can_always_be_entered(standard: int) -> None:
    with pytest.raises(ResultRefused, match="TSR-003"):
        result_sets.remove_result(**act(standard, "do_not_call"))
    row = Disposition.objects.get(disposition_set_id=standard, code="do_not_call")
    with pytest.raises(ResultRefused, match="TSR-003"):
        save(standard, ResultSpec(label="Gone", category="contact"), row.pk)


def test_the_order_of_the_desk_is_the_managers(standard: int) -> None:
    result_sets.move_result(up=True, **act(standard, "not_interested"))
    result_sets.move_result(up=True, **act(standard, "not_interested"))

    assert [one.code for one in read.get_set(standard).offered][:2] == ["not_interested", "interested"]


def test_two_managers_do_not_save_over_each_other(standard: int) -> None:
    seen = DispositionSet.objects.get(pk=standard).revision
    save(standard, LATER)

    with pytest.raises(Stale, match="meanwhile"):
        result_sets.save_result(
            set_id=standard, disposition_id=None, spec=LATER, revision=seen, by_name="sol", now=NOW
        )


def test_every_change_is_on_record_and_shown(standard: int) -> None:
    made = save(standard, LATER)
    save(standard, ResultSpec(label="Later", category="right_party", step=Step.CALLBACK), made)

    newest = read.get_set(standard).history[0]
    assert (newest.actor, newest.what) == ("mia", "Result changed")
    assert "label: Not now → Later" in newest.details
    assert AuditEvent.objects.filter(target=f"disposition_set:{standard}").count() == 3


def test_a_campaign_takes_another_set_while_it_does_not_dial_if_agents_can_note_a_request(
    standard: int, draft: int
) -> None:
    copy = result_sets.create_set(name="Copy", copy_of=standard, by_name="mia", now=NOW)
    bare = DispositionSet.objects.create(name="Bare").pk
    change: dict[str, Any] = {"campaign_id": draft, "by_name": "mia", "now": NOW}

    changes.use_results(set_id=copy, **change)

    assert Campaign.objects.get(pk=draft).disposition_set_id == copy
    with pytest.raises(CampaignRefused, match="TSR-003"):
        changes.use_results(set_id=bare, **change)
    Campaign.objects.filter(pk=draft).update(state="running", started_at=NOW)
    with pytest.raises(CampaignRefused, match="Pause it first"):
        changes.use_results(set_id=standard, **change)


def test_a_manager_makes_a_result_with_questions_on_the_pages(signed_in: Client, standard: int) -> None:
    address = f"/results/{standard}/new/"
    assert b"Question 6" in signed_in.get(address).content
    fields = {
        "revision": 0,
        "label": "Sold <b>",
        "category": "conversion",
        "step": "retry",
        "retry_number": "2",
        "retry_unit": "day",
        "hotkey": "0",
        "crm_salesforce": "Closed won",
        "q0_label": "Which roof?",
        "q0_kind": "choice",
        "q0_options": "Tile\r\nSlate\r\n",
        "q0_required": "on",
    }

    answer = signed_in.post(address, fields)

    assert answer.status_code == 302
    row = Disposition.objects.get(label="Sold <b>")
    assert (row.retry_minutes, row.crm_values, row.asks[0].options) == (
        2880,
        {"salesforce": "Closed won"},
        ("Tile", "Slate"),
    )
    page = signed_in.get(f"/results/{standard}/").content.decode()
    assert "Sold &lt;b&gt;" in page
    assert "Tried again after 2 days" in page
    again = signed_in.get(f"/results/{standard}/{row.pk}/").content.decode()
    assert 'value="Closed won"' in again
    refused = signed_in.post(address, {**fields, "q1_options": "a\nb"})
    assert refused.status_code == 422
    assert "clear its options" in refused.content.decode()
    stale = signed_in.post(address, {**fields, "label": "Other", "hotkey": ""})
    assert stale.status_code == 422
    assert "meanwhile" in stale.content.decode()


@pytest.mark.parametrize("number", ["x", "-1", "9" * 40, "1\x00", ""])
def test_what_no_form_sends_is_refused_without_an_error(
    signed_in: Client, standard: int, number: str
) -> None:
    pages = [
        ("/results/", {"name": "x\x00", "copy_of": number}),
        (f"/results/{standard}/", {"campaign": number}),
        (
            f"/results/{standard}/new/",
            {"label": "x", "category": "contact", "step": "retry", "retry_number": number},
        ),
        (f"/results/{standard}/rename/", {"name": number * 90}),
        (f"/results/{standard}/1/up/", {"revision": number}),
    ]
    for address, fields in pages:
        assert signed_in.post(address, fields).status_code in (302, 404, 422), address


def test_an_agent_may_not_change_results(client: Client, ana: User, standard: int) -> None:
    client.force_login(ana)
    for address in ("/results/", f"/results/{standard}/", f"/results/{standard}/new/"):
        assert client.get(address).status_code == 403


def test_reading_a_set_costs_the_same_however_long_it_is(
    standard: int, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        save(standard, ResultSpec(label=f"R{number}", category="contact"))

    with django_assert_num_queries(4):
        read.get_set(standard)
    with django_assert_num_queries(2):
        read.list_sets()


def test_the_standard_set_is_filled_up_and_what_stands_is_left(standard: int) -> None:
    Disposition.objects.filter(disposition_set_id=standard, code="interested").update(label="Yes!")
    Disposition.objects.filter(disposition_set_id=standard, code="machine").delete()

    assert dispositions.ensure_default_set(NOW) == standard
    with db.use_case():
        dispositions.add_automatic(standard)

    assert Disposition.objects.get(code="interested").label == "Yes!"
    assert Disposition.objects.filter(code="machine").count() == 1
