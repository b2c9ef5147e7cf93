"""What the CRM pages show."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Min, Q, QuerySet

from core.errors import NotFound
from crm_sync import held_fields, links, registry
from crm_sync.models import CrmConnection, SyncQueueItem
from crm_sync.selectors import mappings

PAGE_SIZE = 50
REASONS = 20
LAG_OVER = timedelta(hours=1)
State = SyncQueueItem.State


@dataclasses.dataclass(frozen=True, slots=True)
class CheckRow:
    """One line of a connection's last test."""

    name: str
    ok: bool
    detail: str


@dataclasses.dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection with its health."""

    id: int
    kind: str
    kind_label: str
    name: str
    state: str
    state_label: str
    last_error: str
    checked_at: datetime | None
    paused_until: datetime | None
    checks: Sequence[CheckRow]
    waiting: int
    in_flight: int
    held: int
    done_last_hour: int
    lag_p95: timedelta | None  # of the calls confirmed in the last hour; None without any
    settings: Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class ActivityRow:
    """One call on its way to a CRM."""

    id: int
    connection_name: str
    kind_label: str
    person_name: str
    person_url: str
    subject: str
    started_at: datetime
    state: str
    state_label: str
    created_at: datetime
    changed_at: datetime
    first_sent_at: datetime | None
    sent_at: datetime | None
    acknowledged_at: datetime | None
    lag_seconds: float | None  # newest change to the CRM's confirmation of it; None while one is on its way
    attempts: int
    crm_id: str
    crm_url: str
    reason: str
    is_call: bool  # it can be edited
    item_kind: str

    @property
    def is_held(self) -> bool:
        """Return whether a person has to do something."""
        return self.state == State.HELD

    @property
    def may_go_again(self) -> bool:
        """Return whether nothing happens to it before a person says so."""
        return self.state in (State.HELD, State.SET_ASIDE)


@dataclasses.dataclass(frozen=True, slots=True)
class ActivityPage:
    """A page of activity, newest first; the ids are None where there is no such page."""

    rows: Sequence[ActivityRow]
    older_than: int | None
    newer_than: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class HeldReason:
    """Why items of a connection wait for a person, and how many."""

    connection_id: int
    connection_name: str
    reason: str
    count: int
    since: datetime  # the oldest one's last change


@dataclasses.dataclass(frozen=True, slots=True)
class HeldCall:
    """A held item as a person may edit it, beside what the dialer said."""

    id: int
    kind: str
    kind_label: str
    connection_name: str
    person_name: str
    reason: str
    given: Mapping[str, str]
    now: Mapping[str, str]


class Percentile95(Aggregate):
    """The value that 95 of 100 do not exceed."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.95) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def list_connections(now: datetime) -> list[ConnectionRow]:
    """Return all connections by name, each with what waits and how fast it was in the last hour.

    Two queries.
    """
    figures = {row["connection_id"]: row for row in _figures(now)}
    connections = CrmConnection.objects.order_by("name", "id")
    return [_connection_row(connection, figures.get(connection.id, {})) for connection in connections]


def get_connection(connection_id: int, now: datetime) -> ConnectionRow:
    """Return one connection; raises NotFound."""
    connection = CrmConnection.objects.filter(id=connection_id).first()
    if connection is None:
        raise NotFound("This CRM connection does not exist.")
    figures = {row["connection_id"]: row for row in _figures(now)}
    return _connection_row(connection, figures.get(connection.id, {}))


def list_activity(
    *,
    connection_id: int | None = None,
    state: str = "",
    search: str = "",
    older_than: int | None = None,
    newer_than: int | None = None,
) -> ActivityPage:
    """Return a page of calls, newest first. One query.

    `older_than` and `newer_than` are item ids, at most one of them; `search` looks for a person's name, and
    for the ids of person, call and activity.
    """
    items = SyncQueueItem.objects.select_related("connection")
    if connection_id is not None:
        items = items.filter(connection_id=connection_id)
    if state:
        items = items.filter(state=state)
    if search:
        items = items.filter(
            Q(person_name__icontains=search)
            | Q(person_id=search)
            | Q(crm_id=search)
            | Q(external_call_id=search.lower())
        )
    found, more = _slice(items, older_than, newer_than)
    rows = [_activity_row(item) for item in found]
    has_older = more if newer_than is None else True
    has_newer = older_than is not None if newer_than is None else more
    return ActivityPage(
        rows=rows,
        older_than=found[-1].id if found and has_older else None,
        newer_than=found[0].id if found and has_newer else None,
    )


def list_held(*, connection_id: int | None = None) -> list[HeldReason]:
    """Return why items wait for a person, the most frequent reason first, at most REASONS of them. One query."""
    items = SyncQueueItem.objects.filter(state=State.HELD)
    if connection_id is not None:
        items = items.filter(connection_id=connection_id)
    counted = (
        items.values("connection_id", "connection__name", "reason")
        .annotate(count=Count("id"), since=Min("changed_at"))
        .order_by("-count", "reason", "connection_id")[:REASONS]
    )
    return [
        HeldReason(
            connection_id=row["connection_id"],
            connection_name=row["connection__name"],
            reason=row["reason"],
            count=row["count"],
            since=row["since"],
        )
        for row in counted
    ]


def get_held_call(item_id: int) -> HeldCall:
    """Return an item that waits for a person, or was set aside, as they may edit it; raises NotFound for any other."""
    item = (
        SyncQueueItem.objects.select_related("connection")
        .filter(id=item_id, state__in=[State.HELD, State.SET_ASIDE])
        .exclude(kind=SyncQueueItem.Kind.DO_NOT_CALL)
        .first()
    )
    if item is None:
        raise NotFound("This call does not wait for a person.")
    used = mappings.used_facts(item.connection_id)
    given = held_fields.given(item.kind, item.payload, used)
    return HeldCall(
        id=item.id,
        kind=item.kind,
        kind_label=item.get_kind_display(),
        connection_name=item.connection.name,
        person_name=item.person_name,
        reason=item.reason,
        given=given,
        now=held_fields.given(item.kind, {**item.payload, **item.edits}, used),
    )


def count_by_state() -> dict[str, int]:
    """Return how many calls stand in each state."""
    counted = SyncQueueItem.objects.order_by("state").values("state").annotate(number=Count("id"))
    return {row["state"]: row["number"] for row in counted}


def _slice(
    items: QuerySet[SyncQueueItem], older_than: int | None, newer_than: int | None
) -> tuple[list[SyncQueueItem], bool]:
    """Return one page, newest first, and whether there is more in the direction asked for."""
    if newer_than is not None:
        found = list(items.filter(id__gt=newer_than).order_by("id")[: PAGE_SIZE + 1])
        return list(reversed(found[:PAGE_SIZE])), len(found) > PAGE_SIZE
    if older_than is not None:
        items = items.filter(id__lt=older_than)
    found = list(items.order_by("-id")[: PAGE_SIZE + 1])
    return found[:PAGE_SIZE], len(found) > PAGE_SIZE


def _figures(now: datetime) -> Iterable[Mapping[str, Any]]:
    lag = ExpressionWrapper(F("acknowledged_at") - F("changed_at"), output_field=DurationField())
    recent = Q(state=State.DONE, acknowledged_at__gte=now - LAG_OVER)
    return (
        SyncQueueItem.objects.order_by("connection_id")
        .values("connection_id")
        .annotate(
            waiting=Count("id", filter=Q(state=State.WAITING)),
            in_flight=Count("id", filter=Q(state=State.IN_FLIGHT)),
            held=Count("id", filter=Q(state=State.HELD)),
            done_last_hour=Count("id", filter=recent),
            lag_p95=Percentile95(lag, filter=recent),
        )
    )


def _connection_row(connection: CrmConnection, figures: Mapping[str, Any]) -> ConnectionRow:
    return ConnectionRow(
        id=connection.id,
        kind=connection.kind,
        kind_label=connection.get_kind_display(),
        name=connection.name,
        state=connection.state,
        state_label=connection.get_state_display(),
        last_error=connection.last_error,
        checked_at=connection.checked_at,
        paused_until=connection.paused_until,
        checks=[CheckRow(**check) for check in connection.checks],
        waiting=figures.get("waiting", 0),
        in_flight=figures.get("in_flight", 0),
        held=figures.get("held", 0),
        done_last_hour=figures.get("done_last_hour", 0),
        lag_p95=figures.get("lag_p95"),
        settings=connection.settings,
    )


def _activity_row(item: SyncQueueItem) -> ActivityRow:
    connection = item.connection
    base_url = registry.base_url(connection.kind)
    person_url = links.person_url(connection.kind, connection.settings, base_url, item.person_id)
    kinds = SyncQueueItem.Kind
    is_flag = item.kind in (kinds.DO_NOT_CALL, kinds.OPT_OUT, kinds.FIELDS, kinds.MEMBER)
    crm_url = (
        person_url
        if is_flag and item.crm_id
        else links.activity_url(connection.kind, connection.settings, base_url, item.crm_id, item.person_id)
    )
    lag = None
    if item.state == State.DONE and item.acknowledged_at is not None:
        lag = (item.acknowledged_at - item.changed_at).total_seconds()
    return ActivityRow(
        id=item.id,
        connection_name=connection.name,
        kind_label=connection.get_kind_display(),
        person_name=item.person_name,
        person_url=person_url,
        subject=item.edits.get("subject", item.payload["subject"]),
        started_at=datetime.fromisoformat(item.payload["started_at"]),
        state=item.state,
        state_label=item.get_state_display(),
        created_at=item.created_at,
        changed_at=item.changed_at,
        first_sent_at=item.first_sent_at,
        sent_at=item.sent_at,
        acknowledged_at=item.acknowledged_at,
        lag_seconds=lag,
        attempts=item.attempts,
        crm_id=item.crm_id,
        crm_url=crm_url,
        reason=item.reason,
        is_call=item.kind != kinds.DO_NOT_CALL,
        item_kind=item.get_kind_display(),
    )
