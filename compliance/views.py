"""The compliance pages: verdicts, do-not-call, registry copies and the rules in force."""

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from compliance import pages, selectors, services
from compliance.forms import DecisionFilterForm, RegistryForm, SuppressionForm, filters_of
from compliance.rules.facts import SuppressionKind, SuppressionScope
from compliance.rules.packfile import shipped
from compliance.rules.policy import in_force
from core import clock, db
from core.access import person_of, requires
from core.errors import NotFound

# The words are those of accounts.roles; a test compares them, since neither app may import the other.
VIEW = "view compliance"
MANAGE = "manage compliance"


@require_GET
@requires(VIEW)
def verdicts(request: HttpRequest) -> HttpResponse:
    """Show the gate's decisions, newest first, narrowed by the filters in the URL."""
    form = DecisionFilterForm(request.GET or None)
    filters = selectors.DecisionFilters(**filters_of(form)) if request.GET else selectors.DecisionFilters()
    found = selectors.list_decisions(filters, before=_before(request))
    context = {
        "form": form,
        "rows": [pages.decision_line(row) for row in found.rows],
        "is_filtered": filters != selectors.DecisionFilters(),
        "page": _pager(request, len(found.rows), found.next_before),
    }
    return render(request, "compliance/verdicts.html", context)


@require_GET
@requires(VIEW)
def verdict(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Show one decision: the sentence, every rule's answer, and the facts they saw."""
    try:
        found = selectors.get_decision(decision_id)
    except NotFound as error:
        raise Http404(error.public_message) from None
    earlier = [
        row for row in selectors.decisions_for_number(found.row.number, limit=10) if row.id != decision_id
    ]
    context = {
        "found": found,
        "rules": pages.rule_lines(found.verdicts),
        "zones": pages.zone_lines(found.facts),
        "facts": pages.fact_lines(found.facts),
        "others": earlier,
    }
    return render(request, "compliance/verdict.html", context)


@require_http_methods(["GET", "HEAD"])
@requires(VIEW)
def do_not_call(request: HttpRequest) -> HttpResponse:
    """Show the internal do-not-call list, searched by digits."""
    return _do_not_call_page(request, SuppressionForm())


@require_http_methods(["POST"])
@requires(MANAGE)
def add_do_not_call(request: HttpRequest) -> HttpResponse:
    """Put a number on the internal do-not-call list."""
    form = SuppressionForm(request.POST)
    if not form.is_valid():
        return _do_not_call_page(request, form, status=422)
    given = form.cleaned_data
    with db.use_case():
        services.revoke(
            number=given["number"],
            seller=settings.SELLER_NAME,
            raw_words=given["raw_words"],
            heard_on=given["heard_on"],
            actor=person_of(request).username,
            now=clock.now(),
            kind=SuppressionKind.DO_NOT_CALL,
            scope=SuppressionScope(given["scope"]),
        )
    messages.success(
        request, "The number is on the do-not-call list. It holds from now on, in all campaigns."
    )
    return redirect("compliance-do-not-call")


@require_http_methods(["GET", "HEAD"])
@requires(VIEW)
def registry(request: HttpRequest) -> HttpResponse:
    """Show the registry copies and their age."""
    return _registry_page(request, RegistryForm())


@require_http_methods(["POST"])
@requires(MANAGE)
def upload_registry(request: HttpRequest) -> HttpResponse:
    """Load an uploaded registry copy."""
    form = RegistryForm(request.POST, request.FILES)
    if not form.is_valid():
        return _registry_page(request, form, status=422)
    given = form.cleaned_data
    told = services.RegistryFile(
        name=given["name"],
        seller=settings.SELLER_NAME,
        san=given["san"],
        as_of=given["as_of"],
        area_codes=given["area_codes"],
        kind=given["kind"],
    )
    try:
        row = services.import_registry_file(
            given["file"], told, actor=person_of(request).username, now=clock.now()
        )
    except services.DncFileRefused as error:
        form.add_error(None, error.public_message)
        return _registry_page(request, form, status=422)
    if row.active:
        messages.success(
            request,
            f"The copy is in force with {row.numbers:,} numbers. Of the file's rows {row.accepted:,} were accepted, "
            f"{row.duplicates:,} were there already and {row.refused:,} refused.",
        )
    else:
        messages.error(
            request,
            f"{row.refused:,} lines could not be read, which is more than 0.1 %: the copy is not in force. "
            "Fix the file and upload it again, or decide below to put the copy in force as it is.",
        )
    return redirect("compliance-registry")


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def activate_registry(request: HttpRequest, import_id: int) -> HttpResponse:
    """Ask, naming the numbers, whether a copy with too many refused lines is put in force; and do it when confirmed."""
    row = _registry_import(import_id)
    if request.method == "GET":
        return render(request, "compliance/registry_activate.html", {"row": row})
    try:
        with db.use_case():
            services.activate_registry(import_id, actor=person_of(request).username, now=clock.now())
    except services.DncFileRefused as error:
        messages.error(request, error.public_message)
    else:
        messages.success(request, f"The copy with {row.numbers:,} numbers is in force, by your decision.")
    return redirect("compliance-registry")


@require_GET
@requires(VIEW)
def refused_lines(request: HttpRequest, import_id: int) -> FileResponse:
    """Give every line of a registry file that was refused, with its number and why."""
    row = _registry_import(import_id)
    if not row.refused_file:
        raise Http404("No line of this copy was refused.")
    path = Path(settings.REGISTRY_DIR) / row.refused_file
    try:
        stream = path.open("rb")
    except OSError:
        raise Http404("The list of refused lines is no longer there.") from None
    return FileResponse(
        stream, as_attachment=True, filename=path.name, content_type="text/plain; charset=utf-8"
    )


def _registry_import(import_id: int) -> selectors.RegistryImportRow:
    try:
        return selectors.get_registry_import(import_id, now=clock.now())
    except NotFound as error:
        raise Http404(error.public_message) from None


@require_GET
@requires(VIEW)
def rules(request: HttpRequest) -> HttpResponse:
    """Show the numbers and the state table in force today, with sources."""
    today = clock.now().date()
    context = {
        "today": today,
        "version": shipped().version,
        "numbers": pages.number_lines(today),
        "states": pages.state_lines(today),
    }
    return render(request, "compliance/rules.html", context)


def _do_not_call_page(request: HttpRequest, form: SuppressionForm, *, status: int = 200) -> HttpResponse:
    query = request.GET.get("q", "")[:60]
    digits = "".join(letter for letter in query if letter.isascii() and letter.isdigit())
    found = selectors.list_suppressions(number_contains=digits, before=_before(request))
    context = {
        "form": form,
        "rows": found.rows,
        "query": query,
        "may_manage": person_of(request).may(MANAGE),
        "page": _pager(request, len(found.rows), found.next_before),
    }
    return render(request, "compliance/do_not_call.html", context, status=status)


def _registry_page(request: HttpRequest, form: RegistryForm, *, status: int = 200) -> HttpResponse:
    now = clock.now()
    rows = selectors.list_registry_imports(now=now)
    context = {
        "form": form,
        "rows": rows,
        "max_age": in_force(now).registry_max_age_days,
        "seller": settings.SELLER_NAME,
        "has_fresh_national": any(
            row.active
            and row.name == "national"
            and not row.is_too_old
            and not row.problem
            and row.seller == settings.SELLER_NAME
            for row in rows
        ),
        "may_manage": person_of(request).may(MANAGE),
    }
    return render(request, "compliance/registry.html", context, status=status)


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _pager(request: HttpRequest, shown: int, next_before: int | None) -> pages.Pager:
    first = _query(request, None)
    return pages.Pager(
        shown=f"{shown} shown" if shown else "",
        next_url=_query(request, next_before) if next_before is not None else "",
        previous_url=first if request.GET.get("before") else "",
    )


def _query(request: HttpRequest, before: int | None) -> str:
    values: QueryDict = request.GET.copy()
    values.pop("before", None)
    if before is not None:
        values["before"] = str(before)
    return f"{request.path}?{values.urlencode()}" if values else request.path
