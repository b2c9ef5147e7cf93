"""CSV files of do-not-call requests and consents: each row is accepted, there already, or refused with its line."""

import io
from collections.abc import Callable, Iterable
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from compliance import pages, services
from compliance.forms.people import CsvForm
from compliance.pages.tables import NUMBER, WIDE, Cell, Link, table, text
from compliance.services.imports import CONSENT_COLUMNS, CONSENT_NEEDS, SUPPRESSION_COLUMNS, SUPPRESSION_NEEDS
from compliance.views.common import MANAGE, actor_of, show_form, show_list, typed
from core import clock
from core.access import requires

REFUSED_SHOWN = 500
Import = Callable[[Iterable[str], str], services.ImportReport]


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def upload_do_not_call(request: HttpRequest) -> HttpResponse:
    """Put the numbers of a CSV file on the do-not-call list."""
    view = pages.FormPage(
        title="Upload a do-not-call list",
        tab=pages.Tab(top="people", sub="do-not-call"),
        intro=(
            "The numbers hold as soon as they are read. The same file twice puts nothing on the list twice.",
        ),
        facts=_columns(SUPPRESSION_NEEDS, SUPPRESSION_COLUMNS),
        button="Put them on the list",
        cancel=reverse("compliance-do-not-call"),
        is_upload=True,
    )

    def load(lines: Iterable[str], label: str) -> services.ImportReport:
        return services.import_suppressions(
            lines, seller=settings.SELLER_NAME, label=label, actor=actor_of(request), now=clock.now()
        )

    return _upload(request, view, load)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def upload_consents(request: HttpRequest) -> HttpResponse:
    """Keep the consents of a CSV file."""
    view = pages.FormPage(
        title="Upload consents",
        tab=pages.Tab(top="people", sub="consents"),
        intro=("An import lifts no do-not-call request. The same file twice keeps nothing twice.",),
        facts=_columns(CONSENT_NEEDS, CONSENT_COLUMNS),
        button="Keep the consents",
        cancel=reverse("compliance-consents"),
        is_upload=True,
    )

    def load(lines: Iterable[str], label: str) -> services.ImportReport:
        return services.import_consents(lines, label=label, actor=actor_of(request), now=clock.now())

    return _upload(request, view, load)


def _upload(request: HttpRequest, view: pages.FormPage, load: Import) -> HttpResponse:
    form = CsvForm(typed(request), request.FILES)
    if request.method != "POST":
        return show_form(request, view, form)
    if not form.is_valid():
        return show_form(request, view, form, status=422)
    upload: UploadedFile[bytes] = form.cleaned_data["file"]
    lines = io.TextIOWrapper(cast(BinaryIO, upload.file), encoding="utf-8-sig", errors="replace", newline="")
    try:
        report = load(lines, upload.name or "upload")
    except services.FileRefused as error:
        form.add_error("file", error.public_message)
        return show_form(request, view, form, status=422)
    return show_list(request, _report(view, upload.name or "the file", report))


def _report(view: pages.FormPage, name: str, report: services.ImportReport) -> pages.ListPage:
    """Say what became of each row: rows in = accepted + there already + refused."""
    refused = len(report.refused)
    left_out = refused - REFUSED_SHOWN
    return pages.ListPage(
        title=view.title,
        tab=view.tab,
        intro=f"{name[:80]} is done. Every row is in exactly one of the three.",
        warning=f"{refused:,} rows were refused: correct them in the file and upload it again."
        if refused
        else "",
        actions=(Link(words="Back to the list", href=view.cancel),),
        stats=(
            pages.Stat(value=f"{report.rows:,}", label="rows in"),
            pages.Stat(value=f"{report.accepted:,}", label="accepted"),
            pages.Stat(value=f"{report.duplicates:,}", label="there already"),
            pages.Stat(value=f"{refused:,}", label="refused"),
        ),
        tables=(
            table(
                "Refused rows",
                [("Line", NUMBER), ("Why", WIDE), ("The row", WIDE)],
                (
                    [Cell(text=str(row.line)), text(row.reason), Cell(text=row.shown, mono=True)]
                    for row in report.refused[:REFUSED_SHOWN]
                ),
                heading=f"Refused rows, the first {REFUSED_SHOWN}; {left_out:,} more"
                if left_out > 0
                else "Refused rows",
            ),
        )
        if refused
        else (),
    )


def _columns(needed: frozenset[str], known: frozenset[str]) -> tuple[tuple[str, str], ...]:
    return (
        ("Columns it needs", ", ".join(sorted(needed))),
        ("Columns it may have", ", ".join(sorted(known - needed))),
    )
