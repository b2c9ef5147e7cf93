"""People found by a HubSpot search, however many: by windows of record ids."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from campaigns.importing import RawPerson
from crm_sync import hubspot_filters as filters
from crm_sync.connectors.hubspot_first import END
from crm_sync.protocol import PeoplePage


def read(
    search: Any, text: str, people_of: Callable[[Sequence[str]], Iterator[Sequence[RawPerson]]], cursor: str
) -> Iterator[PeoplePage]:
    """Yield the people found, by rising record id. `search` is hubspot-api-client's search API of contacts."""
    after, _, known = cursor.partition(":")
    total = int(known or 0)
    while after != END:
        page = search.do_search(filters.body(text, after_id=after))
        total = total or int(page.total)
        ids = [str(row.id) for row in page.results]
        after = _next(ids)
        people = [person for part in people_of(ids) for person in part] if ids else []
        yield PeoplePage(people, f"{after}:{total}", total, left_out=len(ids) - len(people))


def ids(search: Any, text: str) -> Iterator[Sequence[str]]:
    """Yield the record ids of everybody found."""
    after = ""
    while after != END:
        found = [str(row.id) for row in search.do_search(filters.body(text, after_id=after)).results]
        yield found
        after = _next(found)


def count(search: Any, text: str) -> int:
    """Return how many are found; raises SyncError with HubSpot's words."""
    return int(search.do_search(filters.body(text, after_id="", limit=1)).total)


def _next(ids: Sequence[str]) -> str:
    """Return where the next page begins. Fewer than a page is the end: the pages' own cursor would end at 10,000."""
    return ids[-1] if len(ids) == filters.PAGE else END
