"""Pages and acts of what waits for a person: one call edited, one or all of a reason sent again or set aside."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from core import clock
from core.access import person_of, requires
from core.errors import AppError, NotFound
from crm_sync import selectors
from crm_sync.forms import HeldCallForm, HeldReasonForm
from crm_sync.held_fields import FACT
from crm_sync.selectors import facts
from crm_sync.services import held

One = Callable[..., None]


class Many(Protocol):
    """An act on all items of a reason; returns how many there were."""

    def __call__(self, *, connection_id: int, reason: str, by_name: str, now: datetime) -> int:
        """Act."""
        ...


@require_POST
@requires(roles.MANAGE_CRM)
def retry(request: HttpRequest, item_id: int) -> HttpResponse:
    """Send a held call again."""
    return _act_on_one(request, held.retry_item, item_id, "It is sent again.")


@require_POST
@requires(roles.MANAGE_CRM)
def set_aside(request: HttpRequest, item_id: int) -> HttpResponse:
    """Decide that a held call need not go to the CRM."""
    return _act_on_one(request, held.set_aside_item, item_id, "It is set aside; it can be sent again later.")


@require_POST
@requires(roles.MANAGE_CRM)
def retry_all(request: HttpRequest) -> HttpResponse:
    """Send all held items of a reason again."""
    return _act_on_all(request, held.retry_all, "sent again")


@require_POST
@requires(roles.MANAGE_CRM)
def set_aside_all(request: HttpRequest) -> HttpResponse:
    """Set all held items of a reason aside."""
    return _act_on_all(request, held.set_aside_all, "set aside")


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CRM)
def edit(request: HttpRequest, item_id: int) -> HttpResponse:
    """Show a held call beside why the CRM refused it; save what a person changed and send it again."""
    try:
        item = selectors.get_held_call(item_id)
    except NotFound as error:
        raise Http404(str(error)) from error
    form = HeldCallForm(
        request.POST or None,
        kind=item.kind,
        given=item.given,
        labels={f"{FACT}{key}": source.label for key, source in facts.sources("person").items()},
        initial=dict(item.now),
    )
    if request.method == "POST" and form.is_valid():
        try:
            held.edit_item(
                item_id=item_id,
                changes=form.cleaned_data,
                by_name=person_of(request).username,
                now=clock.now(),
            )
        except AppError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved; it is sent again.")
            return _back()
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "crm_sync/held_call.html", {"item": item, "form": form}, status=status)


def _act_on_one(request: HttpRequest, act: One, item_id: int, said: str) -> HttpResponse:
    try:
        act(item_id=item_id, by_name=person_of(request).username, now=clock.now())
    except NotFound as error:
        raise Http404(str(error)) from error
    except AppError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, said)
    return _back()


def _act_on_all(request: HttpRequest, act: Many, done: str) -> HttpResponse:
    form = HeldReasonForm(request.POST)
    if not form.is_valid():
        messages.warning(request, "This reason is not in the list any more; the page shows what is.")
        return _back()
    count = act(by_name=person_of(request).username, now=clock.now(), **form.cleaned_data)
    if count:
        messages.success(request, f"{count} {'is' if count == 1 else 'are'} {done}.")
    else:
        messages.warning(request, "Nothing of that reason is held any more; the page shows what is.")
    return _back()


def _back() -> HttpResponse:
    return redirect(f"{reverse('crm-activity')}?{urlencode({'state': 'held'})}")
