"""Who answers: a simulated population, the same for the same seed, number and attempt."""

import functools
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone

from sandbox.carrier import spreads
from sandbox.carrier.scenarios import SCENARIOS
from sandbox.carrier.spreads import Spread, WishError

KINDS = ("person", "no_answer", "busy", "machine", "early_hangup", "failed", "fax")
MESSAGE_ENDS = ("beep", "silence", "other", "never")
# for which kinds each length is drawn; the others borrow: an early hang-up greets like a person
LENGTHS = {
    "ring_seconds": ("person", "machine", "busy", "early_hangup", "failed", "fax"),
    "talk_seconds": ("person", "machine", "early_hangup", "fax"),
    "greeting_seconds": ("person", "machine"),
    "verdict_seconds": ("person", "machine", "fax"),
}
RATES = ("amd_person_as_machine", "amd_machine_as_person", "amd_unknown", "unreachable")
# a greeting that never ends: nobody listens that long
ENDLESS_SECONDS = 600.0
CARD_FIELDS = frozenset(
    {
        "payment-card-number",
        "expiration-date",
        "security-code",
        "postal-code",
        "bank-routing-number",
        "bank-account-number",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What one callee does with one call.

    Units: simulated seconds; `talk_seconds`, `greeting_seconds` (when the greeting ends) and `verdict_seconds` (when
    detection knows person from machine) count from the answer. `heard_as` is what detection takes the callee for:
    human, machine, fax, or unknown. `message_end` is how a machine's greeting ends: beep, silence, other, never.
    """

    kind: str
    ring_seconds: float
    talk_seconds: float
    greeting_seconds: float = 0.0
    verdict_seconds: float = 0.0
    heard_as: str = "human"
    message_end: str = "other"
    keys: str = ""

    @property
    def truth(self) -> str | None:
        """Who really answers: `human`, `machine`, `fax`, or None when nobody does."""
        return {"person": "human", "early_hangup": "human", "machine": "machine", "fax": "fax"}.get(self.kind)


@dataclass(frozen=True, slots=True)
class _Traits:
    """The numbers from 0 to 1 one call is made of, always drawn in this order."""

    kind: float
    ring: float
    talk: float
    greeting: float
    verdict: float
    misheard: float
    unknown: float
    message_end: float


class Population:
    """Decides the behaviour of every callee; can be changed while it runs."""

    def __init__(self, seed: int) -> None:
        self._first_seed = seed
        self.reset()

    def reset(self) -> None:
        """Go back to the first attempt of every number and to the demo's probabilities."""
        self.seed = self._first_seed
        self.weights: dict[str, float] = {}
        self.lengths: dict[str, dict[str, Spread]] = {name: {} for name in LENGTHS}
        self.message_ends: dict[str, float] = {}
        self.hours: tuple[float, ...] = ()
        self.rates: dict[str, float] = {}
        self._apply(SCENARIOS["demo"])
        self.fixed: dict[str, dict[str, Any]] = {}
        self.attempts: Counter[str] = Counter()

    def describe(self) -> dict[str, object]:
        """Return what is set, JSON-ready, in the shape `change` takes."""
        lengths = {
            name: {kind: spread.describe() for kind, spread in spreads_.items()}
            for name, spreads_ in self.lengths.items()
        }
        return {
            **self.weights,
            **lengths,
            **self.rates,
            "message_ends": self.message_ends,
            "answer_by_hour": list(self.hours),
            "seed": self.seed,
        }

    def change(self, wishes: Mapping[str, Any]) -> None:
        """Set any member of `describe`, or all of them by `scenario`; a length without kinds is for all kinds.

        Raises: WishError; nothing is changed then.
        """
        before = (self.seed, self.weights, self.lengths, self.message_ends, self.hours, self.rates)
        try:
            rest = dict(wishes)
            scenario = rest.pop("scenario", None)
            if scenario is not None:
                if scenario not in SCENARIOS:
                    raise WishError(f"scenario must be one of: {', '.join(SCENARIOS)}")
                self._apply(SCENARIOS[scenario])
            self._apply(rest)
        except WishError:
            self.seed, self.weights, self.lengths, self.message_ends, self.hours, self.rates = before
            raise

    def fix(self, number: str, wishes: Mapping[str, Any]) -> None:
        """Fix one number: `behaviour`, `*_seconds`, `heard_as`, `message_end`, `keys`, `payment`.

        An empty mapping sets it free. Raises: WishError.
        """
        words = {"behaviour": KINDS, "message_end": MESSAGE_ENDS, "heard_as": ("human", "machine", "unknown")}
        clean: dict[str, Any] = {}
        for name, value in wishes.items():
            if name in words:
                if value not in words[name]:
                    raise WishError(f"{name} must be one of: {', '.join(words[name])}")
                clean[name] = value
            elif name == "keys":
                if not isinstance(value, str) or not set(value) <= set("0123456789*#"):
                    raise WishError("keys must be a text of the keys 0-9, * and #")
                clean[name] = value
            elif name in LENGTHS:
                clean[name] = spreads.number(name, value)
            elif name == "payment":
                clean[name] = _card(value)
            else:
                raise WishError(f"unknown member {name!r}")
        self.fixed[number] = clean

    def meet(self, number: str, at: datetime) -> Behaviour:
        """Return what this number does with its next call, placed at this time, and count the attempt."""
        attempt = self.attempts[number]
        self.attempts[number] += 1
        draw = random.Random(f"{self.seed}:{number}:{attempt}").random
        traits = _Traits(draw(), draw(), draw(), draw(), draw(), draw(), draw(), draw())
        wishes = self.fixed.get(number, {})
        kind = wishes.get("behaviour") or self._kind(number, at, traits.kind)
        is_machine = kind == "machine"
        greeting = self._length("greeting_seconds", "machine" if is_machine else "person", traits.greeting)
        greeting = wishes.get("greeting_seconds", greeting)
        message_end = wishes.get("message_end") or _pick(self.message_ends, traits.message_end)
        talk = self._length("talk_seconds", kind, traits.talk)
        if is_machine and message_end == "never":
            greeting = talk = ENDLESS_SECONDS
        heard_as = "fax" if kind == "fax" else wishes.get("heard_as") or self._heard_as(is_machine, traits)
        if kind in ("person", "early_hangup") and heard_as == "human":
            verdict = greeting + self._length("verdict_seconds", "person", traits.verdict)
        else:
            verdict = self._length("verdict_seconds", "fax" if kind == "fax" else "machine", traits.verdict)
        return Behaviour(
            kind=kind,
            ring_seconds=wishes.get("ring_seconds", self._length("ring_seconds", kind, traits.ring)),
            talk_seconds=wishes.get("talk_seconds", talk),
            greeting_seconds=greeting,
            verdict_seconds=wishes.get("verdict_seconds", verdict),
            heard_as=heard_as,
            message_end=message_end,
            keys=wishes.get("keys", ""),
        )

    def _kind(self, number: str, at: datetime, u: float) -> str:
        unreachable = self.rates["unreachable"]
        if unreachable and random.Random(f"{self.seed}:{number}:line").random() < unreachable:
            return "failed"
        weights = self.weights
        factor = 1.0
        if any(each != 1.0 for each in self.hours):
            factor = self.hours[at.astimezone(_zone(number)).hour]
        if factor != 1.0:
            # who does not answer at this hour lets it ring
            answering = {kind: weights[kind] * factor for kind in ("person", "early_hangup")}
            missed = sum(weights[kind] - weight for kind, weight in answering.items())
            weights = {**weights, **answering, "no_answer": max(0.0, weights["no_answer"] + missed)}
        return _pick(weights, u)

    def _length(self, name: str, kind: str, u: float) -> float:
        spread = self.lengths[name].get(kind)
        return spread.at(u) if spread is not None else 0.0

    def _heard_as(self, is_machine: bool, traits: _Traits) -> str:
        if traits.unknown < self.rates["amd_unknown"]:
            return "unknown"
        name = "amd_machine_as_person" if is_machine else "amd_person_as_machine"
        is_misheard = traits.misheard < self.rates[name]
        return "machine" if is_machine is not is_misheard else "human"

    def _apply(self, wishes: Mapping[str, Any]) -> None:
        weights, rates = dict(self.weights), dict(self.rates)
        lengths = {name: dict(found) for name, found in self.lengths.items()}
        for name, value in wishes.items():
            if name in KINDS:
                weights[name] = spreads.number(name, value)
            elif name in LENGTHS:
                lengths[name] |= _read_lengths(name, value)
            elif name in RATES:
                rates[name] = spreads.rate(name, value)
            elif name not in ("message_ends", "answer_by_hour", "seed"):
                raise WishError(f"unknown member {name!r}")
        if sum(weights.values()) <= 0:
            raise WishError("at least one behaviour needs a weight above 0")
        self.message_ends = _read_ends(wishes.get("message_ends", self.message_ends))
        self.hours = _read_hours(wishes.get("answer_by_hour", list(self.hours)))
        self.seed = _read_seed(wishes.get("seed", self.seed))
        self.weights, self.rates, self.lengths = weights, rates, lengths


@functools.lru_cache(maxsize=4096)
def _zone(number: str) -> ZoneInfo:
    try:
        name = timezone.time_zones_for_number(phonenumbers.parse(number))[0]
    except phonenumbers.NumberParseException:
        name = "UTC"
    return ZoneInfo("UTC" if name == timezone.UNKNOWN_TIMEZONE else name)


def _pick(weights: Mapping[str, float], u: float) -> str:
    left = u * sum(weights.values())
    last = ""
    for name, weight in weights.items():
        if weight > 0:
            last = name
            if left < weight:
                return name
            left -= weight
    return last


def _read_lengths(name: str, value: Any) -> dict[str, Spread]:
    kinds = LENGTHS[name]
    if isinstance(value, dict) and value and set(value) <= set(kinds):
        return {kind: spreads.read(f"{name}.{kind}", each) for kind, each in value.items()}
    return dict.fromkeys(kinds, spreads.read(name, value))


def _read_ends(value: Any) -> dict[str, float]:
    if not isinstance(value, dict) or not set(value) <= set(MESSAGE_ENDS):
        raise WishError(f"message_ends must be weights of: {', '.join(MESSAGE_ENDS)}")
    found = {name: spreads.number(f"message_ends.{name}", value.get(name, 0)) for name in MESSAGE_ENDS}
    if sum(found.values()) <= 0:
        raise WishError("message_ends: one weight must be above 0")
    return found


def _read_hours(value: Any) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) != 24:
        raise WishError("answer_by_hour must be 24 factors, that of the hour after local midnight first")
    return tuple(spreads.number("answer_by_hour", each) for each in value)


def _read_seed(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise WishError("seed must be a whole number")
    return value


def _card(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not set(value) <= CARD_FIELDS:
        raise WishError(f"payment must be an object of: {', '.join(sorted(CARD_FIELDS))}")
    if not all(isinstance(each, str) and set(each) <= set("0123456789*") for each in value.values()):
        raise WishError("payment: each value must be a text of the keys pressed, empty for none")
    return dict(value)
