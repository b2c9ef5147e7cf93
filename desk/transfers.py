"""Whom a call can be handed on to now, as a part of the desk, and the agent's wishes about it."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import roles
from campaigns.selectors.targets import list_targets
from core import clock
from core.access import person_of, requires
from dialer import desk_reads, transfer_reads
from dialer import selectors as dialer
from dialer.services import consulting


@require_GET
@requires(roles.WORK_DESK)
def targets(request: HttpRequest) -> HttpResponse:
    """Who is free now, the queues, and the campaign's numbers."""
    session = dialer.live_session(person_of(request).id)
    call = dialer.get_call(session.call_id) if session and session.call_id else None
    shown: dict[str, Any] = {"colleagues": (), "queues": (), "numbers": ()}
    if session is not None and call is not None:
        shown = {
            "colleagues": desk_reads.may_take_over(session.id, call.campaign_id, now=clock.now()),
            "queues": transfer_reads.queues(call.campaign_id),
            "numbers": list_targets(call.campaign_id),
        }
    return render(request, "desk/_transfer.html", shown)


def actions(request: HttpRequest, user_id: int, now: datetime) -> dict[str, Callable[[], Any]]:
    """Return what the desk's buttons about transfers do, by the name in their address."""
    to, number = request.POST.get("to", ""), request.POST.get("number", "")
    return {
        "transfer": partial(
            consulting.start,
            user_id=user_id,
            to=to or ("number" if number.strip() else ""),
            number=number,
            blind=request.POST.get("how") == "blind",
            now=now,
        ),
        "transfer-leave": partial(consulting.leave, user_id=user_id, now=now),
        **{
            wish: partial(consulting.wish, user_id=user_id, action=wish, now=now)
            for wish in consulting.WISHES
        },
    }
