"""Which lists a HubSpot account has; and one read from end to end, however long, so that another process can go on after any page."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from campaigns.importing import RawPerson
from crm_sync.protocol import CrmList, PeoplePage

PAGE: Final = 250  # members of one answer; their contacts are read 100 at a time
END: Final = "-"  # after the last page
_CONTACTS: Final = "0-1"  # object type id
_KINDS: Final = {"DYNAMIC": "Active list", "SNAPSHOT": "Static list", "MANUAL": "Static list"}


def list_contact_lists(page_at: Callable[..., Any]) -> list[CrmList]:
    """Return the account's lists of contacts with their sizes. `page_at` gives the page from an offset on."""
    found: list[CrmList] = []
    offset, more = 0, True
    while more:
        page = page_at(offset, count=250)
        for item in page.lists:
            if item.object_type_id != _CONTACTS:
                continue
            size = (item.additional_properties or {}).get("hs_list_size")
            found.append(
                CrmList(
                    kind="list",
                    external_id=str(item.list_id),
                    name=item.name,
                    size=int(size) if size else None,
                    detail=_KINDS.get(item.processing_type, "List"),
                )
            )
        offset, more = page.offset, bool(page.has_more and page.lists)
    return sorted(found, key=lambda item: (item.name.lower(), item.external_id))


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
