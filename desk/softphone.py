"""The phone inside a CRM's pages: it shows the agent's call, opens the person's record there, and dials whom they press on.

The voice stays in the desk's window; a call's result is saved here or there. A frame of another site gets none of our cookies, so the
page asks for nothing by them: the agent signs in in a window of their own, which hands the frame a token for its memory. The page can be
held by the connected CRM alone.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from accounts import frame_tokens, roles
from accounts.models import User
from campaigns import cards
from core import clock
from core.access import requires
from core.errors import AppError, NotFound
from core.types import format_phone
from crm_sync import refs
from crm_sync.selectors import phones
from desk.forms import ResultEntry
from desk.snapshot import CALL_WORDS, STATE_WORDS
from dialer import phone_reads
from dialer.services import chosen, controls, results

LONGEST = 32_768  # bytes of a request: a note of 4,000 characters in whatever script
View = Callable[[HttpRequest, phones.Phone, User], JsonResponse]


@require_GET
@never_cache
@xframe_options_exempt
def frame(request: HttpRequest, connection_id: int) -> HttpResponse:
    """The page the CRM holds in a frame. It knows nobody and says nothing before somebody has signed in."""
    phone = _phone(connection_id)
    response = render(request, "desk/crm_phone.html", {"phone": phone})
    allowed: dict[str, list[str]] = {"frame-ancestors": list(phone.origins)}
    if phone.script:
        allowed["script-src"] = ["'self'", phone.origins[0]]
    response._csp_replace = {**allowed}  # type: ignore[attr-defined]  # read by django-csp's middleware
    return response


@require_GET
@never_cache
@requires(roles.WORK_DESK)
def sign_in(request: HttpRequest, connection_id: int) -> HttpResponse:
    """The window in which the agent signs in: it hands the phone that opened it a token, and nobody else, and closes."""
    phone = _phone(connection_id)
    token = frame_tokens.issue(request, purpose=_purpose(phone))
    response = render(request, "desk/crm_phone_sign_in.html", {"phone": phone, "token": token})
    # Else the browser cuts the window off from the frame that opened it.
    response["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


def _signed_in(view: View) -> Callable[..., HttpResponse]:
    """Let only an agent's token in. Nothing is done by cookies here, so no other site can act with somebody's sign-in."""

    @csrf_exempt
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, connection_id: int) -> JsonResponse:
        phone = _phone(connection_id)
        person = frame_tokens.person_of(request.headers.get("Authorization", ""), purpose=_purpose(phone))
        if person is None or not person.may(roles.WORK_DESK):
            return JsonResponse({"said": "Sign in to use the phone."}, status=401)
        return view(request, phone, person)

    return guarded


@require_GET
@_signed_in
def state(request: HttpRequest, phone: phones.Phone, person: User) -> JsonResponse:
    """The agent's state, and who is before them or on the line, with their record where it is of this CRM."""
    now = phone_reads.phone_state(person.pk)
    word, tone = STATE_WORDS.get(now.state, ("Signed off", "warn"))
    if now.call_id is not None and now.state == "on_call":
        word, tone = CALL_WORDS.get(now.call_state, (word, tone))
    is_here = now.external_ref.startswith(phone.prefix)
    return JsonResponse(
        {
            "agent": person.display_name,
            "word": word,
            "tone": tone,
            "campaign": now.campaign_name,
            "person": now.person_name,
            "number": format_phone(now.number) if now.number else "",
            "record": now.external_ref.removeprefix(phone.prefix) if is_here else "",
            "call": now.call_id,
            "call_state": now.call_state if now.state == "on_call" else "",
            "may_hang_up": now.state == "on_call",
            "may_save": now.state == "wrap_up",
            "suggested": results.suggested_code(now.outcome, now.answered_by) if now.call_id else "",
            "results": _results(now, request.GET.get("shown", "")),
        }
    )


def _results(now: phone_reads.PhoneState, shown: str) -> dict[str, Any] | None:
    """Return what the call can end with, and the note so far; None without a call, or where the phone shows them already.

    A result that asks for more than a note, a time or answers, is marked: it is saved at the desk.
    """
    if now.call_id is None or now.campaign_id is None or shown == str(now.call_id):
        return None
    choices = [
        {
            "code": each.code,
            "label": each.label,
            "needs_note": each.needs_note,
            "at_desk": each.wants_time or bool(each.questions),
        }
        for each in cards.dispositions(now.campaign_id)
    ]
    return {"note": now.note, "choices": choices}


@require_POST
@_signed_in
def dial(request: HttpRequest, phone: phones.Phone, person: User) -> JsonResponse:
    """Dial the person of a record: put before the gate like every call, and answered with its reason where it refuses."""
    told = _told(request)
    record, number = str(told.get("record") or "")[:61], str(told.get("number") or "")[:40]
    if not record and not number:
        return _said("The CRM named neither a record nor a number.")
    ref = f"{phone.prefix}{record}" if record else ""
    if ref and refs.parse(ref) is None:
        return _said("The CRM named a record that can be none of its own.")
    try:
        refused = chosen.dial(user_id=person.pk, external_ref=ref, number=number, now=clock.now())
    except AppError as error:
        return _said(str(error))
    return _said(refused) if refused else JsonResponse({"said": "", "ok": True})


@require_POST
@_signed_in
def hang_up(request: HttpRequest, phone: phones.Phone, person: User) -> JsonResponse:
    """End the call."""
    try:
        controls.ask(user_id=person.pk, action="hang_up", now=clock.now())
    except AppError as error:
        return _said(str(error))
    return JsonResponse({"said": "", "ok": True})


@require_POST
@_signed_in
def save(request: HttpRequest, phone: phones.Phone, person: User) -> JsonResponse:
    """Save the call's result and note as the desk does, or with `keep` the note alone."""
    del phone
    told = _told(request)
    call_id = told.get("call")
    if isinstance(call_id, bool) or not isinstance(call_id, int) or not 0 < call_id < 10**15:
        return _said("The phone did not say which call is meant. Save the result at the desk.")
    given = {name: str(told.get(name) or "") for name in ("result", "note", "then")}
    try:
        if told.get("keep"):
            said = results.keep_note(user_id=person.pk, call_id=call_id, note=given["note"], now=clock.now())
        else:
            form = ResultEntry(given)
            if not form.is_valid():
                return _said(" ".join(str(each) for errors in form.errors.values() for each in errors))
            said = results.save_result(
                user_id=person.pk, call_id=call_id, form=form.as_result(), now=clock.now()
            )
    except AppError as error:
        return _said(str(error))
    return JsonResponse({"said": said or "", "ok": True})


def _said(text: str) -> JsonResponse:
    return JsonResponse({"said": text, "ok": False}, status=422)


def _told(request: HttpRequest) -> dict[str, Any]:
    try:
        found = json.loads(request.body[:LONGEST])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _phone(connection_id: int) -> phones.Phone:
    try:
        return phones.get_phone(connection_id)
    except NotFound as error:
        raise Http404(str(error)) from error


def _purpose(phone: phones.Phone) -> str:
    """Return what a token is good for: one connection's phone, at the address we are known by."""
    return f"crm-phone:{phone.connection_id}:{settings.PUBLIC_URL}"
