"""Read what was posted: the parameters of the REST API, refused in the vendor's words."""

import re
from collections.abc import Mapping

from aiohttp import web

from sandbox.carrier.errors import ApiError, invalid
from sandbox.carrier.model import Detection, Hook, Source
from sandbox.carrier.twiml import is_address

E164 = re.compile(r"\+[1-9]\d{7,14}")
CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
TWIML_LIMIT = 4000

Form = Mapping[str, str]


async def read_form(request: web.Request) -> dict[str, str]:
    """Return the posted parameters; a repeated one as its values in one text, separated by spaces."""
    form = await request.post()
    return {name: " ".join(str(value) for value in form.getall(name)) for name in form}


def address(form: Form, name: str, method_name: str = "", *, default_method: str = "POST") -> Hook | None:
    """Return an address parameter with its method, None when it is not given.

    Raises: ApiError 21205 for the TwiML addresses, 21609 for callbacks, when it is no http(s) URL.
    """
    url = form.get(name, "")
    if not url:
        return None
    if not is_address(url):
        code = 21205 if name in ("Url", "FallbackUrl") else 21609
        raise ApiError(400, code, f"{name} is not a valid URL: {url}")
    method = form.get(method_name or name + "Method", default_method).upper()
    if method not in ("GET", "POST"):
        raise invalid(method_name or name + "Method", method)
    return Hook(url, method)


def source(form: Form) -> Source:
    """Return where TwiML comes from; Url wins when both are given. Raises: ApiError 21205 when neither is."""
    hook = address(form, "Url", "Method")
    if hook is not None:
        return Source(hook=hook)
    text = form.get("Twiml", "")
    if not text:
        raise ApiError(400, 21205, "Url parameter is required.")
    if len(text) > TWIML_LIMIT:
        raise invalid("Twiml", f"longer than {TWIML_LIMIT} characters")
    return Source(text=text)


def whole(form: Form, name: str, default: int, largest: int, *, smallest: int = 1) -> int:
    """Return a whole number. Raises: ApiError when it is none or out of range."""
    text = form.get(name, str(default))
    if not text.isdigit() or not smallest <= int(text) <= largest:
        raise invalid(name, text)
    return int(text)


def choice(form: Form, name: str, words: tuple[str, ...]) -> str | None:
    """Return one of these words, None when it is not given. Raises: ApiError for another."""
    text = form.get(name)
    if text is not None and text not in words:
        raise invalid(name, text)
    return text


def flag(form: Form, name: str) -> bool | None:
    """Return true or false, None when it is not given. Raises: ApiError for another word."""
    text = form.get(name, "").lower()
    if text not in ("", "true", "false"):
        raise invalid(name, text)
    return text == "true" if text else None


def words(form: Form, name: str, default: str = "completed") -> frozenset[str]:
    """Return a parameter that lists words, repeated or in one text."""
    return frozenset(form.get(name, default).split())


def call_events(form: Form) -> frozenset[str]:
    """Return the call events to tell of. Raises: ApiError 21626 for one there is not."""
    found = words(form, "StatusCallbackEvent")
    for event in sorted(found - CALL_EVENTS):
        raise ApiError(400, 21626, f"StatusCallbackEvent is not valid: {event}")
    return found


def channels(form: Form) -> int:
    """Return how many channels a recording shall have."""
    return 2 if choice(form, "RecordingChannels", ("mono", "dual")) == "dual" else 1


def detection(form: Form, callback: str, *, is_async: bool) -> Detection | None:
    """Return the wishes about machine detection, None when there are none; `callback` names its address."""
    mode = choice(form, "MachineDetection", ("Enable", "DetectMessageEnd"))
    if mode is None:
        return None
    whole(form, "MachineDetectionSpeechThreshold", 2400, 6000, smallest=1000)
    return Detection(
        is_until_message_end=mode == "DetectMessageEnd",
        is_async=is_async,
        timeout_seconds=whole(form, "MachineDetectionTimeout", 30, 59, smallest=3),
        silence_timeout_seconds=whole(form, "MachineDetectionSilenceTimeout", 5000, 10_000, smallest=2000)
        / 1000,
        speech_end_seconds=whole(form, "MachineDetectionSpeechEndThreshold", 1200, 5000, smallest=500) / 1000,
        hook=address(form, callback),
    )
