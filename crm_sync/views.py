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
from crm_sync.forms import FORMS, ImportForm
from crm_sync.forms_common import ConnectionForm
from crm_sync.protocol import SyncError
from crm_sync.selectors import examples
from crm_sync.services import connections as connecting
from crm_sync.services import live as following
from crm_sync.services import pulling, trying

KINDS = {"salesforce": "Salesforce", "hubspot": "HubSpot", "rest": "another CRM"}
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
            "kinds": KINDS,
            "may_manage": person_of(request).may(roles.MANAGE_CRM),
            "may_import": person_of(request).may(roles.MANAGE_LISTS),
        },
    )


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CRM)
def connect(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for what the CRM needs, try it, and store it if the CRM answers."""
    if kind not in FORMS:
        raise Http404("Parley connects to Salesforce, HubSpot, and others by a mapping file.")
    initial = {"name": "" if kind == "rest" else KINDS[kind]}
    form = FORMS[kind](request.POST or None, request.FILES or None, initial=initial)
    tried = None
    if "try" in request.POST and form.is_valid():
        tried = _try(form, kind)
    elif request.method == "POST" and form.is_valid():
        person = person_of(request)
        try:
            connection_id = connecting.connect_crm(
                kind=kind,
                name=form.cleaned_data["name"],
                secrets=form.secrets(),
                settings=form.settings(),
                by_id=person.id,
                by_name=person.username,
                clock=clock.now,
            )
        except AppError as error:
            form.add_error(None, str(error))
        else:
            _say_health(request, connection_id)
            return redirect("crm")
    context = {"form": form, "kind": kind, "kind_label": KINDS[kind], "connection": None, "tried": tried}
    return render(request, "crm_sync/connect.html", context, status=_status(form))


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CRM)
def edit(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Ask for a new secret, try it, and put it in place of the old one if the CRM answers."""
    connection = _connection(connection_id)
    initial = {"name": connection.name, **connection.settings}
    form = FORMS[connection.kind](request.POST or None, request.FILES or None, initial=initial)
    form.fields["name"].disabled = True  # calls already in the CRM are told apart by connection, not by name
    tried = None
    if "try" in request.POST and form.is_valid():
        tried = _try(form, connection.kind)
    elif request.method == "POST" and form.is_valid():
        try:
            connecting.renew(
                connection_id=connection_id,
                secrets=form.secrets(),
                settings=form.settings(),
                by_name=person_of(request).username,
                clock=clock.now,
            )
        except AppError as error:
            form.add_error(None, str(error))
        else:
            _say_health(request, connection_id)
            return redirect("crm")
    context = {
        "form": form,
        "kind": connection.kind,
        "kind_label": connection.kind_label,
        "connection": connection,
        "tried": tried,
    }
    return render(request, "crm_sync/connect.html", context, status=_status(form))


@require_GET
@requires(roles.MANAGE_CRM)
def example(request: HttpRequest, name: str) -> HttpResponse:
    """Give out one of the example mapping files."""
    text = examples.get_example(name)
    if text is None:
        raise Http404("There is no such example.")
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


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
        _say_health(request, connection_id)
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
        found = pulling.list_crm_lists(connection_id=connection_id)
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
            return redirect("import", import_id=import_id)
    return render(
        request, "crm_sync/import.html", {"connection": connection, "form": form}, status=_status(form)
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


def _try(form: ConnectionForm, kind: str) -> trying.Tried | None:
    """Ask the CRM with what was entered, and store nothing."""
    try:
        return trying.try_out(kind=kind, secrets=form.secrets(), settings=form.settings())
    except AppError as error:
        form.add_error(None, str(error))
        return None


def _connection(connection_id: int) -> selectors.ConnectionRow:
    try:
        return selectors.get_connection(connection_id, clock.now())
    except NotFound as error:
        raise Http404(str(error)) from error


def _say_health(request: HttpRequest, connection_id: int) -> None:
    connection = _connection(connection_id)
    if connection.last_error:
        messages.warning(
            request, f"{connection.name} answers, but something is missing. {connection.last_error}"
        )
    else:
        messages.success(request, f"{connection.name} is connected.")


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200


def _number(text: str) -> int | None:
    """Return an id from the address, or None for anything else: a wrong filter shows everything."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _page_url(kept: dict[str, Any], **position: int | None) -> str:
    if None in position.values():
        return ""
    return "?" + urlencode({key: value for key, value in {**kept, **position}.items() if value})
