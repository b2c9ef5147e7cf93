"""Faults on demand: what shall go wrong, how often, and for which requests."""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


class FaultError(ValueError):
    """The description of a fault cannot be used; the message says what to change."""


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong.

    `rate` is the share of matching requests hit (0 to 1), `remaining` how many more may be hit (None: no
    end), `match` a piece of text that must occur in the target (empty: every target).
    """

    kind: str
    rate: float = 1.0
    remaining: int | None = None
    match: str = ""
    hits: int = 0

    def as_dict(self) -> dict[str, object]:
        """Return the fault as JSON-ready values."""
        return {
            "kind": self.kind,
            "rate": self.rate,
            "count": self.remaining,
            "match": self.match,
            "hits": self.hits,
        }


@dataclass(slots=True)
class FaultBook:
    """The faults that are set, oldest first. A fault used up stays listed with count 0."""

    kinds: frozenset[str]
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    faults: list[Fault] = field(default_factory=list)

    def add(self, description: Mapping[str, object]) -> Fault:
        """Set a fault from `{"kind", "rate", "count", "match"}`; all but kind are optional.

        Raises: FaultError when a member is unknown or out of range.
        """
        unknown = set(description) - {"kind", "rate", "count", "match"}
        if unknown:
            raise FaultError(f"unknown member {sorted(unknown)[0]!r}: use kind, rate, count, match")
        kind = description.get("kind")
        if not isinstance(kind, str) or kind not in self.kinds:
            raise FaultError(f"kind must be one of: {', '.join(sorted(self.kinds))}")
        rate = description.get("rate", 1.0)
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
            raise FaultError("rate must be a number from 0 to 1")
        count = description.get("count")
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
            raise FaultError("count must be a whole number of at least 1, or be left out")
        match = description.get("match", "")
        if not isinstance(match, str):
            raise FaultError("match must be text that occurs in the request's path or address")
        fault = Fault(kind=kind, rate=float(rate), remaining=count, match=match)
        self.faults.append(fault)
        return fault

    def take(self, kinds: Collection[str], target: str) -> Fault | None:
        """Return the first fault of these kinds that hits this target now, and count the hit."""
        for fault in self.faults:
            if fault.kind not in kinds or fault.match not in target or fault.remaining == 0:
                continue
            if self.rng.random() >= fault.rate:
                continue
            fault.hits += 1
            if fault.remaining is not None:
                fault.remaining -= 1
            return fault
        return None

    def clear(self) -> None:
        """Forget every fault."""
        self.faults.clear()
