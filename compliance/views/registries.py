"""Registries: copies in force, uploads, the history of loads and scrubs, reassigned numbers."""

from pathlib import Path

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from compliance import jobs, pages, selectors, services
from compliance.forms.registry import RegistryForm
from compliance.pages import history as tables
from compliance.pages.tables import Link, url
from compliance.pages.words import ANSWER_WORDS
from compliance.reads import history as reads
from compliance.rules.policy import in_force
from compliance.services import long_work
from compliance.views.common import (
    MANAGE,
    VIEW,
    actor_of,
    before_of,
    found_or_404,
    may,
    pager,
    show_form,
    show_list,
    typed,
)
from core import background, clock, db
from core.access import requires


class AnswerFilterForm(forms.Form):
    """Narrows the answers about reassigned numbers."""

    answer = forms.ChoiceField(required=False, choices=[("", "Any"), *ANSWER_WORDS.items()])


@require_GET
@requires(VIEW)
def registry(request: HttpRequest) -> HttpResponse:
    """Show the registry copies and their age."""
    now = clock.now()
    rows = selectors.list_registry_imports(now=now)
    may_manage = may(request, MANAGE)
    context = {
        "rows": rows,
        "max_age": in_force(now).registry_max_age_days,
        "seller": settings.SELLER_NAME,
        "has_fresh_national": any(_is_fresh_national(row) for row in rows),
        "may_manage": may_manage,
        "under_way": background.open_jobs(tasks=frozenset({jobs.IMPORT_REGISTRY})),
        "actions": (Link(words="Load a copy", href=url("compliance-registry-upload"), key="u"),)
        if may_manage
        else (),
    }
    return render(request, "compliance/registry.html", context)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def upload_registry(request: HttpRequest) -> HttpResponse:
    """Take an uploaded registry copy and have a worker load it."""
    form = RegistryForm(typed(request), request.FILES)
    view = pages.FormPage(
        title="Load a registry copy",
        tab=pages.Tab(top="registry", sub="copies"),
        button="Load the copy",
        cancel=reverse("compliance-registry"),
        is_upload=True,
    )
    if request.method != "POST":
        return show_form(request, view, form)
    if not form.is_valid():
        return show_form(request, view, form, status=422)
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
        job_id = long_work.start_registry_import(given["file"], told, by=actor_of(request), now=clock.now())
    except services.DncFileRefused as error:
        form.add_error(None, error.public_message)
        return show_form(request, view, form, status=422)
    except OSError as error:
        form.add_error(
            None, f"The file could not be kept in {settings.REGISTRY_DIR}: {error.strerror or error}."
        )
        return show_form(request, view, form, status=422)
    return redirect("compliance-job", job_id)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def activate_registry(request: HttpRequest, import_id: int) -> HttpResponse:
    """Ask, naming the numbers, whether a copy with too many refused lines is put in force; and do it when confirmed."""
    row = _registry_import(import_id)
    if request.method == "GET":
        return render(request, "compliance/registry_activate.html", {"row": row})
    try:
        with db.use_case():
            services.activate_registry(import_id, actor=actor_of(request), now=clock.now())
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


@require_GET
@requires(VIEW)
def history(request: HttpRequest) -> HttpResponse:
    """Show what was loaded and scrubbed, with hashes, subscriptions and sums."""
    found = reads.list_loads(before=before_of(request))
    view = pages.ListPage(
        title="Registry history",
        tab=pages.Tab(top="registry", sub="history"),
        intro="Rows in = accepted + there already + refused; of a scrubbed list, rows = listed + clean + refused.",
        tables=(
            tables.loads_table(found.rows),
            tables.scrubs_table(reads.list_scrubs(settings.SELLER_NAME)),
        ),
    )
    return show_list(request, view, page=pager(request, len(found.rows), found.next_before))


@require_GET
@requires(VIEW)
def reassigned(request: HttpRequest) -> HttpResponse:
    """Show the answers of the Reassigned Numbers Database."""
    form = AnswerFilterForm(request.GET or None)
    answer = form.cleaned_data["answer"] if form.is_bound and form.is_valid() else ""
    found = reads.list_reassigned(answer=answer, before=before_of(request))
    view = pages.ListPage(
        title="Reassigned numbers",
        tab=pages.Tab(top="registry", sub="reassigned"),
        actions=(Link(words="Go to a number", href=url("compliance-numbers")),),
        tables=(tables.reassigned_table(found.rows),),
        is_filtered=bool(answer),
    )
    return show_list(request, view, page=pager(request, len(found.rows), found.next_before), filter_form=form)


def _is_fresh_national(row: selectors.RegistryImportRow) -> bool:
    return (
        row.active
        and row.name == "national"
        and not row.is_too_old
        and not row.problem
        and row.seller == settings.SELLER_NAME
    )


def _registry_import(import_id: int) -> selectors.RegistryImportRow:
    row: selectors.RegistryImportRow = found_or_404(
        lambda: selectors.get_registry_import(import_id, now=clock.now())
    )
    return row
