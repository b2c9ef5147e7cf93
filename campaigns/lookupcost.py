"""What asking about numbers costs. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What the carrier takes for each part of a question; estimates of the house's, since the bill is the carrier's."""

    line: Decimal
    holder: Decimal
    currency: str

    def of(self, *, lines: int, holders: int) -> Decimal:
        """Return the price of so many questions, not rounded."""
        return self.line * lines + self.holder * holders


def shown(amount: Decimal) -> Decimal:
    """Return an amount in whole cents, never less than it is."""
    return amount.quantize(CENT, rounding=ROUND_UP)


def within(asked: Iterable[tuple[bool, bool]], prices: Prices, left: Decimal) -> int:
    """Return how many of the questions (line?, holder?), taken in order, the money left pays for."""
    count = 0
    for line, holder in asked:
        left -= prices.of(lines=int(line), holders=int(holder))
        if left < 0:
            break
        count += 1
    return count
