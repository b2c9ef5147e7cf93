"""Who is, or was, on a followed list: written in chunks."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from core import db
from crm_sync.models import LiveMember

WRITE_AT_ONCE = 5_000


def keep(members: Sequence[LiveMember], fields: Sequence[str]) -> None:
    """Insert members, or update these fields of those who are known."""
    LiveMember.objects.bulk_create(
        members, update_conflicts=True, unique_fields=["live_list", "person_id"], update_fields=fields
    )


def keep_read(live_list_id: int, person_ids: Iterable[str], stamps: Mapping[str, str]) -> None:
    """Keep people of a first reading, with what tells of a later change where the CRM has no times; in the transaction that stages them.

    Somebody read again keeps the stamp they have unless this reading has one: without it the next look would bring them once more.
    """
    db.require_atomic()
    people = list(dict.fromkeys(person_ids))
    told = [each for each in people if stamps.get(each)]
    keep(
        [LiveMember(live_list_id=live_list_id, person_id=each, stamp=stamps[each]) for each in told],
        ["left_at", "stamp"],
    )
    untold = [each for each in people if not stamps.get(each)]
    keep([LiveMember(live_list_id=live_list_id, person_id=each) for each in untold], ["left_at"])


def chunks(items: Iterable[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    """Yield the items in portions of one write."""
    rest = iter(items)
    while chunk := list(itertools.islice(rest, WRITE_AT_ONCE)):
        yield chunk
