"""What a look-up of an import's numbers would ask and cost, and how far one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import connection

from campaigns import lookupcost
from campaigns.lookupcost import Prices
from campaigns.models import NumberLookup, NumberLookupItem
from compliance.reads.lookups import limits, needed
from core.errors import NotFound

# Of everybody the import created, changed or met again; a merged person's numbers are the survivor's.
NUMBERS = """
SELECT DISTINCT phone.number FROM campaigns_importrow AS row JOIN campaigns_contactphone AS phone ON phone.contact_id = row.contact_id
 WHERE row.list_import_id = %(import)s"""
_ESTIMATE = """
SELECT count(*), count(*) FILTER (WHERE lacks_line), count(since), count(*) FILTER (WHERE lacks_holder) FROM ({needed}) AS found
"""
SHOWN_FAILURES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What would be asked of an import's numbers, by the limits of today."""

    numbers: int
    lines: int  # whose line is not known, or not any more
    consented: int  # in the United States, with a consent: only there the question has an answer, and a use
    holders: int  # of these, without a fresh answer
    prices: Prices

    @property
    def known_lines(self) -> int:
        """Return how many need not be asked."""
        return self.numbers - self.lines

    @property
    def known_holders(self) -> int:
        """Return how many need not be asked."""
        return self.consented - self.holders

    @property
    def without_consent(self) -> int:
        """Return for how many the question makes no sense."""
        return self.numbers - self.consented

    @property
    def line_cost(self) -> Decimal:
        """Return the cost of the lines, rounded up."""
        return lookupcost.shown(self.prices.of(lines=self.lines, holders=0))

    @property
    def holder_cost(self) -> Decimal:
        """Return the cost of asking for the holders, rounded up."""
        return lookupcost.shown(self.prices.of(lines=0, holders=self.holders))

    @property
    def cost(self) -> Decimal:
        """Return the cost of both."""
        return lookupcost.shown(self.prices.of(lines=self.lines, holders=self.holders))


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupFacts:
    """A look-up as the import's page shows it."""

    id: int
    state: str
    state_label: str
    total: int | None
    answered: int
    failed: int
    spent: Decimal
    budget: Decimal
    currency: str
    trouble: str
    due_at: datetime
    is_stopping: bool
    started_at: datetime
    finished_at: datetime | None
    failures: Sequence[tuple[str, str]]  # number and why, the first of them

    @property
    def is_open(self) -> bool:
        """Return whether more may be asked."""
        return self.finished_at is None

    @property
    def placed(self) -> int:
        """Return how many numbers have an outcome."""
        return self.answered + self.failed


def prices() -> Prices:
    """Return what each question is taken to cost."""
    return Prices(
        line=settings.LOOKUP_LINE_PRICE,
        holder=settings.LOOKUP_REASSIGNED_PRICE,
        currency=settings.LOOKUP_CURRENCY,
    )


def estimate(import_id: int, *, now: datetime) -> Estimate:
    """Return what a look-up of the import's numbers would ask and cost. Hidden SQL: two queries; 3 s for a million people."""
    with connection.cursor() as cursor:
        cursor.execute(_ESTIMATE.format(needed=needed(NUMBERS)), {"import": import_id, **limits(now)})
        numbers, lines, consented, holders = cursor.fetchone()
    return Estimate(numbers=numbers, lines=lines, consented=consented, holders=holders, prices=prices())


def newest(import_id: int) -> LookupFacts | None:
    """Return the import's latest look-up. Hidden SQL: one query, one more for failures."""
    row = NumberLookup.objects.filter(list_import_id=import_id).order_by("-id").first()
    if row is None:
        return None
    kept = Prices(line=row.price_line, holder=row.price_holder, currency=row.currency)
    return LookupFacts(
        id=row.pk,
        state=row.state,
        state_label=row.get_state_display(),
        total=row.total,
        answered=row.answered,
        failed=row.failed,
        spent=lookupcost.shown(kept.of(lines=row.asked_line, holders=row.asked_holder)),
        budget=row.budget,
        currency=row.currency,
        trouble=row.trouble,
        due_at=row.due_at,
        is_stopping=bool(row.stop_asked_by),
        started_at=row.started_at,
        finished_at=row.finished_at,
        failures=_failures(row.pk, SHOWN_FAILURES) if row.failed else (),
    )


def all_failures(import_id: int) -> list[tuple[str, str]]:
    """Return every number the import's latest look-up failed on, and why, by number; two queries."""
    lookup = NumberLookup.objects.filter(list_import_id=import_id).order_by("-id").first()
    return [] if lookup is None else _failures(lookup.pk, None)


def _failures(lookup_id: int, limit: int | None) -> list[tuple[str, str]]:
    rows = NumberLookupItem.objects.filter(lookup_id=lookup_id, state=NumberLookupItem.State.FAILED)
    return list(rows.order_by("number", "id").values_list("number", "said")[:limit])


def import_of(lookup_id: int) -> int:
    """Return the import whose numbers a look-up asks about. Raises NotFound."""
    found = NumberLookup.objects.filter(pk=lookup_id).values_list("list_import_id", flat=True).first()
    if found is None:
        raise NotFound("This look-up does not exist.")
    return found
