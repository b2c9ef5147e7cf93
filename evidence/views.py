"""The evidence page: order a pack, see it made, download it; one click from a verdict or a request not to be called."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.roles import EXPORT_EVIDENCE
from compliance import selectors as compliance
from core import background, clock, db
from core.access import person_of, requires
from core.errors import AppError, NotFound
from core.types import PhoneNumber, as_phone
from evidence import jobs, selectors, services
from evidence.forms import PackForm


@require_http_methods(["GET", "HEAD"])
@requires(EXPORT_EVIDENCE)
def packs(request: HttpRequest) -> HttpResponse:
    """Show the form and the packs made before."""
    return _page(request, PackForm())


@require_POST
@requires(EXPORT_EVIDENCE)
def make(request: HttpRequest) -> HttpResponse:
    """Order a pack as the form says; a worker makes it, and the next page shows how far it is."""
    form = PackForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    order = services.Order(
        number=given["number"],
        complaint=given["complaint"],
        reason=given["reason"],
        since=given["since"],
        until=given["until"],
    )
    try:
        return _ordered(request, order)
    except services.PackRefused as error:
        form.add_error(None, error.public_message)
        return _page(request, form, status=422)


@require_POST
@requires(EXPORT_EVIDENCE)
def make_now(request: HttpRequest) -> HttpResponse:
    """Order a pack about the number of a verdict, or of a request not to be called, in one press."""
    number, reason = _named(request)
    return _ordered(request, services.Order(number=number, reason=reason))


@require_GET
@requires(EXPORT_EVIDENCE)
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Show how far a pack is, and when it is made, the way to it."""
    return render(request, "evidence/job.html", _job_context(job_id))


@require_GET
@requires(EXPORT_EVIDENCE)
def job_progress(request: HttpRequest, job_id: int) -> HttpResponse:
    """Return the part of the page that moves; at its end, tell the page to load anew."""
    context = _job_context(job_id)
    response = render(request, "_job.html", context)
    if context["job"].is_final:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@requires(EXPORT_EVIDENCE)
def stop_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Ask that a pack be given up."""
    found = _job_context(job_id)["job"]
    try:
        with db.use_case():
            background.stop(found.id, by=person_of(request).username, now=clock.now())
    except AppError as error:
        messages.warning(request, error.public_message)
    return redirect("evidence-job", found.id)


@require_GET
@requires(EXPORT_EVIDENCE)
def download(request: HttpRequest, pack_id: int, part: str) -> FileResponse:
    """Give a pack, or its document or data alone; who took it is kept."""
    return _download(request, pack_id, part)


def _download(request: HttpRequest, pack_id: int, part: str) -> FileResponse:
    try:
        stream, name = selectors.open_part(pack_id, part)
        with db.use_case():
            services.record_download(
                pack_id, part=part, actor=person_of(request).username, now=clock.now()
            )  # fmt: skip
    except NotFound as error:
        raise Http404(error.public_message) from None
    response = FileResponse(stream, as_attachment=True, filename=name, content_type=selectors.PARTS[part])
    response["Cache-Control"] = "no-store"  # no copy of it on shared machines
    return response


def _ordered(request: HttpRequest, order: services.Order) -> HttpResponse:
    with db.use_case():
        job_id = services.order_pack(order, actor=person_of(request).username, now=clock.now())
    return redirect("evidence-job", job_id)


def _job_context(job_id: int) -> dict[str, Any]:
    try:
        found = background.get_job(job_id, tasks=jobs.LONG_WORK)
    except NotFound as error:
        raise Http404(error.public_message) from None
    links = [{"words": "All packs", "href": reverse("evidence")}]
    if found.result_ref:
        links = [
            {"words": f"Download {part.upper()}", "href": reverse("evidence-download", args=[found.result_ref, part])}
            for part in selectors.PARTS
        ] + links  # fmt: skip
    return {
        "job": found,
        "links": links,
        "progress_url": reverse("evidence-job-progress", args=[found.id]),
        "stop_url": reverse("evidence-job-stop", args=[found.id]),
    }


def _named(request: HttpRequest) -> tuple[PhoneNumber, str]:
    """The number a button names by what it stands beside: the number itself stays out of addresses and logs."""
    for kind, find, words in (
        ("verdict", compliance.number_of_decision, "From verdict"),
        ("suppression", compliance.number_of_suppression, "From do-not-call request"),
    ):
        text = request.POST.get(kind, "")
        if text.isascii() and text.isdigit() and len(text) < 19:
            try:
                return as_phone(find(int(text))), f"{words} {text}"
            except NotFound as error:
                raise Http404(error.public_message) from None
    raise Http404("Name a verdict or a do-not-call request.")


def _page(request: HttpRequest, form: PackForm, *, status: int = 200) -> HttpResponse:
    text = request.GET.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    found = selectors.list_packs(before=before)
    context = {
        "form": form,
        "rows": found.rows,
        "next_before": found.next_before,
        "is_later_page": before is not None,
        "under_way": background.open_jobs(tasks=jobs.LONG_WORK),
    }
    return render(request, "evidence/packs.html", context, status=status)
