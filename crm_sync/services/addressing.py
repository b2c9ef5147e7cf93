"""Who somebody is in which CRM, or who is still to be found there. Rows only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from campaigns.selectors import crm_facts
from campaigns.selectors.people import people_with_numbers
from core import db, kept
from core.jobs import enqueue_on_commit
from crm_sync import jobs, refs, registry
from crm_sync.capabilities import Capability
from crm_sync.models import CrmConnection, MatchRules, PersonMatch

log = structlog.get_logger(__name__)

Seek = MatchRules.Seek
State = PersonMatch.State


@dataclass(frozen=True, slots=True)
class Target:
    """A CRM that is told, and of whom; `person_id` is empty while `match_id` is not decided."""

    connection: CrmConnection
    person_id: str
    person_name: str
    external_ref: str  # of our person; empty for one that is not linked
    match_id: int | None = None


def of_call(payload: Mapping[str, Any], *, now: datetime) -> list[Target]:
    """Return where a call goes; must run in the event's transaction. People of no CRM are looked for by the connections' rules."""
    db.require_atomic()
    name = str(payload["contact_name"])
    ref = refs.parse(str(payload["contact_ref"]))
    if ref is not None:
        found = _of_ref(ref, name)
        if found is None:
            log.warning(
                "crm_sync.call.connection_unknown", call_id=payload["call_id"], ref=payload["contact_ref"]
            )
        return [found] if found else []
    contact_id = int(payload.get("contact_id") or 0)
    seek = [Seek.EVERYBODY] if payload["direction"] == "outbound" else [Seek.INBOUND, Seek.EVERYBODY]
    return _sought(seek, contact_id or None, str(payload["number"]), name, now)


def of_number(number: str, *, now: datetime) -> list[Target]:
    """Return where something that came from a number goes: to everybody who has it, else to whom the rules find."""
    db.require_atomic()
    people = people_with_numbers([number])
    linked = [
        target
        for person in people
        if (ref := refs.parse(person.external_ref)) and (target := _of_ref(ref, person.name))
    ]
    if linked:
        return linked
    known = people[0] if len(people) == 1 else None
    contact_id, name = (known.contact_id, known.name) if known else (None, "")
    return _sought([Seek.INBOUND, Seek.EVERYBODY], contact_id, number, name, now)


def _of_ref(ref: refs.PersonRef, name: str) -> Target | None:
    connection = CrmConnection.objects.filter(id=ref.connection_id, kind=ref.kind).first()
    if connection is None:
        return None
    full = f"{refs.prefix(ref.kind, ref.connection_id)}{ref.person_id}"
    return Target(connection, ref.person_id, name, full)


# All of them, one a CRM: asked at every call's end.
_rules = kept.Query(
    lambda: (
        MatchRules.objects.exclude(connection__state=CrmConnection.State.DISCONNECTED)
        .select_related("connection")
        .order_by("connection_id")
    ),
    values=0,
)


def _sought(
    seek: Sequence[str], contact_id: int | None, number: str, name: str, now: datetime
) -> list[Target]:
    found = []
    for rule in _rules.rows() if number else ():
        able = registry.can(rule.connection.kind, Capability.SEARCH, rule.connection.settings)
        if rule.seek not in seek or not able:
            continue
        match = _match_of(rule.connection, contact_id, number, name, now)
        if match.state != State.LEFT:
            found.append(Target(rule.connection, match.person_id, match.name or name, "", match.pk))
    return found


def _match_of(
    connection: CrmConnection, contact_id: int | None, number: str, name: str, now: datetime
) -> PersonMatch:
    """Return the match of a person, or of a number of nobody we know; begun where there is none."""
    known = crm_facts.facts_of(contact_id) if contact_id else None
    key: dict[str, Any] = {"contact_id": contact_id} if contact_id else {"contact_id": None, "number": number}
    values = {
        "number": number,
        "email": str(known.values["email"])[:254] if known else "",
        "name": (known.name if known else name)[:200],
        "due_at": now,
        "created_at": now,
    }
    match, created = PersonMatch.objects.get_or_create(connection=connection, **key, defaults=values)
    if created:
        enqueue_on_commit(jobs.MATCH_PEOPLE)
    return match
