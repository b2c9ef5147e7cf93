"""Property values: all are kept as text, and each must fit its property's type."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.hubspot.errors import invalid_value

MAX_TEXT = 65_536
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def clean(definition: Mapping[str, Any], value: Any) -> str:
    """Return the value as it is kept; an empty text clears the property. Raises HubSpotError."""
    name = definition["name"]
    if definition["modificationMetadata"]["readOnlyValue"]:
        raise invalid_value(
            name, "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set'
        )
    if isinstance(value, dict | list):
        raise invalid_value(name, "INVALID_STRING", "a value must be text")
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    if text == "":
        return ""
    if definition["type"] == "number":
        return _check_number(name, text)
    if definition["type"] in ("date", "datetime"):
        moment = read_time(text)
        if moment is None:
            message = f"{text} was not a valid date: use milliseconds since 1970 or ISO 8601 with a zone"
            raise invalid_value(name, "INVALID_DATE", message)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z").replace(".000Z", "Z")
    if definition["type"] in ("enumeration", "bool") and not definition["externalOptions"]:
        options = [option["value"] for option in definition["options"]] or ["true", "false"]
        if text not in options:
            raise invalid_value(
                name, "INVALID_OPTION", f"{text} was not one of the allowed options: [{', '.join(options)}]"
            )
    return _check_text(name, text)


def read_time(text: str) -> datetime | None:
    """Return a time given in milliseconds since 1970 or ISO 8601; None when it is neither."""
    try:
        if re.fullmatch(r"-?\d{5,16}", text):
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _check_number(name: str, text: str) -> str:
    try:
        float(text)
    except ValueError:
        raise invalid_value(name, "INVALID_NUMBER", f"{text} was not a valid number.") from None
    return text


def _check_text(name: str, text: str) -> str:
    if len(text) > MAX_TEXT:
        message = f"{name} was too long: {len(text)} characters, at most {MAX_TEXT} are kept"
        raise invalid_value(name, "PROPERTY_VALUE_TOO_LONG", message)
    if name == "email" and not _EMAIL.fullmatch(text):
        raise invalid_value(name, "INVALID_EMAIL", f"Email address {text} is invalid")
    if name == "hs_call_recording_url" and not text.startswith("https://"):
        raise invalid_value(name, "INVALID_URL", "a recording's address must begin with https://")
    return text
