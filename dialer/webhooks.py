"""The carrier's door: verify, store, apply, answer.

500 only for our own bugs; the unknown and the repeated are stored and answered.
"""

from uuid import UUID

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from carriers import registry, twiml
from carriers import services as inbox
from core import clock, jobs
from dialer import jobs as names
from dialer.services import answering, calls

log = structlog.get_logger(__name__)

MAX_FIELDS = 200


@csrf_exempt
@require_POST
def call_answer(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Somebody picked up: answer with where their leg goes."""
    if not _genuine(request):
        return _refused(request)
    _apply_now(request, kind="call_answer", attempt_id=attempt_id)
    return _twiml(answering.what_now(attempt_id=attempt_id, now=clock.now()))


@csrf_exempt
@require_POST
def call_waited(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """The wait of an answered call is over: answer with what comes now."""
    if not _genuine(request):
        return _refused(request)
    return _twiml(answering.what_now(attempt_id=attempt_id, now=clock.now()))


@csrf_exempt
@require_POST
def call_detected(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """The carrier knows who picked up: applied at once, the person waits."""
    if not _genuine(request):
        return _refused(request)
    _apply_now(request, kind="call_detected", attempt_id=attempt_id)
    return HttpResponse(status=204)


@csrf_exempt
@require_POST
def call_keys(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """A key was pressed during the message of an abandoned call."""
    if not _genuine(request):
        return _refused(request)
    _apply_now(request, kind="call_keys", attempt_id=attempt_id)
    return _twiml(answering.after_key(attempt_id=attempt_id, digits=request.POST.get("Digits", "")))


@csrf_exempt
@require_POST
def call_status(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """The call moved: store it, answer at once, apply it by a task."""
    return _store_and_hint(request, kind="call_status", subject_ref=str(attempt_id))


@csrf_exempt
@require_POST
def agent_answer(request: HttpRequest, session_id: int) -> HttpResponse:
    """An agent's browser picked up: their leg goes into their standing conference."""
    if not _genuine(request):
        return _refused(request)
    inbox_id = _store(request, kind="agent_answer", subject_ref=str(session_id))
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


def _store_and_hint(request: HttpRequest, *, kind: str, subject_ref: str) -> HttpResponse:
    if not _genuine(request):
        return _refused(request)
    inbox_id = _store(request, kind=kind, subject_ref=subject_ref)
    if inbox_id is not None:
        jobs.enqueue_on_commit(names.APPLY_WEBHOOK, inbox_id=inbox_id)
    return HttpResponse(status=204)


def _apply_now(request: HttpRequest, *, kind: str, attempt_id: UUID) -> None:
    inbox_id = _store(request, kind=kind, subject_ref=str(attempt_id))
    if inbox_id is not None:
        calls.apply_webhook(inbox_id=inbox_id, now=clock.now())


def _genuine(request: HttpRequest) -> bool:
    # The address the carrier signed is the public one we gave it, not what a proxy made of it.
    url = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    return len(request.POST) <= MAX_FIELDS and registry.webhooks().is_genuine(
        url=url, params=request.POST.dict(), headers=dict(request.headers)
    )


def _refused(request: HttpRequest) -> HttpResponse:
    log.warning("dialer.webhook.refused", path=request.path, address=request.META.get("REMOTE_ADDR", ""))
    return HttpResponse("The signature does not match.", status=403, content_type="text/plain")


def _store(request: HttpRequest, *, kind: str, subject_ref: str) -> int | None:
    # A text column cannot hold a NUL, and no field of the carrier's is long.
    params = {name[:100]: value.replace("\x00", "")[:2000] for name, value in request.POST.dict().items()}
    key = registry.webhooks().key(kind=kind, subject_ref=subject_ref, params=params)
    return inbox.receive(kind=kind, key=key, subject_ref=subject_ref, payload=params, now=clock.now())


def _twiml(plan: twiml.Plan) -> HttpResponse:
    return HttpResponse(twiml.render(plan), content_type="text/xml; charset=utf-8")
