"""A supervisor asks an agent to pause or to log out: it ends nothing in progress, and it is on record."""

from datetime import datetime
from typing import Any

import pytest

from campaigns.models import CampaignLead
from core.models import AuditEvent
from dialer.models import AgentSession, Call
from dialer.services import agents, offers, results, supervision
from tests.factories.world import World, add_lead
from tests.integration.dialer.conftest import sign_on
from tests.integration.dialer.test_calls import answered, call, ended, form, session_of

__all__ = ["call"]  # a fixture


def ask(session: AgentSession, wish: str, now: datetime, **changes: Any) -> bool:
    values = {"reason": "Shift ends", "actor": "sol", **changes}
    return supervision.ask(session_id=session.pk, wish=wish, now=now, **values)


@pytest.mark.parametrize(("wish", "state"), [("offline", "offline"), ("not_ready", "not_ready")])
def test_an_agent_without_a_call_stops_at_once_and_the_card_goes_back(
    at_work: AgentSession, now: datetime, wish: str, state: str
) -> None:
    done = ask(at_work, wish, now)

    at_work.refresh_from_db()
    lead = CampaignLead.objects.get()
    assert done is True
    assert (at_work.state, at_work.after_result) == (state, "")
    assert "sol: Shift ends" in at_work.reason
    assert (lead.state, lead.held_by_id) == ("ready", None)


@pytest.mark.parametrize(("wish", "state"), [("offline", "offline"), ("not_ready", "not_ready")])
def test_a_call_goes_on_and_its_result_is_saved_first(
    call: Call, world: World, now: datetime, wish: str, state: str
) -> None:
    add_lead(world, "+14075550188")
    answered(call, now)
    done = ask(session_of(call), wish, now)
    call.refresh_from_db()
    during = (call.state, session_of(call).state)
    ended(call, now)
    wrapping_up = session_of(call).state

    results.save_result(user_id=world.ana.pk, call_id=call.pk, form=form("interested"), now=now)

    call.refresh_from_db()
    assert done is False
    assert during == ("connected", "on_call")
    assert wrapping_up == "wrap_up"
    assert session_of(call).state == state
    assert call.disposition is not None


def test_a_call_that_leaves_no_result_is_followed_by_the_sweeper(call: Call, now: datetime) -> None:
    session = session_of(call)
    ask(session, "offline", now)
    AgentSession.objects.filter(pk=session.pk).update(state="ready", call=None, campaign_lead=None)
    offered = offers.offer_next(session_id=session.pk, now=now)

    done = supervision.sweep(now=now)

    session.refresh_from_db()
    assert offered is False
    assert done == 1
    assert session.state == "offline"


def test_the_last_wish_counts_and_both_are_on_record(call: Call, now: datetime) -> None:
    session = session_of(call)
    ask(session, "offline", now)

    ask(session, "not_ready", now, reason="Training instead")

    session.refresh_from_db()
    rows = list(AuditEvent.objects.filter(target=f"session:{session.pk}").order_by("pk"))
    assert (session.after_result, session.after_reason) == ("not_ready", "sol: Training instead")
    assert [row.verb for row in rows] == ["dialer.agent.logged_out", "dialer.agent.made_not_ready"]
    assert rows[0].actor == "sol"
    assert (rows[0].after or {})["reason"] == "Shift ends"


@pytest.mark.parametrize(
    ("wish", "reason"),
    [("explode", "Because"), ("offline", ""), ("offline", " \x00 "), ("offline", "x" * 121)],
)
def test_a_wish_without_sense_or_reason_is_refused_in_words(
    at_work: AgentSession, now: datetime, wish: str, reason: str
) -> None:
    with pytest.raises(supervision.BadRequest):
        ask(at_work, wish, now, reason=reason)

    at_work.refresh_from_db()
    assert (at_work.state, at_work.after_result) == ("preview", "")
    assert not AuditEvent.objects.filter(verb__startswith="dialer.agent.").exists()


def test_an_agent_who_has_signed_off_is_left_alone(world: World, now: datetime) -> None:
    session = sign_on(world, now=now)
    agents.leave(user_id=world.ana.pk, now=now)

    with pytest.raises(supervision.BadRequest, match="signed off"):
        ask(session, "offline", now)
