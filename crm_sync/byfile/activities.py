"""The parts of a mapping file about activities: how they are written, found again, and compared. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from crm_sync.byfile import values
from crm_sync.byfile.model import Activities, Calls, Find, Listing, Request
from crm_sync.byfile.nodes import Node, Reader
from crm_sync.byfile.parts import REQUEST, listing, pointer, request, words_flag

WRITTEN: Final = ("create", "update", "find")
FOUND: Final = ("path", "method", "body", "items_at", "id", "paged", "text", "settle_seconds")
DAY: Final = ("date", "day_start", "day_end")


@dataclass(frozen=True, slots=True)
class _Written:
    """What all kinds of activities say."""

    create: Request
    created_id_at: tuple[str, ...]
    update: Request | None
    find: Find


def read_activities(
    reader: Reader, node: Node | None, tables: Mapping[str, Any], names: Collection[str]
) -> Activities | None:
    """Return how texts or tasks are written; None where the file does not say."""
    if node is None:
        return None
    made = _written(reader, reader.members(node, WRITTEN, needed=("create", "find")), tables, names)
    return Activities(made.create, made.created_id_at, made.update, made.find)


def read_calls(reader: Reader, node: Node | None, tables: Mapping[str, Any]) -> Calls:
    """Return how calls are written."""
    members = reader.members(node, (*WRITTEN, "read", "all"), needed=("create", "find")) if node else {}
    made = _written(reader, members, tables, values.CALL_NAMES)
    read_node = members.get("read")
    reading = reader.members(read_node, (*REQUEST, "deleted"), needed=("path",)) if read_node else {}
    day, text_at, time_at = _day(reader, members.get("all"), tables)
    return Calls(
        create=made.create,
        created_id_at=made.created_id_at,
        update=made.update,
        find=made.find,
        read=request(reader, read_node, reading, ("activity_id",), tables, needs="activity_id")
        if read_node
        else None,
        deleted=words_flag(reader, reading.get("deleted")),
        all=day,
        all_text_at=text_at,
        all_time_at=time_at,
    )


def _written(
    reader: Reader, members: Mapping[str, Node], tables: Mapping[str, Any], names: Collection[str]
) -> _Written:
    """Read what is written. An activity must carry our marker, or nothing would keep it from standing twice."""
    create_node = members.get("create")
    create = (
        reader.members(create_node, (*REQUEST, "id"), needed=("path", "body", "id")) if create_node else {}
    )
    new = [name for name in names if name != "activity_id"]
    creating = request(reader, create_node, create, new, tables, needs="person_id", default="POST")
    _needs_marker(reader, create_node, creating)
    update_node = members.get("update")
    update = reader.members(update_node, REQUEST, needed=("path", "body")) if update_node else {}
    updating = (
        request(reader, update_node, update, names, tables, needs="activity_id", default="PUT")
        if update_node
        else None
    )
    if updating is not None and {name for name, _ in values.names_in(updating.body)} & {"note", "words"}:
        _needs_marker(reader, update_node, updating)
    return _Written(
        create=creating,
        created_id_at=pointer(reader, create.get("id")) or (),
        update=updating,
        find=_find(reader, members.get("find"), tables),
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
