"""The page of one reading: how far it is, and a way to stop it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts import roles
from core import clock
from core.access import person_of, requires
from core.errors import NotFound, Stale
from crm_sync.selectors import readings
from crm_sync.services import pulling


@require_GET
@requires(roles.MANAGE_LISTS)
def reading(request: HttpRequest, import_id: int) -> HttpResponse:
    """Show how far the reading is; one that has ended is shown as the import it became."""
    found = _reading(import_id)
    if not found.is_open:
        return redirect("import", import_id=import_id)
    return render(request, "crm_sync/reading.html", {"reading": found})


@require_GET
@requires(roles.MANAGE_LISTS)
def progress(request: HttpRequest, import_id: int) -> HttpResponse:
    """Show the changing part; the page moves on to the import once all is read."""
    found = _reading(import_id)
    if not found.is_open:
        return HttpResponse(headers={"HX-Redirect": reverse("import", args=[import_id])})
    return render(request, "crm_sync/_reading_progress.html", {"reading": found})


@require_POST
@requires(roles.MANAGE_LISTS)
def stop(request: HttpRequest, import_id: int) -> HttpResponse:
    """Have the reading end after the page under way."""
    try:
        pulling.stop_reading(import_id=import_id, by_name=person_of(request).username, now=clock.now())
    except NotFound as error:
        raise Http404(str(error)) from error
    except Stale as error:
        messages.warning(request, str(error))
        return redirect("import", import_id=import_id)
    return redirect("crm-reading", import_id=import_id)


def _reading(import_id: int) -> readings.Reading:
    try:
        return readings.get_reading(import_id)
    except NotFound as error:
        raise Http404(str(error)) from error
