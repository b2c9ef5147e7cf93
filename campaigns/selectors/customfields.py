"""A house's own fields of people."""

from collections.abc import Mapping

from campaigns.customfields import FieldSpec
from campaigns.models import CustomField


def specs() -> Mapping[str, FieldSpec]:
    """Return all fields by their key, by name, in one query."""
    rows = CustomField.objects.order_by("label", "id").values_list("key", "label", "kind", "choices")
    return {row[0]: FieldSpec(row[0], row[1], row[2], tuple(row[3])) for row in rows}
