"""Imports, lists and people."""

from typing import BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts import roles
from campaigns.csvheader import FIELD_NAMES, PHONE_NAMES
from campaigns.forms import ImportForm
from campaigns.paging import Cursor, pager
from campaigns.selectors import imports as imports_read
from campaigns.selectors import lists as lists_read
from campaigns.services import uploads
from campaigns.services.imports import ImportRefused
from campaigns.views.errors import not_found_is_404
from core import clock, csv_out
from core.access import person_of, requires


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
def list_import(request: HttpRequest) -> HttpResponseBase:
    """Show the upload form, or take a file: a refused one stores nothing."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        person = person_of(request)
        upload: UploadedFile[bytes] = form.cleaned_data["file"]
        try:
            import_id = uploads.import_csv(
                stream=cast(BinaryIO, upload.file),
                table=form.table,
                list_name=form.cleaned_data["list_name"],
                file_name=upload.name or "file",
                by_id=person.id,
                by_name=person.username,
                now=clock.now(),
            )
        except ImportRefused as refusal:
            form.add_error("list_name", str(refusal))
        else:
            return redirect("import", import_id=import_id)
    context = {
        "form": form,
        "recent": imports_read.list_imports(),
        "phone_names": PHONE_NAMES,
        "field_names": FIELD_NAMES,
        "may_crm": person_of(request).may(roles.VIEW_CRM),
    }
    return render(request, "campaigns/list_import.html", context, status=422 if form.errors else 200)


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
    facts = imports_read.get_import(import_id)
    rows = imports_read.refusals_for_download(facts)
    return csv_out.download(
        rows, name=f"refusals-{facts.id}-{facts.list_name}.csv", plain=f"refusals-{facts.id}.csv"
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
    """Show one person."""
    return render(request, "campaigns/contact.html", {"facts": lists_read.get_contact(contact_id)})
