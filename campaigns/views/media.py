"""The sound of a message: for the carrier by its unguessable address, for people on the pages."""

import re
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from campaigns.selectors import messages as recorded
from campaigns.selectors.messages import Media
from campaigns.views.errors import not_found_is_404

KEPT_BY_CARRIER = "public, max-age=3600"  # the sound of an address never changes; a retired one is forgotten within the hour
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@require_safe
@not_found_is_404
def hook_media(request: HttpRequest, version_id: UUID) -> HttpResponseBase:
    """Give the carrier an approved recording. No session: the address is known to the carrier alone."""
    media = recorded.get_media(version_id, only_approved=True)
    return served(request, media, kept=KEPT_BY_CARRIER)


def served(request: HttpRequest, media: Media, *, kept: str) -> HttpResponseBase:
    """Return the recording, the part asked for, or that nothing changed (RFC 9110, 13 and 14)."""
    response = _part(request, media)
    response.headers["ETag"] = media.etag
    response.headers["Cache-Control"] = kept
    response.headers["Accept-Ranges"] = "bytes"
    if response.status_code == 416:
        return response
    conditional = get_conditional_response(request, etag=media.etag, response=response)
    assert conditional is not None
    return conditional


def _part(request: HttpRequest, media: Media) -> HttpResponse:
    """Return one part; the whole where none is asked for, several are, or the range makes no sense, as RFC 9110 allows."""
    whole = len(media.wav)
    asked = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    is_same = request.headers.get("If-Range", media.etag) == media.etag
    first, last = asked.groups() if asked and is_same else ("", "")
    if (not first and not last) or (first and last and int(last) < int(first)):
        return HttpResponse(media.wav, content_type="audio/wav")
    start = int(first) if first else max(0, whole - int(last))
    end = min(int(last), whole - 1) if first and last else whole - 1
    if start >= whole:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{whole}"})
    headers = {"Content-Range": f"bytes {start}-{end}/{whole}"}
    return HttpResponse(media.wav[start : end + 1], status=206, headers=headers, content_type="audio/wav")
