"""Values in a CRM's answers, and {names} in what is sent to it. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from crm_sync.byfile.model import Field, Flag, Pointer

NAME: Final = re.compile(r"\{([a-z_]+)(?::([a-z_]+))?\}")
MARKER: Final = re.compile(r"parley-[a-z0-9]{1,16}-[0-9]{1,18}")
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_STEP: Final = re.compile(r"\[[^\[\]]*\]|[^.\[\]]+")
_ANY_MARKER: Final = re.compile(r"parley[a-z]*-[a-z0-9]{1,16}-[a-z0-9_-]{1,60}")
TEXT_LENGTH: Final = 30_000  # of {text}; the marker stands at its end whatever was cut

# What may stand between braces, by where. {name:how}: `time` in the file's format, `number`, or a table of `values`.
CALL_NAMES: Final = (
    "person_id", "activity_id", "marker", "text", "subject", "direction", "number", "caller_id", "started_at", "ended_at", "date",
    "duration_seconds", "duration_minutes", "duration_hours", "duration_milliseconds", "outcome", "result", "category", "note",
    "campaign", "agent", "agent_email",
)  # fmt: skip
TEXT_NAMES: Final = (
    "person_id", "activity_id", "marker", "text", "subject", "direction", "number", "our_number", "words", "started_at", "date",
)  # fmt: skip
TASK_NAMES: Final = (
    "person_id", "activity_id", "marker", "text", "subject", "note", "started_at", "date", "agent", "agent_email", "done",
)  # fmt: skip
NEW_NAMES: Final = ("first_name", "last_name", "number", "national", "email", "company")
TIMES: Final = ("started_at", "ended_at", "day_start", "day_end")
HOWS: Final = ("time", "number")  # no tables may have these names


def pointer(text: str) -> Pointer:
    """Return the steps of a dotted path (a.b.0, a[kind=work].b) or a JSON pointer (/a/b/0); none for the answer as a whole."""
    if text.startswith("/"):
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))
    return tuple(step for step in _STEP.findall(text) if step)


def at(document: Any, where: Pointer) -> Any:
    """Return what stands there, or None."""
    for step in where:
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list) and step.startswith("["):
            document = _chosen(document, step[1:-1])
        elif isinstance(document, list) and step.isascii() and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def _chosen(items: list[Any], which: str) -> Any:
    """Return the first item whose member has this value (kind=work), or None."""
    where, _, wanted = which.partition("=")
    return next((item for item in items if as_text(at(item, pointer(where))) == wanted), None)


def as_text(value: Any) -> str:
    """Return a value as text; nothing for what has parts. Characters a database does not store are left out."""
    if value is None or isinstance(value, Mapping | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def read_field(record: Any, rule: Field) -> str:
    """Return a field of a record, in our words where the file has some."""
    text = as_text(at(record, rule.at))
    return rule.values.get(text, text) or rule.default


def read_flag(record: Any, rule: Flag | None) -> bool:
    """Return whether a record says yes; what has no rule says no."""
    return rule is not None and as_text(at(record, rule.at)).strip().lower() in rule.true_when


def names_in(template: Any) -> list[tuple[str, str]]:
    """Return the (name, how) pairs of a path or body."""
    if isinstance(template, str):
        return [(found[1], found[2] or "") for found in NAME.finditer(template)]
    parts = (
        template.values() if isinstance(template, Mapping) else template if isinstance(template, list) else ()
    )
    return [pair for part in parts for pair in names_in(part)]


def fill_path(
    template: str, given: Mapping[str, Any], *, times: str, tables: Mapping[str, Mapping[str, str]]
) -> str:
    """Return an address with its names filled in, each so that it stays one part of it."""
    return NAME.sub(
        lambda found: quote(as_text(_value(found[1], found[2] or "", given, times, tables)), safe=""),
        template,
    )


def fill_body(
    template: Any, given: Mapping[str, Any], *, times: str, tables: Mapping[str, Mapping[str, str]]
) -> Any:
    """Return a body with its names filled in; one that stands alone keeps its kind (number, truth)."""
    if isinstance(template, Mapping):
        return {name: fill_body(part, given, times=times, tables=tables) for name, part in template.items()}
    if isinstance(template, list):
        return [fill_body(part, given, times=times, tables=tables) for part in template]
    if not isinstance(template, str):
        return template
    alone = NAME.fullmatch(template)
    if alone:
        return _value(alone[1], alone[2] or "", given, times, tables)
    return NAME.sub(lambda found: as_text(_value(found[1], found[2] or "", given, times, tables)), template)


def _value(
    name: str, how: str, given: Mapping[str, Any], times: str, tables: Mapping[str, Mapping[str, str]]
) -> Any:
    value = given[name]
    if how == "time" or (name in TIMES and not how):
        return write_time(datetime.fromisoformat(str(value)), times)
    if how == "number":
        text = as_text(int(value) if isinstance(value, bool) else value)
        return int(text) if _WHOLE.fullmatch(text) else value
    if how:
        return tables[how].get(as_text(value), tables[how].get("*", as_text(value)))
    return value


def write_time(instant: datetime, form: str) -> str | int:
    """Return an instant as the CRM writes it, in UTC."""
    instant = instant.astimezone(UTC)
    if form == "iso8601":
        return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
    if form == "unix_seconds":
        return int(instant.timestamp())
    if form == "unix_milliseconds":
        return int(instant.timestamp() * 1000)
    return instant.strftime(form)


def read_time(value: Any, form: str) -> datetime | None:
    """Return an instant a CRM wrote, or None for what is none; without a zone it is UTC."""
    try:
        if form in ("unix_seconds", "unix_milliseconds"):
            seconds = float(value) / (1000 if form == "unix_milliseconds" else 1)
            return datetime.fromtimestamp(seconds, UTC)
        if form == "iso8601":
            found = datetime.fromisoformat(str(value))
        else:
            found = datetime.strptime(str(value), form)  # noqa: DTZ007 - the zone is set below
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def day_bounds(day: date) -> dict[str, str]:
    """Return what a request for one day's activities may name."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end = begin + timedelta(days=1)
    return {"date": day.isoformat(), "day_start": begin.isoformat(), "day_end": end.isoformat()}


def marked(text: str, marker: str) -> str:
    """Return a text that ends with our marker, cut before it where it is too long."""
    return f"{text[:TEXT_LENGTH].rstrip()}\n[{marker}]".lstrip("\n")


def marker_in(text: str) -> str:
    """Return the name of ours that a text carries, or "". It stands at the end: what people write may quote another one."""
    return next(iter(_ANY_MARKER.findall(text)[-1:]), "")
