"""A connection's mappings: saved as versions, rolled back, tried on one record without writing anything."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.selectors import crm_facts
from core import audit, db
from core.errors import AppError, NotFound, Stale
from core.jobs import enqueue_on_commit
from crm_sync import deciding, fieldmap, jobs, refs, registry
from crm_sync.capabilities import CrmField, CrmObject, HasFields, Record
from crm_sync.fieldmap import Problem, Row, Source
from crm_sync.models import CrmConnection, MappingVersion, SyncQueueItem
from crm_sync.protocol import CrmConnector, SyncError
from crm_sync.registry import Connect
from crm_sync.selectors import facts, mappings
from crm_sync.services import flags, outgoing, schemas, tokens

KIND = SyncQueueItem.Kind


class MappingRefused(AppError):
    """The rows cannot work; `problems` says what to do with each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("Some rows cannot work as they are; nothing was saved.")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Mappable:
    """An object with its fields and our facts, as the editor needs them."""

    connection_id: int
    connection_name: str
    object: CrmObject
    fields: Mapping[str, CrmField]
    read_at: datetime | None
    sources: Mapping[str, Source]
    unread: str  # why the fields could not be read now, "" where they were


@dataclass(frozen=True, slots=True)
class Tried:
    """What a test on one record found; nothing was written."""

    record_id: str
    said: str  # whose facts were used
    decisions: Sequence[deciding.Decision]
    refused: Sequence[tuple[str, str]]  # (row, why it could not go)


def objects_of(
    connection_id: int, *, now: datetime, connect: Connect = registry.connect
) -> Sequence[CrmObject]:
    """Return what can be mapped of a connection; none for a CRM without fields. Asks nothing but new access. Raises NotFound, AppError."""
    connector = _connector(_connection(connection_id), connect, now)
    return connector.objects() if isinstance(connector, HasFields) else ()


@dataclass(frozen=True, slots=True)
class PeopleKeys:
    """What the rules for finding people may use: (value, label) of the CRM's kinds of people, of our facts, of the CRM's fields."""

    objects: Sequence[tuple[str, str]]
    ours: Sequence[tuple[str, str]]
    theirs: Sequence[tuple[str, str]]


def keys_of_people(connection_id: int, *, now: datetime, connect: Connect = registry.connect) -> PeopleKeys:
    """Return what people can be told by; fields as they were last read where the CRM does not answer. Raises NotFound, AppError."""
    connector = _connector(_connection(connection_id), connect, now)
    people = (
        [each for each in connector.objects() if each.holds == "person"]
        if isinstance(connector, HasFields)
        else []
    )
    theirs: dict[str, str] = {}
    for each in people:
        assert isinstance(connector, HasFields)
        try:
            fields = schemas.fields_of(connection_id, connector, each.name, now=now)
        except SyncError:
            fields, _ = mappings.fields_known(connection_id, each.name)
        theirs |= {
            name: f"{field.label} – {name}"
            for name, field in fields.items()
            if field.type in ("text", "number")
        }
    known = facts.sources("person")
    ours = [(key, source.label) for key, source in known.items() if key.startswith("custom.")]
    return PeopleKeys(
        [(each.name, each.label) for each in people], ours, sorted(theirs.items(), key=lambda each: each[1])
    )


def open_object(
    *, connection_id: int, object_name: str, anew: bool, now: datetime, connect: Connect = registry.connect
) -> Mappable:
    """Return an object for its editor; where the CRM does not answer, with the fields as they were last read.

    Raises NotFound, and AppError while disconnected.
    """
    connection = _connection(connection_id)
    connector = _connector(connection, connect, now)
    found = _object(connector, object_name)
    assert isinstance(connector, HasFields)
    unread = ""
    try:
        schemas.fields_of(connection_id, connector, object_name, now=now, anew=anew)
    except SyncError as error:
        unread = str(error)
    fields, read_at = mappings.fields_known(connection_id, object_name)
    return Mappable(
        connection_id, connection.name, found, fields, read_at, facts.sources(found.holds), unread
    )


def save(
    *,
    mappable: Mappable,
    rows: Sequence[Row],
    based_on: int,
    note: str,
    by_name: str,
    now: datetime,
) -> int:
    """Store the rows as the next version, in force from now on, and return its number; what waited for it is sent.

    Raises MappingRefused with nothing saved, and Stale where somebody saved another version since `based_on`.
    """
    found = fieldmap.problems(rows, mappable.sources, mappable.fields, holds=mappable.object.holds)
    if found:
        raise MappingRefused(found)
    return _store(mappable.connection_id, mappable.object.name, rows, based_on, note, by_name, now)


def roll_back(*, mappable: Mappable, number: int, by_name: str, now: datetime) -> int:
    """Put an earlier version in force again, as a new one; return its number. Raises NotFound and MappingRefused."""
    versions = MappingVersion.objects.filter(
        connection_id=mappable.connection_id, object_name=mappable.object.name
    )
    old = versions.filter(number=number).first()
    latest = versions.order_by("-number").first()
    if old is None or latest is None:
        raise NotFound("There is no such version.")
    return save(
        mappable=mappable,
        rows=fieldmap.rows_of(old.rows),
        based_on=latest.number,
        note=f"Back to version {number}",
        by_name=by_name,
        now=now,
    )


def try_on(
    *,
    mappable: Mappable,
    rows: Sequence[Row],
    record_id: str,
    now: datetime,
    connect: Connect = registry.connect,
) -> Tried:
    """Return what the rows would do to one record, with the facts of its last call or the connection's; writes nothing.

    Raises SyncError, and AppError where there is no such record, or no call yet to try it with.
    """
    connection = _connection(mappable.connection_id)
    connector = _connector(connection, connect, now)
    assert isinstance(connector, HasFields)
    usual = {row.theirs for row in rows if row.theirs in mappable.fields}
    record = Record({})
    if mappable.object.holds == "person":
        person_id = record_id.strip()
        if refs.parse(refs.prefix(connection.kind, connection.pk) + person_id) is None:
            raise AppError("Enter the record's id: the last part of its page's address in the CRM.")
        found = connector.read_records(mappable.object.name, [person_id], sorted(usual))
        if person_id not in found:
            raise AppError(
                f"{connection.name} has no {mappable.object.name} with this id; copy it from its page's address."
            )
        record = found[person_id]
    else:
        person_id = ""
    known, said, said_at, person_at = _facts_for(connection, mappable, person_id, now)
    return _try(mappable, rows, record, record_id, known, said, said_at, person_at)


def _try(
    mappable: Mappable,
    rows: Sequence[Row],
    record: Record,
    record_id: str,
    known: Mapping[str, Any],
    said: str,
    said_at: datetime,
    person_at: datetime,
) -> Tried:
    broken = {
        each.row: each.text
        for each in reversed(
            fieldmap.problems(rows, mappable.sources, mappable.fields, holds=mappable.object.holds)
        )
    }
    all_of_it = outgoing.Mapped(tuple(rows), mappable.sources, mappable.fields, broken)
    decisions: list[deciding.Decision] = []
    refused: list[tuple[str, str]] = []
    for number, row in enumerate(rows):
        name = f"{_label(mappable.sources, row.ours)} ↔ {row.theirs}"
        if number in broken:
            refused.append((name, broken[number]))
            continue
        try:
            if row.goes_out:
                one = outgoing.decide_all(
                    known,
                    [(number, row)],
                    all_of_it,
                    record,
                    said_at=said_at,
                    person_at=person_at,
                    last_sent={},
                )
                decisions += one
                for each in one:
                    values = {**record.values, each.field: each.after}
                    record = dataclasses.replace(record, values=values)
        except deciding.CannotGo as error:
            refused.append((name, str(error)))
            continue
        if row.comes_in:
            source, there = mappable.sources[row.ours], mappable.fields[row.theirs]
            newer = (record.changed_at or "") > person_at.isoformat()
            theirs = record.values.get(row.theirs)
            decisions.append(
                deciding.decide_in(row, source, there, theirs, known.get(row.ours), theirs_newer=newer)
            )
    return Tried(record_id, said, decisions, refused)


def examples(sources: Mapping[str, Source], now: datetime) -> dict[str, Any]:
    """Return facts of a call that never was, to try a mapping with before the first one."""
    by_type: Mapping[str, Any] = {
        "text": "Example",
        "long_text": "An example of a note.",
        "number": 60,
        "flag": True,
        "date": now.date().isoformat(),
        "instant": now.isoformat(),
        "phone": "+13125550100",
        "email": "someone@example.com",
    }
    return {
        key: source.choices[0][0] if source.choices else by_type.get(source.type, "Example")
        for key, source in sources.items()
        if not key.startswith(("person.", "custom.", "flag."))
    }


def _facts_for(
    connection: CrmConnection, mappable: Mappable, person_id: str, now: datetime
) -> tuple[dict[str, Any], str, datetime, datetime]:
    """Return the facts to try with, whose they are, and how old they and the person's are."""
    calls = SyncQueueItem.objects.filter(connection=connection, kind=KIND.CALL)
    own = calls.filter(person_id=person_id).order_by("-id").first() if person_id else None
    item = own or calls.order_by("-id").first()
    known: dict[str, Any] = examples(mappable.sources, now) if item is None else {}
    said = "No call yet: with the facts of an invented one."
    said_at = person_at = now
    if item is not None:
        sent = outgoing.sent_of(item)
        known |= sent.get("facts") or {}
        said_at = datetime.fromisoformat(str(sent["started_at"]))
        whose = "their last call" if own else f"the last call, with {item.person_name or 'somebody else'}"
        said = f"With the facts of {whose}."
    ref = refs.prefix(connection.kind, connection.pk) + person_id
    person = crm_facts.facts_by_ref([ref]).get(ref) if person_id else None
    if person is not None:
        known |= {f"person.{name}": value for name, value in person.values.items() if value}
        known |= {f"custom.{name}": value for name, value in person.custom.items()}
        person_at = person.changed_at
    return known, said, said_at, person_at


def _store(
    connection_id: int,
    object_name: str,
    rows: Sequence[Row],
    based_on: int,
    note: str,
    by_name: str,
    now: datetime,
) -> int:
    with db.use_case():
        CrmConnection.objects.select_for_update().filter(id=connection_id).first()
        latest = (
            MappingVersion.objects.filter(connection_id=connection_id, object_name=object_name)
            .order_by("-number")
            .first()
        )
        number = latest.number if latest else 0
        if number != based_on and latest is not None:
            raise Stale(
                f"{latest.created_by} saved version {number} meanwhile. Open the page again to see it; nothing was saved."
            )
        MappingVersion.objects.create(
            connection_id=connection_id,
            object_name=object_name,
            number=number + 1,
            rows=fieldmap.as_stored(rows),
            note=note.strip()[:200],
            created_at=now,
            created_by=by_name,
        )
        audit.record(
            actor=by_name,
            verb="crm_sync.mapping.saved",
            target=f"crm_connection:{connection_id}",
            now=now,
            before={"object": object_name, "version": number},
            after={
                "object": object_name,
                "version": number + 1,
                "changes": fieldmap.difference(fieldmap.rows_of(latest.rows) if latest else (), rows, {})[
                    :20
                ],
            },
        )
        flags.send_held_again(connection_id, now=now)
        enqueue_on_commit(jobs.PUSH_DUE)
    return number + 1


def _label(sources: Mapping[str, Source], key: str) -> str:
    return sources[key].label if key in sources else key


def _object(connector: CrmConnector, name: str) -> CrmObject:
    objects = connector.objects() if isinstance(connector, HasFields) else ()
    for each in objects:
        if each.name == name:
            return each
    raise NotFound("This CRM has no such object to map.")


def _connection(connection_id: int) -> CrmConnection:
    connection = CrmConnection.objects.filter(id=connection_id).first()
    if connection is None:
        raise NotFound("This CRM connection does not exist.")
    if connection.state == CrmConnection.State.DISCONNECTED:
        raise AppError(f"{connection.name} is disconnected; connect it again first.")
    return connection


def _connector(connection: CrmConnection, connect: Connect, now: datetime) -> CrmConnector:
    return tokens.opened(connection, clock=lambda: now, connect=connect)
