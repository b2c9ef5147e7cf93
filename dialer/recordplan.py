"""Whether a call is recorded, by the campaign's share and the law of every place the person may be. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from uuid import UUID

from compliance.rules import places
from compliance.rules.content import packaged
from compliance.rules.content.recording_consent import recording_plan
from core.types import PhoneNumber

NOTICE = "This call is recorded, and may be transcribed and reviewed with the help of software."


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Whether to record, and why not."""

    record: bool
    reason: str  # for the agent and the record: the law's words, or the campaign's
    strictest: str  # whose consent the strictest of the places wants
    places: tuple[str, ...]  # USPS codes; empty: not known, all-party


def is_chosen(attempt: UUID, percent: int) -> bool:
    """Return whether this call is in the share that is recorded: the same answer whenever it is asked."""
    digest = blake2b(attempt.bytes, digest_size=8, person=b"recorded").digest()
    return int.from_bytes(digest, "big") % 100 < percent


def states_of(
    number: PhoneNumber, *, postal_code: str, state: str, city: str, stated_zone: str
) -> tuple[str, ...]:
    """Return every state the person may be in, by number and address (TZ-001); none where nothing tells: all-party (REC-001)."""
    address = places.address_evidences(
        postal_code=postal_code, state=state, city=city, stated_zone=stated_zone
    )
    area = places.describe_number(number).evidence
    found: set[str] = set()
    for evidence in (*address, *((area,) if area else ())):
        found |= evidence.states
    return tuple(sorted(found))


def plan(*, attempt: UUID, percent: int, states: Iterable[str], on: date) -> Plan:
    """Return whether a call that has just connected person and agent is recorded; the notice goes with it always."""
    where = tuple(states)
    law = recording_plan(
        where,
        notice_played_after_answer=False,
        objected=False,
        card_capture=False,
        numbers=packaged.in_force(on),
    )
    reason = law.reason
    if percent <= 0:
        reason = "This campaign does not record."
    elif not is_chosen(attempt, percent):
        reason = f"This call is not among the {percent} % that are recorded."
    return Plan(
        record=law.announce and percent > 0 and is_chosen(attempt, percent),
        reason=reason,
        strictest=law.strictest,
        places=where,
    )
