"""The page of CRM lists that are followed."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts import roles
from core import clock
from core.access import person_of, requires
from core.errors import NotFound
from crm_sync.selectors import live as selectors
from crm_sync.services import live as following


@require_GET
@requires(roles.VIEW_CRM)
def live(request: HttpRequest) -> HttpResponse:
    """Show each followed list: when it was last read, who joined and left."""
    context = {
        "lists": selectors.list_live(),
        "may_manage": person_of(request).may(roles.MANAGE_LISTS),
    }
    return render(request, "crm_sync/live.html", context)


@require_POST
@requires(roles.MANAGE_LISTS)
def stop(request: HttpRequest, live_list_id: int) -> HttpResponse:
    """Follow a list no longer."""
    try:
        following.stop(live_list_id=live_list_id, by_name=person_of(request).username, now=clock.now())
    except NotFound as error:
        raise Http404(str(error)) from error
    messages.success(request, "The list is not followed any more; its people stay as they are.")
    return redirect("crm-live")
