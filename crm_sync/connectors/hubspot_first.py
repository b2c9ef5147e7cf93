"""A HubSpot list read from end to end, however long it is, so that another process can go on after any page."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from campaigns.importing import RawPerson
from crm_sync.protocol import PeoplePage

PAGE: Final = 250  # members of one answer; their contacts are read 100 at a time
END: Final = "-"  # after the last page


def read(
    memberships: Any,
    list_id: str,
    people_of: Callable[[Sequence[str]], Iterator[Sequence[RawPerson]]],
    total: int | None,
    cursor: str,
) -> Iterator[PeoplePage]:
    """Yield the list's people by the id of their record. `memberships` is hubspot-api-client's API of them.

    The cursor is HubSpot's own, which names the last member read: who joins or leaves meanwhile moves nobody.
    """
    after = cursor
    while after != END:
        options: dict[str, Any] = {"after": after} if after else {}
        page = memberships.get_page(list_id, limit=PAGE, **options)
        ids = [str(member.record_id) for member in page.results]
        people = [person for part in people_of(ids) for person in part] if ids else []
        after = str(page.paging.next.after) if page.paging and page.paging.next else END
        yield PeoplePage(people, after, total, left_out=len(ids) - len(people))
