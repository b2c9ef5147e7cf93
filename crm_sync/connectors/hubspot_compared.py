"""What we wrote into a HubSpot account, of every kind, as it stands there. `objects` is hubspot-api-client's API of objects."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from crm_sync import mapping
from crm_sync.capabilities import ActivityKind, Standing
from crm_sync.connectors.hubspot_batches import BATCH
from crm_sync.connectors.hubspot_count import day_of
from crm_sync.protocol import SyncError

PAGE: Final = 200
MOST: Final = 10_000  # results of one search
# Kind of ours → the account's kind of record, and where its words stand.
_RECORDS: Final[Mapping[ActivityKind, tuple[str, str]]] = {
    "call": ("calls", "hs_call_body"),
    "text": ("communications", "hs_communication_body"),
    "callback": ("tasks", "hs_task_body"),
}


def ours_between(
    objects: Any, kind: ActivityKind, prefix: str, begin: date, end: date
) -> Iterator[Sequence[Standing]]:
    """Yield our records of days of UTC. A search has no prefixes: those of other installations are left out here."""
    search = getattr(objects, _RECORDS[kind][0]).search_api
    first, last = day_of(begin)[0], day_of(end)[0]
    for rows in _found(search, kind, first, last):
        found = [_standing(kind, row) for row in rows]
        yield [each for each in found if each.ref.startswith(prefix)]


def standing(objects: Any, kind: ActivityKind, crm_ids: Sequence[str]) -> dict[str, Standing]:
    """Read by id, BATCH a request; those that are not there are asked for once more among the archived."""
    api = getattr(objects, _RECORDS[kind][0]).batch_api
    wanted = [each for each in dict.fromkeys(crm_ids) if each.isdigit()]
    found: dict[str, Standing] = {}
    for archived in (False, True):
        missing = [each for each in wanted if each not in found]
        for start in range(0, len(missing), BATCH):
            body = {
                "inputs": [{"id": each} for each in missing[start : start + BATCH]],
                "properties": _properties(kind),
                "propertiesWithHistory": [],
            }
            for row in api.read(body, archived=archived).results:
                found[str(row.id)] = _standing(kind, row)
    return found


def _found(search: Any, kind: ActivityKind, begin: int, end: int) -> Iterator[Sequence[Any]]:
    """Yield the rows between instants; where a search would not show all of them, each half by itself."""
    after = 0
    while True:
        page = search.do_search(_body(kind, begin, end, after))
        if page.total > MOST:
            middle = (begin + end) // 2
            if middle == begin:
                raise SyncError("More records than HubSpot lists stand at one instant.", kind="permanent")
            yield from _found(search, kind, begin, middle)
            yield from _found(search, kind, middle, end)
            return
        yield page.results
        if not (page.paging and page.paging.next):
            return
        after += PAGE


def _body(kind: ActivityKind, begin: int, end: int, after: int) -> dict[str, Any]:
    filters = [
        {"propertyName": "hs_timestamp", "operator": "GTE", "value": str(begin)},
        {"propertyName": "hs_timestamp", "operator": "LT", "value": str(end)},
        {"propertyName": mapping.CALL_ID_PROPERTY, "operator": "HAS_PROPERTY"},
    ]
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_timestamp", "direction": "ASCENDING"}],
        "properties": [mapping.CALL_ID_PROPERTY, "hs_timestamp"],
        "limit": PAGE,
        "after": str(after),
    }


def _properties(kind: ActivityKind) -> list[str]:
    words = _RECORDS[kind][1]
    return [
        mapping.CALL_ID_PROPERTY,
        "hs_timestamp",
        words,
        *(["hs_call_disposition"] if kind == "call" else []),
    ]


def _standing(kind: ActivityKind, row: Any) -> Standing:
    values = row.properties
    at = str(values.get("hs_timestamp") or "")
    if at.isdigit():  # the API says it either way
        at = datetime.fromtimestamp(int(at) / 1000, UTC).isoformat()
    return Standing(
        crm_id=str(row.id),
        ref=str(values.get(mapping.CALL_ID_PROPERTY) or "").lower(),
        day=at[:10],
        result=str(values.get("hs_call_disposition") or ""),
        words=str(values.get(_RECORDS[kind][1]) or ""),
        changed_at=row.updated_at.isoformat() if row.updated_at else "",
        is_deleted=bool(row.archived),
    )
