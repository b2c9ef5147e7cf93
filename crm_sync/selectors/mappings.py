"""Mappings in force, and the CRM's fields as they were last described."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from crm_sync.capabilities import CrmField
from crm_sync.fieldmap import Row, rows_of
from crm_sync.models import FieldDecision, MappingVersion, ObjectFields


def in_force(connection_id: int) -> dict[str, tuple[Row, ...]]:
    """Return the rows of each mapped object of a connection. One query."""
    latest = (
        MappingVersion.objects.filter(connection_id=connection_id)
        .order_by("object_name", "-number")
        .distinct("object_name")
    )
    return {row.object_name: rows_of(row.rows) for row in latest}


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
