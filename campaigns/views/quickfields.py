"""Whether lists are filtered and sorted by a field of the house's own without waiting."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import roles
from campaigns.services import quickfields
from campaigns.services.quickfields import TooManyQuick
from campaigns.views.errors import not_found_is_404
from core import clock
from core.access import person_of, requires


@require_POST
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def quick_field(request: HttpRequest, key: str) -> HttpResponseBase:
    """Make a field quick, or let it be slow again."""
    is_quick = request.POST.get("quick") == "yes"
    try:
        quickfields.set_quick(
            key=key, is_quick=is_quick, by_name=person_of(request).username, now=clock.now()
        )
    except TooManyQuick as refusal:
        messages.error(request, refusal.public_message)
    else:
        said = "A worker prepares it: some minutes, for a million people. Everything goes on meanwhile."
        messages.success(
            request, said if is_quick else "The field can still be filtered by; sorting by it is off."
        )
    return redirect("custom-fields")
