"""A house's own fields of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from campaigns.customfields import FieldSpec
from campaigns.models import CustomField
from campaigns.scripting.render import OWN

INDEX: Final = "contact_own_"  # how the names of the indexes begin
_INDEXES: Final = """
SELECT relation.relname, found.indisvalid FROM pg_index AS found JOIN pg_class AS relation ON relation.oid = found.indexrelid
 WHERE found.indrelid = 'campaigns_contact'::regclass AND relation.relname LIKE %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A field on the page of fields."""

    key: str
    label: str
    kind: str
    choices: Sequence[str]
    is_quick: bool
    is_ready: bool  # it is; else a worker is at it


def specs() -> Mapping[str, FieldSpec]:
    """Return all fields by their key, by name, in one query."""
    rows = CustomField.objects.order_by("label", "id")
    told = rows.values_list("key", "label", "kind", "choices", "is_quick")
    return {row[0]: FieldSpec(row[0], row[1], row[2], tuple(row[3]), row[4]) for row in told}


def index_of(field_id: int) -> str:
    """Return the name of a quick field's index."""
    return f"{INDEX}{field_id}"


def indexes() -> dict[str, bool]:
    """Return the indexes of quick fields there are, and whether each is whole; one query of the database's catalogue."""
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, [f"{INDEX}%"])
        return dict(cursor.fetchall())


def list_fields() -> list[FieldRow]:
    """Return all fields by name, with how quick each is; two queries."""
    whole = {name for name, is_valid in indexes().items() if is_valid}
    rows = CustomField.objects.order_by("label", "id")
    return [
        FieldRow(
            key=row.key,
            label=row.label,
            kind=row.kind,
            choices=tuple(row.choices),
            is_quick=row.is_quick,
            is_ready=index_of(row.pk) in whole,
        )
        for row in rows
    ]


def names() -> dict[str, str]:
    """Return what scripts, columns and downloads call the fields ("own.tariff"), with their labels, by label; one query."""
    return {OWN + key: spec.label for key, spec in specs().items()}


def facts_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Return a person's own values as scripts may say and look at them."""
    return {OWN + key: str(value) for key, value in values.items()}
