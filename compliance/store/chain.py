"""The hash chain's arithmetic: what bytes a verdict is hashed as, and what a broken lane shows. Pure.

Whoever wants to check us needs this page only. A row's bytes are the JSON array of its COLUMNS in UTF-8 without spaces, with the
length in bytes in place of `verdicts` and of `facts`, followed by these two texts themselves. Instants are written
2026-11-23T16:00:00.123456Z (no fraction when it is zero), hashes in base64, no instant as null. The row's hash is BLAKE2b-256 of
the bytes. A lane starts from genesis(day, lane).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

import msgspec

HASH_BYTES = 32
COLUMNS = (
    "id",
    "attempt_ref",
    "number",
    "person_ref",
    "channel",
    "purpose",
    "seller",
    "campaign_ref",
    "outcome",
    "code",
    "sentence",
    "verdicts",
    "facts",
    "rules_version",
    "rules_hash",
    "next_allowed_at",
    "decided_at",
    "lane",
    "position",
    "prev_hash",
)
"""The hashed columns, in order."""

VERDICTS, FACTS = COLUMNS.index("verdicts"), COLUMNS.index("facts")

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Link:
    """What a verification keeps of one row of a broken lane."""

    id: int
    position: int
    prev_hash: bytes
    row_hash: bytes
    is_genuine: bool  # its columns give its hash


def genesis(day: date, lane: int) -> bytes:
    """Return the hash a lane starts from."""
    return digest(["parley verdicts", day.isoformat(), lane])


def digest(values: Sequence[Any]) -> bytes:
    """Return the hash of values, as JSON."""
    return blake2b(_encode(values), digest_size=HASH_BYTES).digest()


def row_digest(values: Sequence[Any]) -> bytes:
    """Return the hash of a row, given the values of COLUMNS; instants in UTC."""
    verdicts, facts = values[VERDICTS].encode(), values[FACTS].encode()
    head = _encode((*values[:VERDICTS], len(verdicts), len(facts), *values[FACTS + 1 :]))
    hashed = blake2b(head, digest_size=HASH_BYTES)
    hashed.update(verdicts)
    hashed.update(facts)
    return hashed.digest()


def broken_links(links: Iterable[Link], *, count: int, last_hash: bytes, start: bytes) -> list[str]:
    """Return what is wrong with a lane, in words: verdicts changed, moved, added or removed at the start, middle or end.

    `count` and `last_hash` are what the lane itself says, `start` its genesis. Rows of a lane have ascending ids; an id out of
    that order was moved. A removed row has no id left to tell, so its position is named.
    """
    rows = sorted(links, key=lambda link: (link.position, link.id))
    by_id = sorted(rows, key=lambda link: link.id)
    found: list[str] = []
    position, previous, is_previous_known_bad = 0, start, False
    for rank, link in enumerate(rows):
        if link.position <= position:
            found.append(f"verdict {link.id} was added: position {link.position} is taken")
            continue
        if link.position > position + 1:
            found.append(_removed(position + 1, link.position - 1))
        elif link.is_genuine and link.prev_hash != previous and not is_previous_known_bad:
            found.append(f"the verdict before {link.id} was replaced: {link.id} does not follow it")
        is_moved = by_id[rank].id != link.id
        is_previous_known_bad = is_moved or not link.is_genuine
        if is_moved:
            found.append(f"verdict {link.id} was moved: it stands at position {link.position}")
        elif not link.is_genuine:
            found.append(f"verdict {link.id} was changed (position {link.position})")
        position, previous = link.position, link.row_hash
    if position < count:
        found.append(f"{_removed(position + 1, count)} (the end of the lane)")
    elif position > count:
        found.append(f"positions {count + 1} to {position} were added after the lane's end")
    elif count and previous != last_hash and not is_previous_known_bad:
        found.append(f"the last verdict, {rows[-1].id}, was replaced")
    return found


def _removed(first: int, last: int) -> str:
    if first == last:
        return f"the verdict at position {first} was removed"
    return f"the verdicts at positions {first} to {last} were removed"
