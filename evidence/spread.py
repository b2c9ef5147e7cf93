"""How a request not to be contacted spread: from hearing it to the gate, ringing calls and the CRM, in seconds. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.evidence import Row

ENDING = frozenset({"do_not_call", "revoked"})  # kinds of suppression that are a person's own no


@dataclass(slots=True, kw_only=True)
class OptOut:
    """One request and where it has arrived so far."""

    source: str  # revocation:ID, or suppression:ID where nobody's words came with it
    heard_on: str
    words: str
    scope: str
    seller: str
    received: str  # instants as they stand in the pack
    honoured: str
    lifted: str
    steps: list[Row] = field(default_factory=list)

    def as_row(self) -> Row:
        """Return it with its slowest channel named."""
        return {
            "source": self.source,
            "heard_on": self.heard_on,
            "words": self.words,
            "scope": self.scope,
            "seller": self.seller,
            "received_at": self.received,
            "honoured_at": self.honoured,
            "honoured_after_ms": milliseconds(self.received, self.honoured),
            "lifted_at": self.lifted or None,
            "steps": self.steps,
            "slowest": _slowest(self.steps),
        }


def instant(text: str) -> datetime:
    """Return an instant of the pack."""
    return datetime.fromisoformat(text)


def milliseconds(start: str, end: str) -> int:
    """Return the time between two instants of the pack; never less than 0, as clocks of two systems may differ."""
    return max(0, round((instant(end) - instant(start)).total_seconds() * 1000))


def opt_outs(revocations: Iterable[Row], suppressions: Iterable[Row], lifts: Iterable[Row]) -> list[OptOut]:
    """Return every request not to be contacted, in the order they were heard, with the gate's own steps."""
    lifted = {row["suppression_id"]: row["at"] for row in lifts}
    said = list(revocations)
    found = [_of_revocation(row, lifted.get(row["suppression_id"], "")) for row in said]
    heard = {row["suppression_id"] for row in said}
    found += [
        _of_suppression(row, lifted.get(row["id"], ""))
        for row in suppressions
        if row["kind"] in ENDING and row["id"] not in heard
    ]
    return sorted(found, key=lambda each: (each.received, each.source))


def follow_calls(found: list[OptOut], attempts: Iterable[Row]) -> None:
    """Add, for each request, the calls that had not been answered when it was honoured, and when they ended."""
    for attempt in attempts:
        call = attempt["call"]
        for each in found:
            rang = call["created_at"] <= each.honoured < (call["ended_at"] or "9999")
            if rang and not (call["answered_at"] and call["answered_at"] <= each.honoured):
                _step(each, "ringing call", each.received, call["ended_at"], f"call {call['id']}")


def follow_crm(found: list[OptOut], items: Iterable[Row]) -> None:
    """Add, for each request, when the flag or the call's result “do not call” was queued for the CRM, and acknowledged there."""
    told = [
        row
        for row in items
        if row["payload"].get("do_not_call") or row["payload"].get("disposition_category") == "do_not_call"
    ]
    for each in found:
        after = sorted(
            (row for row in told if row["changed_at"] >= each.honoured), key=lambda row: row["changed_at"]
        )
        for row in after[:1]:
            name = f"{row['connection']['name']}, item {row['id']}"
            _step(each, "CRM queued", each.received, row["changed_at"], name)
            _step(each, "CRM acknowledged", each.received, row["acknowledged_at"], name)


def rows(found: Iterable[OptOut]) -> Iterator[Row]:
    """Yield the requests as rows of a pack."""
    for each in found:
        yield each.as_row()


def _of_revocation(row: Row, lifted: str) -> OptOut:
    one = _opt_out(row, f"revocation:{row['id']}", row["received_at"], row["honoured_at"], lifted)
    for gone in row["clearances_voided"]:
        _step(
            one, "clearance voided", one.received, gone["voided_at"], f"clearance of verdict {gone['decision_id']}"
        )  # fmt: skip
    return one


def _of_suppression(row: Row, lifted: str) -> OptOut:
    return _opt_out(row, f"suppression:{row['id']}", row["at"], row["at"], lifted)


def _opt_out(row: Row, source: str, received: str, honoured: str, lifted: str) -> OptOut:
    one = OptOut(
        source=source,
        heard_on=row["heard_on"],
        words=row["raw_words"],
        scope=row["scope"],
        seller=row["seller"],
        received=received,
        honoured=honoured,
        lifted=lifted,
    )
    _step(one, "gate", received, honoured, "every channel asks the gate")
    return one


def _step(one: OptOut, channel: str, start: str, end: str | None, what: str) -> None:
    one.steps.append(
        {
            "channel": channel,
            "what": what,
            "at": end,
            "after_ms": milliseconds(start, end) if end else None,
        }
    )


def _slowest(steps: list[Row]) -> Any:
    """The channel that heard last; one that has not heard yet is slower than any."""
    return max(steps, key=lambda step: (step["after_ms"] is None, step["after_ms"] or 0))["channel"]
