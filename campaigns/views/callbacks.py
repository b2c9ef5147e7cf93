"""Promises to call back: an agent's own, and all of them for who manages agents or campaigns."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts import roles
from campaigns.selectors import callbacks as read
from campaigns.services import callbacks as services
from campaigns.views.errors import not_found_is_404
from core import clock
from core.access import person_of, requires


@require_GET
@requires(roles.WORK_DESK)
def my_callbacks(request: HttpRequest) -> HttpResponseBase:
    """Show what the agent promised, and what anyone in their campaigns may take."""
    found = read.list_mine(person_of(request).id, now=clock.now())
    return render(request, "campaigns/my_callbacks.html", {"found": found})


@require_GET
@requires(roles.WATCH_FLOOR)
def callbacks(request: HttpRequest) -> HttpResponseBase:
    """Show all promises, or those of a campaign or agent."""
    found = read.list_all(
        campaign_id=_number(request.GET.get("campaign", "")),
        agent_id=_number(request.GET.get("agent", "")),
        only_overdue=request.GET.get("overdue") == "1",
        now=clock.now(),
    )
    context = {
        "found": found,
        "rules": read.list_rules(),
        "takers": read.list_takers(),
        "may_change": _may_change(request),
        "shown": request.GET,
    }
    return render(request, "campaigns/callbacks.html", context)


@require_POST
@requires(roles.WATCH_FLOOR)
def callbacks_reassign(request: HttpRequest) -> HttpResponseBase:
    """Give promises to an agent, or to anyone."""
    _require_change(request)
    ids = [_number(each) for each in request.POST.getlist("lead")]
    to_id = _number(request.POST.get("to", ""))
    try:
        if to_id is None:
            raise services.CallbackRefused("Choose who takes them.")
        many = services.reassign(
            lead_ids=[each for each in ids if each is not None],
            to_id=to_id or None,
            by_name=person_of(request).username,
            now=clock.now(),
        )
    except services.CallbackRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{many} callback{'' if many == 1 else 's'} changed hands.")
    return redirect("callbacks")


@require_POST
@requires(roles.WATCH_FLOOR)
@not_found_is_404
def callbacks_rule(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Say when a campaign's callbacks fall to anyone."""
    _require_change(request)
    text = request.POST.get("minutes", "").strip()
    minutes = _number(text)
    try:
        if text and minutes is None:
            raise services.CallbackRefused("Give the minutes as a whole number, or leave it empty.")
        services.set_anyone_after(
            campaign_id=campaign_id, minutes=minutes, by_name=person_of(request).username, now=clock.now()
        )
    except services.CallbackRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Saved. It holds from now on, also while the campaign runs.")
    return redirect("callbacks")


def _may_change(request: HttpRequest) -> bool:
    person = person_of(request)
    return person.may(roles.MANAGE_FLOOR) or person.may(roles.MANAGE_CAMPAIGNS)


def _require_change(request: HttpRequest) -> None:
    if not _may_change(request):
        raise PermissionDenied("Your role does not include giving callbacks to others.")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
