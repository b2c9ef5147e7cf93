"""Rows without card data, before they are kept (PCI-001)."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from compliance.rules import card_data

_SHORTEST = 13  # digits of a card number


def without_card_data(value: Any, found: Counter[str]) -> Any:
    """Return the value, a text without its card data. Short texts and those with few digits are passed by: that is nearly all."""
    if not isinstance(value, str) or len(value) < _SHORTEST or sum(map(str.isdecimal, value)) < _SHORTEST:
        return value
    redaction = card_data.redact(value)
    if redaction.alert:
        found.update(cards=redaction.cards, codes=redaction.codes)
    return redaction.text


def cells_without_cards(cells: list[str], found: Counter[str]) -> Sequence[str]:
    """Return the cells without card data; the very same list where there is none."""
    clear = None
    for index, cell in enumerate(cells):
        if len(cell) >= _SHORTEST and (text := without_card_data(cell, found)) is not cell and text != cell:
            clear = clear or list(cells)
            clear[index] = text
    return cells if clear is None else clear
