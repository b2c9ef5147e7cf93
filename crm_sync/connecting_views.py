"""Connecting a CRM step by step: choose, sign in, each permission tested, its lists."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts import roles
from core import clock
from core.access import person_of, requires
from core.errors import AppError, NotFound
from crm_sync import oauth, selectors, ways
from crm_sync.forms import FORMS
from crm_sync.forms_common import ConnectionForm
from crm_sync.selectors import examples
from crm_sync.services import connections as connecting
from crm_sync.services import signing_in, trying

KINDS = {"salesforce": "Salesforce", "hubspot": "HubSpot", "rest": "another CRM"}


@require_GET
@requires(roles.MANAGE_CRM)
def choose(request: HttpRequest) -> HttpResponse:
    """Show the CRMs, and the ways of signing in to each."""
    offered = [(kind, label, ways.BY_KIND.get(kind, ())) for kind, label in KINDS.items()]
    return render(request, "crm_sync/choose.html", {"offered": offered, "step": 1})


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CRM)
def connect(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for what the CRM needs, try it, and store it if the CRM answers."""
    if kind not in FORMS:
        raise Http404("Parley connects to Salesforce, HubSpot, and others by a mapping file.")
    initial = {"name": "" if kind == "rest" else KINDS[kind], "sign_in": request.GET.get("sign_in", "")}
    form = FORMS[kind](request.POST or None, request.FILES or None, initial=initial)

    def store() -> HttpResponse:
        person = person_of(request)
        connection_id = connecting.connect_crm(
            kind=kind,
            name=form.cleaned_data["name"],
            secrets=form.secrets(),
            settings=form.settings(),
            by_id=person.id,
            by_name=person.username,
            clock=clock.now,
        )
        say_health(request, connection_id)
        return redirect("crm-checks", connection_id=connection_id)

    return _ask(request, form, kind=kind, connection=None, store=store)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CRM)
def edit(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Ask for a new secret, try it, and put it in place of the old one if the CRM answers."""
    connection = _connection(connection_id)
    initial = {"name": connection.name, **connection.settings}
    if request.GET.get("sign_in"):
        initial["sign_in"] = request.GET["sign_in"]
    form = FORMS[connection.kind](request.POST or None, request.FILES or None, initial=initial)
    form.fields["name"].disabled = True  # calls already in the CRM are told apart by connection, not by name

    def store() -> HttpResponse:
        connecting.renew(
            connection_id=connection_id,
            secrets=form.secrets(),
            settings=form.settings(),
            by_name=person_of(request).username,
            clock=clock.now,
        )
        say_health(request, connection_id)
        return redirect("crm-checks", connection_id=connection_id)

    return _ask(request, form, kind=connection.kind, connection=connection, store=store)


@require_GET
@requires(roles.MANAGE_CRM)
def come_back(request: HttpRequest) -> HttpResponse:
    """Take in who comes back from the CRM's own page, with a code or a refusal."""
    given = {name: request.GET.get(name, "")[:2000] for name in ("state", "code", "error")}
    back = signing_in.Back(**given, description=request.GET.get("error_description", "")[:300])
    person = person_of(request)
    try:
        connection_id = signing_in.finish(back, by_id=person.id, by_name=person.username, clock=clock.now)
    except AppError as error:
        context = {"problem": error.public_message, "offered": KINDS, "step": 2}
        return render(request, "crm_sync/not_signed_in.html", context, status=422)
    say_health(request, connection_id)
    return redirect("crm-checks", connection_id=connection_id)


@require_GET
@requires(roles.MANAGE_CRM)
def checks(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Show what a connection needs, and whether it has it."""
    connection = _connection(connection_id)
    missing = sum(not check.ok for check in connection.checks)
    context = {"connection": connection, "missing": missing, "step": 3}
    return render(request, "crm_sync/checks.html", context)


@require_GET
@requires(roles.MANAGE_CRM)
def example(request: HttpRequest, name: str) -> HttpResponse:
    """Give out one of the example mapping files."""
    text = examples.get_example(name)
    if text is None:
        raise Http404("There is no such example.")
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def say_health(request: HttpRequest, connection_id: int) -> None:
    """Leave a message on whether the connection has all it needs."""
    connection = _connection(connection_id)
    if connection.last_error:
        messages.warning(
            request, f"{connection.name} answers, but something is missing. {connection.last_error}"
        )
    else:
        messages.success(request, f"{connection.name} is connected.")


def _ask(
    request: HttpRequest,
    form: ConnectionForm,
    *,
    kind: str,
    connection: selectors.ConnectionRow | None,
    store: Callable[[], HttpResponse],
) -> HttpResponse:
    """Show the form, and act on it: store what was entered, or show the way to the CRM's page."""
    tried = None
    if "try" in request.POST and form.is_valid():
        tried = _try(form, kind)
    elif request.method == "POST" and form.is_valid():
        try:
            return _show_way(request, form, kind, connection) if form.signs_in_there else store()
        except AppError as error:
            form.add_error(None, str(error))
    way = ways.way(kind, str(form.initial.get("sign_in", "")))
    context = {
        "form": form,
        "kind": kind,
        "kind_label": KINDS[kind],
        "connection": connection,
        "way": way,
        "others": [each for each in ways.BY_KIND.get(kind, ()) if each is not way],
        "callback": _callback(),
        "scopes": oauth.HUBSPOT_SCOPES if kind == "hubspot" else (),
        "step": 2,
        "tried": tried,
        "examples": examples.list_examples() if kind == "rest" else (),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "crm_sync/connect.html", context, status=status)


def _show_way(
    request: HttpRequest, form: Any, kind: str, connection: selectors.ConnectionRow | None
) -> HttpResponse:
    """Keep what was entered and show the link to the CRM's page: a form may not lead to another site (CSP)."""
    address = signing_in.begin(
        kind=kind,
        name=form.cleaned_data["name"],
        secrets=form.secrets(),
        settings=form.settings(),
        redirect_uri=_callback(),
        by_id=person_of(request).id,
        now=clock.now(),
        connection_id=connection.id if connection else None,
    )
    context = {"address": address, "kind_label": KINDS[kind], "connection": connection, "step": 2}
    return render(request, "crm_sync/go_there.html", context)


def _try(form: ConnectionForm, kind: str) -> trying.Tried | None:
    """Ask the CRM with what was entered, and store nothing."""
    try:
        return trying.try_out(kind=kind, secrets=form.secrets(), settings=form.settings())
    except AppError as error:
        form.add_error(None, str(error))
        return None


def _callback() -> str:
    return str(settings.PUBLIC_URL + reverse("crm-sign-in-return"))


def _connection(connection_id: int) -> selectors.ConnectionRow:
    try:
        return selectors.get_connection(connection_id, clock.now())
    except NotFound as error:
        raise Http404(str(error)) from error
