"""The part of a mapping file about calls: how they are written, found again, and compared. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from crm_sync.byfile import values
from crm_sync.byfile.model import Calls, Find, Listing, Request
from crm_sync.byfile.nodes import Node, Reader
from crm_sync.byfile.parts import REQUEST, listing, pointer, request, words_flag

KNOWN: Final = ("create", "update", "find", "read", "all")
FOUND: Final = ("path", "method", "body", "items_at", "id", "paged", "text", "settle_seconds")
DAY: Final = ("date", "day_start", "day_end")


def read_calls(reader: Reader, node: Node | None, tables: Mapping[str, Any]) -> Calls:
    """Return how calls are written. An activity must carry our marker, or nothing would keep it from standing twice."""
    members = reader.members(node, KNOWN, needed=("create", "find")) if node else {}
    create_node = members.get("create")
    create = (
        reader.members(create_node, (*REQUEST, "id"), needed=("path", "body", "id")) if create_node else {}
    )
    names = [name for name in values.CALL_NAMES if name != "activity_id"]
    creating = request(reader, create_node, create, names, tables, needs="person_id", default="POST")
    _needs_marker(reader, create_node, creating)
    update_node = members.get("update")
    update = reader.members(update_node, REQUEST, needed=("path", "body")) if update_node else {}
    updating = (
        request(reader, update_node, update, values.CALL_NAMES, tables, needs="activity_id", default="PUT")
        if update_node
        else None
    )
    if updating is not None and {name for name, _ in values.names_in(updating.body)} & {"note"}:
        _needs_marker(reader, update_node, updating)
    read_node = members.get("read")
    reading = reader.members(read_node, (*REQUEST, "deleted"), needed=("path",)) if read_node else {}
    day, text_at, time_at = _day(reader, members.get("all"), tables)
    return Calls(
        create=creating,
        created_id_at=pointer(reader, create.get("id")) or (),
        update=updating,
        find=_find(reader, members.get("find"), tables),
        read=request(reader, read_node, reading, ("activity_id",), tables, needs="activity_id")
        if read_node
        else None,
        deleted=words_flag(reader, reading.get("deleted")),
        all=day,
        all_text_at=text_at,
        all_time_at=time_at,
    )


def _needs_marker(reader: Reader, node: Node | None, made: Request) -> None:
    if node is None or {name for name, _ in values.names_in(made.body)} & {"marker", "text"}:
        return
    reader.bad(
        node,
        "The body must carry our marker, so that a call is found again whose answer was lost: put {text} or {marker} into a field "
        "of text that people do not edit.",
    )


def _find(reader: Reader, node: Node | None, tables: Mapping[str, Any]) -> Find:
    members = reader.members(node, FOUND, needed=("path", "id", "text")) if node else {}
    made = listing(reader, members, ("person_id", "marker"), tables)
    if node is not None and not values.names_in([made.request.path, made.request.body]):
        reader.bad(node, "Search by {marker}, or list the activities of {person_id}.")
    seconds = reader.number(members.get("settle_seconds"), 15, low=0, high=300)
    return Find(made, pointer(reader, members.get("text")) or (), seconds)


def _day(
    reader: Reader, node: Node | None, tables: Mapping[str, Any]
) -> tuple[Listing | None, tuple[str, ...], tuple[str, ...] | None]:
    if node is None:
        return None, (), None
    members = reader.members(
        node, ("path", "method", "body", "items_at", "paged", "text", "time"), needed=("path", "text")
    )
    made = listing(reader, members, DAY, tables)
    asks = bool(values.names_in([made.request.path, made.request.body]))
    if not asks and "time" not in members:
        reader.bad(
            node,
            "Ask for one day with {date}, {day_start} or {day_end}, or say with “time” where an activity's time stands.",
        )
    return made, pointer(reader, members.get("text")) or (), pointer(reader, members.get("time"))
