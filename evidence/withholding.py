"""A pack is about one number: any other person's number in its rows gives way to its last four digits. Pure."""

import re
from typing import Any

from core.types import last_four

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# Numbers of the house, which calls from them: no secret, and part of the evidence.
OURS = frozenset({"caller_id"})


def withheld(number: str) -> str:
    """Return what stands in the place of a number that is not the pack's."""
    return f"another number, withheld {last_four(number)}"


def only_about(row: Any, number: str, *, key: str = "") -> Any:
    """Return the row with every stored number (E.164, a whole value) that is neither `number` nor a caller ID withheld.

    Free text stays as it was written or said: it is evidence word by word.
    """
    if isinstance(row, str):
        is_other = row.startswith("+") and row != number and key not in OURS and _E164.fullmatch(row)
        return withheld(row) if is_other else row
    if isinstance(row, dict):
        return {name: only_about(value, number, key=name) for name, value in row.items()}
    if isinstance(row, list):
        return [only_about(value, number, key=key) for value in row]
    return row
