"""People who wait to be known in a CRM."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from crm_sync import registry
from crm_sync.capabilities import Capability
from crm_sync.models import CrmConnection, MatchRules, PersonMatch, SyncQueueItem

RECENT = 30
State = PersonMatch.State


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """Somebody of the CRM it may be; `key` decides for them."""

    key: str
    person_id: str
    object_name: str
    name: str
    phones: Sequence[str]
    email: str
    company: str
    owner_name: str
    url: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Undecided:
    """The next one to decide, with what waits for it."""

    id: int
    connection_name: str
    name: str
    number: str
    email: str
    contact_id: int | None
    why: str
    created_at: datetime
    candidates: Sequence[CandidateRow]
    waiting: Sequence[str]  # what waits, in words
    left: int  # others to decide after it


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One that was decided, or is being looked for."""

    id: int
    connection_name: str
    name: str
    number: str
    state: str
    state_label: str
    rule: str
    last_error: str
    decided_at: datetime | None
    decided_by: str


@dataclass(frozen=True, slots=True)
class RuleValues:
    """A connection's rules as its form shows them."""

    connection_id: int
    connection_name: str
    kind: str
    values: dict[str, str]


def next_undecided(*, after: int = 0) -> Undecided | None:
    """Return the oldest one that waits for a person, behind `after` if given; None when all are decided. Three queries."""
    waiting = PersonMatch.objects.filter(state=State.UNDECIDED).select_related("connection")
    match = waiting.filter(id__gt=after).order_by("id").first() or waiting.order_by("id").first()
    if match is None:
        return None
    items = SyncQueueItem.objects.filter(match=match, state=SyncQueueItem.State.UNMATCHED).order_by("id")
    return Undecided(
        id=match.pk,
        connection_name=match.connection.name,
        name=match.name,
        number=match.number,
        email=match.email,
        contact_id=match.contact_id,
        why=match.rule,
        created_at=match.created_at,
        candidates=[_candidate(number, each) for number, each in enumerate(match.candidates, start=1)],
        waiting=[f"{each.get_kind_display()}: {each.payload['subject']}" for each in items[:10]],
        left=waiting.count() - 1,
    )


def list_recent() -> list[MatchRow]:
    """Return those that are looked for or were decided lately, newest first. One query."""
    rows = PersonMatch.objects.exclude(state=State.UNDECIDED).select_related("connection")
    return [
        MatchRow(
            id=row.pk,
            connection_name=row.connection.name,
            name=row.name,
            number=row.number,
            state=row.state,
            state_label=row.get_state_display(),
            rule=row.rule,
            last_error=row.last_error,
            decided_at=row.decided_at,
            decided_by=row.decided_by,
        )
        for row in rows.order_by("-id")[:RECENT]
    ]


def rules_of(connection_id: int) -> RuleValues | None:
    """Return the rules of a connection that can be searched, None for any other. Two queries."""
    connection = CrmConnection.objects.filter(id=connection_id).first()
    if connection is None or not registry.can(connection.kind, Capability.SEARCH, connection.settings):
        return None
    rules = MatchRules.objects.filter(connection=connection).first() or MatchRules(connection=connection)
    names = ("seek", "one", "many", "nobody", "create_as", "id_ours", "id_theirs")
    return RuleValues(
        connection.pk, connection.name, connection.kind, {name: str(getattr(rules, name)) for name in names}
    )


def counts(connection_id: int) -> dict[str, int]:
    """Return how many matches stand in which state. One query."""
    found = PersonMatch.objects.filter(connection_id=connection_id)
    return {
        str(key): int(value)
        for key, value in found.aggregate(
            undecided=Count("id", filter=Q(state=State.UNDECIDED)),
            seeking=Count("id", filter=Q(state=State.SEEKING)),
        ).items()
    }


def _candidate(number: int, stored: dict[str, Any]) -> CandidateRow:
    try:
        changed_at = datetime.fromisoformat(stored["changed_at"]) if stored["changed_at"] else None
    except ValueError:
        changed_at = None
    kept = {name: stored[name] for name in stored if name not in ("changed_at", "key")}
    return CandidateRow(key=str(number), changed_at=changed_at, **kept)
