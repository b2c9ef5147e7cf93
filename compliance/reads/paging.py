"""Pages of a list, newest first, continued by id."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

Item = TypeVar("Item")
Stored = TypeVar("Stored", bound=Model)
SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """A page of a list; `next_before` continues it, None at the end."""

    rows: tuple[Item, ...]
    next_before: int | None


def page_of(
    rows: "QuerySet[Stored]", told: Callable[[Stored], Item], *, before: int | None, limit: int = SIZE
) -> Page[Item]:
    """Return the rows with ids under `before`, newest first, as `told` says them. Hidden SQL: one query."""
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: limit + 1])
    more = len(found) > limit
    return Page(
        rows=tuple(told(row) for row in found[:limit]),
        next_before=found[limit - 1].pk if more else None,
    )
