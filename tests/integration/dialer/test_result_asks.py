"""What a result asks of the agent is asked by the server, whatever the page sends."""

from datetime import datetime, timedelta

import pytest

from campaigns.models import CampaignLead, Disposition
from core import db
from dialer import log_reads
from dialer.callflow import CallNews
from dialer.models import AgentSession, Call
from dialer.services import dialing, results, states
from dialer.services.results import BadResult, ResultForm
from tests.factories.world import World

QUESTION = {
    "code": "roof",
    "label": "Which roof?",
    "kind": "choice",
    "options": ["Tile", "Slate"],
    "required": True,
}


@pytest.fixture
def call(at_work: AgentSession, world: World, now: datetime) -> Call:
    """A call of Ana's that has ended; “Interested” asks for a note and the roof, “Not interested” for a time."""
    offered = Disposition.objects.filter(disposition_set_id=world.campaign.disposition_set_id)
    offered.filter(code="interested").update(
        needs_note=True, questions=[QUESTION], crm_values={"salesforce": "Won"}
    )
    offered.filter(code="not_interested").update(needs_callback=True)
    dialing.reserve(user_id=world.ana.pk, version=at_work.version, phone_id=None, now=now)
    made = Call.objects.get()
    with db.use_case():
        states.advance_call(made, CallNews.NOT_PLACED, now=now, source="test", detail="")
    AgentSession.objects.filter(pk=at_work.pk).update(
        state="wrap_up", call=made, campaign_lead=CampaignLead.objects.get()
    )
    return made


def form(code: str, **changes: object) -> ResultForm:
    values = {"note": "", "callback_at": None, "callback_mine": True, "then_ready": False}
    return ResultForm(disposition_code=code, **{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "changes", "words"),
    [
        ("interested", {}, "“Interested” needs a note"),
        ("interested", {"note": "  "}, "“Interested” needs a note"),
        ("interested", {"note": "Keen"}, "Which roof"),
        ("interested", {"note": "Keen", "answers": {"roof": "Straw"}}, "choose one of"),
        ("not_interested", {}, "Say when to call back"),
        ("busy", {"callback_at": "later"}, "does not go with"),
    ],
)
def test_a_result_without_what_it_asks_is_refused(
    call: Call, world: World, now: datetime, code: str, changes: dict[str, object], words: str
) -> None:
    if changes.get("callback_at"):
        changes = {"callback_at": now + timedelta(hours=2)}

    with pytest.raises(BadResult, match=words):
        results.save_result(user_id=world.ana.pk, call_id=call.pk, form=form(code, **changes), now=now)

    assert Call.objects.get().disposed_at is None


def test_answers_are_kept_with_the_call_and_told_to_the_crm(call: Call, world: World, now: datetime) -> None:
    answered = form("interested", note="Keen", answers={"roof": "Tile", "stray": "x"})

    assert results.save_result(user_id=world.ana.pk, call_id=call.pk, form=answered, now=now) is None

    assert Call.objects.get().result_answers == [{"code": "roof", "label": "Which roof?", "value": "Tile"}]
    told = log_reads.logged_event(call.pk)
    assert told.note == "Keen\nWhich roof?: Tile"
    assert told.disposition_crm_values == {"salesforce": "Won"}
    assert (told.answers, told.callback_at, told.recording_url) == ({"roof": "Tile"}, "", "")
    assert told.lead_id == CampaignLead.objects.get().pk


def test_a_promise_to_call_back_is_told_to_the_crm(call: Call, world: World, now: datetime) -> None:
    at = now + timedelta(hours=2)
    promised = form("callback", callback_at=at, callback_mine=True)

    results.save_result(user_id=world.ana.pk, call_id=call.pk, form=promised, now=now)

    told = log_reads.logged_event(call.pk)
    assert datetime.fromisoformat(told.callback_at) == CampaignLead.objects.get().next_try_at == at
    assert told.callback_agent_email == world.ana.email
    assert told.callback_date


def test_a_retired_result_is_not_taken_any_more(call: Call, world: World, now: datetime) -> None:
    Disposition.objects.filter(code="busy").update(retired_at=now, hotkey="")

    with pytest.raises(BadResult, match="Choose a result"):
        results.save_result(user_id=world.ana.pk, call_id=call.pk, form=form("busy"), now=now)


def test_any_result_that_asks_for_a_time_is_a_promise(call: Call, world: World, now: datetime) -> None:
    at = now + timedelta(hours=2)

    results.save_result(
        user_id=world.ana.pk, call_id=call.pk, form=form("not_interested", callback_at=at), now=now
    )

    lead = CampaignLead.objects.get()
    assert (lead.is_callback, lead.next_try_at, lead.callback_for_id) == (True, at, world.ana.pk)
