"""The result of a call, saved in the phone inside a CRM."""

from datetime import datetime
from typing import Any

import pytest

from campaigns.models import CampaignLead, Disposition
from core import db
from crm_sync.models import CrmConnection
from dialer.callflow import CallNews
from dialer.models import AgentSession, Call
from dialer.services import states
from tests.factories.world import World
from tests.integration.desk.test_softphone import ask, crm, signed_in, still, token_of
from tests.integration.dialer.conftest import sign_on

__all__ = ["crm", "still"]


@pytest.fixture
def token(world: World, crm: CrmConnection, now: datetime) -> str:
    """The token of Ana's phone; she is in a call with the lead."""
    sign_on(world, now=now)
    made = token_of(signed_in(world.ana), crm)
    assert ask(crm, "dial", made, {"record": "c-1"}).json()["ok"]
    return made


def end_call(now: datetime) -> int:
    call = Call.objects.get()
    with db.use_case():
        states.advance_call(call, CallNews.NOT_PLACED, now=now, source="test", detail="")
    AgentSession.objects.update(state="wrap_up", call=call, campaign_lead=CampaignLead.objects.get())
    return call.pk


def test_a_result_is_chosen_in_the_call_and_saved_after_it(
    world: World, crm: CrmConnection, token: str, now: datetime
) -> None:
    Disposition.objects.filter(code="interested").update(needs_note=True)
    told = ask(crm, "state", token).json()
    choices = {each["code"]: each for each in told["results"]["choices"]}
    assert (told["may_save"], choices["callback"]["at_desk"], choices["interested"]["needs_note"]) == (
        False,
        True,
        True,
    )
    assert ask(crm, f"state?shown={told['call']}", token).json()["results"] is None
    early = ask(crm, "save", token, {"call": told["call"], "result": "interested", "note": "Keen"})
    assert (early.status_code, "the call has not ended" in early.json()["said"]) == (422, True)
    assert ask(crm, "save", token, {"call": told["call"], "note": "Keen, so", "keep": True}).json()["ok"]

    call_id = end_call(now)
    told = ask(crm, "state", token).json()
    assert (told["may_save"], told["may_hang_up"], told["results"]["note"]) == (True, False, "Keen, so")
    bare = ask(crm, "save", token, {"call": call_id, "result": "interested"})
    assert "needs a note" in bare.json()["said"]
    saved = ask(
        crm, "save", token, {"call": call_id, "result": "interested", "note": "Keen", "then": "pause"}
    )

    assert saved.json() == {"said": "", "ok": True}
    call = Call.objects.get()
    assert (call.disposition.code if call.disposition else "", call.note) == ("interested", "Keen")
    assert ask(crm, "state", token).json()["word"] == "Not ready"
    again = ask(crm, "save", token, {"call": call_id, "result": "busy"})
    assert (again.status_code, "saved already" in again.json()["said"]) == (422, True)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "which call"),
        ({"call": "1"}, "which call"),
        ({"call": True}, "which call"),
        ({"call": 10**15}, "which call"),
        ({"result": ["x"]}, "Choose a result"),
        ({"result": ""}, "Choose a result"),
        ({"result": "nothing_known"}, "Choose a result"),
        ({"result": "callback", "note": "later"}, "when to call back"),
        ({"result": "busy", "note": "x" * 4001}, "4000"),
        ({"result": "busy", "then": "dance"}, "dance"),
        ({"note": "x" * 4001, "keep": True}, "longer than 4000"),
    ],
)
def test_a_result_that_is_none_is_refused_in_words(
    body: dict[str, Any], words: str, crm: CrmConnection, token: str, now: datetime
) -> None:
    call_id = end_call(now)
    answer = ask(crm, "save", token, body if "call" in body or not body else {"call": call_id, **body})

    assert answer.status_code == 422
    assert words in answer.json()["said"]
    assert Call.objects.get().disposition is None
