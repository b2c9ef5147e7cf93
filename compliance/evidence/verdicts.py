"""Every answer of the gate about a number: all rules, all facts, the registry copies then in force, and what became of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models.functions import TruncDate

from compliance.models import (
    ChainLane,
    ComplianceDecision,
    ContactLedger,
    ContactOutcome,
    DaySeal,
    DncListImport,
    OpenClearance,
)
from compliance.rules import stored
from compliance.rules.codes import CODES
from compliance.rules.decision import Outcome, Verdict
from compliance.rules.registry import NATIONAL
from compliance.store import chain
from core.evidence import Asked, Row, as_json, columns, in_chunks

READ_AT_ONCE = 200
VERDICT = (
    "id", "attempt_ref", "number", "person_ref", "channel", "purpose", "seller", "campaign_ref", "outcome", "code", "sentence",
    "rules_version", "rules_hash", "next_allowed_at", "decided_at",
)  # fmt: skip
LEDGER = ("caller_id", "subject", "parts", "with_consent", "at")
CLEARANCE = ("expires_at", "consumed_at", "voided_at", "voided_by")
OUTCOME = ("connected", "conversation", "abandoned", "machine", "at")


def rows(asked: Asked) -> Iterator[Row]:
    """Yield the verdicts of the period, oldest first, each checked against its hash. Hidden SQL: five queries for each two hundred."""
    found = ComplianceDecision.objects.filter(number=asked.number, **asked.limits("decided_at"))
    copies = _Copies(asked.number)
    for chunk in in_chunks(found.order_by("id").iterator(chunk_size=READ_AT_ONCE), READ_AT_ONCE):
        ids = [row.id for row in chunk]
        ledger = {row.decision_id: row for row in ContactLedger.objects.filter(decision_id__in=ids)}
        clearances = {row.decision_id: row for row in OpenClearance.objects.filter(decision_id__in=ids)}
        outcomes = {row.decision_id: row for row in ContactOutcome.objects.filter(decision_id__in=ids)}
        seals = dict(
            ChainLane.objects.filter(id__in={row.lane for row in chunk}).values_list("id", "seal_id")
        )
        for row in chunk:
            facts = json.loads(row.facts)
            yield columns(row, *VERDICT) | {
                "rules": [_rule(verdict) for verdict in stored.verdicts_from_json(json.loads(row.verdicts))],
                "facts": facts,
                "local_times": _local_times(facts, row.decided_at),
                "scrubs": copies.in_force(facts, row.seller, row.decided_at),
                "ledger": _part(ledger.get(row.id), LEDGER),
                "clearance": _part(clearances.get(row.id), CLEARANCE),
                "reported": _part(outcomes.get(row.id), OUTCOME),
                "chain": _chain(row, seals.get(row.lane)),
            }


def seals(asked: Asked) -> Iterator[Row]:
    """Yield the seals of the days on which the gate was asked, oldest first: what closes those days' chains (docs/adr/0008)."""
    found = ComplianceDecision.objects.filter(number=asked.number, **asked.limits("decided_at"))
    days = found.annotate(day=TruncDate("decided_at", tzinfo=UTC)).order_by().values("day").distinct()
    for row in DaySeal.objects.filter(day__in=days).order_by("day", "id"):
        yield columns(row, "id", "day", "sealed_at", "allowed", "denied", "problems") | {
            "lanes": json.loads(row.lanes),
            "prev_hash": bytes(row.prev_hash).hex(),
            "seal_hash": bytes(row.seal_hash).hex(),
        }


def _chain(row: ComplianceDecision, seal_id: int | None) -> Row:
    """A verdict's place in its day's chain; `is_genuine`: its columns, as they stand, give its hash."""
    values = [getattr(row, name) for name in chain.COLUMNS]
    return {
        "lane": row.lane,
        "position": row.position,
        "prev_hash": bytes(row.prev_hash).hex(),
        "row_hash": bytes(row.row_hash).hex(),
        "is_genuine": chain.row_digest([_hashed(value) for value in values]) == bytes(row.row_hash),
        "seal": seal_id,
    }


def _hashed(value: Any) -> Any:
    return (
        value.astimezone(UTC)
        if isinstance(value, datetime)
        else bytes(value)
        if isinstance(value, memoryview)
        else value
    )


def _part(row: object | None, names: Sequence[str]) -> Row | None:
    return columns(row, *names) if row is not None else None


def _rule(verdict: Verdict) -> Row:
    """A rule's answer; of one that did not bind, nothing but that."""
    if verdict.outcome is not Outcome.ALLOW:
        return {
            "rule": verdict.rule_id,
            "answer": "refused",
            "code": verdict.code,
            "meaning": CODES.get(verdict.code, ""),
            "reason": verdict.reason,
            "retry_at": as_json(verdict.retry_at),
            "needs_review": verdict.needs_review,
        }
    if not verdict.applies:
        return {"rule": verdict.rule_id, "answer": "not bound"}
    return {"rule": verdict.rule_id, "answer": "passed", "reason": verdict.reason}


def _local_times(facts: Mapping[str, Any], at: datetime) -> list[Row]:
    """The clock of the verdict in every zone the person may have been in."""
    zones = {zone for evidence in facts.get("evidences", ()) for zone in evidence.get("zones", ())}
    return [
        {"zone": zone, "local": at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")}
        for zone in sorted(zones)
    ]


class _Copies:
    """The registry copies that spoke for the number, looked up by what a verdict's facts say of them."""

    def __init__(self, number: str) -> None:
        self._number = number
        self._of: dict[str, list[DncListImport]] = {}

    def in_force(self, facts: Mapping[str, Any], seller: str, at: datetime) -> list[Row]:
        """Return each copy the gate asked: which, its date, SAN and file, and whether it lists the number."""
        registry = facts.get("registry", {})
        listed = {(each["name"], each["as_of"]) for each in registry.get("listings", ())}
        asked = listed | {(each["name"], each["as_of"]) for each in registry.get("own_lists", ())}
        if registry.get("as_of"):
            asked.add((NATIONAL, registry["as_of"]))
        return [
            self._copy(seller, name, as_of, at) | {"listed": (name, as_of) in listed}
            for name, as_of in sorted(asked)
        ]

    def _copy(self, seller: str, name: str, as_of: str, at: datetime) -> Row:
        if seller not in self._of:
            rows = DncListImport.objects.filter(seller=seller, activated_at__isnull=False)
            self._of[seller] = list(rows.order_by("-activated_at", "-id"))
        for row in self._of[seller]:
            is_then = row.activated_at is not None and row.activated_at <= at
            covers = not row.area_codes or self._number[2:5] in row.area_codes
            if row.name == name and row.as_of.isoformat() == as_of and is_then and covers:
                return {
                    "copy": row.id,
                    "name": name,
                    "as_of": as_of,
                    "san": row.san,
                    "file_sha256": row.file_sha256,
                }
        return {"copy": None, "name": name, "as_of": as_of, "san": "", "file_sha256": ""}
