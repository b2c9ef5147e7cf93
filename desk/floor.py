"""The floor: who works, who is really there, and what a supervisor may ask of them."""

from dataclasses import dataclass

from django.contrib import messages as says
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts import roles
from carriers import health
from core import clock
from core.access import person_of, requires
from core.errors import AppError
from desk import snapshot
from desk.forms import Wish
from dialer import recorded
from dialer import selectors as dialer
from dialer.reads import carrier_load
from dialer.services import supervision


@dataclass(frozen=True, slots=True)
class Agent:
    """One row of the floor."""

    row: dialer.FloorRow
    word: str
    tone: str
    call_word: str
    call_tone: str
    presence: str
    presence_tone: str


@require_GET
@requires(roles.WATCH_FLOOR)
def floor(request: HttpRequest) -> HttpResponse:
    """All agents who are signed on, live."""
    now = clock.now()
    template = "desk/_floor.html" if request.headers.get("HX-Request") else "desk/floor.html"
    context = {
        "agents": [_agent(row) for row in dialer.floor(now=now)],
        "lost_in_mid_call": dialer.lost_in_mid_call(now=now),
        "now": now,
        "load": carrier_load(now=now),
        "trouble": health.trouble(),
        "pauses": recorded.long_pauses(now=now),
    }
    return render(request, template, context)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_FLOOR)
def agent(request: HttpRequest, session_id: int) -> HttpResponse:
    """Ask one agent to pause or to log out, with a reason; the page says first what that will and will not end."""
    now = clock.now()
    found = next((row for row in dialer.floor(now=now) if row.session_id == session_id), None)
    if found is None:
        says.info(request, "This agent has signed off.")
        return redirect("floor")
    form = Wish(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = supervision.ask(
                session_id=session_id, actor=person_of(request).username, now=now, **form.cleaned_data
            )
        except AppError as refusal:
            form.add_error(None, str(refusal))
        else:
            says.success(request, _done(found.name, form.cleaned_data["wish"], done))
            return redirect("floor")
    context = {
        "agent": _agent(found),
        "form": form,
        "now": now,
        "in_progress": found.state in supervision.BUSY,
    }
    return render(request, "desk/floor_agent.html", context, status=422 if form.errors else 200)


def _done(name: str, wish: str, done: bool) -> str:
    what = "logged out" if wish == supervision.OFFLINE else "not ready"
    if done:
        return f"{name} is {what}."
    return f"{name} will be {what} as soon as the call is over and its result is saved."


def _agent(row: dialer.FloorRow) -> Agent:
    presence, tone = _presence(row)
    return Agent(row, *snapshot.STATE_WORDS[row.state], *snapshot.call_words(row.call), presence, tone)


def _presence(row: dialer.FloorRow) -> tuple[str, str]:
    """Return whether somebody is there, as far as is known now, and its tone."""
    if row.is_away:
        return "Away", "bad"
    if row.call is not None and row.call.state == "interrupted":
        return "Reconnecting", "bad"
    if row.leg_state == "connecting":
        return "Connecting", "info"
    return ("Present", "good") if row.leg_state == "up" else ("No phone", "warn")
