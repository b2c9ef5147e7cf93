"""The CRM's fields: asked for, and kept for an hour, so that neither pages nor pushes ask each time."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core import db
from crm_sync.capabilities import CrmField, HasFields
from crm_sync.models import ObjectFields
from crm_sync.selectors import mappings

GOOD_FOR = timedelta(hours=1)


def fields_of(
    connection_id: int, connector: HasFields, object_name: str, *, now: datetime, anew: bool = False
) -> Mapping[str, CrmField]:
    """Return an object's fields by name, asking the CRM where what is kept is old, or `anew`. Raises SyncError."""
    known, read_at = mappings.fields_known(connection_id, object_name)
    if not anew and read_at is not None and read_at > now - GOOD_FOR:
        return known
    found = connector.fields(object_name)
    with db.use_case():
        ObjectFields.objects.update_or_create(
            connection_id=connection_id,
            object_name=object_name,
            defaults={"fields": [mappings.as_stored(each) for each in found], "read_at": now},
        )
    return {each.name: each for each in found}


def forget(connection_id: int) -> None:
    """Have all fields asked for anew: the CRM refused one."""
    ObjectFields.objects.filter(connection_id=connection_id).delete()
