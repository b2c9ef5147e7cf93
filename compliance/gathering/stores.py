"""All stores read at once: one statement, whatever the batch, and one JSON document back.

A query for each store took three times as long for a single contact: most of it waiting for answers and making model objects.
The statement is prepared: to plan it takes six times as long as to run it for one contact.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from compliance.gathering import attempts, merged, numbers, surroundings
from compliance.registry_facts import COPIES, CopyRow
from core import db

PARTS = {
    "aliases": merged.ALIASES,
    "refusals": numbers.REFUSALS,
    "consents": numbers.CONSENTS,
    "relationships": numbers.RELATIONSHIPS,
    "lines": numbers.LINES,
    "reassigned": numbers.REASSIGNED,
    "overrides": numbers.OVERRIDES,
    "earlier": attempts.EARLIER,
    "used_today": attempts.USED_TODAY,
    "callers": surroundings.CALLERS,
    "registrations": surroundings.REGISTRATIONS,
    "emergencies": surroundings.EMERGENCIES,
    "copies": COPIES,
}
PARAMETERS = {
    **dict.fromkeys(("at", "reach", "unused", "midnight"), "timestamptz"),
    **dict.fromkeys(("numbers", "persons", "campaigns", "callers", "sellers", "states", "texts"), "text[]"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What every store holds about a batch, each in the order its part says."""

    aliases: tuple[merged.Alias, ...]
    refusals: tuple[numbers.Refusal, ...]
    consents: tuple[numbers.Given, ...]
    relationships: tuple[numbers.Relationship, ...]
    lines: tuple[numbers.Line, ...]
    reassigned: tuple[numbers.Reassigned, ...]
    overrides: tuple[numbers.Override, ...]
    earlier: tuple[attempts.Attempt, ...]
    used_today: tuple[attempts.Used, ...]
    callers: tuple[surroundings.Caller, ...]
    registrations: tuple[surroundings.Registration, ...]
    emergencies: tuple[surroundings.Emergency, ...]
    copies: tuple[CopyRow, ...]
    database_now: datetime
    newest: datetime | None  # when the newest contact was cleared


def _statement() -> str:
    parts = [
        f"'{name}', (SELECT coalesce(json_agg(part), '[]') FROM ({sql}) part)"  # noqa: S608 - our own text
        for name, sql in PARTS.items()
    ]
    parts += [
        "'database_now', clock_timestamp()",
        "'newest', (SELECT at FROM compliance_contactledger ORDER BY id DESC LIMIT 1)",
    ]
    return f"WITH {merged.KNOWN} SELECT json_build_object({', '.join(parts)})::text"


STATEMENT = db.Prepared(name="parley_stores", sql=_statement(), types=PARAMETERS)
_decode = msgspec.json.Decoder(Stores).decode


def ask(params: Mapping[str, Any]) -> Callable[[], Stores]:
    """Ask what the stores hold; what is returned takes the answer, so that a pipeline may hold other questions too.

    `params`: `at`; sets of numbers, persons, callers, sellers, states, campaigns; attempts.bounds. Taking the answer raises
    msgspec.ValidationError for a row nobody wrote here. Hidden SQL: one query.
    """
    cursor = connection.cursor()
    db.execute_prepared(
        cursor,
        STATEMENT,
        {name: _array(value) if isinstance(value, Set) else value for name, value in params.items()},
    )

    def answer() -> Stores:
        with cursor:
            (found,) = cursor.fetchone()
        return _decode(found)

    return answer


def _array(values: Set[str]) -> str:
    """The values as PostgreSQL writes an array: quoted here once, and not by the driver in each of the parts."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"
