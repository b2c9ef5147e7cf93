"""Calls that wait in a queue: taken, leaving, hanging up, redirected."""

import pytest

from tests.sandbox.carrier.kit import LEAD, OWN, wait_for

OTHER = "+13105550143"
PAUSE = "<Response><Pause length='9000'/></Response>"
ENQUEUE = "<Response><Enqueue action='/left' waitUrl='/wait'>support</Enqueue></Response>"
TAKE = "<Response><Dial action='/taken' timeout='{}'><Queue url='/hello'>support</Queue></Dial></Response>"


@pytest.fixture(autouse=True)
def documents(carrier, product):
    product.twiml |= {
        "/enqueue": ENQUEUE,
        "/wait": f"<Response><Play>{product.base}/a.mp3</Play></Response>",
        "/hello": "<Response><Say>Here is Ana.</Say></Response>",
        "/left": PAUSE,
        "/taken": PAUSE,
    }
    number = carrier.client.incoming_phone_numbers.list(phone_number=OWN)[0]
    number.update(voice_url=f"{product.base}/enqueue")


def _wait_in_queue(carrier, caller=LEAD):
    sid = carrier.post("inbound", {"from": caller, "to": OWN, "talk_seconds": 9000})["sid"]
    wait_for(lambda: _waiting(carrier, sid))
    return sid


def _waiting(carrier, sid):
    queues = carrier.client.queues.list()
    return queues and sid in [each.call_sid for each in queues[0].members.list()]


def _left(product):
    return wait_for(lambda: product.at("/left"))[0].params


def _take(carrier, product, patience=60):
    product.twiml["/agent"] = TAKE.format(patience)
    return carrier.call(to="client:ana", url=f"{product.base}/agent").sid


def test_who_waits_is_told_the_position_again_and_again(carrier, product):
    _wait_in_queue(carrier)
    second = _wait_in_queue(carrier, OTHER)

    asked = wait_for(
        lambda: [each.params for each in product.at("/wait") if each.params["CallSid"] == second]
    )
    wait_for(lambda: len(product.at("/wait")) >= 4)

    assert (asked[0]["QueuePosition"], asked[0]["CurrentQueueSize"]) == ("2", "2")
    assert asked[0]["CallStatus"] == "in-progress"


def test_the_longest_waiting_is_taken_and_goes_on_when_the_agent_hangs_up(carrier, product):
    first = _wait_in_queue(carrier)
    second = _wait_in_queue(carrier, OTHER)

    agent = _take(carrier, product)
    heard = wait_for(lambda: product.at("/hello"))[0].params
    carrier.post("clients/ana/hangup")

    assert (heard["CallSid"], heard["DequeingCallSid"]) == (first, agent)
    left = _left(product)
    assert (left["CallSid"], left["QueueResult"]) == (first, "bridged")
    assert _waiting(carrier, second)


def test_the_agent_goes_on_when_the_caller_hangs_up(carrier, product):
    caller = _wait_in_queue(carrier)
    agent = _take(carrier, product)
    wait_for(lambda: product.at("/hello"))

    carrier.post(f"calls/{caller}/hangup")

    taken = wait_for(lambda: product.at("/taken"))[0].params
    assert (taken["CallSid"], taken["DialCallSid"], taken["DialCallStatus"]) == (agent, caller, "completed")


def test_an_agent_waits_for_the_first_to_come(carrier, product):
    carrier.client.queues.create(friendly_name="support")
    agent = _take(carrier, product, patience=6000)
    wait_for(lambda: carrier.status(agent) == "in-progress")

    sid = carrier.post("inbound", {"from": LEAD, "to": OWN, "talk_seconds": 9000})["sid"]

    assert wait_for(lambda: product.at("/hello"))[0].params["CallSid"] == sid


@pytest.mark.parametrize(("exists", "status"), [(True, "no-answer"), (False, "failed")])
def test_an_agent_whom_nobody_comes_to_goes_on(carrier, product, exists, status):
    if exists:
        carrier.client.queues.create(friendly_name="support")

    _take(carrier, product, patience=5)

    assert wait_for(lambda: product.at("/taken"))[0].params["DialCallStatus"] == status


def test_who_waits_may_leave(carrier, product):
    product.twiml["/wait"] = "<Response><Say>Please call later.</Say><Leave/></Response>"

    sid = carrier.post("inbound", {"from": LEAD, "to": OWN, "talk_seconds": 9000})["sid"]

    left = _left(product)
    assert (left["CallSid"], left["QueueResult"]) == (sid, "leave")
    assert int(left["QueueTime"]) >= 1
    assert carrier.status(sid) == "in-progress"


def test_who_hangs_up_is_told_to_the_action(carrier, product):
    sid = _wait_in_queue(carrier)

    carrier.post(f"calls/{sid}/hangup")

    left = _left(product)
    assert (left["QueueResult"], left["CallStatus"]) == ("hangup", "completed")
    assert carrier.client.queues.list()[0].current_size == 0


def test_a_call_is_redirected_out_of_the_queue(carrier, product):
    sid = _wait_in_queue(carrier)
    product.twiml["/next"] = PAUSE

    member = carrier.client.queues.list()[0].members("Front").update(url=f"{product.base}/next")

    assert (member.call_sid, member.position) == (sid, 1)
    assert wait_for(lambda: product.at("/next"))[0].params["CallSid"] == sid
    assert _left(product)["QueueResult"] == "redirected"


def test_a_full_queue_takes_nobody(carrier, product):
    carrier.client.queues.create(friendly_name="support", max_size=1)
    first = _wait_in_queue(carrier)

    second = carrier.post("inbound", {"from": OTHER, "to": OWN, "talk_seconds": 9000})["sid"]

    left = _left(product)
    assert (left["CallSid"], left["QueueResult"]) == (second, "queue-full")
    assert _waiting(carrier, first)


def test_a_document_that_hangs_up_ends_the_wait(carrier, product):
    product.twiml["/wait"] = "<Response><Hangup/></Response>"

    sid = carrier.post("inbound", {"from": LEAD, "to": OWN, "talk_seconds": 9000})["sid"]

    wait_for(lambda: carrier.status(sid) == "completed")
    assert carrier.truth(sid)["ended_by"] == "twiml"
