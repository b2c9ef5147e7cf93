"""Every answer of the carrier stand-in against the vendor's own OpenAPI document."""

import pytest
import requests

from sandbox.carrier.app import make_app
from sandbox.carrier.settings import Settings
from sandbox.testing import run_in_thread
from tests.contract.openapi import load_or_skip
from tests.sandbox.carrier.kit import LEAD, OWN, wait_for

ROOM = "agent-7"
TALK = f"<Response><Dial><Conference record='record-from-start'>{ROOM}</Conference></Dial></Response>"
LIVE = ("queued", "ringing", "in-progress")
ERROR = {
    "type": "object",
    "properties": {
        "code": {"type": "integer"},
        "message": {"type": "string"},
        "more_info": {"type": "string", "format": "uri"},
        "status": {"type": "integer"},
    },
    "required": ["code", "message", "more_info", "status"],
}
SETTINGS = Settings(speed=40, cps=1000)
ROOT = f"/2010-04-01/Accounts/{SETTINGS.account_sid}"


@pytest.fixture(scope="module")
def document():
    # the vendor does not say which members may be null; they are always present
    return load_or_skip("twilio_api_v2010.json", lenient=True)


class Caller:
    """Sends plain requests and judges every answer."""

    def __init__(self, base, document):
        self.base = base
        self.document = document
        self.session = requests.Session()
        self.session.auth = (SETTINGS.account_sid, SETTINGS.auth_token)

    def __call__(self, method, path, status=200, **form):
        answer = self.session.request(
            method,
            f"{self.base}/api{ROOT}{path}",
            data=form if method == "POST" else None,
            params=form if method == "GET" else None,
            timeout=30,
        )
        assert answer.status_code == status, answer.text
        body = answer.json() if answer.content else None
        if status >= 400:
            assert self.document.schema_problems(ERROR, body) == []
            assert (body["status"], str(body["code"]) in body["more_info"]) == (status, True)
        else:
            self.document.assert_conforms(method, ROOT + path, status, body)
        return body

    def fix(self, number, **wishes):
        requests.post(f"{self.base}/_sandbox/numbers/{number}", json=wishes, timeout=30)


@pytest.fixture
def call_api(document):
    with run_in_thread(make_app(SETTINGS)) as base:
        caller = Caller(base, document)
        yield caller
        caller.session.close()


def _place(call_api, to=LEAD, twiml=TALK):
    return call_api("POST", "/Calls.json", 201, To=to, From=OWN, Twiml=twiml)["sid"]


@pytest.fixture
def talking(call_api):
    """A lead and an agent in one conference: (lead's call, conference)."""
    call_api.fix(LEAD, behaviour="person", ring_seconds=0, talk_seconds=9000)
    _place(call_api, "client:ana")
    lead = _place(call_api)
    room = wait_for(
        lambda: call_api("GET", "/Conferences.json", FriendlyName=ROOM, Status="in-progress")["conferences"]
    )[0]
    return lead, room["sid"]


def test_account_and_numbers(call_api):
    requests.get(call_api.base, timeout=30)
    account = call_api.session.get(f"{call_api.base}/api{ROOT}.json", timeout=30).json()
    call_api.document.assert_conforms("GET", ROOT + ".json", 200, account)
    number = call_api("GET", "/IncomingPhoneNumbers.json")["incoming_phone_numbers"][0]
    one = f"/IncomingPhoneNumbers/{number['sid']}.json"
    call_api("GET", one)
    wishes = {"VoiceUrl": "http://127.0.0.1:9/v", "SmsUrl": "", "VoiceMethod": "GET", "FriendlyName": "Desk"}
    wishes |= {"VoiceCallerIdLookup": "true", "StatusCallback": "http://127.0.0.1:9/s", "BundleSid": ""}
    assert call_api("POST", one, **wishes)["voice_method"] == "GET"
    call_api("POST", one, 400, VoiceUrl="somewhere")
    call_api("POST", f"/IncomingPhoneNumbers/PN{'0' * 32}.json", 404, **wishes)


@pytest.mark.parametrize("voice_url", ["", "http://127.0.0.1:9/nobody"])
def test_a_call_that_comes_in_conforms(call_api, voice_url):
    number = call_api("GET", "/IncomingPhoneNumbers.json")["incoming_phone_numbers"][0]
    call_api("POST", f"/IncomingPhoneNumbers/{number['sid']}.json", VoiceUrl=voice_url)
    body = {"from": LEAD, "to": number["phone_number"]}

    sid = requests.post(f"{call_api.base}/_sandbox/inbound", json=body, timeout=30).json()["sid"]

    call_api("GET", f"/Calls/{sid}.json")
    wait_for(lambda: call_api("GET", f"/Calls/{sid}.json")["status"] in ("failed", "completed"))


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        ("person", "completed"),
        ("busy", "busy"),
        ("no_answer", "no-answer"),
        ("failed", "failed"),
    ],
)
def test_a_call_conforms_in_every_state(call_api, behaviour, status):
    call_api.fix(LEAD, behaviour=behaviour, ring_seconds=4, talk_seconds=8)
    call = call_api("POST", "/Calls.json", 201, To=LEAD, From=OWN, Twiml=TALK, Timeout="10")
    sid = call["sid"]

    # a slow reader may see the last state only, so the states between are not counted
    seen = set()
    wait_for(lambda: seen.add(call_api("GET", f"/Calls/{sid}.json")["status"]) or status in seen)

    assert call["status"] == "queued"
    assert seen <= {"queued", "ringing", "in-progress", status}


def test_lists_of_calls_and_their_pages(call_api):
    call_api.fix(LEAD, behaviour="busy", ring_seconds=0)
    for _ in range(5):
        _place(call_api)

    first = call_api("GET", "/Calls.json", PageSize="2", To=LEAD)
    second = call_api("GET", first["next_page_uri"].removeprefix(ROOT))
    last = call_api("GET", second["next_page_uri"].removeprefix(ROOT))
    none = call_api("GET", "/Calls.json", Status="canceled")

    assert [len(each["calls"]) for each in (first, second, last, none)] == [2, 2, 1, 0]
    assert last["next_page_uri"] is None


def test_updates_of_a_call(call_api, talking):
    lead, _ = talking
    pause = "<Response><Pause length='60'/></Response>"

    assert call_api("POST", f"/Calls/{lead}.json", Twiml=pause)["status"] == "in-progress"
    assert call_api("POST", f"/Calls/{lead}.json", Status="completed")["status"] == "completed"
    call_api("POST", f"/Calls/{lead}.json", 400, Status="completed")
    call_api("DELETE", f"/Calls/{lead}.json", 204)


def test_conference_and_participants(call_api, talking):
    lead, room = talking
    one = f"/Conferences/{room}/Participants/{lead}.json"

    call_api("GET", f"/Conferences/{room}.json")
    call_api("GET", f"/Conferences/{room}/Participants.json", Muted="false")
    call_api("GET", one)
    music = {"HoldUrl": "http://127.0.0.1:9/hold.wav", "HoldMethod": "GET"}
    assert call_api("POST", one, Hold="true", Muted="true", **music)["hold"] is True
    call_api("POST", one, EndConferenceOnExit="true")
    call_api("DELETE", one, 204)
    call_api("GET", one, 404)
    assert call_api("POST", f"/Conferences/{room}.json", Status="completed")["status"] == "completed"


@pytest.mark.parametrize("behaviour", ["person", "busy"])
def test_a_dialed_participant_conforms_in_every_state(call_api, behaviour):
    call_api.fix(LEAD, behaviour=behaviour, ring_seconds=4, talk_seconds=8)
    people = f"/Conferences/{ROOM}/Participants"
    call_api("POST", f"{people}.json", 201, From=OWN, To="client:ana")

    made = call_api("POST", f"{people}.json", 201, From=OWN, To=LEAD, Label="lead", EarlyMedia="false")
    call_api("GET", f"{people}/lead.json")

    # a slow reader may see few of the states, so they are judged but not counted
    assert made["status"] == "queued"
    wait_for(
        lambda: (
            call_api("GET", f"{people}.json")["participants"]
            and call_api("GET", f"/Calls/{made['call_sid']}.json")["status"] not in LIVE
        )
    )


def test_coaching_and_announcing(call_api, talking):
    lead, room = talking
    people = f"/Conferences/{room}/Participants"
    coach = {"From": OWN, "To": "client:mona", "Coaching": "true", "CallSidToCoach": lead, "Label": "coach"}

    assert call_api("POST", f"{people}.json", 201, **coach)["coaching"] is True
    call_api("POST", f"{people}/coach.json", Coaching="false", Muted="false")
    call_api("POST", f"{people}/{lead}.json", AnnounceUrl="http://127.0.0.1:9/a", AnnounceMethod="GET")
    call_api("POST", f"/Conferences/{room}.json", AnnounceUrl="http://127.0.0.1:9/a")
    call_api("POST", f"{people}/coach.json", 400, CallSidToCoach="CA" + "0" * 32)
    call_api("DELETE", f"{people}/coach.json", 204)


def test_recordings(call_api, talking):
    lead, _ = talking
    made = call_api("POST", f"/Calls/{lead}/Recordings.json", 201, RecordingChannels="dual")
    one = f"/Calls/{lead}/Recordings/{made['sid']}.json"

    assert made["status"] == "in-progress"
    assert call_api("POST", one, Status="paused", PauseBehavior="skip")["status"] == "paused"
    call_api("POST", one, Status="in-progress")
    call_api("POST", one, Status="stopped")
    call_api("GET", one)
    call_api("GET", f"/Calls/{lead}/Recordings.json")
    assert len(call_api("GET", "/Recordings.json")["recordings"]) == 2
    call_api("GET", f"/Recordings/{made['sid']}.json")
    call_api("DELETE", one, 204)
    call_api("GET", one, 404)
    call_api("POST", f"/Calls/{lead}/Recordings/Twilio.CURRENT.json", 404, Status="stopped")


def test_recordings_of_a_conference(call_api, talking):
    _, room = talking
    made = call_api("GET", f"/Conferences/{room}/Recordings.json")["recordings"][0]
    one = f"/Conferences/{room}/Recordings/{made['sid']}.json"

    call_api("GET", one)
    call_api("POST", f"/Conferences/{room}/Recordings/Twilio.CURRENT.json", Status="paused")
    call_api("POST", one, Status="in-progress")
    call_api("POST", one, 400, Status="erased")
    call_api("POST", one, Status="stopped")
    call_api("DELETE", one, 204)


def test_an_absent_recording(call_api, talking):
    lead, _ = talking
    requests.post(
        f"{call_api.base}/_sandbox/faults", json={"kind": "recording_absent", "count": 1}, timeout=5
    )
    made = call_api("POST", f"/Calls/{lead}/Recordings.json", 201)

    ended = call_api("POST", f"/Calls/{lead}/Recordings/{made['sid']}.json", Status="stopped")

    assert (ended["status"], ended["error_code"]) == ("absent", 16102)
    call_api("GET", f"/Recordings/{made['sid']}.json")


def test_queues_and_their_members(call_api):
    call_api.fix(LEAD, behaviour="person", ring_seconds=0, talk_seconds=9000)
    queue = call_api("POST", "/Queues.json", 201, FriendlyName="support", MaxSize="5")
    one = f"/Queues/{queue['sid']}"
    sids = [_place(call_api, twiml="<Response><Enqueue>support</Enqueue></Response>") for _ in range(2)]
    wait_for(lambda: call_api("GET", f"{one}.json")["current_size"] == 2)

    assert call_api("POST", f"{one}.json", MaxSize="9")["max_size"] == 9
    assert call_api("GET", "/Queues.json")["queues"][0]["sid"] == queue["sid"]
    assert len(call_api("GET", f"{one}/Members.json")["queue_members"]) == 2
    assert call_api("GET", f"{one}/Members/Front.json")["position"] == 1
    call_api("GET", f"{one}/Members/{sids[1]}.json")
    call_api("DELETE", f"{one}.json", 400)
    for _ in sids:
        call_api("POST", f"{one}/Members/Front.json", Url="http://127.0.0.1:9/next")
    call_api("POST", f"{one}/Members/Front.json", 404, Url="http://127.0.0.1:9/next")
    call_api("POST", "/Queues.json", 400, FriendlyName="support")
    call_api("DELETE", f"{one}.json", 204)


def test_payments(call_api, talking):
    lead, _ = talking
    always = {"StatusCallback": "http://127.0.0.1:9/pay"}
    made = call_api("POST", f"/Calls/{lead}/Payments.json", 201, IdempotencyKey="1", **always)
    one = f"/Calls/{lead}/Payments/{made['sid']}.json"

    call_api("POST", one, 202, IdempotencyKey="2", Capture="payment-card-number", **always)
    call_api("POST", one, 400, IdempotencyKey="3", Status="complete", **always)
    call_api("POST", one, 202, IdempotencyKey="4", Status="cancel", **always)
    call_api("POST", one, 400, IdempotencyKey="5", Capture="security-code", **always)
    call_api("POST", f"/Calls/{lead}/Payments/PK{'0' * 32}.json", 404, IdempotencyKey="6", **always)


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/Calls.json", {"To": "x", "From": OWN, "Twiml": TALK}, 400),
        ("/Calls.json", {"To": LEAD, "From": OWN}, 400),
        ("/Calls.json", {"To": LEAD, "From": OWN, "Twiml": TALK, "Timeout": "900"}, 400),
        ("/Calls/CA00000000000000000000000000000000.json", {"Status": "completed"}, 404),
        ("/Conferences/nowhere.json", {"Status": "completed"}, 404),
        ("/Nothing.json", {}, 404),
    ],
)
def test_refusals(call_api, path, form, status):
    call_api("POST", path, status, **form)
