"""The agent's desk. Buttons are POSTs with the version they saw; a stale one gets 409 and the new state."""

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts import roles
from carriers import registry
from core import clock
from core.access import person_of, requires
from core.errors import AppError, Stale
from desk import snapshot, transfers
from desk.forms import ResultEntry
from dialer import desk_reads
from dialer import selectors as dialer
from dialer.callflow import Party
from dialer.services import agents, controls, deciding, dialing, legs, results, voicemail
from dialer.services.callback_times import OutsideHours
from dialer.services.recordings import wishes

JSON = "application/json"
STATE_HEADER = "X-Desk-State"


def home(request: HttpRequest) -> HttpResponseBase:
    """Send each role to its own page."""
    person = person_of(request)
    if not person.is_authenticated:
        return redirect("sign-in")
    return redirect(roles.LANDING[roles.Role(request.user.role)])  # type: ignore[union-attr]  # our user


@require_GET
@requires(roles.WORK_DESK)
def desk(request: HttpRequest) -> HttpResponse:
    """The whole page. Each opening of it is a window of its own, which takes the desk over as soon as its script runs."""
    tab = secrets.token_hex(8)
    token = registry.carrier().browser_token(legs.identity(person_of(request).id, ""))
    context = {**_context(_read(request), None), "tab": tab, "phone": "twilio" if token else "silent"}
    return render(request, "desk/desk.html", context)


@require_GET
@requires(roles.WORK_DESK)
def live(request: HttpRequest) -> HttpResponse:
    """The live part as it stands, and with it the parts about another card or call than the page shows.

    `shown_work` and `shown_result` are the keys of what the page shows: a part with the same key is left alone, so that
    nothing typed, scrolled or focused in it is lost. 204 where `shown_version` is the present one: all of it is shown.
    """
    if _is_shown(request):
        return HttpResponse(status=204)
    return render(request, "desk/_update.html", _context(_read(request), _tab(request)))


@require_GET
@requires(roles.WORK_DESK)
def state(request: HttpRequest) -> HttpResponse:
    """The desk as data, for scripts and robots; without what they say is shown, as for a page."""
    if _is_shown(request):
        return HttpResponse(status=204)
    return HttpResponse(msgspec.json.encode(_read(request)), content_type=JSON)


@require_POST
@requires(roles.WORK_DESK)
def phone_token(request: HttpRequest) -> JsonResponse:
    """A short-lived token for the browser's softphone; null where there is no audio."""
    person = person_of(request)
    return JsonResponse({"token": registry.carrier().browser_token(legs.identity(person.id, _tab(request)))})


@require_POST
@requires(roles.WORK_DESK)
def take_over(request: HttpRequest) -> HttpResponse:
    """This window works the desk from now on."""
    return _act(lambda: agents.take_over(user_id=person_of(request).id, tab=_tab(request), now=clock.now()))


@require_POST
@requires(roles.WORK_DESK)
def phone_ready(request: HttpRequest) -> HttpResponse:
    """This window's phone can be rung."""
    return _act(lambda: legs.phone_ready(user_id=person_of(request).id, tab=_tab(request), now=clock.now()))


@require_POST
@requires(roles.WORK_DESK)
def sign_on(request: HttpRequest) -> HttpResponse:
    """Start work on a campaign, ready at once: the first card comes when the phone is connected."""

    def work() -> None:
        agents.sign_on(
            user_id=person_of(request).id,
            campaign_id=_number(request, "campaign"),
            now=clock.now(),
            tab=_tab(request),
        )
        agents.set_ready(user_id=person_of(request).id, now=clock.now())

    return _act(work)


@require_POST
@requires(roles.WORK_DESK)
def act(request: HttpRequest, action: str) -> HttpResponse:
    """One of the desk's buttons."""
    user_id, now = person_of(request).id, clock.now()
    actions: dict[str, Callable[[], Any]] = {
        "ready": lambda: agents.set_ready(user_id=user_id, now=now),
        "not-ready": lambda: agents.set_not_ready(
            user_id=user_id, reason=request.POST.get("reason", ""), now=now
        ),
        "sign-off": lambda: agents.leave(user_id=user_id, now=now),
        "reconnect": lambda: legs.reconnect_leg(user_id=user_id, now=now),
        **_about_card(request, user_id, now),
        **{
            wish: partial(controls.ask, user_id=user_id, action=wish.replace("-", "_"), now=now)
            for wish in ("hang-up", "hold", "resume", "mute", "unmute")
        },
        **transfers.actions(request, user_id, now),
        "note": lambda: results.keep_note(
            user_id=user_id, call_id=_number(request, "call"), note=request.POST.get("note", ""), now=now
        ),
        "heard-machine": lambda: results.correct_party(user_id=user_id, party=Party.MACHINE, now=now),
        "heard-person": lambda: results.correct_party(user_id=user_id, party=Party.PERSON, now=now),
        **_about_recording(user_id, now),
        "result": lambda: _save_result(request),
        "voicemail": lambda: voicemail.leave(user_id=user_id, call_id=_number(request, "call"), now=now),
        "choose-voicemail": lambda: voicemail.choose(
            user_id=user_id, version_id=_version(request.POST.get("version", "")), now=now
        ),
    }
    if action not in actions:
        return _said("There is no such action.", status=404)

    def work() -> Any:
        agents.require_tab(user_id=user_id, tab=_tab(request))
        agents.beat(user_id=user_id, tab=_tab(request), now=now)  # who presses a button is there
        return actions[action]()

    return _act(work, quiet=action == "note", shown_by=request)


def _about_card(request: HttpRequest, user_id: int, now: datetime) -> dict[str, Callable[[], Any]]:
    version, phone_id = _number(request, "version"), _number(request, "phone") or None
    about: dict[str, Any] = {"user_id": user_id, "version": version, "now": now}
    return {
        "skip": partial(agents.skip, reason=request.POST.get("reason", ""), **about),
        "dial": partial(dialing.reserve, phone_id=phone_id, **about),
        "more-time": partial(deciding.take_more_time, **about),
        "time-up": partial(deciding.end_time, phone_id=phone_id, **about),
    }


def _about_recording(user_id: int, now: datetime) -> dict[str, Callable[[], Any]]:
    return {
        **{
            f"recording-{wish}": partial(wishes.ask, user_id=user_id, action=wish, now=now)
            for wish in wishes.ASKS
        },
        "card-step": partial(wishes.open_card_step, user_id=user_id, now=now),
        "card-step-end": partial(wishes.close_card_step, user_id=user_id, now=now),
    }


@require_GET
@requires(roles.MANAGE_LISTS)
def contact_calls(request: HttpRequest, contact_id: int) -> HttpResponse:
    """A person's calls, as a part of their page."""
    rows = [(call, *snapshot.call_words(call)) for call in dialer.calls_of_contact(contact_id, limit=100)]
    return render(request, "desk/_contact_calls.html", {"rows": rows})


def _save_result(request: HttpRequest) -> str | None:
    form = ResultEntry(request.POST)
    if not form.is_valid():
        raise results.BadResult(" ".join(str(error) for errors in form.errors.values() for error in errors))
    return results.save_result(
        user_id=person_of(request).id,
        call_id=_number(request, "call"),
        form=form.as_result(),
        now=clock.now(),
    )


def _tab(request: HttpRequest) -> str:
    """Return the name of the window that asks; empty for a script, which has none."""
    return request.headers.get("X-Desk-Tab", "")[:32]


def _is_shown(request: HttpRequest) -> bool:
    """Return whether the window shows the desk as it is: the version it names, and it is the one that works the desk."""
    shown = request.GET.get("shown_version", "")
    return bool(shown) and desk_reads.live_version(person_of(request).id) == (shown, _tab(request))


def _read(request: HttpRequest, *, shown: Mapping[str, str] | None = None) -> snapshot.Desk:
    says = request.GET if shown is None else shown
    return snapshot.read(
        user_id=person_of(request).id,
        agent_name=request.user.display_name,  # type: ignore[union-attr]  # our user
        now=clock.now(),
        shown={part: says.get(f"shown_{part}", "") for part in ("work", "result")},
    )


def _context(desk_now: snapshot.Desk, tab: str | None) -> dict[str, Any]:
    """Return what the desk's parts show in a window; None: in one that is being opened."""
    return {
        "desk": desk_now,
        "is_elsewhere": tab is not None and desk_now.session is not None and desk_now.session.tab != tab,
    }


def _act(
    work: Callable[[], Any], *, quiet: bool = False, shown_by: HttpRequest | None = None
) -> HttpResponse:
    """Do it and say how it went: 204, or the refusal in words; the page reads its new state, unless `quiet` and done.

    A sentence that the work returns is shown to the agent. A window that says what it shows (`shown_by`) gets its new state with the answer
    and need not ask for it.
    """
    try:
        sentence = work()
    except Stale as error:
        return _said(str(error), status=409)
    except AppError as error:
        return _with_offer(_said(str(error), status=422), error)
    brings = shown_by is not None and not quiet and "shown_version" in shown_by.POST
    response = _new_state(shown_by) if shown_by is not None and brings else HttpResponse(status=204)
    triggers: dict[str, Any] = {} if quiet or brings else {"desk:changed": {}}
    if isinstance(sentence, str):
        triggers["parley:say"] = {"text": sentence, "tone": "warn"}
    if triggers:
        response["HX-Trigger"] = json.dumps(triggers)
    return response


def _new_state(request: HttpRequest) -> HttpResponse:
    """Return the desk after a button as _act's answer: its parts for a window, data for a script that asks for it."""
    desk_now = _read(request, shown=request.POST)
    if request.headers.get("Accept") == JSON:
        return HttpResponse(msgspec.json.encode(desk_now), content_type=JSON)
    response = render(request, "desk/_update.html", {**_context(desk_now, _tab(request)), "is_answer": True})
    # The page leaves the answer alone where it shows a later state already.
    response[STATE_HEADER] = desk_now.version or "none"
    return response


def _said(text: str, *, status: int) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    response["HX-Trigger"] = json.dumps({"desk:changed": {}, "parley:say": {"text": text, "tone": "warn"}})
    return response


def _with_offer(response: HttpResponse, error: AppError) -> HttpResponse:
    """Add the time that can be taken instead of one the rules are against, on the clock of the person's zone."""
    if isinstance(error, OutsideHours):
        there = error.offer.astimezone(ZoneInfo(error.zone))
        offer = {
            "date": f"{there:%Y-%m-%d}",
            "time": f"{there:%H:%M}",
            "words": f"{there:%a} {there.day} {there:%b}, {there:%H:%M}",
        }
        triggers = json.loads(response.headers["HX-Trigger"])
        response["HX-Trigger"] = json.dumps({**triggers, "desk:callback-offer": offer})
    return response


def _version(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise results.BadResult("There is no such message.") from None


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
