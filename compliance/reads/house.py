"""What the house decided: its limits and those waiting for a second person, lifted denials, emergencies."""

from dataclasses import dataclass
from datetime import date, datetime

from compliance.models import EmergencyArea, HouseLimitRequest, HouseLimitRow, Override
from compliance.reads.paging import Page, page_of
from core.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """The house's value of a number of the rule book."""

    id: int
    name: str
    value: object  # as stored: times as "HH:MM"
    since: date
    until: date | None
    is_override: bool
    reason: str
    set_by: str
    approved_by: str
    at: datetime

    def is_in_force(self, on: date) -> bool:
        """Return whether it counts on that day."""
        return self.since <= on and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRequestRow:
    """A looser value of a policy of ours that another person is to approve."""

    id: int
    name: str
    value: object
    since: date
    until: date | None
    reason: str
    requested_by: str
    requested_at: datetime
    decided_by: str
    decided_at: datetime | None
    is_approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRow:
    """A denial somebody lifted."""

    id: int
    code: str
    number: str
    person_ref: str
    campaign_ref: str
    reason: str
    by: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRow:
    """An area under a declared emergency."""

    id: int
    state: str
    area: str
    zips: tuple[str, ...]
    since: datetime
    until: datetime | None
    declared_by: str
    recorded_by: str

    def is_under_way(self, at: datetime) -> bool:
        """Return whether it stands at that instant."""
        return self.since <= at and (self.until is None or at < self.until)


def limits_by_name() -> dict[str, tuple[LimitRow, ...]]:
    """Return every limit of the house by the number's name, newest first. Hidden SQL: one query."""
    found: dict[str, list[LimitRow]] = {}
    for row in HouseLimitRow.objects.order_by("-id"):
        found.setdefault(row.name, []).append(_limit(row))
    return {name: tuple(rows) for name, rows in found.items()}


def standing_limit(rows: tuple[LimitRow, ...], on: date) -> LimitRow | None:
    """Return the one that counts on that day: of those in force the latest to begin, then the newest."""
    standing = [row for row in rows if row.is_in_force(on)]
    return max(standing, key=lambda row: (row.since, row.id), default=None)


def list_limit_requests(*, name: str = "") -> tuple[LimitRequestRow, ...]:
    """Return the looser limits that wait for a second person, oldest first. Hidden SQL: one query."""
    rows = HouseLimitRequest.objects.filter(decided_at__isnull=True)
    if name:
        rows = rows.filter(name=name)
    return tuple(map(_limit_request, rows.order_by("id")))


def get_limit_request(request_id: int) -> LimitRequestRow:
    """Return one request for a looser limit; raises NotFound. Hidden SQL: one query."""
    row = HouseLimitRequest.objects.filter(id=request_id).first()
    if row is None:
        raise NotFound("There is no such request.")
    return _limit_request(row)


def list_overrides(*, standing_at: datetime | None = None, before: int | None = None) -> Page[OverrideRow]:
    """Return lifted denials, newest first; with `standing_at` those that count then. Hidden SQL: one query."""
    rows = Override.objects.all()
    if standing_at is not None:
        rows = rows.filter(at__lte=standing_at, until__gt=standing_at)
    return page_of(rows, _override, before=before)


def overrides_of(number: str) -> tuple[OverrideRow, ...]:
    """Return the denials lifted for a number, newest first. Hidden SQL: one query."""
    return tuple(map(_override, Override.objects.filter(number=number).order_by("-id")))


def list_emergencies() -> tuple[EmergencyRow, ...]:
    """Return the areas under an emergency and the last 200 at all, newest first. Hidden SQL: one query."""
    return tuple(map(_emergency, EmergencyArea.objects.order_by("-since", "-id")[:200]))


def get_emergency(emergency_id: int) -> EmergencyRow:
    """Return one area; raises NotFound. Hidden SQL: one query."""
    row = EmergencyArea.objects.filter(id=emergency_id).first()
    if row is None:
        raise NotFound("There is no such emergency.")
    return _emergency(row)


def _limit(row: HouseLimitRow) -> LimitRow:
    return LimitRow(
        id=row.id,
        name=row.name,
        value=row.value,
        since=row.since,
        until=row.until,
        is_override=row.is_override,
        reason=row.reason,
        set_by=row.set_by,
        approved_by=row.approved_by,
        at=row.at,
    )


def _limit_request(row: HouseLimitRequest) -> LimitRequestRow:
    return LimitRequestRow(
        id=row.id,
        name=row.name,
        value=row.value,
        since=row.since,
        until=row.until,
        reason=row.reason,
        requested_by=row.requested_by,
        requested_at=row.at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        is_approved=row.limit_id is not None,
    )


def _override(row: Override) -> OverrideRow:
    return OverrideRow(
        id=row.id,
        code=row.code,
        number=row.number,
        person_ref=row.person_ref,
        campaign_ref=row.campaign_ref,
        reason=row.reason,
        by=row.by,
        at=row.at,
        until=row.until,
    )


def _emergency(row: EmergencyArea) -> EmergencyRow:
    return EmergencyRow(
        id=row.id,
        state=row.state,
        area=row.area,
        zips=tuple(row.zips),
        since=row.since,
        until=row.until,
        declared_by=row.declared_by,
        recorded_by=row.recorded_by,
    )
