"""Agent and lead in one conference, as the product connects them."""

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.carrier.kit import wait_for

ROOM = "agent-7"
EVENTS = "start end join leave mute hold modify"


def _room(product, *, end_on_exit=False, more="", after=""):
    return (
        f"<Response><Dial {after}><Conference startConferenceOnEnter='true' beep='false' waitUrl=''"
        f" endConferenceOnExit='{str(end_on_exit).lower()}' statusCallback='{product.base}/conference'"
        f" statusCallbackEvent='{EVENTS}' {more}>{ROOM}</Conference></Dial></Response>"
    )


@pytest.fixture
def agent(carrier, product):
    """Ana's browser leg, alone in her conference."""
    call = carrier.call(to="client:ana", twiml=_room(product, end_on_exit=True))
    wait_for(lambda: carrier.truth(call.sid)["is_in_conference"])
    return call.sid


@pytest.fixture
def lead(carrier, product, agent):
    """A lead connected to Ana."""
    carrier.fix(behaviour="person", ring_seconds=1, talk_seconds=9000)
    product.twiml["/voice"] = _room(product, after="action='/after'")
    product.twiml["/after"] = "<Response><Hangup/></Response>"
    call = carrier.call(url=f"{product.base}/voice", status_callback=f"{product.base}/status")
    wait_for(lambda: carrier.truth(call.sid)["is_in_conference"])
    return call.sid


def _events(product):
    return product.events("/conference", "StatusCallbackEvent")


def _wait_event(product, event):
    return wait_for(
        lambda: [
            each.params for each in product.at("/conference") if each.params["StatusCallbackEvent"] == event
        ]
    )[-1]


def test_the_second_participant_starts_the_conference(carrier, product, agent, lead):
    conference = carrier.client.conferences.list(friendly_name=ROOM)[0]
    wait_for(lambda: len(_events(product)) == 3)

    people = carrier.client.conferences(conference.sid).participants.list()

    assert conference.status == "in-progress"
    assert [each.call_sid for each in people] == [lead, agent]
    assert _events(product) == ["participant-join", "conference-start", "participant-join"]
    assert product.events("/conference", "SequenceNumber") == ["1", "2", "3"]
    joined = product.at("/conference")[-1].params
    assert (joined["FriendlyName"], joined["CallSid"], joined["Hold"]) == (ROOM, lead, "false")


def test_one_participant_alone_waits(carrier, agent):
    conference = carrier.client.conferences.list(friendly_name=ROOM, status="init")[0]

    assert conference.friendly_name == ROOM


def test_the_lead_leaves_and_the_agent_stays(carrier, product, agent, lead):
    carrier.post(f"calls/{lead}/hangup")

    left = _wait_event(product, "participant-leave")
    assert (left["CallSid"], left["ReasonParticipantLeft"]) == (lead, "participant_hung_up")
    assert left["ParticipantCallStatus"] == "completed"
    assert carrier.truth(agent)["is_in_conference"]
    assert carrier.client.conferences.list(friendly_name=ROOM)[0].status == "in-progress"


def test_the_agent_leaving_ends_it_and_the_lead_goes_on_with_the_action(carrier, product, agent, lead):
    carrier.post("clients/ana/hangup")

    ended = _wait_event(product, "conference-end")
    assert ended["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert ended["CallSidEndingConference"] == agent
    wait_for(lambda: product.at("/status"))
    after = product.at("/after")[0].params
    assert (after["CallSid"], after["DialCallStatus"]) == (lead, "answered")
    assert product.events("/conference", "ReasonParticipantLeft")[-2] == "moderator_ended_conference"
    assert carrier.client.conferences.list(friendly_name=ROOM, status="in-progress") == []


def test_the_last_to_leave_ends_it(carrier, product, lead, agent):
    rooms = carrier.client.conferences.list(friendly_name=ROOM)
    rooms[0].participants(agent).update(end_conference_on_exit=False)

    carrier.client.calls(agent).update(status="completed")
    carrier.post(f"calls/{lead}/hangup")

    ended = _wait_event(product, "conference-end")
    assert ended["ReasonConferenceEnded"] == "last-participant-left"
    assert carrier.client.conferences(rooms[0].sid).fetch().reason_conference_ended == "last-participant-left"


def test_hold_fetches_the_music_and_is_told(carrier, product, lead):
    product.twiml["/music"] = "<Response><Play>https://example.com/a.mp3</Play></Response>"
    participant = carrier.client.conferences(ROOM).participants(lead)

    held = participant.update(hold=True, hold_url=f"{product.base}/music")
    back = participant.update(hold=False)
    muted = participant.update(muted=True)

    assert (held.hold, back.hold, muted.muted) == (True, False, True)
    wait_for(lambda: len(_events(product)) == 6)
    assert _events(product)[-3:] == ["participant-hold", "participant-unhold", "participant-mute"]
    wait_for(lambda: product.at("/music"))


def test_kick_lets_the_call_go_on_with_its_twiml(carrier, product, agent, lead):
    assert carrier.client.conferences(ROOM).participants(lead).delete()

    wait_for(lambda: product.at("/after"))
    with pytest.raises(TwilioRestException) as missing:
        carrier.client.conferences(ROOM).participants(lead).fetch()
    assert missing.value.code == 20404
    assert carrier.truth(agent)["is_in_conference"]


def test_ending_by_api_lets_everybody_go(carrier, product, agent, lead):
    carrier.client.conferences(ROOM).update(status="completed")

    assert _wait_event(product, "conference-end")["ReasonConferenceEnded"] == "conference-ended-via-api"
    wait_for(lambda: carrier.status(agent) == "completed" and carrier.status(lead) == "completed")


def test_redirect_takes_the_lead_out(carrier, product, agent, lead):
    carrier.client.calls(lead).update(twiml="<Response><Pause length='100'/></Response>")

    left = _wait_event(product, "participant-leave")
    assert left["ReasonParticipantLeft"] == "participant_updated_via_api"
    assert carrier.status(lead) == "in-progress"
    assert not carrier.truth(lead)["is_in_conference"]


def test_a_label_addresses_the_participant_and_a_conference_can_be_recorded(carrier, product):
    more = "participantLabel='lead' record='record-from-start'"
    first = carrier.call(to="client:sol", twiml=_room(product, more=more))
    wait_for(lambda: carrier.truth(first.sid)["is_in_conference"])
    carrier.call(to="client:nil", twiml=_room(product))
    room = wait_for(lambda: carrier.client.conferences.list(friendly_name=ROOM, status="in-progress"))[0]

    labelled = carrier.client.conferences(ROOM).participants("lead").fetch()
    recordings = room.recordings.list()
    carrier.client.conferences(room.sid).update(status="completed")

    assert labelled.call_sid == first.sid
    assert [each.source for each in recordings] == ["Conference"]
    assert carrier.client.recordings(recordings[0].sid).fetch().status == "completed"
