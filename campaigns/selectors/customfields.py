"""A house's own fields of people."""

from collections.abc import Mapping
from typing import Any

from campaigns.customfields import FieldSpec
from campaigns.models import CustomField
from campaigns.scripting.render import OWN


def specs() -> Mapping[str, FieldSpec]:
    """Return all fields by their key, by name, in one query."""
    rows = CustomField.objects.order_by("label", "id").values_list("key", "label", "kind", "choices")
    return {row[0]: FieldSpec(row[0], row[1], row[2], tuple(row[3])) for row in rows}


def names() -> dict[str, str]:
    """Return what scripts, columns and downloads call the fields ("own.tariff"), with their labels, by label; one query."""
    return {OWN + key: spec.label for key, spec in specs().items()}


def facts_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Return a person's own values as scripts may say and look at them."""
    return {OWN + key: str(value) for key, value in values.items()}
