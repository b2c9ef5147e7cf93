"""Both sides counted beyond calls: texts, callbacks, results and notes, mapped fields, campaign members, by day and kind.

Texts and callbacks are looked for through the CRM's own search, and what is not found is asked for by id before it counts as missing.
Values (results, notes, fields, statuses) are read from the records they were written to: one that differs is somebody's own where its
record was changed after we were told that it stands there, and is left; otherwise it was lost there, and is sent again.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import structlog

from core import audit, db
from core.errors import AppError
from core.jobs import enqueue_on_commit
from crm_sync import comparing, deciding, jobs, registry
from crm_sync.capabilities import ActivityKind, Compares, HasFields, MemberStatus, ReadsMembers, Standing
from crm_sync.comparing import Count
from crm_sync.models import CrmConnection, FieldDecision, Reconciliation, SyncQueueItem
from crm_sync.protocol import CallActivity, CrmConnector, SyncError
from crm_sync.registry import Connect
from crm_sync.selectors import mappings
from crm_sync.services import api_use, outgoing, tokens
from crm_sync.services.reconciling import EXAMPLES, NIGHTLY_DAYS, SENT_AGAIN

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
State = SyncQueueItem.State
Item = SyncQueueItem.Kind
Kind = Reconciliation.Kind
Counts = dict[str, Count]  # by day
AHEAD: Final = 60  # days for which promises to call back are looked for
MADE: Final = timedelta(days=2)  # an item's row is made no longer than this before the day of what it tells
PROMISED: Final = timedelta(days=62)  # a promise's row, before the day it is due
SETTLED: Final = timedelta(minutes=5)  # a search's index lags behind the records
AT_ONCE: Final = 200
MOST: Final = 20_000  # values compared in a night, the newest first
NAMES: Final[dict[ActivityKind, str]] = {"text": "parleytext", "callback": "parleytask", "call": "parley"}


class Look:
    """One connection, its connector, and the days it is asked about."""

    def __init__(self, connection: CrmConnection, connector: CrmConnector, now: datetime, days: int) -> None:
        self.connection, self.connector, self.now = connection, connector, now
        self.begin = now.date() - timedelta(days=days - 1)
        self.end = now.date() + timedelta(days=1)
        self.writer = outgoing.Outgoing(connection, connector)

    @property
    def behind(self) -> timedelta:
        """Return how far the CRM's clock is behind ours."""
        said_at = self.connector.usage().said_at
        return self.now - said_at if said_at else timedelta(0)

    def items(self, kind: str) -> Any:
        """Return the items of a kind that may be of these days."""
        before = PROMISED if kind == Item.CALLBACK else MADE
        since = datetime(self.begin.year, self.begin.month, self.begin.day, tzinfo=UTC) - before
        return SyncQueueItem.objects.filter(connection=self.connection, kind=kind, created_at__gte=since)

    def day_of(self, payload: dict[str, Any]) -> str:
        """Return the day the CRM dates an activity by."""
        is_local = self.connection.kind == CrmConnection.Kind.SALESFORCE
        return str(payload.get("local_date") if is_local else payload.get("started_at"))[:10]

    def covers(self, day: str, *, end: date | None = None) -> bool:
        """Return whether a day is one of those asked about."""
        return self.begin.isoformat() <= day < (end or self.end).isoformat()


def compare_all(*, clock: Clock, connect: Connect = registry.connect) -> int:
    """Compare the last days of every connection; return how much is sent again."""
    connected = CrmConnection.objects.exclude(state=CrmConnection.State.DISCONNECTED).order_by("id")
    ids = list(connected.values_list("id", flat=True))
    return sum(compare(connection_id=each, clock=clock, connect=connect) for each in ids)


def compare(
    *, connection_id: int, clock: Clock, connect: Connect = registry.connect, days: int = NIGHTLY_DAYS
) -> int:
    """Compare what a CRM can be asked about, kind by kind; return how much is sent again. A kind's failure is kept, for people."""
    connection = (
        CrmConnection.objects.filter(id=connection_id).exclude(state=CrmConnection.State.DISCONNECTED).first()
    )
    if connection is None:
        return 0
    try:
        connector = tokens.opened(connection, clock=clock, connect=connect)
    except (SyncError, AppError) as error:  # the comparison of calls says so
        log.warning("crm_sync.kinds.not_compared", connection_id=connection_id, why=str(error)[:200])
        return 0
    if not isinstance(connector, Compares):
        return 0
    look = Look(connection, connector, clock(), days)
    again = 0
    for kind, count in PARTS.items():
        try:
            found = count(look)
        except SyncError as error:
            log.warning(
                "crm_sync.kind.not_compared", connection_id=connection_id, kind=kind, why=str(error)[:200]
            )
            _store(look, kind, {look.now.date().isoformat(): Count()}, clock(), error=str(error))
            continue
        again += _store(look, kind, found, clock())
    usage = connector.usage()
    with db.use_case():
        api_use.note(connection_id, usage, requests=usage.requests, activities=0, now=clock())
    return again


def _texts(look: Look) -> Counts:
    return _activities(look, "text", Item.TEXT, look.end)


def _callbacks(look: Look) -> Counts:
    return _activities(look, "callback", Item.CALLBACK, look.end + timedelta(days=AHEAD))


def _activities(look: Look, kind: ActivityKind, item_kind: str, end: date) -> Counts:
    """Compare records of their own by our ids. A CRM that was never told of any is not asked."""
    assert isinstance(look.connector, Compares)
    rows = {row.external_call_id: row for row in look.items(item_kind).order_by("id")}
    ours = {ref: row for ref, row in rows.items() if look.covers(look.day_of(row.payload), end=end)}
    if not ours:
        return {}
    prefix = f"{NAMES[kind]}-{look.connection.install_key}-".lower()
    there = {
        each.ref: each for page in look.connector.ours_between(kind, prefix, look.begin, end) for each in page
    }
    found: Counts = {}
    lost = []
    for ref, row in ours.items():
        day = look.day_of(row.payload)
        count = found.setdefault(day, Count())
        if row.state != State.DONE:
            count.open += 1
            continue
        count.ours += 1
        if ref not in there and row.sent_at and row.sent_at < look.now - SETTLED:
            lost.append((ref, row, count))
        elif ref in there:
            count.theirs += 1
            if there[ref].day != day:
                _moved(count, ref, there[ref].day)
    known = look.connector.standing(kind, [row.crm_id for _, row, _ in lost]) if lost else {}
    for ref, row, count in lost:
        _not_found(count, ref, row, known.get(row.crm_id))
    for ref, each in sorted(there.items()):
        known_here = rows.get(ref)
        if ref not in ours or known_here is None or known_here.state != State.DONE:
            _extra(found.setdefault(each.day, Count()), ref, known_here)
    return found


def _moved(count: Count, ref: str, day: str) -> None:
    count.changed += 1
    count.examples.append(f"{ref}: people moved it to {day} in the CRM, and there it stays.")


def _not_found(count: Count, ref: str, row: SyncQueueItem, known: Standing | None) -> None:
    if known is None:
        count.again.append(row.pk)
        count.examples.append(f"{ref}: was not in the CRM any more, and is sent again.")
    elif known.is_deleted:
        count.deleted += 1
        count.examples.append(f"{ref}: somebody deleted it in the CRM, so it stays deleted.")
    else:
        _moved(count, ref, known.day)


def _extra(count: Count, ref: str, row: SyncQueueItem | None) -> None:
    count.extra += 1
    count.theirs += 1
    if row is None:
        why = "stands in the CRM and not here: it is older than a restored backup."
    elif row.state == State.DONE:
        why = "stands here under another day: people moved it in the CRM."
    else:
        why = "stands in the CRM in an earlier version; the newer one waits here."
    count.examples.append(f"{ref}: {why}")


def _results(look: Look) -> Counts:
    """Compare results and notes of calls with what stands in their records."""
    assert isinstance(look.connector, Compares)
    found: Counts = {}
    done = look.items(Item.CALL).filter(state=State.DONE).order_by("-id")[:MOST]
    items = [row for row in done if look.covers(look.day_of(row.payload))]
    for some in _chunks(items):
        written = look.writer.calls(some, look.now)
        there = look.connector.standing("call", [row.crm_id for row in some])
        for row, call in zip(some, written, strict=True):
            stands = there.get(row.crm_id)
            if stands is None or stands.is_deleted or isinstance(call, SyncError):
                continue  # counted with the calls, or no mapping says what is to stand there
            is_same = _says(stands, look.connector.as_logged(call), call)
            count = found.setdefault(look.day_of(row.payload), Count())
            told = row.acknowledged_at
            name = f"{row.external_call_id}, result or note"
            _value(look, count, row.pk, name, is_same=is_same, changed_at=stands.changed_at, told_at=told)
    return found


def _says(stands: Standing, wanted: Standing, call: CallActivity) -> bool:
    result = not wanted.result or stands.result == wanted.result
    has_note = call.note and comparing.has_words(
        wanted.words, call.note
    )  # a mapping may put something else there
    return result and (not has_note or comparing.has_words(stands.words, call.note))


def _members(look: Look) -> Counts:
    """Compare the status of campaign members with the last one we wrote."""
    if not isinstance(look.connector, ReadsMembers):
        return {}
    newest: dict[tuple[str, str], SyncQueueItem] = {}
    for row in look.items(Item.MEMBER).filter(state=State.DONE).order_by("id"):
        if look.covers(str(row.payload["started_at"])[:10]):
            newest[str(row.payload["campaign_id"]), row.person_id] = row
    wanted = {
        key: status for key, row in newest.items() if (status := look.writer.member_status(row, look.now))
    }
    asked = [MemberStatus(person, campaign, wanted[campaign, person]) for campaign, person in wanted]
    there = look.connector.member_records(asked) if asked else {}
    found: Counts = {}
    for (campaign, person), status in wanted.items():
        row = newest[campaign, person]
        count = found.setdefault(str(row.payload["started_at"])[:10], Count())
        record = there.get((campaign, person))
        name = f"{person} in campaign {campaign}"
        if record is None:
            count.ours += 1
            count.deleted += 1
            count.examples.append(f"{name}: is no member of it in the CRM any more.")
            continue
        _value(
            look, count, row.pk, name, is_same=record.values["Status"] == status,
            changed_at=record.changed_at, told_at=row.acknowledged_at,
        )  # fmt: skip
    return found


def _fields(look: Look) -> Counts:
    """Compare mapped fields of people with the last value we wrote into each, as long as the mapping has it."""
    if not isinstance(look.connector, HasFields):
        return {}
    since = datetime(look.begin.year, look.begin.month, look.begin.day, tzinfo=UTC)
    decided = FieldDecision.objects.filter(
        connection=look.connection, way=FieldDecision.Way.OUT, wrote=True, at__gte=since
    )
    newest = {(each.person_id, each.field_name): each for each in decided.order_by("-id")[:MOST][::-1]}
    sources = {
        (name, row.theirs): row.ours
        for name, rows in mappings.in_force(look.connection.pk).items()
        for row in rows
        if row.goes_out
    }
    by_object: dict[str, list[FieldDecision]] = {}
    for each in newest.values():
        name = look.connector.object_of(each.person_id)
        if (name, each.field_name) in sources:
            by_object.setdefault(name, []).append(each)
    found: Counts = {}
    for name, decisions in by_object.items():
        for some in _chunks(decisions):
            _fields_of(look, look.connector, name, some, sources, found)
    return found


def _fields_of(
    look: Look,
    connector: HasFields,
    object_name: str,
    decisions: Sequence[FieldDecision],
    sources: dict[tuple[str, str], str],
    found: Counts,
) -> None:
    people = sorted({each.person_id for each in decisions})
    names = sorted({each.field_name for each in decisions})
    there = connector.read_records(object_name, people, names)
    kinds = (Item.FIELDS, Item.OPT_OUT)
    sent = SyncQueueItem.objects.filter(connection=look.connection, kind__in=kinds, person_id__in=people)
    items = {(row.kind, row.person_id): row.pk for row in sent.order_by("id").only("kind", "person_id")}
    for each in decisions:
        count = found.setdefault(each.at.date().isoformat(), Count())
        record = there.get(each.person_id)
        name = f"{each.field_label} of {each.person_name or each.person_id}"
        if record is None:
            count.ours += 1
            count.deleted += 1
            count.examples.append(f"{name}: the person is not in the CRM any more.")
            continue
        kind = Item.OPT_OUT if sources[object_name, each.field_name].startswith("flag.") else Item.FIELDS
        is_same = deciding.same(record.values.get(each.field_name), each.after)
        _value(
            look, count, items.get((kind, each.person_id)), name, is_same=is_same,
            changed_at=record.changed_at, told_at=each.at,
        )  # fmt: skip


def _value(
    look: Look,
    count: Count,
    item_id: int | None,
    name: str,
    *,
    is_same: bool,
    changed_at: str,
    told_at: datetime | None,
) -> None:
    """Count one value, and what is to be done about it."""
    count.ours += 1
    verdict = comparing.judge(is_same=is_same, changed_at=changed_at, told_at=told_at, behind=look.behind)
    if verdict == "same":
        count.theirs += 1
    elif verdict == "lost" and item_id is not None:
        count.again.append(item_id)
        count.examples.append(
            f"{name}: what was written does not stand in the CRM any more, and is sent again."
        )
    else:
        count.changed += 1
        count.examples.append(f"{name}: was changed in the CRM since, and stays as it is there.")


def _chunks(things: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(things), AT_ONCE):
        yield things[start : start + AT_ONCE]


def _store(look: Look, kind: str, found: Counts, now: datetime, *, error: str = "") -> int:
    """Keep the counts, and have sent again what is missing; return how much."""
    again = 0
    with db.use_case():
        for day, count in found.items():
            sent = SyncQueueItem.objects.filter(id__in=set(count.again), state=State.DONE).update(
                state=State.WAITING, attempts=0, due_at=now, reason=SENT_AGAIN
            )
            again += sent
            values = {
                "ran_at": now, "ours": count.ours, "theirs": count.theirs, "open": count.open, "sent_again": sent,
                "deleted": count.deleted, "extra": count.extra, "changed": count.changed,
                "examples": count.examples[:EXAMPLES], "error": error,
            }  # fmt: skip
            Reconciliation.objects.update_or_create(
                connection=look.connection, day=date.fromisoformat(day), kind=kind, defaults=values
            )
        if again:
            audit.record(
                actor="reconciliation",
                verb="crm_sync.items.sent_again",
                target=f"crm_connection:{look.connection.pk}",
                now=now,
                after={"kind": str(kind), "count": again},
            )
            enqueue_on_commit(jobs.PUSH_DUE)
    return again


PARTS: Final[dict[Kind, Callable[[Look], Counts]]] = {
    Kind.TEXT: _texts,
    Kind.CALLBACK: _callbacks,
    Kind.RESULT: _results,
    Kind.FIELD: _fields,
    Kind.MEMBER: _members,
}
