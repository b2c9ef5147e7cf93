"""Listening to what was played on a call. The pages say nothing of who was called."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from accounts import roles
from campaigns.selectors import messages
from campaigns.views.media import served
from core.access import requires
from core.errors import NotFound
from dialer.drop_reads import Message, message_on

KEPT_BY_BROWSER = "private, max-age=3600"
STATE_WORDS = {
    "": ("Played", ""),
    "playing": ("Being played", "info"),
    "played": ("Heard to its end", "good"),
    "untold": ("Left, as far as the length of the call tells", "good"),
    "cut_off": ("Cut off", "warn"),
    "not_played": ("Not played", "warn"),
}


@require_GET
@requires(roles.RECORD_MESSAGES)
def call_message(request: HttpRequest, call_id: int) -> HttpResponse:
    """What was played on one call: the exact version, and how far it got."""
    found = _found(call_id)
    word, tone = STATE_WORDS[found.state]
    return render(request, "desk/call_message.html", {"found": found, "word": word, "tone": tone})


@require_safe
@requires(roles.RECORD_MESSAGES)
def call_message_audio(request: HttpRequest, call_id: int) -> HttpResponseBase:
    """The sound of it, whatever became of the version since."""
    try:
        media = messages.get_media(_found(call_id).heard.version_id, only_approved=False)
    except NotFound as error:
        raise Http404(str(error)) from None
    return served(request, media, kept=KEPT_BY_BROWSER)


def _found(call_id: int) -> Message:
    found = message_on(call_id)
    if found is None:
        raise Http404("No message was played on this call.")
    return found
