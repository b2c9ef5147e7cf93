"""Calls of ours that stand in a HubSpot account, counted and listed through its search."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from crm_sync import mapping
from crm_sync.protocol import SyncError

PAGE: Final = 200
MOST: Final = 10_000  # results of one search
_SECOND: Final = 1000  # milliseconds


def day_of(day: date) -> tuple[int, int]:
    """Return beginning and end of a day of UTC in milliseconds."""
    begin = datetime.combine(day, time(), UTC)
    end = begin + timedelta(days=1)
    return int(begin.timestamp() * _SECOND), int(end.timestamp() * _SECOND)


def count_calls(search: Any, begin: int, end: int) -> int:
    """Return how many calls between the instants have an id of ours. `search` is the library's search API of calls."""
    return int(search.do_search(_body(begin, end, after=0, limit=1)).total)


def logged_calls(search: Any, begin: int, end: int) -> Iterator[Sequence[str]]:
    """Yield the external ids of these calls; where a search would not show all of them, each half by itself."""
    after = 0
    while True:
        page = search.do_search(_body(begin, end, after=after, limit=PAGE))
        if page.total > MOST:
            middle = (begin + end) // 2
            if middle == begin:
                raise SyncError("More calls than HubSpot lists stand at one instant.", kind="permanent")
            yield from logged_calls(search, begin, middle)
            yield from logged_calls(search, middle, end)
            return
        yield [str(row.properties[mapping.CALL_ID_PROPERTY]).lower() for row in page.results]
        if not (page.paging and page.paging.next):
            return
        after += PAGE


def _body(begin: int, end: int, *, after: int, limit: int) -> dict[str, Any]:
    filters = [
        {"propertyName": "hs_timestamp", "operator": "GTE", "value": str(begin)},
        {"propertyName": "hs_timestamp", "operator": "LT", "value": str(end)},
        {"propertyName": mapping.CALL_ID_PROPERTY, "operator": "HAS_PROPERTY"},
    ]
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_timestamp", "direction": "ASCENDING"}],
        "properties": [mapping.CALL_ID_PROPERTY],
        "limit": limit,
        "after": str(after),
    }
