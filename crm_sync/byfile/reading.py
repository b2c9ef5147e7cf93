"""A mapping file's text → MappingFile, or every problem with its line. Pure."""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

from crm_sync.byfile import activities, people, values
from crm_sync.byfile.model import Auth, MappingFile, Paging
from crm_sync.byfile.nodes import BadMapping, Node, Reader, parse
from crm_sync.byfile.parts import PATH_HINT, TIME_HINT, pointer, read_errors, table

TOP: Final = (
    "parley", "name", "base_url", "headers", "auth", "paging", "rate", "times", "values", "lists", "members", "people", "calls",
    "texts", "tasks", "error_at", "errors", "record_url", "activity_url",
)  # fmt: skip
NEEDED: Final = ("parley", "name", "base_url", "auth", "lists", "members", "people", "calls")
_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_WORD: Final = re.compile(r"[A-Za-z0-9_.\[\]$-]{1,60}")
_RESERVED: Final = frozenset(
    {"authorization", "host", "content-length", "transfer-encoding", "cookie", "connection"}
)


def read(text: str) -> MappingFile:
    """Return what the file says. Raises BadMapping with every problem."""
    root = parse(text)
    reader = Reader()
    top = reader.members(root, TOP, needed=NEEDED)
    if not top:
        reader.finish()
        raise BadMapping([])
    if "parley" in top:
        reader.number(top["parley"], 1, low=1, high=1)
    tables = _tables(reader, top.get("values"))
    lists = people.read_lists(reader, top.get("lists"), tables)
    found = MappingFile(
        name=reader.text(
            top.get("name"), pattern=re.compile(r".{1,60}"), hint="A name has at most 60 characters."
        ),
        base_url=_base_url(reader, top.get("base_url")),
        headers=_headers(reader, top.get("headers")),
        auth=_auth(reader, top.get("auth")),
        paging=_paging(reader, top.get("paging")),
        rate=_rate(reader, top.get("rate")),
        times=_times(reader, top.get("times")),
        values=tables,
        lists=lists,
        members=people.read_members(reader, top.get("members"), tables, of_fixed=len(lists.fixed)),
        people=people.read_people(reader, top.get("people"), tables),
        calls=activities.read_calls(reader, top.get("calls"), tables),
        texts=activities.read_activities(reader, top.get("texts"), tables, values.TEXT_NAMES),
        tasks=activities.read_activities(reader, top.get("tasks"), tables, values.TASK_NAMES),
        error_at=pointer(reader, top.get("error_at")),
        errors=read_errors(reader, top.get("errors")),
        record_url=_page(reader, top.get("record_url"), ("person_id",)),
        activity_url=_page(reader, top.get("activity_url"), ("person_id", "activity_id")),
    )
    reader.finish()
    return found


def _base_url(reader: Reader, node: Node | None) -> str:
    text = reader.text(node)
    if node is None or not text:
        return text
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_good = False
        parts = urlsplit("")
    if not is_good or parts.query or parts.fragment or parts.username or parts.password:
        reader.bad(
            node,
            "Write the address that all paths begin with, such as https://crm.example.com/api/v1, without a password in it.",
        )
    return text.rstrip("/")


def _page(reader: Reader, node: Node | None, names: Collection[str]) -> str:
    text = reader.text(node)
    if node is not None and text:
        if not text.startswith(("https://", "http://")):
            reader.bad(
                node,
                "Write the page's whole address, such as https://crm.example.com/#Contact/view/{person_id}.",
            )
        for name, how in values.names_in(text):
            if name not in names or how:
                reader.bad(node, f"Between braces may stand: {', '.join(names)}.")
    return text


def _headers(reader: Reader, node: Node | None) -> dict[str, str]:
    if node is None:
        return {}
    if not isinstance(node.value, dict):
        reader.bad(node, "Write one header a line, such as Accept: application/vnd.api+json.")
        return {}
    found = {}
    for name, member in node.value.items():
        if not _HEADER.fullmatch(name) or name.lower() in _RESERVED:
            reader.bad(member, f"“{name[:60]}” cannot be set here; signing in is the matter of “auth”.")
        text = reader.text(member)
        if not text.isascii():
            reader.bad(member, "A header has plain letters, digits and signs only.")
        found[name] = text
    return found


def _auth(reader: Reader, node: Node | None) -> Auth:
    if node is None:
        return Auth("bearer")
    members = reader.members(node, ("type", "header", "token_path", "scope", "in"), needed=("type",))
    kinds = ("bearer", "basic", "header", "client_credentials", "password")
    kind = reader.text(members.get("type"), "bearer", choices=kinds)
    header = reader.text(
        members.get("header"),
        "Authorization",
        pattern=_HEADER,
        hint="Write a header's name, such as X-Api-Key.",
    )
    token_path = reader.text(members.get("token_path"))
    if kind == "header" and "header" not in members:
        reader.bad(
            node, "“header” is missing: the name of the header that carries the key, such as X-Api-Key."
        )
    if kind in ("client_credentials", "password") and not token_path.startswith("/"):
        reader.bad(node, f"“token_path” is missing: where the token is asked for. {PATH_HINT}")
    place = reader.text(members.get("in"), "form", choices=("form", "json"))
    return Auth(cast(Any, kind), header, token_path, reader.text(members.get("scope")), place == "json")


def _paging(reader: Reader, node: Node | None) -> Paging:
    if node is None:
        return Paging("none")
    known = ("type", "param", "first", "size_param", "size", "next_at", "total_at", "pages_at", "in")
    members = reader.members(node, known, needed=("type",))
    kind = reader.text(members.get("type"), "none", choices=("none", "page", "offset", "cursor", "link"))
    word = {"pattern": _WORD, "hint": "Write the name of a parameter."}
    param = reader.text(members.get("param"), **cast(Any, word))
    if kind in ("page", "offset", "cursor") and not param:
        reader.bad(node, f"“param” is missing: the name of the parameter that carries the {kind}.")
    if kind == "cursor" and "next_at" not in members:
        reader.bad(node, "“next_at” is missing: where an answer holds the next cursor, such as page.end.")
    place = reader.text(members.get("in"), "query", choices=("query", "body"))
    return Paging(
        kind=cast(Any, kind),
        param=param,
        first=reader.number(members.get("first"), 1 if kind == "page" else 0, low=0, high=1),
        size_param=reader.text(members.get("size_param"), **cast(Any, word)),
        size=reader.number(members.get("size"), 100, low=1, high=5000),
        next_at=pointer(reader, members.get("next_at")) or (),
        total_at=pointer(reader, members.get("total_at")) or (),
        pages_at=pointer(reader, members.get("pages_at")) or (),
        in_body=place == "body",
    )


def _rate(reader: Reader, node: Node | None) -> tuple[int, int] | None:
    if node is None:
        return None
    members = reader.members(node, ("requests", "seconds"), needed=("requests", "seconds"))
    return (
        reader.number(members.get("requests"), 1, low=1, high=100_000),
        reader.number(members.get("seconds"), 1, low=1, high=60),
    )


def _times(reader: Reader, node: Node | None) -> str:
    text = reader.text(node, "iso8601")
    if node is None or text in ("iso8601", "unix_seconds", "unix_milliseconds"):
        return text
    if len(text) > 40 or not all(code in text for code in ("%Y", "%m", "%d")):
        reader.bad(node, TIME_HINT)
        return "iso8601"
    return text


def _tables(reader: Reader, node: Node | None) -> Mapping[str, Mapping[str, str]]:
    if node is None:
        return {}
    if not isinstance(node.value, dict):
        reader.bad(node, "Write tables here: a name, and below it their words and what they become.")
        return {}
    for name in values.HOWS:
        if name in node.value:
            reader.bad(
                node.value[name], f"No table may be named “{name}”: {{…:{name}}} means something else."
            )
    return {name: table(reader, member) for name, member in node.value.items()}
