"""Asking the carrier about an import's numbers: what it would cost, how far it is, stop and go on."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import roles
from campaigns.import_forms import BudgetForm, LookupForm
from campaigns.selectors import imports as imports_read
from campaigns.selectors import lookups as read
from campaigns.services import lookups
from campaigns.views.errors import not_found_is_404
from core import clock, csv_out
from core.access import person_of, requires
from core.errors import AppError


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def lookup(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """Return the part of the import's page about its numbers, or begin to ask about them."""
    imports_read.get_import(import_id)
    if request.method != "POST":
        return _part(request, import_id)
    form = LookupForm(request.POST)
    if form.is_valid():
        person = person_of(request)
        try:
            lookups.start(
                import_id=import_id,
                **form.cleaned_data,
                by_id=person.id,
                by_name=person.username,
                now=clock.now(),
            )
        except AppError as refusal:
            form.add_error(None, refusal.public_message)
    return _part(request, import_id, form=form if form.errors else None)


@require_POST
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def stop(request: HttpRequest, lookup_id: int) -> HttpResponseBase:
    """Have a look-up end after the numbers under way."""
    import_id, refused = read.import_of(lookup_id), ""
    try:
        lookups.stop(lookup_id=lookup_id, by_name=person_of(request).username, now=clock.now())
    except AppError as refusal:
        refused = refusal.public_message
    return _part(request, import_id, refused=refused)


@require_POST
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def go_on(request: HttpRequest, lookup_id: int) -> HttpResponseBase:
    """Let a look-up go on that was held up."""
    import_id, form = read.import_of(lookup_id), BudgetForm(request.POST)
    if form.is_valid():
        try:
            lookups.go_on(
                lookup_id=lookup_id,
                budget=form.cleaned_data["budget"],
                by_name=person_of(request).username,
                now=clock.now(),
            )
        except AppError as refusal:
            form.add_error("budget", refusal.public_message)
    return _part(request, import_id, budget_form=form if form.errors else None)


@require_GET
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def failures(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """Stream the numbers that got no answer, and why."""
    facts = imports_read.get_import(import_id)
    rows = [("number", "reason"), *read.all_failures(facts.id)]
    return csv_out.download(rows, name=f"no-answer-{facts.id}.csv", plain=f"no-answer-{facts.id}.csv")


def _part(
    request: HttpRequest,
    import_id: int,
    *,
    form: LookupForm | None = None,
    budget_form: BudgetForm | None = None,
    refused: str = "",
) -> HttpResponseBase:
    latest = read.newest(import_id)
    context: dict[str, object] = {"import_id": import_id, "latest": latest, "refused": refused}
    if latest is not None and latest.is_open:
        context["budget_form"] = budget_form or BudgetForm(initial={"budget": latest.budget})
        context["refused"] = refused or (" ".join(map(str, form.non_field_errors())) if form else "")
    else:
        found = read.estimate(import_id, now=clock.now())
        initial = {"line": bool(found.lines), "holder": bool(found.holders), "budget": found.cost}
        context |= {"estimate": found, "form": form or LookupForm(initial=initial)}
    wrong = bool(form or budget_form or refused)
    return render(request, "campaigns/_import_lookup.html", context, status=422 if wrong else 200)
