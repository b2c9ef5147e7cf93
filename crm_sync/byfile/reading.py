"""A mapping file's text → MappingFile, or every problem with its line. Pure."""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

from crm_sync.byfile import activities, values
from crm_sync.byfile.model import Auth, Field, Flag, Lists, MappingFile, Members, Paging, People
from crm_sync.byfile.nodes import BadMapping, Node, Reader, parse, plain
from crm_sync.byfile.parts import (
    PATH_HINT,
    TIME_HINT,
    listing,
    pointer,
    read_errors,
    request,
    table,
)

TOP: Final = (
    "parley", "name", "base_url", "headers", "auth", "paging", "rate", "times", "values", "lists", "members", "people", "calls",
    "errors", "record_url", "activity_url",
)  # fmt: skip
NEEDED: Final = ("parley", "name", "base_url", "auth", "lists", "members", "people", "calls")
PERSON_FIELDS: Final = (
    "first_name", "last_name", "company", "title", "email", "city", "state", "postal_code", "country", "owner_name",
)  # fmt: skip
PHONE_KINDS: Final = ("main", "mobile", "work", "home", "other")
YES: Final = frozenset({"true", "yes", "1", "on"})
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
        lists=_lists(reader, top.get("lists"), tables),
        members=_members(reader, top.get("members"), tables),
        people=_people(reader, top.get("people"), tables),
        calls=activities.read_calls(reader, top.get("calls"), tables),
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
    members = reader.members(node, ("type", "header", "token_path", "scope"), needed=("type",))
    kinds = ("bearer", "basic", "header", "client_credentials")
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
    if kind == "client_credentials" and not token_path.startswith("/"):
        reader.bad(node, f"“token_path” is missing: where the token is asked for. {PATH_HINT}")
    return Auth(cast(Any, kind), header, token_path, reader.text(members.get("scope")))


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
    return {name: table(reader, member) for name, member in node.value.items()}


def _lists(reader: Reader, node: Node | None, tables: Mapping[str, Any]) -> Lists:
    members = (
        reader.members(
            node,
            ("path", "method", "body", "items_at", "id", "paged", "name", "size"),
            needed=("path", "id", "name"),
        )
        if node
        else {}
    )
    size = members.get("size")
    return Lists(
        listing=listing(reader, members, (), tables),
        name_at=pointer(reader, members.get("name")) or (),
        size_at=pointer(reader, size) if size else None,
    )


def _members(reader: Reader, node: Node | None, tables: Mapping[str, Any]) -> Members:
    members = (
        reader.members(
            node, ("path", "method", "body", "items_at", "id", "paged", "whole"), needed=("path", "id")
        )
        if node
        else {}
    )
    made = Members(listing(reader, members, ("list_id",), tables), reader.truth(members.get("whole"), False))
    names = [name for name, _ in values.names_in([made.listing.request.path, made.listing.request.body])]
    if node is not None and "path" in members and "list_id" not in names:
        reader.bad(members["path"], "Say with {list_id} whose members are meant.")
    return made


def _people(reader: Reader, node: Node | None, tables: Mapping[str, Any]) -> People:
    known = ("read", "fields", "phones", "do_not_call", "merged_into", "write_do_not_call", "all")
    members = reader.members(node, known, needed=("read", "fields", "phones")) if node else {}
    read_node = members.get("read")
    read = reader.members(read_node, ("path", "method", "body", "item_at")) if read_node else {}
    fields_node = members.get("fields")
    fields = reader.members(fields_node, PERSON_FIELDS) if fields_node else {}
    everybody = members.get("all")
    merged = members.get("merged_into")
    writes = members.get("write_do_not_call")
    if writes is not None and "do_not_call" not in members:
        reader.bad(writes, "“do_not_call” is missing beside this: where the flag is read.")
    return People(
        read=request(reader, read_node, read, ("person_id",), tables, needs="person_id"),
        item_at=pointer(reader, read.get("item_at")) or (),
        fields={name: _field(reader, member) for name, member in fields.items()},
        phones=[_phone(reader, item) for item in reader.items(members.get("phones"))],
        do_not_call=_flag(reader, members.get("do_not_call")),
        merged_into=pointer(reader, merged) if merged else None,
        flag=_flag_request(reader, writes, tables),
        all=listing(
            reader,
            reader.members(
                everybody, ("path", "method", "body", "items_at", "id", "paged"), needed=("path", "id")
            ),
            (),
            tables,
        )
        if everybody
        else None,
    )


def _flag_request(reader: Reader, node: Node | None, tables: Mapping[str, Any]) -> Any:
    if node is None:
        return None
    members = reader.members(node, ("path", "method", "body"), needed=("path", "body"))
    made = request(
        reader, node, members, ("person_id", "do_not_call"), tables, needs="person_id", default="PATCH"
    )
    if "do_not_call" not in [name for name, _ in values.names_in(made.body)]:
        reader.bad(
            node, "The body must say {do_not_call}: true or false, or another word by a table of “values”."
        )
    return made


def _field(reader: Reader, node: Node) -> Field:
    if isinstance(node.value, str):
        return Field(pointer(reader, node) or ())
    members = reader.members(node, ("at", "values", "default"), needed=("at",))
    words = members.get("values")
    return Field(
        pointer(reader, members.get("at")) or (),
        table(reader, words) if words else {},
        reader.text(members.get("default")),
    )


def _phone(reader: Reader, node: Node) -> tuple[str, Field]:
    members = reader.members(node, ("kind", "at"), needed=("at",))
    return reader.text(members.get("kind"), "main", choices=PHONE_KINDS), Field(
        pointer(reader, members.get("at")) or ()
    )


def _flag(reader: Reader, node: Node | None) -> Flag | None:
    if node is None:
        return None
    if isinstance(node.value, str):
        return Flag(pointer(reader, node) or (), YES)
    members = reader.members(node, ("at", "true_when"), needed=("at",))
    words = frozenset(values.as_text(plain(item)).lower() for item in reader.items(members.get("true_when")))
    return Flag(pointer(reader, members.get("at")) or (), words or YES)
