"""How one connection is, and both sides compared when asked."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts import roles
from core import clock
from core.access import person_of, requires
from core.errors import AppError, NotFound
from crm_sync.selectors import health as selectors
from crm_sync.services import reconciling


@require_GET
@requires(roles.VIEW_CRM)
def health(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Show the queue, the lag, the CRM's limit, what waits for a person, and the days compared."""
    try:
        found = selectors.get_health(connection_id, clock.now())
    except NotFound as error:
        raise Http404(str(error)) from error
    context = {
        "health": found,
        "item": found.connection,
        "webhook_url": settings.PUBLIC_URL + found.webhook_path if found.webhook_path else "",
        "may_manage": person_of(request).may(roles.MANAGE_CRM),
    }
    return render(request, "crm_sync/health.html", context)


@require_POST
@requires(roles.MANAGE_CRM)
def reconcile(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Have the last days compared now."""
    try:
        reconciling.ask_for(connection_id=connection_id, by_name=person_of(request).username, now=clock.now())
    except NotFound as error:
        raise Http404(str(error)) from error
    except AppError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, "The last days are being compared; look at this page again in a minute.")
    return redirect("crm-health", connection_id=connection_id)
