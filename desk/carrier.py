"""The carrier's page: does it take our credentials, are we at its limits, and which of its messages had no effect."""

from django.contrib import messages as says
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts import roles
from carriers import health, messages
from core import clock
from core.access import person_of, requires
from core.errors import AppError
from dialer.reads import carrier_load
from dialer.services import calls, trouble

DAYS = (1, 7, 30)


@require_GET
@requires(roles.WATCH_CARRIER)
def page(request: HttpRequest) -> HttpResponse:
    """The whole page; filters: shown, kind, days."""
    now = clock.now()
    shown, kind = request.GET.get("shown", ""), request.GET.get("kind", "")
    days = _number(request, "days") if _number(request, "days") in DAYS else DAYS[1]
    context = {
        "trouble": health.trouble(),
        "load": carrier_load(now=now),
        "counts": messages.counts(days=days, now=now),
        "found": messages.messages(
            shown=shown, kind=kind, days=days, before=_number(request, "before"), now=now
        ),
        "chosen": {"shown": shown, "kind": kind, "days": days},
        "sorts": {name: words for name, (words, _) in messages.SHOWN.items()},
        "kinds": messages.KINDS,
        "all_days": DAYS,
    }
    return render(request, "desk/carrier.html", context)


@require_POST
@requires(roles.WATCH_CARRIER)
def check(request: HttpRequest) -> HttpResponse:
    """Ask the carrier whether it takes our credentials."""
    try:
        found = trouble.check(actor=person_of(request).username, now=clock.now())
    except AppError as error:
        says.error(request, str(error))
    else:
        says.success(request, f"The carrier takes our credentials: {found}.")
    return redirect("carrier")


@require_POST
@requires(roles.WATCH_CARRIER)
def apply_again(request: HttpRequest, message_id: int) -> HttpResponse:
    """Apply one message once more."""
    try:
        done = calls.apply_again(inbox_id=message_id, actor=person_of(request).username, now=clock.now())
    except AppError as error:
        says.error(request, str(error))
    else:
        if done:
            says.success(
                request, "The message was applied again; what it did stands below, if it did nothing."
            )
        else:
            says.error(request, "The message failed again and is kept; it is tried again by itself.")
    return redirect("carrier")


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
