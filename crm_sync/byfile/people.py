"""The parts of a mapping file about lists and people: how they are read, flagged, mapped, looked for and created. Pure."""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final, cast, get_args

from crm_sync.byfile import values
from crm_sync.byfile.model import Field, Flag, Lists, Members, NewPeople, OwnField, People, Request
from crm_sync.byfile.nodes import Node, Reader, plain
from crm_sync.byfile.parts import REQUEST, listing, pointer, request, table
from crm_sync.capabilities import FieldType

PERSON_FIELDS: Final = (
    "first_name", "last_name", "company", "title", "email", "city", "state", "postal_code", "country", "owner_name",
)  # fmt: skip
PHONE_KINDS: Final = ("main", "mobile", "work", "home", "other")
YES: Final = frozenset({"true", "yes", "1", "on"})
LISTED: Final = ("path", "method", "body", "items_at", "id", "paged")
PEOPLE: Final = (
    "read", "fields", "phones", "do_not_call", "merged_into", "write_do_not_call", "all", "own", "write", "search", "create",
)  # fmt: skip
SEARCHED: Final = ("number", "national", "email", "key")
_LIST_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")
_FIELD_NAME: Final = re.compile(r"[A-Za-z0-9_.:-]{1,120}")


def read_lists(reader: Reader, node: Node | None, tables: Mapping[str, Any]) -> Lists:
    """Return how lists are read, or which there are."""
    members = reader.members(node, (*LISTED, "name", "size", "fixed")) if node else {}
    fixed = [_fixed(reader, item) for item in reader.items(members.get("fixed"))]
    if node is not None and not fixed:
        for name in ("path", "id", "name"):
            if name not in members:
                reader.bad(
                    node,
                    f"“{name}” is missing; or name the lists yourself below “fixed”, each with id and name.",
                )
    if fixed and "path" in members:
        reader.bad(members["path"], "Keep either “path” or “fixed”: the lists are asked for, or named here.")
    if len({list_id for list_id, _ in fixed}) != len(fixed):
        reader.bad(members["fixed"], "Two lists have the same id.")
    size = members.get("size")
    return Lists(
        listing=None if fixed else listing(reader, members, (), tables),
        name_at=pointer(reader, members.get("name")) or (),
        size_at=pointer(reader, size) if size else None,
        fixed=fixed,
    )


def _fixed(reader: Reader, node: Node) -> tuple[str, str]:
    members = reader.members(node, ("id", "name"), needed=("id", "name"))
    hint = "An id has letters, digits, - and _, at most 60."
    return reader.text(members.get("id"), pattern=_LIST_ID, hint=hint), reader.text(members.get("name"))


def read_members(reader: Reader, node: Node | None, tables: Mapping[str, Any], *, of_fixed: int) -> Members:
    members = (
        reader.members(node, (*LISTED, "whole", "write_status", "statuses"), needed=("path", "id"))
        if node
        else {}
    )
    status = members.get("write_status")
    made = Members(
        listing(reader, members, ("list_id",), tables),
        reader.truth(members.get("whole"), False),
        _status_request(reader, status, tables) if status else None,
        [reader.text(item) for item in reader.items(members.get("statuses"))],
    )
    names = [name for name, _ in values.names_in([made.listing.request.path, made.listing.request.body])]
    # One list that the file itself names may be everybody.
    if node is not None and "path" in members and "list_id" not in names and of_fixed != 1:
        reader.bad(members["path"], "Say with {list_id} whose members are meant.")
    return made


def read_people(reader: Reader, node: Node | None, tables: Mapping[str, Any]) -> People:
    members = reader.members(node, PEOPLE, needed=("read", "fields", "phones")) if node else {}
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
            reader.members(everybody, LISTED, needed=("path", "id")),
            (),
            tables,
        )
        if everybody
        else None,
        own=_own_fields(reader, members.get("own"), can_write="write" in members),
        write=_write_request(reader, members.get("write"), tables, has_own="own" in members),
        new=_new_people(reader, members.get("search"), members.get("create"), tables),
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


def _status_request(reader: Reader, node: Node, tables: Mapping[str, Any]) -> Request:
    members = reader.members(node, REQUEST, needed=("path",))
    made = request(
        reader, node, members, ("list_id", "person_id", "status"), tables, needs="person_id", default="PATCH"
    )
    if "status" not in _named(made):
        reader.bad(node, "Say with {status} what the list is to say of the member.")
    return made


def _own_fields(reader: Reader, node: Node | None, *, can_write: bool) -> list[OwnField]:
    found = [_own_field(reader, item, can_write=can_write) for item in reader.items(node)]
    names = [each.name for each in found]
    if node is not None and len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        reader.bad(node, f"“{twice}” stands here twice; keep one of them.")
    return found


def _own_field(reader: Reader, node: Node, *, can_write: bool) -> OwnField:
    known = ("name", "at", "label", "type", "length", "options", "read_only")
    members = reader.members(node, known, needed=("name",))
    hint = "A field's name has letters, digits, dots, - and _, such as address.city."
    name = reader.text(members.get("name"), pattern=_FIELD_NAME, hint=hint)
    options = reader.items(members.get("options"))
    kind = reader.text(members.get("type"), "choice" if options else "text", choices=get_args(FieldType))
    if kind in ("choice", "choices") and not options:
        reader.bad(node, "“options” is missing: the words that may be chosen.")
    words = [values.as_text(plain(item)) for item in options]
    return OwnField(
        name=name,
        at=pointer(reader, members.get("at")) or values.pointer(name),
        label=reader.text(members.get("label")) or name,
        type=cast(FieldType, kind),
        length=reader.number(members.get("length"), 0, low=1, high=1_000_000),
        options=[(word, word) for word in words],
        writable=can_write and not reader.truth(members.get("read_only"), False),
    )


def _write_request(
    reader: Reader, node: Node | None, tables: Mapping[str, Any], *, has_own: bool
) -> Request | None:
    if node is None:
        return None
    if not has_own:
        reader.bad(node, "“own” is missing beside this: which fields there are to write.")
    members = reader.members(node, REQUEST, needed=("path", "body"))
    made = request(reader, node, members, ("person_id", "fields"), tables, needs="person_id", default="PATCH")
    if "fields" not in [name for name, _ in values.names_in(made.body)]:
        reader.bad(node, "The body must say where the fields go: “{fields}”, alone between quotes.")
    return made


def _new_people(
    reader: Reader, search: Node | None, create: Node | None, tables: Mapping[str, Any]
) -> NewPeople | None:
    """Return how people are looked for; creating without looking would make people twice."""
    if search is None and create is None:
        return None
    if search is None or create is None:
        missing = "create" if create is None else "search"
        reader.bad(cast(Node, search or create), f"“{missing}” is missing beside this: one needs the other.")
        return None
    found = []
    for item in reader.items(search):
        members = reader.members(item, LISTED, needed=("path", "id"))
        made = listing(reader, members, SEARCHED, tables)
        if not set(_named(made.request)) & set(SEARCHED):
            reader.bad(
                item,
                "Say with {number} (+14155550123), {national} (4155550123), {email} or {key} (a customer number) who is meant.",
            )
        found.append(made)
    if not found:
        reader.bad(search, "Write at least one search here.")
    members = reader.members(create, (*REQUEST, "id"), needed=("path", "body", "id"))
    creating = request(reader, create, members, values.NEW_NAMES, tables, default="POST")
    if not {"number", "national"} & set(_named(creating)):
        reader.bad(create, "The body must say the {number}: by it the person is found again.")
    return NewPeople(found, creating, pointer(reader, members.get("id")) or ())


def _named(made: Request) -> Collection[str]:
    return [name for name, _ in values.names_in([made.path, made.body])]
