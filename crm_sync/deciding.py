"""One field, two values: what the CRM's field is to say, or ours, and by which rule. Pure.

A no to being contacted only ever gets stricter, whichever way it travels and whatever the row says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from core.types import PhoneError, parse_phone
from crm_sync.capabilities import CrmField, FieldValue, Record
from crm_sync.fieldmap import Mode, Row, Source

_YES = frozenset({"yes", "true", "1", "y", "on"})
_NO = frozenset({"no", "false", "0", "n", "off"})
LINE_END = "\n"


class CannotGo(ValueError):
    """The value cannot go into the field as it is; the text says why and what to do. `setup`: the mapping's or the CRM's trouble."""

    def __init__(self, message: str, *, setup: bool = False) -> None:
        super().__init__(message)
        self.setup = setup


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one field."""

    field: str
    label: str
    ours: FieldValue  # as it would go there
    theirs: FieldValue  # as it stood there
    after: FieldValue
    writes: bool
    is_conflict: bool  # both sides had a value, and another
    rule: str


def convert(row: Row, source: Source, there: CrmField, value: FieldValue) -> FieldValue:
    """Return our value as the CRM's field takes it; None for nothing to say. Raises CannotGo."""
    if is_empty(value):
        value = row.default
        if is_empty(value):
            return None
        return _typed(there, value, source.label)
    if row.values:
        key = _key(value)
        if key in row.values:
            value = row.values[key] or row.default  # an empty one: leave the field alone
            if is_empty(value):
                return None
        elif row.default:
            value = row.default
        elif there.only_options or source.choices:
            raise CannotGo(
                f"“{dict(source.choices).get(key, key)}” of {source.label} has no value in {there.label} yet: choose one in the mapping.",
                setup=True,
            )
    elif source.choices:
        value = dict(source.choices).get(_key(value), value)
    return _typed(there, value, source.label)


def decide_out(
    row: Row,
    there: CrmField,
    ours: FieldValue,
    record: Record,
    *,
    ours_at: datetime,
    last_sent: FieldValue = None,
) -> Decision:
    """Return what a field of the CRM becomes, by the row's mode. `ours` is converted; `last_sent` is what we last wrote there.

    Raises CannotGo where a line is to be added to a field that is full.
    """
    theirs = record.values.get(there.name)
    both = not is_empty(ours) and not is_empty(theirs) and not same(ours, theirs)

    def said(after: FieldValue, rule: str) -> Decision:
        writes = not same(after, theirs)
        return Decision(there.name, there.label, ours, theirs, after, writes, both, rule)

    if is_empty(ours):
        return said(theirs, "Parley has no value, so the CRM's stays.")
    if same(ours, theirs):
        return said(theirs, "Both sides say the same.")
    if row.mode is Mode.STRICTER:
        if _flag(ours):
            return said(ours, "A no to being contacted always goes through.")
        return said(theirs, "A no to being contacted is never taken back by sync; the CRM's stays.")
    if row.mode is Mode.APPEND:
        return said(*_appended(str(ours), theirs, there))
    if is_empty(theirs):
        return said(ours, "The CRM's field is empty.")
    if row.mode is Mode.IF_EMPTY:
        return said(theirs, "“Only if empty”: the CRM's value stays.")
    if row.mode is Mode.NEWEST:
        return said(*_newest(ours, theirs, there.name, record, ours_at, last_sent))
    return said(ours, "“Overwrite”: Parley's value replaces the CRM's.")


def decide_in(
    row: Row, source: Source, there: CrmField, theirs: FieldValue, now: FieldValue, *, theirs_newer: bool
) -> Decision:
    """Return what a fact of Parley becomes; `now` is what Parley knows. `after` is as Parley keeps it: text."""
    wanted = back(row, theirs)
    both = not is_empty(wanted) and not is_empty(now) and not same(wanted, now)

    def said(after: FieldValue, rule: str) -> Decision:
        return Decision(source.key, source.label, now, wanted, after, not same(after, now), both, rule)

    if is_empty(wanted):
        return said(now, "The CRM has no value, so Parley's stays.")
    if same(wanted, now):
        return said(now, "Both sides say the same.")
    if source.consent or row.mode is Mode.STRICTER:
        if _flag(wanted):
            return said("true", "A no to being contacted always goes through.")
        return said(now, "A no to being contacted is never taken back by sync; Parley's stays.")
    if is_empty(now):
        return said(wanted, "Parley's field is empty.")
    if row.mode is Mode.IF_EMPTY:
        return said(now, "“Only if empty”: Parley's value stays.")
    if row.mode is Mode.NEWEST and not theirs_newer:
        return said(now, "“Newest wins”: Parley's value is newer.")
    if row.mode is Mode.NEWEST:
        return said(wanted, "“Newest wins”: the CRM's value is newer.")
    return said(wanted, "“Overwrite”: the CRM's value replaces Parley's.")


def back(row: Row, theirs: FieldValue) -> str:
    """Return the CRM's value in our words: by the row's values, read backwards; "" for none."""
    text = _key(theirs) if not is_empty(theirs) else ""
    reverse: Mapping[str, str] = {value: ours for ours, value in reversed(list(row.values.items()))}
    return reverse.get(text, text)


def is_empty(value: FieldValue) -> bool:
    """Return whether there is nothing to say; false and 0 are something."""
    return value is None or (isinstance(value, str) and not value.strip())


def same(left: FieldValue, right: FieldValue) -> bool:
    """Return whether two values mean the same, however each side writes them."""
    if is_empty(left) or is_empty(right):
        return is_empty(left) and is_empty(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return _flag(left) == _flag(right)
    return _plain(left) == _plain(right)


def _plain(value: FieldValue) -> object:
    text = str(value).strip().replace("\r\n", "\n")
    try:
        return float(text)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)


def _appended(line: str, theirs: FieldValue, there: CrmField) -> tuple[FieldValue, str]:
    stands = "" if is_empty(theirs) else str(theirs).replace("\r\n", "\n")
    if line in stands.split(LINE_END):
        return theirs, "The line stands there already."
    after = f"{stands}{LINE_END}{line}" if stands else line
    if there.length and len(after) > there.length:
        raise CannotGo(
            f"{there.label} is full: with this line it would have {len(after):,} characters, and it takes {there.length:,}. "
            "Shorten it in the CRM and retry."
        )
    return after, "A line is added; what stands there stays."


def _newest(
    ours: FieldValue,
    theirs: FieldValue,
    name: str,
    record: Record,
    ours_at: datetime,
    last_sent: FieldValue,
) -> tuple[FieldValue, str]:
    if not is_empty(last_sent) and same(theirs, last_sent):
        return ours, "“Newest wins”: nobody changed the CRM's value since Parley wrote it."
    stamp = record.field_changed_at.get(name) or record.changed_at
    changed_at = _instant(stamp)
    if changed_at is None:
        return theirs, "“Newest wins”: the CRM does not say when its value changed, so it stays."
    if changed_at >= ours_at:
        return theirs, f"“Newest wins”: the CRM's was changed on {changed_at:%Y-%m-%d %H:%M} UTC, after ours."
    return (
        ours,
        f"“Newest wins”: the CRM's was last changed on {changed_at:%Y-%m-%d %H:%M} UTC, before ours.",
    )


def _typed(there: CrmField, value: FieldValue, label: str) -> FieldValue:
    if there.type == "flag":
        found = _maybe_flag(value)
        if found is None:
            raise CannotGo(f"“{value}” of {label} is neither yes nor no, as {there.label} wants it.")
        return found
    if there.type == "number":
        return _number(there, value, label)
    if there.type in ("date", "instant"):
        return _moment(there, value, label)
    text = _written(value).strip() if there.type != "long_text" else _written(value).replace("\r\n", "\n")
    if there.type == "phone":
        text = _phone(text)
    if there.type in ("choice", "choices") and there.only_options and there.options:
        known = {each for each, _ in there.options}
        missing = [
            each for each in (text.split(";") if there.type == "choices" else [text]) if each not in known
        ]
        if missing:
            raise CannotGo(
                f"{there.label} has no value “{missing[0][:60]}” in the CRM: choose one in the mapping, or add it there.",
                setup=True,
            )
    if there.length and len(text) > there.length:
        raise CannotGo(
            f"{label} has {len(text):,} characters, and {there.label} takes {there.length:,}: shorten it here and retry."
        )
    return text


def _written(value: FieldValue) -> str:
    """Return the value as people write it."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value)


def _number(there: CrmField, value: FieldValue, label: str) -> FieldValue:
    try:
        found = float(str(value).replace(",", ""))
    except ValueError:
        raise CannotGo(f"“{value}” of {label} is not a number, as {there.label} wants it.") from None
    if found != found or found in (float("inf"), float("-inf")):
        raise CannotGo(f"“{value}” of {label} is not a number, as {there.label} wants it.")
    return int(found) if found == int(found) else found


def _moment(there: CrmField, value: FieldValue, label: str) -> str:
    try:
        at = datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise CannotGo(
            f"“{value}” of {label} is not a date, as {there.label} wants it; write it as 2026-12-31."
        ) from None
    if there.type == "date":
        return at.date().isoformat()
    at = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _phone(text: str) -> str:
    try:
        return parse_phone(text)
    except PhoneError:
        return text


def _maybe_flag(value: FieldValue) -> bool | None:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    return True if text in _YES else False if text in _NO else None


def _flag(value: FieldValue) -> bool:
    return bool(_maybe_flag(value))


def _key(value: FieldValue) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value).strip()


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
