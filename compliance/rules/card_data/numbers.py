"""Card numbers among digits: by check digit, first digits and length (ISO/IEC 7812)."""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from compliance.rules.card_data.digits import Kind, Unit

_LENGTHS = (16, 15, 14, 19, 18, 17, 13)  # the likelier first: it decides whose last four are shown
_SHORTEST = min(_LENGTHS)
_E164_DIGITS = 15
_FILLERS_BETWEEN = 6  # words that may stand between two groups of one number

# First digits (six of them, from and to) and lengths; ISO/IEC 7812 ranges as the card brands publish them.
_BRANDS = (
    (400000, 499999, {13, 16, 19}),  # Visa
    (510000, 559999, {16}),  # Mastercard
    (222100, 272099, {16}),
    (340000, 349999, {15}),  # American Express
    (370000, 379999, {15}),
    (601100, 601199, {16, 17, 18, 19}),  # Discover
    (644000, 659999, {16, 17, 18, 19}),
    (300000, 305999, {14, 16, 17, 18, 19}),  # Diners Club
    (309500, 309599, {14, 16, 17, 18, 19}),
    (360000, 369999, {14, 16, 17, 18, 19}),
    (380000, 399999, {14, 16, 17, 18, 19}),
    (352800, 358999, {16, 17, 18, 19}),  # JCB
    (213100, 213199, {15}),
    (180000, 180099, {15}),
    (620000, 629999, {16, 17, 18, 19}),  # UnionPay
    (810000, 817199, {16, 17, 18, 19}),
    (500000, 509999, {13, 14, 15, 16, 17, 18, 19}),  # Maestro
    (560000, 589999, {13, 14, 15, 16, 17, 18, 19}),
    (630000, 639999, {13, 14, 15, 16, 17, 18, 19}),
    (670000, 679999, {13, 14, 15, 16, 17, 18, 19}),
    (600000, 609999, {16}),  # RuPay
    (220000, 220499, {16, 17, 18, 19}),  # Mir
    (979200, 979299, {16}),  # Troy
)

_FIRST = frozenset(str(low)[0] for low, _, _ in _BRANDS)
_PHONE = r"(?:1 )?[2-9]\d\d [2-9]\d\d \d{4} |(?:1 )?[2-9]\d\d [2-9]\d{6} |1?[2-9]\d\d[2-9]\d{6} "
_PHONES = re.compile(f"(?:{_PHONE})+")
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


class Chain:
    """Digits that may be parts of one number, each with its place in the text."""

    def __init__(self, units: Sequence[Unit], *, after_plus: bool) -> None:
        self.units = units
        self.after_plus = after_plus
        self.digits = "".join(unit.digits for unit in units)
        self.places = [unit.place(index) for unit in units for index in range(len(unit.digits))]
        self.edges = {0, *accumulate(len(unit.digits) for unit in units)}  # where groups begin and end
        values = [int(digit) for digit in self.digits]
        # Sums of the digits so far, every second one doubled: the check of any stretch is then a subtraction.
        self._even = [0, *accumulate(v if i % 2 else _DOUBLED[v] for i, v in enumerate(values))]
        self._odd = [0, *accumulate(_DOUBLED[v] if i % 2 else v for i, v in enumerate(values))]

    def is_card_number(self, start: int, end: int) -> bool:
        """Return whether the digits from `start` up to `end` are a card number: check digit, first digits, length."""
        sums = self._even if (end - start) % 2 == start % 2 else self._odd
        return (sums[end] - sums[start]) % 10 == 0 and _is_plausible(
            self.digits[start : start + 6], end - start
        )


def chains(units: Sequence[Unit]) -> Iterator[Chain]:
    """Yield the runs of digits with nothing between them but separators and a few filler words."""
    run: list[Unit] = []
    fillers, plus = 0, False
    for unit in units:
        if unit.kind is Kind.DIGITS:
            run.append(unit)
            fillers = 0
        elif unit.kind is Kind.FILLER and run and fillers < _FILLERS_BETWEEN:
            fillers += 1
        else:
            if run:
                yield Chain(run, after_plus=plus)
            run, fillers, plus = [], 0, unit.kind is Kind.PLUS
    if run:
        yield Chain(run, after_plus=plus)


def card_places(chain: Chain) -> list[tuple[int, int, str]]:
    """Return where card numbers stand in the text, and their last four digits; overlapping ones as one, in order.

    First those that begin and end where groups do, then, in what is left, those at any place: “12 4111 1111 1111 1111” is a
    twelve and a card number, not a card number that begins with the twelve's two.
    """
    total = len(chain.digits)
    if total < _SHORTEST or _is_phone(chain):
        return []
    by_groups = [
        (start, end)
        for start, end in _windows(chain, 0, total)
        if start in chain.edges and end in chain.edges
    ]
    found: list[tuple[int, int, str]] = []
    done = 0
    for start, end, last_four in [*_merged(chain, by_groups), (total, total, "")]:
        found += _merged(chain, _windows(chain, done, start))
        if end > start:
            found.append((start, end, last_four))
        done = end
    return [(chain.places[start][0], chain.places[end - 1][1], last_four) for start, end, last_four in found]


def _windows(chain: Chain, begin: int, end: int) -> list[tuple[int, int]]:
    """Return every stretch between `begin` and `end` that is a card number."""
    found = []
    for start in range(begin, end - _SHORTEST + 1):
        if chain.digits[start] not in _FIRST:
            continue
        for length in _LENGTHS:
            is_phone = chain.after_plus and start == 0 and length <= _E164_DIGITS
            if start + length <= end and not is_phone and chain.is_card_number(start, start + length):
                found.append((start, start + length))
    return found


def _merged(chain: Chain, windows: Sequence[tuple[int, int]]) -> list[tuple[int, int, str]]:
    """Return the windows with overlapping ones as one, which shows the last four of the likeliest of them."""
    merged: list[tuple[int, int, tuple[int, int]]] = []  # start, end, likeliest
    for start, end in windows:
        if merged and start < merged[-1][1]:
            first, last, best = merged[-1]
            likelier = _LENGTHS.index(end - start) < _LENGTHS.index(best[1] - best[0])
            merged[-1] = (first, max(last, end), (start, end) if likelier else best)
        else:
            merged.append((start, end, (start, end)))
    return [(start, end, chain.digits[best[1] - 4 : best[1]]) for start, end, best in merged]


def _is_phone(chain: Chain) -> bool:
    """Say whether the digits are a phone number in E.164, or nothing but North American phone numbers."""
    if chain.after_plus and len(chain.digits) <= _E164_DIGITS:
        return True
    written = all(unit.written for unit in chain.units)
    return written and bool(_PHONES.fullmatch("".join(f"{unit.digits} " for unit in chain.units)))


def _is_plausible(first_six: str, length: int) -> bool:
    number = int(first_six)
    return any(low <= number <= high and length in lengths for low, high, lengths in _BRANDS)
