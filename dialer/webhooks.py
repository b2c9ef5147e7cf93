"""The carrier's addresses: let in by carriers.door, stored, applied, answered.

500 only for our own bugs; the unknown and the repeated are stored and answered.
"""

from uuid import UUID

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from carriers import door, registry, twiml
from carriers import services as inbox
from core import clock, jobs
from dialer import jobs as names
from dialer.recordplan import NOTICE
from dialer.services import answering, calls, consult_news, optout, texts

log = structlog.get_logger(__name__)


@csrf_exempt
@require_POST
def call_answer(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Somebody picked up: answer with where their leg goes."""
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    incoming = _incoming(found, kind="call_answer", subject_ref=str(attempt_id))
    return _twiml(calls.answer_call(incoming, attempt_id=attempt_id, now=clock.now()))


@csrf_exempt
@require_POST
def call_waited(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """The wait of an answered call is over: answer with what comes now. It brings no news, so nothing is stored."""
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    return _twiml(answering.what_now(attempt_id=attempt_id, now=clock.now()))


@csrf_exempt
@require_POST
def call_left(request: HttpRequest, attempt_id: UUID, interruptions: int) -> HttpResponse:
    """The conference the person was in is over, mostly because the agent's line broke off: answer with what they hear now."""
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    _store_and_apply(found, kind="call_left", subject_ref=f"{attempt_id}:{interruptions}")
    if not calls.is_person_there(found.params):
        return _twiml(twiml.HangUp())
    return _twiml(answering.what_now(attempt_id=attempt_id, now=clock.now()))


@csrf_exempt
@require_POST
def call_detected(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """The carrier knows who picked up: applied at once, the person waits."""
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    _store_and_apply(found, kind="call_detected", subject_ref=str(attempt_id))
    return HttpResponse(status=204)


@csrf_exempt
@require_POST
def call_keys(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """A key was pressed during the message of an abandoned call: it is done before it is said."""
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    _store_and_apply(found, kind="call_keys", subject_ref=str(attempt_id))
    return _twiml(answering.after_key(attempt_id=attempt_id, digits=found.params.get("Digits", "")))


@csrf_exempt
@require_POST
def call_message(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """A message left on a machine was played to its end: nothing comes behind it."""
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    _store_and_apply(found, kind="call_message", subject_ref=str(attempt_id))
    return _twiml(twiml.HangUp())


@csrf_exempt
@require_POST
def call_status(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """The call moved: store it, answer at once, apply it by a task."""
    return _store_and_hint(request, kind="call_status", subject_ref=str(attempt_id))


@csrf_exempt
@require_POST
def recording_status(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """The recording of a call began, or ended."""
    return _store_and_hint(request, kind="recording", subject_ref=str(attempt_id))


@csrf_exempt
@require_POST
def recording_notice(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """The words that say that the call is recorded: the same for every call, so that nothing can go wrong."""
    found = door.admit(request)
    return found if isinstance(found, HttpResponse) else _twiml(twiml.Say(NOTICE))


@csrf_exempt
@require_POST
def transfer_answer(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """Somebody outside picked up: they go to the agent who called them, or hear that it was in vain."""
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    _store_and_apply(found, kind="transfer_answer", subject_ref=str(transfer_id))
    return _twiml(consult_news.target_plan(transfer_id, now=clock.now()))


@csrf_exempt
@require_POST
def transfer_status(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """The leg of somebody outside moved."""
    return _store_and_hint(request, kind="transfer_status", subject_ref=str(transfer_id))


@csrf_exempt
@require_POST
def transfer_events(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """Somebody entered or left the conference in which person and target are left."""
    return _store_and_hint(request, kind="transfer_event", subject_ref=str(transfer_id))


@csrf_exempt
@require_POST
def transfer_left(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """That conference is over: answer with what the person hears now, if they are there."""
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    _store_and_apply(found, kind="transfer_left", subject_ref=str(transfer_id))
    if not calls.is_person_there(found.params):
        return _twiml(twiml.HangUp())
    return _twiml(answering.after_transfer(transfer_id=transfer_id, now=clock.now()))


@csrf_exempt
@require_POST
def agent_answer(request: HttpRequest, session_id: int) -> HttpResponse:
    """An agent's browser picked up: their leg goes into their standing conference."""
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    inbox_id = _store(found, kind="agent_answer", subject_ref=str(session_id))
    return _twiml(calls.answer_agent_leg(session_id=session_id, inbox_id=inbox_id, now=clock.now()))


@csrf_exempt
@require_POST
def agent_status(request: HttpRequest, session_id: int) -> HttpResponse:
    """An agent's own leg moved."""
    return _store_and_hint(request, kind="agent_status", subject_ref=str(session_id))


@csrf_exempt
@require_POST
def conference(request: HttpRequest, session_id: int) -> HttpResponse:
    """Somebody entered, left, was held or muted in an agent's conference."""
    return _store_and_hint(request, kind="conference", subject_ref=str(session_id))


@csrf_exempt
@require_POST
def inbound(request: HttpRequest) -> HttpResponse:
    """Somebody calls one of our numbers: say who we are and offer to take them off the list."""
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    _store_and_apply(found, kind="inbound", subject_ref=found.params.get("CallSid", ""))
    return _twiml(optout.greeting(found.params))


@csrf_exempt
@require_POST
def inbound_keys(request: HttpRequest, round_number: int) -> HttpResponse:
    """A key was pressed on the opt-out line: it is done before it is said."""
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    _store_and_apply(found, kind="inbound_key", subject_ref=found.params.get("CallSid", ""))
    return _twiml(optout.answer(found.params, round_number=round_number))


@csrf_exempt
@require_POST
def inbound_status(request: HttpRequest) -> HttpResponse:
    """A call to one of our numbers has ended."""
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    inbox_id = _store(found, kind="inbound_status", subject_ref=found.params.get("CallSid", ""))
    if inbox_id is not None:
        jobs.enqueue_on_commit(names.APPLY_WEBHOOK, inbox_id=inbox_id)
    return HttpResponse(status=204)


@csrf_exempt
@require_POST
def text(request: HttpRequest) -> HttpResponse:
    """Somebody sent a text to a number of ours: what it asks for is done before it is answered."""
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    _store_and_apply(found, kind="text", subject_ref=found.params.get("MessageSid", ""))
    return _twiml(texts.answer(found.params, now=clock.now()))


@csrf_exempt
@require_POST
def text_status(request: HttpRequest) -> HttpResponse:
    """What became of a text of ours; that the person opted out at the carrier is honoured at once."""
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    _store_and_apply(found, kind="text_status", subject_ref=found.params.get("MessageSid", ""))
    return HttpResponse(status=204)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def fault(request: HttpRequest) -> HttpResponse:
    """Words for a call whose answer URL failed: no database, no signature, no effect, so that it works when nothing else does."""
    log.error("dialer.call.answered_by_fallback", query=request.META.get("QUERY_STRING", "")[:200])
    return _twiml(twiml.SayAndHangUp(twiml.fault_text(seller=settings.SELLER_NAME)))


def _store_and_hint(request: HttpRequest, *, kind: str, subject_ref: str) -> HttpResponse:
    found = door.admit(request)
    if isinstance(found, HttpResponse):
        return found
    inbox_id = _store(found, kind=kind, subject_ref=subject_ref)
    if inbox_id is not None:
        jobs.enqueue_on_commit(names.APPLY_WEBHOOK, inbox_id=inbox_id)
    return HttpResponse(status=204)


def _store_and_apply(found: door.Webhook, *, kind: str, subject_ref: str) -> None:
    calls.apply_at_once(_incoming(found, kind=kind, subject_ref=subject_ref), now=clock.now())


def _store(found: door.Webhook, *, kind: str, subject_ref: str) -> int | None:
    return inbox.receive(_incoming(found, kind=kind, subject_ref=subject_ref))


def _incoming(found: door.Webhook, *, kind: str, subject_ref: str) -> inbox.Incoming:
    return inbox.Incoming(
        kind=kind,
        key=registry.webhooks().key(kind=kind, subject_ref=subject_ref, params=found.params),
        token=found.token,
        subject_ref=subject_ref,
        payload=found.params,
        received_at=clock.now(),
    )


def _twiml(plan: twiml.Plan) -> HttpResponse:
    return HttpResponse(twiml.render(plan), content_type="text/xml; charset=utf-8")
