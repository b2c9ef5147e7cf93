"""Mappings in force, and the CRM's fields as they were last described."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from crm_sync import links, registry
from crm_sync.capabilities import CrmField
from crm_sync.fieldmap import Row, difference, rows_of
from crm_sync.models import FieldDecision, MappingVersion, ObjectFields


def in_force(connection_id: int) -> dict[str, tuple[Row, ...]]:
    """Return the rows of each mapped object of a connection. One query."""
    latest = (
        MappingVersion.objects.filter(connection_id=connection_id)
        .order_by("object_name", "-number")
        .distinct("object_name")
    )
    return {row.object_name: rows_of(row.rows) for row in latest}


def used_facts(connection_id: int) -> set[str]:
    """Return the keys of facts that go out by a mapping in force. One query."""
    return {row.ours for rows in in_force(connection_id).values() for row in rows if row.goes_out}


def fields_known(connection_id: int, object_name: str) -> tuple[dict[str, CrmField], datetime | None]:
    """Return the fields by name as they were last described, and when; none and None before the first time. One query."""
    row = ObjectFields.objects.filter(connection_id=connection_id, object_name=object_name).first()
    if row is None:
        return {}, None
    return {each["name"]: field_of(each) for each in row.fields}, row.read_at


def last_written(
    connection_id: int, person_ids: Sequence[str], names: Sequence[str]
) -> dict[tuple[str, str], Any]:
    """Return what we last wrote into fields, by (person, field). One query."""
    rows = (
        FieldDecision.objects.filter(
            connection_id=connection_id,
            person_id__in=list(person_ids),
            field_name__in=list(names),
            way=FieldDecision.Way.OUT,
            wrote=True,
        )
        .order_by("person_id", "field_name", "-id")
        .distinct("person_id", "field_name")
    )
    return {(row.person_id, row.field_name): row.after for row in rows}


def field_of(stored: Mapping[str, Any]) -> CrmField:
    """Return a field as as_stored() kept it."""
    return CrmField(**{**stored, "options": tuple((each[0], each[1]) for each in stored["options"])})


def as_stored(field: CrmField) -> dict[str, Any]:
    """Return a field as JSON can keep it."""
    return {**asdict(field), "options": [list(each) for each in field.options]}


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a mapping, and what it changed."""

    number: int
    created_at: datetime
    created_by: str
    note: str
    rows: int
    changes: Sequence[str]
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """One field where both sides had another value, and the rule that decided."""

    person_name: str
    person_url: str
    way: str
    field_label: str
    ours: Any
    theirs: Any
    after: Any
    wrote: bool
    rule: str
    at: datetime


VERSIONS, CONFLICTS = 50, 100


def latest_number(connection_id: int, object_name: str) -> int:
    """Return the number of the version in force, 0 before the first. One query."""
    found = MappingVersion.objects.filter(connection_id=connection_id, object_name=object_name)
    return found.aggregate(number=Max("number"))["number"] or 0


def list_versions(connection_id: int, object_name: str, labels: Mapping[str, str]) -> list[VersionRow]:
    """Return an object's versions, newest first, each with what it changed from the one before. One query."""
    found = list(
        MappingVersion.objects.filter(connection_id=connection_id, object_name=object_name).order_by(
            "-number"
        )[: VERSIONS + 1]
    )
    rows = []
    for index, version in enumerate(found[:VERSIONS]):
        before = rows_of(found[index + 1].rows) if index + 1 < len(found) else ()
        now = rows_of(version.rows)
        rows.append(
            VersionRow(
                number=version.number,
                created_at=version.created_at,
                created_by=version.created_by,
                note=version.note,
                rows=len(now),
                changes=difference(before, now, labels),
                is_in_force=index == 0,
            )
        )
    return rows


def list_conflicts(connection_id: int) -> list[Conflict]:
    """Return the latest conflicts of a connection, newest first. One query."""
    rows = (
        FieldDecision.objects.filter(connection_id=connection_id, is_conflict=True)
        .select_related("connection")
        .order_by("-id")[:CONFLICTS]
    )
    return [
        Conflict(
            person_name=row.person_name or row.person_id,
            person_url=links.person_url(
                row.connection.kind,
                row.connection.settings,
                registry.base_url(row.connection.kind),
                row.person_id,
            ),
            way=row.get_way_display(),
            field_label=row.field_label,
            ours=row.ours,
            theirs=row.theirs,
            after=row.after,
            wrote=row.wrote,
            rule=row.rule,
            at=row.at,
        )
        for row in rows
    ]
