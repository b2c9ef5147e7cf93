"""The bell: what a person has not read yet, on every page of those who start imports."""

import json

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts import roles
from campaigns.selectors import notices as read
from campaigns.services import notices
from core import clock
from core.access import person_of, requires


@require_GET
@requires(roles.MANAGE_LISTS)
def bell(request: HttpRequest) -> HttpResponseBase:
    """Return the bell's panel and count, and have the page say what is new."""
    response = _panel(request)
    fresh = notices.show(user_id=person_of(request).id, now=clock.now())
    if fresh:
        tones, texts = zip(*fresh, strict=True)
        said = {"text": " ".join(texts), "tone": "bad" if "bad" in tones else tones[-1]}
        response["HX-Trigger"] = json.dumps({"parley:say": said})
    return response


@require_POST
@requires(roles.MANAGE_LISTS)
def notices_read(request: HttpRequest) -> HttpResponseBase:
    """Take what was shown off the bell."""
    up_to = request.POST.get("up_to", "")
    number = int(up_to) if up_to.isascii() and up_to.isdigit() and len(up_to) < 19 else 0
    notices.mark_read(user_id=person_of(request).id, up_to=number, now=clock.now())
    return _panel(request)


@require_POST
@requires(roles.MANAGE_LISTS)
def notices_by_mail(request: HttpRequest) -> HttpResponseBase:
    """Send the person's notices by e-mail too, or not any more."""
    person = person_of(request)
    try:
        notices.wish_mail(
            user_id=person.id, wanted="by_mail" in request.POST, by_name=person.username, now=clock.now()
        )
    except notices.WishRefused as refusal:
        return _panel(request, refused=refusal.public_message)
    return _panel(request)


def _panel(request: HttpRequest, refused: str = "") -> HttpResponseBase:
    found = read.unread(person_of(request).id)
    return render(
        request,
        "campaigns/_notices.html",
        {"notices": found, "refused": refused},
        status=422 if refused else 200,
    )
