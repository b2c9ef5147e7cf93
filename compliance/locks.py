"""Advisory locks of the gate: whoever counts contacts to a number or person, or changes what stands for it, goes one by one."""

from collections.abc import Iterable

from core import db


def lock_people(*, numbers: Iterable[str], persons: Iterable[str] = ()) -> None:
    """Wait for the numbers and persons until the transaction ends. Once a transaction, with all of them in one call."""
    keys = {db.lock_key("compliance.number", number) for number in numbers}
    keys |= {db.lock_key("compliance.person", person) for person in persons if person}
    db.advisory_xact_lock(*keys)
