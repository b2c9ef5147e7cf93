"""Contacts of a HubSpot account changed since an instant, through its search."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from crm_sync.protocol import SyncError

PAGE: Final = 200
MOST: Final = 10_000  # results of one search
_CHANGED: Final = "lastmodifieddate"


def changed_contacts(search: Any, since: datetime) -> Iterator[Sequence[tuple[str, str]]]:
    """Yield id and lastmodifieddate, oldest change first. `search` is hubspot-api-client's search API of contacts.

    A search ends at 10,000 results: the next one begins at the last change found, whose contacts come twice.
    """
    begin, after, last = str(int(since.timestamp() * 1000)), 0, ""
    while True:
        body = {
            "filterGroups": [{"filters": [{"propertyName": _CHANGED, "operator": "GTE", "value": begin}]}],
            "sorts": [{"propertyName": _CHANGED, "direction": "ASCENDING"}],
            "properties": [_CHANGED],
            "limit": PAGE,
            "after": str(after),
        }
        page = search.do_search(body)
        found = [(str(row.id), str(row.properties[_CHANGED])) for row in page.results]
        if found:
            yield found
            last = found[-1][1]
        if not (page.paging and page.paging.next):
            return
        after += PAGE
        if after + PAGE > MOST:
            following = str(int(datetime.fromisoformat(last).timestamp() * 1000))
            if following == begin:
                raise SyncError(
                    "More than 10,000 contacts were changed in HubSpot at one instant; import the list anew.",
                    kind="permanent",
                )
            begin, after = following, 0
