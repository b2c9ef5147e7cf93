"""Nobody told that the person reached their agent, and the call has ended: what may have been said is not lost."""

from datetime import datetime, timedelta

import pytest

from campaigns.models import CampaignLead
from compliance.models import ContactOutcome
from dialer.models import AgentSession, Call, CallEvent
from dialer.services import calls, results
from dialer.urls_out import call_callbacks, conference_events_url
from tests.factories.world import World
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.conftest import sign_on
from tests.integration.dialer.test_answering import Clock, answer, at, hang_up, progressive, started
from tests.integration.dialer.test_calls import call, ended, form, post, session_of, status

__all__ = ["at", "call", "progressive"]  # fixtures
ANSWERED_AT = 8


@pytest.fixture
def taken(progressive: World, carrier: FakeCarrier, now: datetime, at: Clock) -> Call:
    """Return a call of the dialer's, answered and sent to Ana, of whose joining nobody has told."""
    sign_on(progressive, now=now)
    found = started(progressive, now)
    at(ANSWERED_AT)
    answer(found)
    found.refresh_from_db()
    return found


def leave(call: Call, at: Clock, seconds: float) -> None:
    """Let the carrier tell that the person left Ana's conference."""
    url = conference_events_url(int(call.session_id or 0))
    at(seconds)
    post(
        url,
        {
            "CallSid": str(call.carrier_ref),
            "StatusCallbackEvent": "participant-leave",
            "ConferenceSid": "CF1",
            "SequenceNumber": "3",
        },
    )
    calls.sweep_webhooks(now=at(seconds) + timedelta(seconds=5))
    call.refresh_from_db()


def test_who_stayed_on_the_line_may_have_spoken_so_the_agent_saves_the_result(
    taken: Call, progressive: World, now: datetime, at: Clock
) -> None:
    at(20)
    hang_up(taken)

    ana = session_of(taken)
    outcome = ContactOutcome.objects.get(decision_id=taken.attempt.decision_id)
    lead = CampaignLead.objects.get(pk=taken.attempt.campaign_lead_id)
    assert (ana.state, taken.bridged_at) == ("wrap_up", None)
    assert (lead.state, lead.held_by_id) == ("held", ana.user_id)
    assert (outcome.conversation, taken.abandoned) == (True, True)
    assert CallEvent.objects.filter(call=taken, event="join_untold").count() == 1
    results.save_result(user_id=ana.user_id, call_id=taken.pk, form=form("interested"), now=at(30))
    taken.refresh_from_db()
    assert taken.disposition is not None


@pytest.mark.parametrize(
    ("sent_after", "ended_at"),
    [(0, ANSWERED_AT + 0.9), (1.5, ANSWERED_AT + 2.4)],
    ids=["at once", "after a wait for the agent"],
)
def test_who_hung_up_before_the_carrier_could_bring_them_was_missed(
    taken: Call, now: datetime, at: Clock, sent_after: float, ended_at: float
) -> None:
    claimed = now + timedelta(seconds=ANSWERED_AT + sent_after)
    AgentSession.objects.update(state_since=claimed)
    ana = session_of(taken)

    at(ended_at)
    hang_up(taken)

    ana.refresh_from_db()
    lead = CampaignLead.objects.get(pk=taken.attempt.campaign_lead_id)
    assert (ana.state, taken.session_id, lead.held_by_id) == ("ready", None, None)
    assert not CallEvent.objects.filter(call=taken, event="join_untold").exists()


def test_a_short_call_whose_end_is_told_late_is_judged_by_the_carriers_own_measure(
    taken: Call, at: Clock
) -> None:
    ana = session_of(taken)

    at(40)
    post(call_callbacks(taken.attempt_id).status_url, status(taken, "completed", 9, CallDuration="0"))
    calls.sweep_webhooks(now=at(40) + timedelta(seconds=5))

    ana.refresh_from_db()
    assert ana.state == "ready"


def test_that_they_left_the_agents_conference_says_that_they_were_in_it(
    taken: Call, now: datetime, at: Clock
) -> None:
    leave(taken, at, ANSWERED_AT + 1.8)
    joined = (taken.state, taken.bridged_at)
    at(ANSWERED_AT + 1.9)
    hang_up(taken)

    assert joined == ("connected", now + timedelta(seconds=ANSWERED_AT + 1.8))
    assert (session_of(taken).state, taken.abandoned) == ("wrap_up", False)


def test_a_join_known_only_by_a_late_leaving_counts_as_late(taken: Call, at: Clock) -> None:
    leave(taken, at, ANSWERED_AT + 6)

    assert (taken.state, taken.abandoned) == ("connected", True)


def test_a_call_an_agent_dialed_counts_as_a_conversation_too(call: Call, now: datetime) -> None:
    post(call_callbacks(call.attempt_id).answer_url, status(call, "in-progress", 3))
    ended(call, now)

    outcome = ContactOutcome.objects.get(decision_id=call.attempt.decision_id)
    assert (session_of(call).state, outcome.conversation) == ("wrap_up", True)
