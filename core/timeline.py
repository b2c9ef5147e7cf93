"""What happened to one person, from many tables, as one list: each gives its own rows older than where the page ends."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db.models import Q

# In this order where two things happened in the same instant.
KINDS: Final[Mapping[str, str]] = {
    "call": "Calls",
    "text": "Texts",
    "permission": "Consents and requests",
    "verdict": "Verdicts",
    "crm": "CRM",
    "import": "Imports",
    "note": "Notes",
    "change": "Changes",
}
RANKS: Final = {kind: rank for rank, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a timeline is about."""

    contact_id: int
    external_ref: str
    numbers: tuple[str, ...]
    other_refs: tuple[str, ...] = ()  # in CRMs, of records that were merged into this one
    other_ids: tuple[int, ...] = ()  # they had here


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened: when, through whom, and what."""

    at: datetime
    kind: str
    id: int
    who: str
    what: str
    detail: str = ""
    link: tuple[str, int] | None = None  # URL name and id of the page about it

    @property
    def key(self) -> str:
        """Return its place in the list, for the address of the next page."""
        return f"{self.at.timestamp():.6f}_{self.kind}_{self.id}"


@dataclass(frozen=True, slots=True)
class Border:
    """Where a page ends: what comes next is older, or as old and further down."""

    at: datetime
    kind: str
    id: int

    @classmethod
    def read(cls, text: str) -> "Border | None":
        """Return what Happening.key says; None for anything else: the first page."""
        seconds, _, rest = text.partition("_")
        kind, _, number = rest.partition("_")
        is_number = number.isascii() and number.isdigit() and len(number) < 19
        if kind not in RANKS or not is_number or len(seconds) > 20:
            return None
        try:
            return cls(datetime.fromtimestamp(float(seconds), UTC), kind, int(number))
        except (ValueError, OverflowError, OSError):
            return None


def older(border: Border | None, kind: str, at: str) -> Q:
    """Return the condition that a row of the kind, which happened at the column `at`, comes behind the border."""
    if border is None:
        return Q()
    if RANKS[kind] < RANKS[border.kind]:
        return Q(**{f"{at}__lt": border.at})
    if RANKS[kind] > RANKS[border.kind]:
        return Q(**{f"{at}__lte": border.at})
    return Q(**{f"{at}__lt": border.at}) | Q(**{at: border.at, "id__lt": border.id})


def newest(sources: Iterable[Sequence[Happening]], limit: int) -> list[Happening]:
    """Return the first so many of everything the sources gave, newest first."""
    return heapq.nsmallest(
        limit,
        (each for source in sources for each in source),
        key=lambda each: (-each.at.timestamp(), RANKS[each.kind], -each.id),
    )
