"""The evidence page: order a pack, download it; one click from a verdict or a request not to be called."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.roles import EXPORT_EVIDENCE
from compliance import selectors as compliance
from core import clock, db
from core.access import person_of, requires
from core.errors import NotFound
from core.types import PhoneNumber, as_phone
from evidence import selectors, services
from evidence.forms import PackForm


@require_http_methods(["GET", "HEAD"])
@requires(EXPORT_EVIDENCE)
def packs(request: HttpRequest) -> HttpResponse:
    """Show the form and the packs made before."""
    return _page(request, PackForm())


@require_POST
@requires(EXPORT_EVIDENCE)
def make(request: HttpRequest) -> HttpResponse:
    """Make a pack as the form says, and show it at the head of the list."""
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
        services.make_pack(order, actor=person_of(request).username, now=clock.now())
    except services.PackRefused as error:
        form.add_error(None, error.public_message)
        return _page(request, form, status=422)
    messages.success(request, "The pack is made and stands first in the list. Downloads are kept in the audit trail.")  # fmt: skip
    return redirect("evidence")


@require_POST
@requires(EXPORT_EVIDENCE)
def make_and_download(request: HttpRequest) -> HttpResponse | FileResponse:
    """Make a pack about the number of a verdict, or of a request not to be called, and give it at once."""
    number, reason = _named(request)
    made = services.make_pack(
        services.Order(number=number, reason=reason), actor=person_of(request).username, now=clock.now()
    )
    return _download(request, made.id, "zip")


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
    }
    return render(request, "evidence/packs.html", context, status=status)
