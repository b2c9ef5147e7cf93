"""HubSpot's batches: many records or associations in one request, each with its own result. Every step may be repeated."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from crm_sync.connectors import errors
from crm_sync.connectors.hubspot_http import batch_error
from crm_sync.protocol import SyncError

BATCH: Final = 100  # inputs of one batch request
ASSOCIATIONS: Final = 1000  # pairs of one request; HubSpot takes 2,000


def upsert(api: Any, records: Sequence[Mapping[str, str]], *, unique: str) -> list[str | SyncError]:
    """Create or update records by their property `unique`; return the id or the error of each, in order. At most BATCH.

    One value HubSpot does not accept refuses the whole batch: it is halved until the culprit stands alone.
    """
    inputs = [
        {
            "id": record[unique],
            "idProperty": unique,
            "objectWriteTraceId": record[unique],
            "properties": dict(record),
        }
        for record in records
    ]
    try:
        answer = api.upsert({"inputs": inputs})
    except SyncError as error:
        if not errors.concerns_one(error.kind):
            raise
        if len(records) == 1:
            return [error]
        middle = len(records) // 2
        return upsert(api, records[:middle], unique=unique) + upsert(api, records[middle:], unique=unique)
    ids = {str(row.properties.get(unique, "")).lower(): str(row.id) for row in answer.results}
    failed = getattr(answer, "errors", None) or []
    return [ids.get(record[unique]) or batch_error(failed, record[unique]) for record in records]


def update(api: Any, records: Sequence[tuple[str, Mapping[str, str]]]) -> list[str | SyncError]:
    """Update (id, properties) of records; return the id or the error of each, in order. At most BATCH."""
    inputs = [
        {"id": record_id, "objectWriteTraceId": record_id, "properties": dict(properties)}
        for record_id, properties in records
    ]
    try:
        answer = api.update({"inputs": inputs})
    except SyncError as error:
        # A property that is not there any more is the trouble of those records that name it.
        if not errors.concerns_one(error.kind) and error.code != "PROPERTY_DOESNT_EXIST":
            raise
        if len(records) == 1:
            return [error]
        middle = len(records) // 2
        return update(api, records[:middle]) + update(api, records[middle:])
    written = {str(row.id) for row in answer.results}
    failed = getattr(answer, "errors", None) or []
    return [each if each in written else batch_error(failed, each) for each, _ in records]


def associate(
    crm: Any, source: str, types: tuple[str, int], pairs: Sequence[tuple[str, str]]
) -> dict[str, SyncError]:
    """Associate (record, contact) pairs, the records being of kind `source`; return the errors by record."""
    refused: dict[str, SyncError] = {}
    for start in range(0, len(pairs), ASSOCIATIONS):
        refused |= _associate(crm, source, types, pairs[start : start + ASSOCIATIONS])
    return refused


def _associate(
    crm: Any, source: str, types: tuple[str, int], pairs: Sequence[tuple[str, str]]
) -> dict[str, SyncError]:
    wanted = [{"associationCategory": types[0], "associationTypeId": types[1]}]
    inputs = [{"from": {"id": record}, "to": {"id": contact}, "types": wanted} for record, contact in pairs]
    try:
        answer = crm.associations.v4.batch_api.create(source, "contacts", {"inputs": inputs})
    except SyncError as error:
        if not errors.concerns_one(error.kind):
            # Written, but not yet seen on the contacts: the records are not done, and the others wait for nothing.
            return {record: error for record, _ in pairs}
        if len(pairs) == 1:
            return {pairs[0][0]: error}
        middle = len(pairs) // 2
        return _associate(crm, source, types, pairs[:middle]) | _associate(crm, source, types, pairs[middle:])
    done = {str(row.from_object_id) for row in answer.results}
    failed = getattr(answer, "errors", None) or []
    return {record: batch_error(failed, record, contact) for record, contact in pairs if record not in done}
