"""Pieces that recur in a mapping file: requests, listings, tables, errors. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, cast

from crm_sync.byfile import values
from crm_sync.byfile.model import ErrorRule, Flag, Listing, Pointer, Request
from crm_sync.byfile.nodes import Node, Reader, plain

METHODS: Final = ("GET", "POST", "PUT", "PATCH")
KINDS: Final = ("permanent", "gone", "retryable", "unauthorized", "config")
PATH_HINT: Final = "A path begins with / and stands behind base_url, such as /contacts/{person_id}."
TIME_HINT: Final = "Write iso8601, unix_seconds, unix_milliseconds, or the codes of a format in UTC, such as “%Y-%m-%d %H:%M:%S”."
_PATH: Final = re.compile(r"/[^\s#\\]{0,500}")
_POINTER: Final = re.compile(r"/[^\s]{0,199}|([^\s\[\]]|\[[^\[\]=]{1,80}=[^\[\]]{0,80}\]){0,200}")
REQUEST: Final = ("path", "method", "body")


def pointer(reader: Reader, node: Node | None) -> Pointer | None:
    """Return where a value stands."""
    if node is None:
        return None
    text = reader.text(
        node,
        pattern=_POINTER,
        hint="Write where it stands, such as name.first, phones[kind=work].number or /name/first.",
    )
    return values.pointer(text)


def request(
    reader: Reader,
    node: Node | None,
    members: Mapping[str, Node],
    names: Collection[str],
    tables: Mapping[str, Any],
    *,
    needs: str = "",
    default: str = "GET",
) -> Request:
    """Return a request whose path and body say nothing unknown between braces; `needs`: what one of them must say."""
    path = members.get("path")
    if path is None and node is not None and needs:
        reader.bad(node, f"“path” is missing. {PATH_HINT}")
    text = reader.text(path, "/", pattern=_PATH, hint=PATH_HINT)
    if path is not None and (".." in text.split("?")[0].split("/") or text.startswith("//")):
        reader.bad(path, f"A path does not climb out of base_url. {PATH_HINT}")
    method = reader.text(members.get("method"), default, choices=METHODS)
    body_node = members.get("body")
    body = plain(body_node) if body_node else None
    for place, template in ((path, text), (body_node, body)):
        for name, how in values.names_in(template):
            _check_name(reader, place, name, how, names, tables)
    if path is not None and needs and needs not in [name for name, _ in values.names_in([text, body])]:
        reader.bad(path, f"Say with {{{needs}}} which one is meant.")
    return Request(method, text, body)


def _check_name(
    reader: Reader, node: Node | None, name: str, how: str, names: Collection[str], tables: Mapping[str, Any]
) -> None:
    if node is None:
        return
    if name not in names:
        known = ", ".join(names) or "nothing"
        reader.bad(node, f"“{{{name}}}” is not known here. Between braces may stand: {known}.")
    elif how == "time" and name not in values.TIMES:
        reader.bad(node, f"“{{{name}:time}}” is no time; times are {', '.join(values.TIMES)}.")
    elif how and how not in values.HOWS and how not in tables:
        reader.bad(node, f"There is no table “{how}” under “values”.")


def listing(
    reader: Reader, members: Mapping[str, Node], names: Collection[str], tables: Mapping[str, Any]
) -> Listing:
    """Return a request for many records."""
    return Listing(
        request(reader, members.get("path"), members, names, tables),
        pointer(reader, members.get("items_at")) or (),
        pointer(reader, members.get("id")) or (),
        reader.truth(members.get("paged"), True),
    )


def table(reader: Reader, node: Node) -> dict[str, str]:
    """Return words and what they become; “*” stands for all others."""
    if not isinstance(node.value, dict):
        reader.bad(node, "Write words here and what they become, such as Interested: hot.")
        return {}
    for member in node.value.values():
        if isinstance(member.value, dict | list):
            reader.bad(member, "Write one word here.")
    return {name: values.as_text(plain(member)) for name, member in node.value.items()}


def words_flag(reader: Reader, node: Node | None) -> Flag | None:
    """Return where an activity says that it was deleted."""
    if node is None:
        return None
    members = reader.members(node, ("at", "true_when"), needed=("at", "true_when"))
    words = frozenset(values.as_text(plain(item)).lower() for item in reader.items(members.get("true_when")))
    return Flag(pointer(reader, members.get("at")) or (), words)


def read_errors(reader: Reader, node: Node | None) -> Sequence[ErrorRule]:
    """Return what error answers mean."""
    found = []
    for item in reader.items(node):
        members = reader.members(item, ("status", "contains", "kind", "says"), needed=("kind", "says"))
        status = members.get("status")
        many = (
            status.value
            if status is not None and isinstance(status.value, list)
            else [status]
            if status
            else []
        )
        statuses = frozenset(reader.number(each, 400, low=200, high=599) for each in many)
        contains = reader.text(members.get("contains")).lower()
        if not statuses and not contains:
            reader.bad(
                item,
                "Say which answers are meant: “status” (400, or a list), “contains” (words in them), or both.",
            )
        kind = reader.text(members.get("kind"), "permanent", choices=KINDS)
        found.append(ErrorRule(statuses, contains, cast(Any, kind), reader.text(members.get("says"))))
    return found
