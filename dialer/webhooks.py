"""The carrier's addresses: let in by carriers.door, stored, applied, answered.

500 only for our own bugs; the unknown and the repeated are stored and answered.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from carriers import door, registry, twiml
from carriers import services as inbox
from core import clock
from dialer.recordplan import NOTICE
from dialer.services import answering, calls, consult_news, optout, texts

log = structlog.get_logger(__name__)

P = ParamSpec("P")


def _let_in(view: Callable[Concatenate[door.Webhook, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view the webhook that passed the carrier's door; what does not pass is answered there."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def let_in(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        found = door.admit(request)
        return found if isinstance(found, HttpResponse) else view(found, *args, **kwargs)

    return let_in


@_let_in
def call_answer(found: door.Webhook, attempt_id: UUID) -> HttpResponse:
    """Somebody picked up: answer with where their leg goes."""
    incoming = _incoming(found, kind="call_answer", subject_ref=str(attempt_id))
    return _twiml(calls.answer_call(incoming, attempt_id=attempt_id, now=clock.now()))


@_let_in
def call_waited(found: door.Webhook, attempt_id: UUID) -> HttpResponse:
    """The wait of an answered call is over: answer with what comes now. It brings no news, so nothing is stored."""
    return _twiml(answering.what_now(attempt_id=attempt_id, now=clock.now()))


@_let_in
def call_left(found: door.Webhook, attempt_id: UUID, interruptions: int) -> HttpResponse:
    """The conference the person was in is over, mostly because the agent's line broke off: answer with what they hear now."""
    _store_and_apply(found, kind="call_left", subject_ref=f"{attempt_id}:{interruptions}")
    if not calls.is_person_there(found.params):
        return _twiml(twiml.HangUp())
    return _twiml(answering.what_now(attempt_id=attempt_id, now=clock.now()))


@_let_in
def call_detected(found: door.Webhook, attempt_id: UUID) -> HttpResponse:
    """The carrier knows who picked up: applied at once, the person waits."""
    _store_and_apply(found, kind="call_detected", subject_ref=str(attempt_id))
    return HttpResponse(status=204)


@_let_in
def call_keys(found: door.Webhook, attempt_id: UUID) -> HttpResponse:
    """A key was pressed during the message of an abandoned call: it is done before it is said."""
    _store_and_apply(found, kind="call_keys", subject_ref=str(attempt_id))
    return _twiml(answering.after_key(attempt_id=attempt_id, digits=found.params.get("Digits", "")))


@_let_in
def call_message(found: door.Webhook, attempt_id: UUID) -> HttpResponse:
    """A message left on a machine was played to its end: nothing comes behind it."""
    _store_and_apply(found, kind="call_message", subject_ref=str(attempt_id))
    return _twiml(twiml.HangUp())


@_let_in
def call_status(found: door.Webhook, attempt_id: UUID) -> HttpResponse:
    """The call moved."""
    return _take_in(found, kind="call_status", subject_ref=str(attempt_id))


@_let_in
def recording_status(found: door.Webhook, attempt_id: UUID) -> HttpResponse:
    """The recording of a call began, or ended."""
    return _take_in(found, kind="recording", subject_ref=str(attempt_id))


@_let_in
def recording_notice(_: door.Webhook, attempt_id: UUID) -> HttpResponse:
    """The words that say that the call is recorded: the same for every call, so that nothing can go wrong."""
    return _twiml(twiml.Say(NOTICE))


@_let_in
def transfer_answer(found: door.Webhook, transfer_id: int) -> HttpResponse:
    """Somebody outside picked up: they go to the agent who called them, or hear that it was in vain."""
    _store_and_apply(found, kind="transfer_answer", subject_ref=str(transfer_id))
    return _twiml(consult_news.target_plan(transfer_id, now=clock.now()))


@_let_in
def transfer_status(found: door.Webhook, transfer_id: int) -> HttpResponse:
    """The leg of somebody outside moved."""
    return _take_in(found, kind="transfer_status", subject_ref=str(transfer_id))


@_let_in
def transfer_events(found: door.Webhook, transfer_id: int) -> HttpResponse:
    """Somebody entered or left the conference in which person and target are left."""
    return _take_in(found, kind="transfer_event", subject_ref=str(transfer_id))


@_let_in
def transfer_left(found: door.Webhook, transfer_id: int) -> HttpResponse:
    """That conference is over: answer with what the person hears now, if they are there."""
    _store_and_apply(found, kind="transfer_left", subject_ref=str(transfer_id))
    if not calls.is_person_there(found.params):
        return _twiml(twiml.HangUp())
    return _twiml(answering.after_transfer(transfer_id=transfer_id, now=clock.now()))


@_let_in
def agent_answer(found: door.Webhook, session_id: int) -> HttpResponse:
    """An agent's browser picked up: their leg goes into their standing conference."""
    inbox_id = _store(found, kind="agent_answer", subject_ref=str(session_id))
    return _twiml(calls.answer_agent_leg(session_id=session_id, inbox_id=inbox_id, now=clock.now()))


@_let_in
def agent_status(found: door.Webhook, session_id: int) -> HttpResponse:
    """An agent's own leg moved."""
    return _take_in(found, kind="agent_status", subject_ref=str(session_id))


@_let_in
def conference(found: door.Webhook, session_id: int) -> HttpResponse:
    """Somebody entered, left, was held or muted in an agent's conference."""
    return _take_in(found, kind="conference", subject_ref=str(session_id))


@_let_in
def inbound(found: door.Webhook) -> HttpResponse:
    """Somebody calls one of our numbers: say who we are and offer to take them off the list."""
    _store_and_apply(found, kind="inbound", subject_ref=found.params.get("CallSid", ""))
    return _twiml(optout.greeting(found.params))


@_let_in
def inbound_keys(found: door.Webhook, round_number: int) -> HttpResponse:
    """A key was pressed on the opt-out line: it is done before it is said."""
    _store_and_apply(found, kind="inbound_key", subject_ref=found.params.get("CallSid", ""))
    return _twiml(optout.answer(found.params, round_number=round_number))


@_let_in
def inbound_status(found: door.Webhook) -> HttpResponse:
    """A call to one of our numbers has ended."""
    return _take_in(found, kind="inbound_status", subject_ref=found.params.get("CallSid", ""))


@_let_in
def text(found: door.Webhook) -> HttpResponse:
    """Somebody sent a text to a number of ours: what it asks for is done before it is answered."""
    _store_and_apply(found, kind="text", subject_ref=found.params.get("MessageSid", ""))
    return _twiml(texts.answer(found.params, now=clock.now()))


@_let_in
def text_status(found: door.Webhook) -> HttpResponse:
    """What became of a text of ours; that the person opted out at the carrier is honoured at once."""
    _store_and_apply(found, kind="text_status", subject_ref=found.params.get("MessageSid", ""))
    return HttpResponse(status=204)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def fault(request: HttpRequest) -> HttpResponse:
    """Words for a call whose answer URL failed: no database, no signature, no effect, so that it works when nothing else does."""
    log.error("dialer.call.answered_by_fallback", query=request.META.get("QUERY_STRING", "")[:200])
    return _twiml(twiml.SayAndHangUp(twiml.fault_text(seller=settings.SELLER_NAME)))


def _take_in(found: door.Webhook, *, kind: str, subject_ref: str) -> HttpResponse:
    calls.take_in(_incoming(found, kind=kind, subject_ref=subject_ref), now=clock.now())
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
