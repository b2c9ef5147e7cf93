"""Legs dialed straight into a conference, coaching, announcements and music."""

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.carrier.kit import LEAD, OWN, wait_for

ROOM = "agent-7"
EVENTS = "start end join leave mute hold modify announcement"
STATUS_EVENTS = ["initiated", "ringing", "answered", "completed"]


@pytest.fixture
def agent(carrier, product):
    """Ana's browser leg, alone in her conference, dialed into it."""
    made = carrier.client.conferences(ROOM).participants.create(
        from_=OWN,
        to="client:ana",
        label="agent",
        beep="false",
        wait_url="",
        end_conference_on_exit=True,
        conference_status_callback=f"{product.base}/conference",
        conference_status_callback_event=EVENTS.split(),
    )
    wait_for(lambda: carrier.truth(made.call_sid)["is_in_conference"])
    return made.call_sid


def _dial(carrier, product, **wishes):
    usual = {
        "from_": OWN,
        "to": LEAD,
        "label": "lead",
        "beep": "false",
        "status_callback": f"{product.base}/status",
        "status_callback_event": STATUS_EVENTS,
        "timeout": 600,
    }
    return carrier.client.conferences(ROOM).participants.create(**{**usual, **wishes})


@pytest.fixture
def lead(carrier, product, agent):
    """A lead dialed into Ana's conference who talks for long."""
    carrier.fix(behaviour="person", ring_seconds=1, talk_seconds=9000)
    made = _dial(carrier, product)
    wait_for(lambda: carrier.status(made.call_sid) == "in-progress")
    return made.call_sid


def _events(product):
    return product.events("/conference", "StatusCallbackEvent")


def _wait_event(product, event):
    found = wait_for(
        lambda: [each for each in product.at("/conference") if each.params["StatusCallbackEvent"] == event]
    )
    return found[-1].params


def test_a_leg_is_dialed_into_a_conference_and_addressed_by_its_label(carrier, product, agent, lead):
    room = carrier.client.conferences.list(friendly_name=ROOM, status="in-progress")[0]
    wait_for(lambda: len(_events(product)) == 3)

    participant = carrier.client.conferences(room.sid).participants("lead").fetch()
    muted = carrier.client.conferences(room.sid).participants("lead").update(muted=True)

    assert (participant.call_sid, participant.status, participant.label) == (lead, "connected", "lead")
    assert muted.muted is True
    assert _events(product)[:3] == ["participant-join", "conference-start", "participant-join"]
    joined = product.at("/conference")[2].params
    assert (joined["CallSid"], joined["ParticipantLabel"]) == (lead, "lead")
    assert carrier.truth(lead)["direction"] == "outbound-api"


def test_a_conference_that_there_is_not_is_opened_by_its_name(carrier, product):
    made = _dial(carrier, product, to="client:ana")

    room = carrier.client.conferences(made.conference_sid).fetch()

    assert (room.friendly_name, room.status) == (ROOM, "init")
    assert made.status == "queued"


def test_by_the_sid_of_no_conference_nobody_is_dialed(carrier, product):
    with pytest.raises(TwilioRestException) as refused:
        carrier.client.conferences("CF" + "0" * 32).participants.create(from_=OWN, to=LEAD)

    assert refused.value.code == 20404
    assert carrier.get("calls")["calls"] == []


@pytest.mark.parametrize(("early", "is_in"), [(True, True), (False, False)])
def test_early_media_joins_while_it_rings(carrier, product, agent, early, is_in):
    carrier.fix(behaviour="person", ring_seconds=600)

    made = _dial(carrier, product, early_media=early)
    wait_for(lambda: carrier.status(made.call_sid) == "ringing")

    people = carrier.client.conferences(ROOM).participants.list()
    assert [(each.call_sid, each.status) for each in people] == [
        (made.call_sid, "ringing"),
        (agent, "connected"),
    ]
    assert carrier.truth(made.call_sid)["is_in_conference"] is is_in


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize(
    ("behaviour", "status"), [("no_answer", "no-answer"), ("busy", "busy"), ("failed", "failed")]
)
def test_who_does_not_answer_leaves_and_the_agent_stays(carrier, product, agent, behaviour, status, early):
    carrier.fix(behaviour=behaviour, ring_seconds=1)

    made = _dial(carrier, product, early_media=early, timeout=30)

    left = _wait_event(product, "participant-leave")
    assert (left["CallSid"], left["ParticipantLabel"]) == (made.call_sid, "lead")
    assert (left["ReasonParticipantLeft"], left["ParticipantCallStatus"]) == (
        "participant_add_failed",
        status,
    )
    wait_for(lambda: product.events("/status")[-1:] == [status])
    assert carrier.truth(agent)["is_in_conference"]


def test_the_last_one_expected_who_does_not_answer_ends_the_conference(carrier, product):
    carrier.fix(behaviour="busy", ring_seconds=0)

    made = _dial(carrier, product, conference_status_callback=f"{product.base}/conference", early_media=False)

    ended = _wait_event(product, "conference-end")
    assert ended["ReasonConferenceEnded"] == "last-participant-left"
    assert (ended["CallSidEndingConference"], ended["ParticipantLabelEndingConference"]) == (
        made.call_sid,
        "lead",
    )


def test_a_kick_ends_a_leg_without_a_document(carrier, product, agent, lead):
    carrier.client.conferences(ROOM).participants("lead").delete()

    wait_for(lambda: product.events("/status")[-1:] == ["completed"])
    assert carrier.truth(lead)["ended_by"] == "conference"
    assert carrier.truth(agent)["is_in_conference"]


@pytest.mark.parametrize("early", [True, False])
def test_a_leg_that_rings_is_withdrawn_by_taking_it_out(carrier, product, agent, early):
    carrier.fix(behaviour="person", ring_seconds=600)
    made = _dial(carrier, product, early_media=early)
    wait_for(lambda: carrier.status(made.call_sid) == "ringing")

    carrier.client.conferences(ROOM).participants("lead").delete()

    wait_for(lambda: product.events("/status")[-1:] == ["canceled"])
    assert _wait_event(product, "participant-leave")["ReasonParticipantLeft"] == "participant_updated_via_api"


@pytest.mark.parametrize("early", [True, False])
def test_the_end_of_the_conference_withdraws_a_leg_that_rings(carrier, product, agent, early):
    carrier.fix(behaviour="person", ring_seconds=600)
    made = _dial(carrier, product, early_media=early)
    wait_for(lambda: carrier.status(made.call_sid) == "ringing")

    carrier.post("clients/ana/hangup")

    wait_for(lambda: carrier.status(made.call_sid) == "canceled")
    assert carrier.client.conferences.list(status="in-progress") == []


def test_a_redirect_takes_a_leg_out_and_runs_the_document(carrier, product, agent, lead):
    product.twiml["/voice"] = "<Response><Say>One moment please.</Say></Response>"

    carrier.client.calls(lead).update(url=f"{product.base}/voice")

    wait_for(lambda: product.at("/voice"))
    wait_for(lambda: carrier.status(lead) == "completed")
    assert carrier.truth(lead)["ended_by"] == "twiml"


@pytest.mark.parametrize(("behaviour", "verdict"), [("person", "human"), ("machine", "machine_start")])
def test_detection_is_always_beside_the_call(carrier, product, agent, behaviour, verdict):
    carrier.fix(behaviour=behaviour, ring_seconds=0, talk_seconds=9000)

    made = _dial(
        carrier, product, machine_detection="Enable", amd_status_callback=f"{product.base}/amd", record=True
    )

    wait_for(lambda: product.at("/amd"))
    told = product.at("/amd")[0].params
    assert (told["CallSid"], told["AnsweredBy"]) == (made.call_sid, verdict)
    assert carrier.truth(made.call_sid)["is_in_conference"]
    assert [each.source for each in carrier.client.calls(made.call_sid).recordings.list()] == ["OutboundAPI"]


def test_legs_over_the_rate_are_queued_like_calls(start_carrier, product):
    carrier = start_carrier(cps=0.001)
    carrier.fix(behaviour="busy", ring_seconds=0)

    first = carrier.call().sid
    second = _dial(carrier, product)

    wait_for(lambda: carrier.status(first) == "busy")
    assert carrier.client.conferences(ROOM).participants("lead").fetch().status == "queued"
    assert carrier.status(second.call_sid) == "queued"


def test_a_supervisor_coaches_and_then_joins_in(carrier, product, agent, lead):
    made = _dial(carrier, product, to="client:mona", label="coach", coaching=True, call_sid_to_coach=agent)
    wait_for(lambda: carrier.truth(made.call_sid)["is_in_conference"])
    coach = carrier.client.conferences(ROOM).participants("coach")

    before = coach.fetch()
    after = coach.update(coaching=False, muted=False)

    assert (before.coaching, before.call_sid_to_coach) == (True, agent)
    assert after.coaching is False
    modified = _wait_event(product, "participant-modify")
    assert (modified["CallSid"], modified["Coaching"]) == (made.call_sid, "false")


@pytest.mark.parametrize("wishes", [{"coaching": True}, {"call_sid_to_coach": "CA" + "0" * 32}])
def test_nobody_coaches_who_is_not_there(carrier, product, agent, wishes):
    with pytest.raises(TwilioRestException):
        _dial(carrier, product, to="client:mona", **wishes)
    with pytest.raises(TwilioRestException):
        carrier.client.conferences(ROOM).participants("agent").update(**wishes)


def test_a_full_conference_takes_nobody(carrier, product):
    _dial(carrier, product, to="client:ana", max_participants=2)
    _dial(carrier, product, to="client:sol")

    with pytest.raises(TwilioRestException):
        _dial(carrier, product, to="client:mona")


def test_an_announcement_to_one_is_told_when_it_ends(carrier, product, agent, lead):
    product.twiml["/consent"] = "<Response><Say>This call is recorded.</Say></Response>"

    carrier.client.conferences(ROOM).participants("lead").update(announce_url=f"{product.base}/consent")

    ended = _wait_event(product, "announcement-end")
    assert (ended["AnnounceUrl"], ended["CallSid"]) == (f"{product.base}/consent", lead)
    assert len(product.at("/consent")) == 1
    assert product.at("/consent")[0].params["ConferenceSid"] == ended["ConferenceSid"]


def test_an_announcement_to_all_names_nobody(carrier, product, agent, lead):
    product.twiml["/closing"] = "<Response><Play>https://example.com/a.mp3</Play></Response>"

    carrier.client.conferences(ROOM).update(announce_url=f"{product.base}/closing")

    ended = _wait_event(product, "announcement-end")
    assert "CallSid" not in ended
    assert len(product.at("/closing")) == 1


def test_an_announcement_that_cannot_be_fetched_fails(carrier, product, agent, lead):
    product.answers["/broken"] = [500]

    carrier.client.conferences(ROOM).participants(lead).update(announce_url=f"{product.base}/broken")

    assert "500" in _wait_event(product, "announcement-fail")["ReasonAnnouncementFailed"]


def test_music_is_fetched_for_who_waits_and_who_is_held(carrier, product):
    product.twiml["/wait"] = "<Response><Play>https://example.com/a.mp3</Play></Response>"
    first = _dial(carrier, product, to="client:ana", label="agent", wait_url=f"{product.base}/wait")
    wait_for(lambda: product.at("/wait"))
    second = _dial(carrier, product, to="client:sol", wait_url=f"{product.base}/never")
    wait_for(lambda: carrier.truth(second.call_sid)["is_in_conference"])

    carrier.client.conferences(ROOM).participants("agent").update(
        hold=True, hold_url=f"{product.base}/music?a=1"
    )

    wait_for(lambda: product.at("/music"))
    assert product.at("/music")[0].method == "GET"
    assert product.at("/wait")[0].params["CallSid"] == first.call_sid
    assert product.at("/never") == []


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"to": "12"}, 21211),
        ({"from_": "+19995550100"}, 21210),
        ({"status_callback_event": ["rung"]}, 21626),
        ({"beep": "loud"}, 20001),
        ({"timeout": 4}, 20001),
        ({"caller_display_name": "P"}, 20001),
        ({"max_participants": 251}, 20001),
    ],
)
def test_bad_wishes_are_refused_and_open_nothing(carrier, product, wishes, code):
    with pytest.raises(TwilioRestException) as refused:
        _dial(carrier, product, **wishes)

    assert refused.value.code == code
    assert carrier.client.conferences.list() == []
    assert carrier.get("calls")["calls"] == []


def test_an_unreachable_number_fails(carrier, product, agent):
    carrier.fix(behaviour="person", ring_seconds=0)
    carrier.post("faults", {"kind": "number_unreachable", "match": LEAD})

    made = _dial(carrier, product)

    wait_for(lambda: product.events("/status") == ["initiated", "failed"])
    assert carrier.truth(made.call_sid)["sip_code"] == 404
