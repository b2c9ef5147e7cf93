"""What is written to a CRM beside calls and do-not-call flags, and what mappings add to calls. The network, and no queue.

Each item gets its own result. What the set-up refuses, the mapping or the CRM's fields, is held for it and sent again by itself once
that is mended: nothing of it is lost, and calls go on being logged.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from crm_sync import deciding
from crm_sync.capabilities import (
    CrmField,
    FieldWrite,
    HasFields,
    HasMembers,
    KeepsTasks,
    LogsTexts,
    MemberStatus,
    Record,
    TaskActivity,
    TextActivity,
)
from crm_sync.fieldmap import Mode, Row, Source, problems
from crm_sync.models import CrmConnection, FieldDecision, SyncQueueItem
from crm_sync.protocol import CallActivity, CrmConnector, SyncError
from crm_sync.selectors import facts as known_facts
from crm_sync.selectors import mappings
from crm_sync.services import schemas

Kind = SyncQueueItem.Kind
Result = str | SyncError
T = TypeVar("T")
SETUP = "SETUP"  # code of an error that the mapping or the CRM's fields have to be mended for
_SETUP_CODES = frozenset(
    {
        "INVALID_FIELD",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "PROPERTY_DOESNT_EXIST",
        "READ_ONLY_VALUE",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "INVALID_OPTION",
    }
)


@dataclass
class Written:
    """What became of the items, in order; `decisions` are to be kept for those that were confirmed."""

    results: list[Result]
    decisions: dict[int, list[FieldDecision]] = field(default_factory=dict)  # by item


@dataclass(frozen=True, slots=True)
class Mapped:
    """One object's mapping beside the CRM's fields as they are."""

    rows: tuple[Row, ...]
    sources: Mapping[str, Source]
    fields: Mapping[str, CrmField]
    broken: Mapping[int, str]  # row → what is wrong with it


class Outgoing:
    """One connection's writer for as long as a push lasts."""

    def __init__(self, connection: CrmConnection, connector: CrmConnector) -> None:
        self._connection, self._connector = connection, connector
        self._mapped: dict[str, Mapped | None] = {}

    def calls(self, items: Sequence[SyncQueueItem], now: datetime) -> Sequence[CallActivity | SyncError]:
        """Return the calls as they go out, with the fields the mapping adds, or why one cannot go."""
        sent = [of(CallActivity, sent_of(item)) for item in items]
        mapped = self._of_object("call", now)
        if mapped is None:
            return sent
        return [self._with_fields(call, mapped) for call in sent]

    def write(self, items: Sequence[SyncQueueItem], now: datetime) -> Written:
        """Write items of one kind, neither calls nor do-not-call flags."""
        written = self._write(items, now)
        if any(isinstance(each, SyncError) and each.code == SETUP for each in written.results):
            schemas.forget(self._connection.pk)  # the CRM may have changed since its fields were read
        return written

    def member_status(self, item: SyncQueueItem, now: datetime) -> str:
        """Return what a campaign is to say of its member; "" for nothing, and for what cannot go."""
        try:
            return _status(sent_of(item), self._of_name("CampaignMember", now))
        except deciding.CannotGo:
            return ""

    def _write(self, items: Sequence[SyncQueueItem], now: datetime) -> Written:
        kind, connector = items[0].kind, self._connector
        if kind == Kind.TEXT and isinstance(connector, LogsTexts):
            texts = [of(TextActivity, sent_of(item)) for item in items]
            return Written(_each(texts, connector.log_texts))
        if kind == Kind.CALLBACK and isinstance(connector, KeepsTasks):
            tasks = [of(TaskActivity, sent_of(item)) for item in items]
            return Written(_each(tasks, connector.keep_tasks))
        if kind in (Kind.FIELDS, Kind.OPT_OUT) and isinstance(connector, HasFields):
            return self._fields(connector, items, now)
        if kind == Kind.MEMBER and isinstance(connector, HasMembers):
            return self._members(connector, items, now)
        unable = SyncError(
            f"{self._connection.name} cannot take this: {Kind(kind).label}. Set it aside.", kind="permanent"
        )
        return Written([unable] * len(items))

    def _with_fields(self, call: CallActivity, mapped: Mapped) -> CallActivity | SyncError:
        values = {}
        for index, row in enumerate(mapped.rows):
            ours = fact(call.facts, row)
            if index in mapped.broken and not deciding.is_empty(ours):
                return _for_setup(mapped.broken[index])
            if index in mapped.broken:
                continue
            try:
                value = deciding.convert(row, mapped.sources[row.ours], mapped.fields[row.theirs], ours)
            except deciding.CannotGo as refused:
                return _error(refused)
            if value is not None:
                values[row.theirs] = value
        return dataclasses.replace(call, fields=values)

    def _fields(self, connector: HasFields, items: Sequence[SyncQueueItem], now: datetime) -> Written:
        found = Written([item.person_id for item in items])
        by_object: dict[str, list[int]] = {}
        for index, item in enumerate(items):
            by_object.setdefault(connector.object_of(item.person_id), []).append(index)
        for object_name, indexes in by_object.items():
            mapped = self._of_name(object_name, now)
            if mapped is not None:
                self._fields_of_object(connector, object_name, mapped, items, indexes, found, now)
        return found

    def _fields_of_object(
        self,
        connector: HasFields,
        object_name: str,
        mapped: Mapped,
        items: Sequence[SyncQueueItem],
        indexes: Sequence[int],
        found: Written,
        now: datetime,
    ) -> None:
        """Read the records, decide field by field, write those that change; results go into `found`."""
        flags = items[0].kind == Kind.OPT_OUT
        rows = [
            (number, row)
            for number, row in enumerate(mapped.rows)
            if row.goes_out and row.ours.startswith("flag.") == flags
        ]
        names = [row.theirs for number, row in rows if number not in mapped.broken]
        ids = [items[index].person_id for index in indexes]
        if not names and not any(number in mapped.broken for number, _ in rows):
            return
        records = connector.read_records(object_name, ids, names)
        newest = [row.theirs for _, row in rows if row.mode is Mode.NEWEST]
        sent = mappings.last_written(self._connection.pk, ids, newest) if newest else {}
        writes: list[tuple[int, FieldWrite]] = []
        for index in indexes:
            item = items[index]
            decided = _decide(item, rows, mapped, records.get(item.person_id), sent)
            if isinstance(decided, SyncError):
                found.results[index] = decided
                continue
            values = {each.field: each.after for each in decided if each.writes}
            found.decisions[item.pk] = [
                _kept(self._connection.pk, item, each, now)
                for each in decided
                if each.writes or each.is_conflict
            ]
            if values:
                writes.append((index, FieldWrite(item.person_id, object_name, values)))
        written = _each([write for _, write in writes], connector.write_fields)
        for (index, _), result in zip(writes, written, strict=True):
            found.results[index] = result

    def _members(self, connector: HasMembers, items: Sequence[SyncQueueItem], now: datetime) -> Written:
        found = Written([item.person_id for item in items])
        mapped = self._of_name("CampaignMember", now)
        changes: list[tuple[int, MemberStatus]] = []
        for index, item in enumerate(items):
            sent = sent_of(item)
            try:
                status = _status(sent, mapped)
            except deciding.CannotGo as refused:
                found.results[index] = _error(refused)
                continue
            if status:
                changes.append((index, MemberStatus(item.person_id, str(sent["campaign_id"]), status)))
        written = _each([change for _, change in changes], connector.set_member_status)
        for (index, _), result in zip(changes, written, strict=True):
            found.results[index] = result
        return found

    def _of_object(self, holds: str, now: datetime) -> Mapped | None:
        """Return the mapping of the object that holds this, None without one."""
        if not isinstance(self._connector, HasFields):
            return None
        name = next((each.name for each in self._connector.objects() if each.holds == holds), "")
        return self._of_name(name, now) if name else None

    def _of_name(self, name: str, now: datetime) -> Mapped | None:
        if name not in self._mapped:
            self._mapped[name] = self._read(name, now)
        return self._mapped[name]

    def _read(self, name: str, now: datetime) -> Mapped | None:
        rows = mappings.in_force(self._connection.pk).get(name)
        if not rows or not isinstance(self._connector, HasFields):
            return None
        holds = next(each.holds for each in self._connector.objects() if each.name == name)
        fields = schemas.fields_of(self._connection.pk, self._connector, name, now=now)
        sources = known_facts.sources(holds)
        broken = {each.row: each.text for each in reversed(problems(rows, sources, fields, holds=holds))}
        return Mapped(rows, sources, fields, broken)


def sent_of(item: SyncQueueItem) -> dict[str, Any]:
    """Return the payload as it goes out: with what a person changed, and to whom the person became."""
    return {**item.payload, **item.edits}


def of(shape: type[T], sent: Mapping[str, Any]) -> T:
    """Return the dataclass of a payload; what it does not know is left out."""
    names = {each.name for each in dataclasses.fields(shape)}  # type: ignore[arg-type]  # a dataclass, by its callers
    return shape(**{name: value for name, value in sent.items() if name in names})


def fact(facts: Mapping[str, Any], row: Row) -> Any:
    """Return the fact a row sends; a result without values of its own goes by its label."""
    if not row.values and f"{row.ours}.label" in facts:
        return facts[f"{row.ours}.label"]
    return facts.get(row.ours)


def decide_all(
    facts: Mapping[str, Any],
    rows: Sequence[tuple[int, Row]],
    mapped: Mapped,
    record: Record,
    *,
    said_at: datetime,
    person_at: datetime,
    last_sent: Mapping[str, Any],
) -> list[deciding.Decision]:
    """Return what each row does to a record; rows without a value of ours are left out. Raises CannotGo."""
    found = []
    for number, row in rows:
        ours = fact(facts, row)
        if deciding.is_empty(ours) and not row.default:
            continue
        if number in mapped.broken:
            raise deciding.CannotGo(mapped.broken[number], setup=True)
        there = mapped.fields[row.theirs]
        value = deciding.convert(row, mapped.sources[row.ours], there, ours)
        if row.mode is Mode.APPEND and not deciding.is_empty(value):
            value = f"{said_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC: {value}"
        ours_at = person_at if row.ours.startswith(("person.", "custom.")) else said_at
        found.append(
            deciding.decide_out(
                row, there, value, record, ours_at=ours_at, last_sent=last_sent.get(row.theirs)
            )
        )
        record = dataclasses.replace(record, values={**record.values, row.theirs: found[-1].after})
    return found


def _decide(
    item: SyncQueueItem,
    rows: Sequence[tuple[int, Row]],
    mapped: Mapped,
    record: Record | None,
    sent: Mapping[tuple[str, str], Any],
) -> list[deciding.Decision] | SyncError:
    if record is None:
        return SyncError(
            "The person is not in the CRM any more: deleted, merged or converted there.", kind="gone"
        )
    given = sent_of(item)
    said_at = datetime.fromisoformat(str(given["started_at"]))
    person_at = datetime.fromisoformat(str(given.get("person_at") or given["started_at"]))
    last = {name: value for (person, name), value in sent.items() if person == item.person_id}
    try:
        return decide_all(
            given["facts"], rows, mapped, record, said_at=said_at, person_at=person_at, last_sent=last
        )
    except deciding.CannotGo as refused:
        return _error(refused)


def _status(sent: Mapping[str, Any], mapped: Mapped | None) -> str:
    """Return what a campaign is to say of its member, "" for nothing. Raises CannotGo."""
    if mapped is None:
        return ""
    for number, row in enumerate(mapped.rows):
        ours = fact(sent["facts"], row)
        if row.theirs != "Status" or deciding.is_empty(ours):
            continue
        if number in mapped.broken:
            raise deciding.CannotGo(mapped.broken[number], setup=True)
        value = deciding.convert(row, mapped.sources[row.ours], mapped.fields[row.theirs], ours)
        return "" if value is None else str(value)
    return ""


def _each(things: Sequence[T], write: Callable[[Sequence[T]], Sequence[Result]]) -> list[Result]:
    """Write; what the CRM's set-up refuses is the trouble of these things, and does not keep calls from being logged."""
    if not things:
        return []
    try:
        results = list(write(things))
    except SyncError as error:
        if error.kind != "config":
            raise
        results = [error] * len(things)
    if len(results) != len(things):
        raise RuntimeError(f"{len(results)} results came for {len(things)} things")
    return [
        SyncError(str(each), kind="permanent", code=SETUP)
        if isinstance(each, SyncError) and (each.kind == "config" or each.code in _SETUP_CODES)
        else each
        for each in results
    ]


def _kept(
    connection_id: int, item: SyncQueueItem, decided: deciding.Decision, now: datetime
) -> FieldDecision:
    return FieldDecision(
        connection_id=connection_id,
        person_id=item.person_id,
        person_name=item.person_name,
        way=FieldDecision.Way.OUT,
        field_name=decided.field,
        field_label=decided.label[:200],
        ours=decided.ours,
        theirs=decided.theirs,
        after=decided.after,
        rule=decided.rule[:200],
        wrote=decided.writes,
        is_conflict=decided.is_conflict,
        at=now,
    )


def _error(refused: deciding.CannotGo) -> SyncError:
    return _for_setup(str(refused)) if refused.setup else SyncError(str(refused), kind="permanent")


def _for_setup(text: str) -> SyncError:
    return SyncError(text, kind="permanent", code=SETUP)
