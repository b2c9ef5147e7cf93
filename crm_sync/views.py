"""The CRM pages: connections and their health, a CRM's lists, every call on its way there."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import roles
from core import clock
from core.access import person_of, requires
from core.errors import AppError, NotFound
from crm_sync import selectors
from crm_sync.connecting_views import KINDS, say_health
from crm_sync.forms import ImportForm
from crm_sync.protocol import SyncError
from crm_sync.selectors import readings
from crm_sync.services import connections as connecting
from crm_sync.services import live as following
from crm_sync.services import pulling

STATES = {
    "waiting": "Waiting",
    "in_flight": "Being sent",
    "done": "In the CRM",
    "held": "Held for a person",
    "set_aside": "Set aside",
}


@dataclass(frozen=True, slots=True)
class Pager:
    """What `_pager.html` shows; addresses are empty where there is no such page."""

    shown: str
    next_url: str
    previous_url: str
    total_text: str = ""


@require_GET
@requires(roles.VIEW_CRM)
def connections(request: HttpRequest) -> HttpResponse:
    """Show every connection and its health."""
    return render(
        request,
        "crm_sync/connections.html",
        {
            "connections": selectors.list_connections(clock.now()),
            "readings": readings.list_open(),
            "kinds": KINDS,
            "may_manage": person_of(request).may(roles.MANAGE_CRM),
            "may_import": person_of(request).may(roles.MANAGE_LISTS),
        },
    )


@require_POST
@requires(roles.MANAGE_CRM)
def test_connection(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Ask the CRM again."""
    try:
        connecting.check_again(connection_id=connection_id, clock=clock.now)
    except NotFound as error:
        raise Http404(str(error)) from error
    except AppError as error:
        messages.error(request, str(error))
    else:
        say_health(request, connection_id)
        return redirect("crm-checks", connection_id=connection_id)
    return redirect("crm")


@require_POST
@requires(roles.MANAGE_CRM)
def disconnect(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Forget the secret."""
    try:
        connecting.disconnect(
            connection_id=connection_id, by_name=person_of(request).username, now=clock.now()
        )
    except NotFound as error:
        raise Http404(str(error)) from error
    messages.success(request, "Disconnected. Calls not yet sent wait until you connect it again.")
    return redirect("crm")


@require_GET
@requires(roles.MANAGE_LISTS)
def lists(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Show the lists of a CRM, as it names them now."""
    connection = _connection(connection_id)
    problem, found = "", []
    try:
        found = pulling.list_crm_lists(connection_id=connection_id, clock=clock.now)
    except (SyncError, AppError) as error:
        problem = str(error)
    return render(
        request,
        "crm_sync/lists.html",
        {"connection": connection, "lists": found, "problem": problem},
        status=502 if problem else 200,
    )


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
def import_list(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Ask for the list's name in Parley, then start the import."""
    connection = _connection(connection_id)
    given = {name: request.GET.get(name, "") for name in ("list_kind", "list_id", "crm_list_name")}
    initial = {**given, "list_name": given["crm_list_name"][:120]}
    form = ImportForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        person = person_of(request)
        keep = form.cleaned_data.pop("keep_up_to_date")
        try:
            if keep:
                return _follow(request, connection_id, form)
            import_id = pulling.start_list_import(
                connection_id=connection_id,
                by_id=person.id,
                by_name=person.username,
                now=clock.now(),
                **form.cleaned_data,
            )
        except AppError as error:
            form.add_error(None, str(error))
        else:
            return redirect("crm-reading", import_id=import_id)
    return render(
        request,
        "crm_sync/import.html",
        {"connection": connection, "form": form},
        status=422 if form.is_bound and form.errors else 200,
    )


def _follow(request: HttpRequest, connection_id: int, form: ImportForm) -> HttpResponse:
    person, given = person_of(request), form.cleaned_data
    following.follow(
        connection_id=connection_id,
        list_kind=given["list_kind"],
        list_id=given["list_id"],
        list_name=given["crm_list_name"] or given["list_id"],
        lead_list_name=given["list_name"],
        by_id=person.id,
        by_name=person.username,
        now=clock.now(),
    )
    messages.success(request, "The list is followed; its people are being read.")
    return redirect("crm-live")


@require_GET
@requires(roles.VIEW_CRM)
def activity(request: HttpRequest) -> HttpResponse:
    """Show every call: created, sent, confirmed, the lag between, and what holds it up."""
    now = clock.now()
    connection_id = _number(request.GET.get("connection", ""))
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    search = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    found = selectors.list_activity(
        connection_id=connection_id,
        state=state,
        search=search,
        older_than=_number(request.GET.get("before", "")),
        newer_than=_number(request.GET.get("after", "")),
    )
    kept = {"connection": connection_id or "", "state": state, "q": search}
    page = Pager(
        shown=f"{len(found.rows)} shown",
        next_url=_page_url(kept, before=found.older_than),
        previous_url=_page_url(kept, after=found.newer_than),
    )
    return render(
        request,
        "crm_sync/activity.html",
        {
            "rows": found.rows,
            "page": page,
            "connections": selectors.list_connections(now),
            "states": STATES,
            "counts": selectors.count_by_state(),
            "reasons": selectors.list_held(connection_id=connection_id),
            "chosen": kept,
            "here": request.get_full_path(),
            "may_manage": person_of(request).may(roles.MANAGE_CRM),
        },
    )


def _connection(connection_id: int) -> selectors.ConnectionRow:
    try:
        return selectors.get_connection(connection_id, clock.now())
    except NotFound as error:
        raise Http404(str(error)) from error


def _number(text: str) -> int | None:
    """Return an id from the address, or None for anything else: a wrong filter shows everything."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _page_url(kept: dict[str, Any], **position: int | None) -> str:
    if None in position.values():
        return ""
    return "?" + urlencode({key: value for key, value in {**kept, **position}.items() if value})
