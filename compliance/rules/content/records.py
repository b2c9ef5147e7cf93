"""Records that must be whole and unchanged (TSR-005), our caller IDs (CID-001, CID-003)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from compliance.rules.content.numbers import InForce
from compliance.rules.content.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """What is kept of one call; None or empty = not kept."""

    telemarketer: str = ""
    seller: str = ""
    goods: str = ""  # good, service or charitable purpose
    to_business: bool | None = None
    outbound: bool | None = None
    prerecorded: bool | None = None
    calling_number: str = ""  # E.164
    called_number: str = ""  # E.164
    started_at: datetime | None = None  # aware
    duration_seconds: int | None = None
    disposition: str = ""
    transferred: bool = False
    transfer_target: str = ""
    caller_id: str = ""
    caller_name: str = ""
    authority_for_caller_id: str = ""  # contract or letter of the number's owner
    dialed_by_hand: bool = False  # one person keyed in this single number


_WORDS = {
    "telemarketer": "who placed or took it",
    "seller": "the seller",
    "goods": "what it was about",
    "to_business": "whether it was to a business",
    "outbound": "whether it was outbound",
    "prerecorded": "whether it was a recording",
    "calling_number": "the calling number",
    "called_number": "the called number",
    "started_at": "date and time",
    "duration_seconds": "how many seconds it lasted",
    "disposition": "how it ended",
    "caller_id": "the caller ID shown",
    "caller_name": "the caller's name shown",
    "authority_for_caller_id": "the proof of the right to that caller ID",
}


def call_record_problems(record: CallRecord, numbers: InForce) -> tuple[Problem, ...]:
    """Return what the record of a call lacks. The law excuses numbers keyed in by hand; we keep them all the same."""
    if not numbers.binds("call_detail_kept"):
        return ()
    missing = [name for name in _WORDS if _is_missing(getattr(record, name))]
    if record.transferred and not record.transfer_target.strip():
        missing.append("transfer_target")
    return tuple(
        Problem(
            rule_id="TSR-005",
            code="CALL_DETAIL",
            where=name,
            needs_review=record.dialed_by_hand,
            message=f"The record of the call does not say {_WORDS.get(name, 'to whom it was transferred')}. Find out from the carrier's "
            "records and complete it; then mend what left it out.",
        )
        for name in missing
    )


def _is_missing(value: object) -> bool:
    if isinstance(value, datetime):
        return value.tzinfo is None
    if isinstance(value, int) and not isinstance(value, bool):
        return value < 0
    return value is None or (isinstance(value, str) and not value.strip())


def asset_change_problems(
    *, stored_hash: str, new_hash: str, stored_version: int, new_version: int
) -> tuple[Problem, ...]:
    """Return why a published recording or script may not be replaced by this one: it is never changed in place."""
    if stored_hash == new_hash or new_version > stored_version:
        return ()
    return (
        Problem(
            rule_id="TSR-005",
            code="CHANGED_IN_PLACE",
            where=f"version {stored_version}",
            message=f"Version {stored_version} has been published and must be kept as it was heard. Save the change as version "
            f"{stored_version + 1}.",
        ),
    )


def caller_id_problems(number: str, ours: Collection[str]) -> tuple[Problem, ...]:
    """Return why a number may not be shown as caller ID (CID-001)."""
    if number in ours:
        return ()
    return (
        Problem(
            rule_id="CID-001",
            code="CLI_INVALID",
            where="caller_id",
            message=f"{number or 'An empty number'} is not among the numbers we rent or have shown to be ours. Buy it from the provider or "
            "verify it with them, then choose it.",
        ),
    )


def attestation_problems(calls: Mapping[str, int], numbers: InForce) -> tuple[Problem, ...]:
    """Return the alert when too many calls are signed with attestation C. `calls` counts by letter; unsigned calls count as C."""
    total = sum(max(count, 0) for count in calls.values())
    weak = total - sum(max(calls.get(letter, 0), 0) for letter in ("A", "B"))
    limit = numbers.amount("attestation_c_share")
    if weak <= limit * total:
        return ()
    return (
        Problem(
            rule_id="CID-001",
            code="ATTESTATION",
            where="caller IDs",
            message=f"{weak / total:.1%} of the calls were signed with attestation C or not at all; over {limit:.0%} carriers begin to "
            "distrust the numbers. Buy them from the provider that places the calls, or verify them there.",
        ),
    )


def dials_problems(dials: Mapping[str, int], numbers: InForce) -> tuple[Problem, ...]:
    """Return the caller IDs that dialed more in a day than a number should (CID-003, a house heuristic)."""
    most = numbers.whole("dials_per_number_per_day")
    return tuple(
        Problem(
            rule_id="CID-003",
            code="NUMBER_TIRED",
            where=number,
            needs_review=True,
            message=f"{number} dialed {count} times today, over {most}. Slow the campaign; do not change numbers to avoid being blocked.",
        )
        for number, count in sorted(dials.items())
        if count > most
    )
