"""Who answers: a simulated population, the same for the same seed, number and attempt."""

import math
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

KINDS = ("person", "no_answer", "busy", "machine", "early_hangup", "failed")
DEFAULT_WEIGHTS = {
    "person": 0.45,
    "no_answer": 0.25,
    "busy": 0.07,
    "machine": 0.18,
    "early_hangup": 0.03,
    "failed": 0.02,
}
_RANGES = ("ring_seconds", "talk_seconds", "greeting_seconds", "machine_seconds", "verdict_seconds")


class PopulationError(ValueError):
    """A wish about the population cannot be used; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What one callee does with one call. Units: simulated seconds; `talk_seconds` count from the answer."""

    kind: str
    ring_seconds: float
    talk_seconds: float
    greeting_seconds: float
    verdict_seconds: float
    is_misheard: bool
    keys: str

    @property
    def truth(self) -> str | None:
        """Who really answers: `human`, `machine`, or None when nobody does."""
        return {"person": "human", "early_hangup": "human", "machine": "machine"}.get(self.kind)


class Population:
    """Decides the behaviour of every callee; can be changed while it runs."""

    def __init__(self, seed: int) -> None:
        self._first_seed = seed
        self.reset()

    def reset(self) -> None:
        """Go back to the first attempt of every number and to the built-in probabilities."""
        self.seed = self._first_seed
        self.weights = dict(DEFAULT_WEIGHTS)
        self.ranges = {
            "ring_seconds": (2.0, 18.0),
            "talk_seconds": (20.0, 120.0),
            "greeting_seconds": (4.0, 20.0),
            "machine_seconds": (30.0, 60.0),
            "verdict_seconds": (2.0, 4.0),
        }
        self.amd_error_rate = 0.0
        self.fixed: dict[str, dict[str, object]] = {}
        self.attempts: Counter[str] = Counter()

    def describe(self) -> dict[str, object]:
        """Return what is set, JSON-ready, in the shape `change` takes."""
        ranges = {name: list(value) for name, value in self.ranges.items()}
        return {**self.weights, **ranges, "amd_error_rate": self.amd_error_rate, "seed": self.seed}

    def change(self, wishes: Mapping[str, object]) -> None:
        """Set weights (relative, at least 0), `*_seconds` ranges `[low, high]`, `amd_error_rate`, `seed`.

        Raises: PopulationError; nothing is changed then.
        """
        weights = dict(self.weights)
        ranges = dict(self.ranges)
        for name, value in wishes.items():
            if name in KINDS:
                weights[name] = _at_least_zero(name, value)
            elif name in _RANGES:
                ranges[name] = _range(name, value)
            elif name not in ("amd_error_rate", "seed"):
                raise PopulationError(f"unknown member {name!r}")
        if sum(weights.values()) <= 0:
            raise PopulationError("at least one behaviour needs a weight above 0")
        error_rate = _at_least_zero("amd_error_rate", wishes.get("amd_error_rate", self.amd_error_rate))
        seed = wishes.get("seed", self.seed)
        if not isinstance(seed, int):
            raise PopulationError("seed must be a whole number")
        self.weights, self.ranges, self.amd_error_rate, self.seed = weights, ranges, error_rate, seed

    def fix(self, number: str, wishes: Mapping[str, object]) -> None:
        """Fix one number: `behaviour`, `ring_seconds`, `talk_seconds`, `greeting_seconds`, `keys`.

        An empty mapping sets it free. Raises: PopulationError.
        """
        clean: dict[str, object] = {}
        for name, value in wishes.items():
            if name == "behaviour":
                if value not in KINDS:
                    raise PopulationError(f"behaviour must be one of: {', '.join(KINDS)}")
                clean[name] = value
            elif name == "keys":
                if not isinstance(value, str) or not set(value) <= set("0123456789*#"):
                    raise PopulationError("keys must be a text of the keys 0-9, * and #")
                clean[name] = value
            elif name in ("ring_seconds", "talk_seconds", "greeting_seconds"):
                clean[name] = _at_least_zero(name, value)
            else:
                raise PopulationError(f"unknown member {name!r}")
        self.fixed[number] = clean

    def meet(self, number: str) -> Behaviour:
        """Return what this number does with its next call, and count the attempt."""
        attempt = self.attempts[number]
        self.attempts[number] += 1
        rng = random.Random(f"{self.seed}:{number}:{attempt}")
        wishes = self.fixed.get(number, {})
        # every draw happens in the same order, so that fixing one trait leaves the others as they were
        drawn_kind = rng.choices(KINDS, [self.weights[kind] for kind in KINDS])[0]
        kind = str(wishes.get("behaviour", drawn_kind))
        ring = rng.uniform(*self.ranges["ring_seconds"])
        talk = _lognormal(rng, *self.ranges["talk_seconds"])
        machine = rng.uniform(*self.ranges["machine_seconds"])
        early = rng.uniform(0.5, 2.0)
        greeting = rng.uniform(*self.ranges["greeting_seconds"])
        verdict = rng.uniform(*self.ranges["verdict_seconds"])
        misheard = rng.random() < self.amd_error_rate
        length = {"machine": machine, "early_hangup": early}.get(kind, talk)
        return Behaviour(
            kind=kind,
            ring_seconds=_number(wishes.get("ring_seconds", ring)),
            talk_seconds=_number(wishes.get("talk_seconds", length)),
            greeting_seconds=_number(wishes.get("greeting_seconds", greeting)),
            verdict_seconds=verdict,
            is_misheard=misheard,
            keys=str(wishes.get("keys", "")),
        )


def _lognormal(rng: random.Random, low: float, high: float) -> float:
    # the median lies at the geometric middle; the range covers about two deviations, the rest is cut off
    if low <= 0 or high <= low:
        return max(low, 0.0)
    middle, spread = math.sqrt(low * high), math.log(high / low) / 4
    return min(high, max(low, rng.lognormvariate(math.log(middle), spread)))


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)


def _at_least_zero(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise PopulationError(f"{name} must be a number of at least 0")
    return float(value)


def _range(name: str, value: object) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise PopulationError(f"{name} must be a list of two numbers: lowest, highest")
    low, high = _at_least_zero(name, value[0]), _at_least_zero(name, value[1])
    if low > high:
        raise PopulationError(f"{name}: the lowest comes first")
    return low, high
