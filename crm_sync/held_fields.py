"""What a person may edit of an item the CRM refused, by its kind. Pure."""

from collections.abc import Collection, Mapping
from typing import Any, Final

FACT: Final = "fact:"
# Name of the payload's field → its label. What the dialer recorded stays as it is; only what goes out changes.
EDITABLE: Final[Mapping[str, Mapping[str, str]]] = {
    "call": {"subject": "Subject", "disposition_label": "Result", "note": "Note", "person_id": "Record id of the person"},
    "text": {"subject": "Subject", "words": "Words", "person_id": "Record id of the person"},
    "callback": {"subject": "Subject", "note": "Note", "person_id": "Record id of the person"},
    "fields": {"person_id": "Record id of the person"},
    "opt_out": {"person_id": "Record id of the person"},
    "member": {"person_id": "Record id of the person"},
    "do_not_call": {},
}  # fmt: skip
LONG: Final = frozenset({"note", "words"})


def given(kind: str, payload: Mapping[str, Any], used: Collection[str]) -> dict[str, str]:
    """Return the editable values by name: of the payload, and of the facts that a mapping uses."""
    found = {name: str(payload.get(name, "")) for name in EDITABLE[kind]}
    if kind in ("fields", "member"):
        facts = payload.get("facts", {})
        found |= {f"{FACT}{key}": str(facts[key]) for key in sorted(used) if key in facts}
    return found


def edits(
    payload: Mapping[str, Any], before: Mapping[str, str], changes: Mapping[str, str]
) -> dict[str, Any]:
    """Return what differs from what the dialer said, as it is kept beside the payload."""
    changed = {name: value for name, value in changes.items() if name in before and value != before[name]}
    made: dict[str, Any] = {name: value for name, value in changed.items() if not name.startswith(FACT)}
    facts = {name.removeprefix(FACT): value for name, value in changed.items() if name.startswith(FACT)}
    if facts:
        made["facts"] = {**payload["facts"], **facts}
    return made
