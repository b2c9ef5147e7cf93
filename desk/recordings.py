"""The recordings: the list, one with its player, its sound, holds and deletion; and what a campaign records."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages as says
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts import roles
from carriers.protocol import CarrierError
from core import clock
from core.access import person_of, requires
from core.errors import AppError, NotFound
from desk.forms_recordings import RuleForm, SearchForm
from dialer import recorded
from dialer.services.recordings import keeping, listening, storing
from dialer.services.recordings.rules import set_rule
from dialer.services.recordings.terms import term_words

PART_BYTES = 1024 * 1024
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


@require_GET
@requires(roles.LISTEN_RECORDINGS)
def listed(request: HttpRequest) -> HttpResponse:
    """The list, newest first, narrowed by what the form says."""
    form = SearchForm(request.GET or None, choices=recorded.choices())
    before = request.GET.get("before", "")
    rows, older = recorded.found(
        form.search(),
        **_who(request),
        before=int(before) if before.isascii() and before.isdigit() else 0,
        now=clock.now(),
    )
    asked = {name: value for name, value in request.GET.items() if name != "before"}
    next_url = f"?{urlencode({**asked, 'before': older})}" if older else ""
    context = {"rows": rows, "filter": form, "next_url": next_url, "is_filtered": bool(asked)}
    return render(request, "desk/recordings.html", context)


@require_GET
@requires(roles.LISTEN_RECORDINGS)
def one(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """One recording: player, facts, history, hold."""
    try:
        found = recorded.one(recording_id, **_who(request), now=clock.now())
    except NotFound as error:
        return render(request, "404.html", {"reason": str(error)}, status=404)
    context = {"recording": found, "row": found.row, "term": term_words(recording_id, now=clock.now())}
    return render(request, "desk/recording.html", context)


@require_safe
@requires(roles.LISTEN_RECORDINGS)
def sound(request: HttpRequest, recording_id: UUID) -> HttpResponseBase:
    """The sound for the player, in parts; the audit trail says who listened."""
    try:
        path = listening.listen(
            recording_id=recording_id, **_who(request), username=person_of(request).username, now=clock.now()
        )
    except AppError as error:
        return HttpResponse(str(error), status=404, content_type="text/plain; charset=utf-8")
    return _part(request, path)


@require_POST
@requires(roles.DOWNLOAD_RECORDINGS)
def download(request: HttpRequest, recording_id: UUID) -> HttpResponseBase:
    """The sound to take away; the audit trail says who took it. By POST, so that no link or prefetch takes one."""
    try:
        path = listening.download(
            recording_id=recording_id, **_who(request), username=person_of(request).username, now=clock.now()
        )
    except AppError as error:
        says.error(request, str(error))
        return redirect("recording", recording_id)
    response = FileResponse(path.open("rb"), as_attachment=True, filename=f"recording-{recording_id}.wav")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_POST
@requires(roles.HOLD_RECORDINGS)
def act(request: HttpRequest, recording_id: UUID, action: str) -> HttpResponse:
    """Hold, lift the hold, delete, fetch once more."""
    facts: dict[str, Any] = {
        "recording_id": recording_id,
        "by": person_of(request).username,
        "now": clock.now(),
    }
    reason = request.POST.get("reason", "")
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "hold": (
            lambda: keeping.hold(**facts, reason=reason),
            "It is held: no rule deletes it until the hold is lifted.",
        ),
        "lift": (lambda: keeping.lift(**facts, reason=reason), "The hold is lifted; its time counts again."),
        "delete": (
            lambda: keeping.delete_now(**facts, reason=reason),
            "The sound is deleted, here and at the carrier.",
        ),
        "fetch": (lambda: storing.fetch_again(**facts), "It is fetched once more."),
    }
    if action not in acts:
        return HttpResponse("There is no such action.", status=404, content_type="text/plain; charset=utf-8")
    work, done = acts[action]
    try:
        work()
    except (AppError, CarrierError) as error:
        says.error(request, str(error))
    else:
        says.success(request, done)
    return redirect("recording", recording_id)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
def rule(request: HttpRequest, campaign_id: int = 0) -> HttpResponse:
    """What a campaign records, who listens, how long it is kept; without a campaign the house's rule."""
    now = clock.now()
    found = recorded.rules_of(campaign_id or None, now=now)
    if found is None:
        return render(request, "404.html", status=404)
    form = RuleForm(request.POST or None, initial=found.initial)
    if request.method == "POST" and form.is_valid():
        try:
            set_rule(form.rule(campaign_id or None), by=person_of(request).username, now=now)
        except AppError as error:
            form.add_error(None, str(error))
        else:
            says.success(request, "The rule is in force for calls that connect from now on.")
            return (
                redirect("recording-rule", campaign_id) if campaign_id else redirect("recording-house-rule")
            )
    return render(
        request, "desk/recording_rule.html", {"form": form, "found": found, "campaign_id": campaign_id}
    )


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"user_id": person_of(request).id, "role": request.user.role}  # type: ignore[union-attr]  # our user


def _part(request: HttpRequest, path: Path) -> HttpResponseBase:
    """Return the part asked for, at most PART_BYTES, which a player follows up; without a range the whole (RFC 9110, 14)."""
    size = path.stat().st_size
    asked = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if asked is None:
        response: HttpResponseBase = FileResponse(path.open("rb"), content_type="audio/wav")
    else:
        start = int(asked[1])
        end = min(int(asked[2] or size - 1), size - 1, start + PART_BYTES - 1)
        if start > end:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        with path.open("rb") as stream:
            stream.seek(start)
            content = stream.read(end - start + 1)
        headers = {"Content-Range": f"bytes {start}-{end}/{size}"}
        response = HttpResponse(content, status=206, headers=headers, content_type="audio/wav")
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-store"
    return response
