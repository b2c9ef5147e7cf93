"""The door carriers' webhooks come in by: small, of the right kind, genuine; what passes is a Webhook, what does not an answer.

Nothing of a request is believed, parsed into more than MAX_FIELDS fields or stored before its signature has been checked.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from carriers import registry

log = structlog.get_logger(__name__)

MAX_BYTES = 64 * 1024  # a carrier's webhook has a few hundred; their documents to us may have no more either
MAX_FIELDS = 200
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A genuine request of the carrier's, as it may be stored."""

    params: Mapping[str, str]  # several values of one name are joined, in the order sent
    token: str  # the carrier's own mark of a repeat; empty where it gives none


class Refused(Exception):
    """Not let in; `status` is the answer, the text says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def admit(request: HttpRequest) -> Webhook | HttpResponse:
    """Return the webhook, or the refusal to answer with; a refused request has no effect but a line in the log."""
    try:
        return _read(request)
    except Refused as refusal:
        log.warning(
            "carriers.webhook.refused",
            path=request.path,
            address=request.META.get("REMOTE_ADDR", ""),
            status=refusal.status,
            reason=str(refusal),
        )
        return HttpResponse(str(refusal), status=refusal.status, content_type="text/plain; charset=utf-8")


def _read(request: HttpRequest) -> Webhook:
    kind = request.content_type or ""
    if kind not in (FORM, JSON):
        raise Refused(415, "A webhook is a form or JSON.")
    body = _body(request)
    fields = _form_fields(body) if kind == FORM else {}
    webhooks = registry.webhooks()
    # The address the carrier signed is the public one we gave it, not what a proxy made of it.
    url = f"{settings.PUBLIC_URL}{request.get_full_path_info()}"
    if not webhooks.is_genuine(url=url, form=fields, body=body, headers=dict(request.headers)):
        raise Refused(403, "The signature does not match.")
    if kind == JSON:
        fields = _json_fields(body)
    return Webhook(params=_storable(fields), token=webhooks.token(headers=dict(request.headers)))


def _body(request: HttpRequest) -> bytes:
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if declared.isdigit() and int(declared) > MAX_BYTES:
        raise Refused(413, "No webhook is that long.")
    try:
        body = request.read(MAX_BYTES + 1)
    except (UnreadablePostError, OSError):
        raise Refused(400, "The request broke off.") from None
    if len(body) > MAX_BYTES:
        raise Refused(413, "No webhook is that long.")
    if declared.isdigit() and len(body) < int(declared):
        # The carrier has given up waiting: what it sent is gone, and its signature would only seem to be wrong.
        raise Refused(400, "The request broke off.")
    return bytes(body)


def _form_fields(body: bytes) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError:
        raise Refused(400, "The form is not UTF-8.") from None
    except ValueError:
        raise Refused(413, f"No webhook has more than {MAX_FIELDS} fields.") from None
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def _json_fields(body: bytes) -> dict[str, list[str]]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(found, dict) or len(found) > MAX_FIELDS:
        raise Refused(400, "The body is not one JSON object of a few fields.")
    return {
        name: [value if isinstance(value, str) else json.dumps(value, sort_keys=True)]
        for name, value in found.items()
    }


def _storable(fields: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return one text a name: without NUL, which a text column cannot hold, and no longer than any field of a carrier's."""
    return {
        _clean(name)[:100]: ", ".join(dict.fromkeys(_clean(value) for value in values))[:2000]
        for name, values in fields.items()
    }


def _clean(text: str) -> str:
    # Half of a surrogate pair ("\ud800" in JSON) is no text either.
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
