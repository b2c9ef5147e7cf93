"""REST: Lookup v2, the line type and the Reassigned Numbers Database. Answers follow from the number, so that they stay the same."""

import hashlib
import re
from datetime import datetime

from aiohttp import web

from sandbox.carrier.errors import ApiError, invalid, not_found

ROOT = "/lookups/v2/PhoneNumbers"
_E164 = re.compile(r"^\+[1-9]\d{6,14}$")
_FIELDS = frozenset({"line_type_intelligence", "reassigned_number"})
# Of a hundred numbers, about as many as in the United States.
_LINES = (("mobile", 70), ("landline", 82), ("nonFixedVoip", 92), ("fixedVoip", 99), ("tollFree", 100))
_REASSIGNED = (("no", 90), ("yes", 94), ("no_data_available", 100))


def routes() -> list[web.RouteDef]:
    """Return the routes; they stand beside the accounts."""
    return [web.get(ROOT + "/{number}", fetch)]


async def fetch(request: web.Request) -> web.Response:
    """GET v2/PhoneNumbers/{E164}."""
    number = request.match_info["number"]
    if not _E164.match(number):
        raise not_found(request.path)
    wanted = [each for each in request.query.get("Fields", "").split(",") if each]
    for each in wanted:
        if each not in _FIELDS:
            raise invalid("Fields", each)
    body: dict[str, object] = {
        "phone_number": number,
        "calling_country_code": "1" if number.startswith("+1") else None,
        "country_code": "US" if number.startswith("+1") else None,
        "national_format": number,
        "valid": True,
        "validation_errors": [],
        "url": f"https://lookups.twilio.com/v2/PhoneNumbers/{number}",
        "line_type_intelligence": None,
        "reassigned_number": None,
    }
    if "line_type_intelligence" in wanted:
        body["line_type_intelligence"] = {
            "type": _of(_LINES, number, "line"),
            "carrier_name": "Sandbox Wireless",
            "mobile_country_code": None,
            "mobile_network_code": None,
            "error_code": None,
        }
    if "reassigned_number" in wanted:
        day = _day(request.query.get("LastVerifiedDate", ""))
        body["reassigned_number"] = {
            "last_verified_date": day,
            "is_number_reassigned": _of(_REASSIGNED, number, "reassigned"),
            "error_code": None,
        }
    return web.json_response(body)


def _day(text: str) -> str:
    try:
        datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - a day, without any time
    except ValueError:
        raise ApiError(400, 60618, f"Invalid LastVerifiedDate: {text}") from None
    return text


def _of(spread: tuple[tuple[str, int], ...], number: str, what: str) -> str:
    place = hashlib.sha256(f"{what}{number}".encode()).digest()[0] * 100 // 256
    return next(name for name, below in spread if place < below)
