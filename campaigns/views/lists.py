"""Imports, lists and people."""

import io
from typing import BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts import roles
from campaigns.csvfile import CsvRefused
from campaigns.csvheader import FIELD_NAMES, PHONE_NAMES
from campaigns.forms import ImportForm, SourceForm
from campaigns.paging import Cursor, pager
from campaigns.selectors import duplicates as duplicates_read
from campaigns.selectors import importfiles
from campaigns.selectors import imports as imports_read
from campaigns.selectors import lists as lists_read
from campaigns.selectors import segments as segments_read
from campaigns.services import import_drafts, uploads
from campaigns.services.imports import ImportRefused
from campaigns.views.errors import not_found_is_404
from compliance.forms.people import HEARD_ON
from core import clock, csv_out
from core.access import person_of, requires
from core.errors import NotFound


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
def list_import(request: HttpRequest) -> HttpResponseBase:
    """Show the form for a file or pasted rows, or take them: to be looked at first, or imported at once. A refused one stores nothing."""
    looks = "look" in request.POST
    form_class = SourceForm if looks else ImportForm
    form = form_class(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        try:
            if isinstance(form, SourceForm):
                return redirect("import-file", file_id=_keep(request, form))
            return redirect("import", import_id=_import_at_once(request, form))
        except ImportRefused as refusal:
            form.add_error("list_name", str(refusal))
        except CsvRefused as refusal:
            form.add_error("pasted" if form.cleaned_data.get("pasted") else "file", str(refusal))
    context = {
        "form": form,
        "pasted": form["pasted"] if isinstance(form, SourceForm) else SourceForm()["pasted"],
        "files": importfiles.list_files(),
        "recent": imports_read.list_imports(),
        "phone_names": PHONE_NAMES,
        "field_names": FIELD_NAMES,
        "may_crm": person_of(request).may(roles.VIEW_CRM),
    }
    return render(request, "campaigns/list_import.html", context, status=422 if form.errors else 200)


def _keep(request: HttpRequest, form: SourceForm) -> int:
    upload, pasted = form.cleaned_data["file"], form.cleaned_data["pasted"]
    stream = io.BytesIO(pasted.encode()) if pasted else cast(BinaryIO, upload.file)
    return import_drafts.keep_upload(
        stream=stream,
        file_name="Pasted rows" if pasted else upload.name or "file",
        kind="pasted" if pasted else "text",
        list_name=form.cleaned_data["list_name"],
        by_id=person_of(request).id,
        now=clock.now(),
    )


def _import_at_once(request: HttpRequest, form: ImportForm) -> int:
    person = person_of(request)
    upload: UploadedFile[bytes] = form.cleaned_data["file"]
    return uploads.import_csv(
        stream=cast(BinaryIO, upload.file),
        table=form.table,
        list_name=form.cleaned_data["list_name"],
        file_name=upload.name or "file",
        by_id=person.id,
        by_name=person.username,
        now=clock.now(),
    )


@require_GET
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def import_detail(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """Show how far an import is, and once it is done the exact sum and the refused rows."""
    facts = imports_read.get_import(import_id)
    context: dict[str, object] = {"facts": facts}
    if facts.refused:
        page = imports_read.list_refusals(import_id, Cursor.of(request.GET.get), total=facts.refused)
        context |= {"refusals": page.rows, "page": pager(page, path=request.path, word="refused rows")}
    return render(request, "campaigns/import.html", context)


@require_GET
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def import_progress(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """Return the figures of an import that runs; at its end, tell the page to load anew."""
    facts = imports_read.get_import(import_id)
    response = render(request, "campaigns/_import_progress.html", {"facts": facts})
    if facts.is_final:
        response["HX-Refresh"] = "true"
    return response


@require_GET
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def import_refusals(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """Stream the refused rows as CSV: line, reason, and the columns as they came."""
    return _rows_as_csv(imports_read.get_import(import_id), "refused", "refusals")


@require_GET
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def import_rows(request: HttpRequest, import_id: int, outcome: str) -> HttpResponseBase:
    """Stream the rows of one outcome as CSV: line, reason, and the columns as they came."""
    facts = imports_read.get_import(import_id)
    if outcome not in imports_read.OUTCOMES:
        raise NotFound("There is no such outcome; it is created, updated, duplicate or refused.")
    return _rows_as_csv(facts, outcome, outcome)


def _rows_as_csv(facts: imports_read.ImportFacts, outcome: str, word: str) -> HttpResponseBase:
    rows = imports_read.rows_for_download(facts, outcome)
    return csv_out.download(
        rows, name=f"{word}-{facts.id}-{facts.list_name}.csv", plain=f"{word}-{facts.id}.csv"
    )


@require_GET
@requires(roles.MANAGE_LISTS)
def lists(request: HttpRequest) -> HttpResponseBase:
    """Show all lists."""
    return render(request, "campaigns/lists.html", {"lists": lists_read.list_lists()})


@require_GET
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def contact(request: HttpRequest, contact_id: int) -> HttpResponseBase:
    """Show one person; the old address of a merged record leads to who has it now."""
    try:
        facts = lists_read.get_contact(contact_id)
    except NotFound:
        if (current := duplicates_read.current_id(contact_id)) is None:
            raise
        return redirect("contact", contact_id=current)
    context = {
        "facts": facts,
        "merges": duplicates_read.merges_of(contact_id),
        "all_tags": segments_read.tag_choices(),
        "heard_on": HEARD_ON,
        "alike": len(duplicates_read.like(contact_id)),
    }
    return render(request, "campaigns/contact.html", context)
