"""What a simulated campaign is made of: how people answer, how long things take, who works. Times in seconds.

The defaults are the standard scenario of the pacing interface, so that figures can be compared with others'.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Length:
    """How long something takes: `least` and then a draw of a kind with a mean; `spread` is its coefficient of variation.

    An Erlang length of k stages has the spread k ** -0.5 and is drawn as a gamma.
    """

    mean: float
    spread: float = 0.0
    kind: Literal["lognormal", "gamma", "uniform"] = "lognormal"
    least: float = 0.0

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Return `count` lengths in seconds."""
        if not self.spread:
            return np.full(count, self.least + self.mean)
        match self.kind:
            case "lognormal":
                variance = math.log1p(self.spread**2)
                drawn = rng.lognormal(math.log(self.mean) - variance / 2, math.sqrt(variance), count)
            case "gamma":
                shape = self.spread**-2
                drawn = rng.gamma(shape, self.mean / shape, count)
            case "uniform":
                half = self.spread * math.sqrt(3) * self.mean
                drawn = rng.uniform(self.mean - half, self.mean + half, count)
        return self.least + drawn


def between(low: float, high: float) -> Length:
    """Return a length drawn evenly between two bounds in seconds."""
    mean = (low + high) / 2
    return Length(mean, (high - low) / (2 * math.sqrt(3) * mean), "uniform")


def exponential(mean: float) -> Length:
    """Return a memoryless length."""
    return Length(mean, 1.0, "gamma")


@dataclass(frozen=True, slots=True)
class Mixture:
    """One of several lengths, each with its share; shares sum to 1."""

    parts: Sequence[tuple[float, Length]]

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """Return `count` lengths in seconds."""
        which = rng.choice(len(self.parts), count, p=[share for share, _ in self.parts])
        drawn = np.stack([length.draw(rng, count) for _, length in self.parts])
        return np.asarray(drawn[which, np.arange(count)])


Lengths = Length | Mixture

_TALK: Final = exponential(120.0)
_PATIENCE: Final = exponential(60.0)
_BUSY_RING: Final = between(1.5, 5.0)
_INVALID_RING: Final = between(1.0, 3.0)
_PERSON_VERDICT: Final = between(0.5, 0.9)
_MACHINE_VERDICT: Final = between(1.8, 3.8)
_MACHINE_TALK: Final = between(5.0, 11.0)
_MACHINE_WRAP: Final = between(1.0, 3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """Blended inbound callers: so many a second, and how long they talk, wait and are written up."""

    rate: float
    talk: Lengths = _TALK
    wrap: Lengths = Length(12.0, 0.7)
    patience: Lengths | None = _PATIENCE  # None: they wait for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One campaign's day."""

    name: str = "standard"
    agents: int = 25
    seconds: float = 8 * HOUR
    starts_at: float = 9 * HOUR  # local time of day
    numbers: int | None = None  # on the list; None: it never ends
    person: float = 0.25  # shares of numbers
    machine: float = 0.25
    busy: float = 0.06
    invalid: float = 0.06
    swing: float = 0.15  # the person share's slow wave, and its ten-minute noise
    swing_period: float = 4 * HOUR
    noise: float = 0.12
    shifts: Sequence[tuple[float, float]] = ()  # (from this second on, person share times this)
    person_ring: Lengths = Length(9.0, 0.55, least=1.2)
    machine_ring: Lengths = Mixture(((0.4, between(2.5, 5.5)), (0.6, between(14.0, 21.4))))
    busy_ring: Lengths = _BUSY_RING
    invalid_ring: Lengths = _INVALID_RING
    ring_timeout: float = 22.0
    amd: bool = True
    greeting: Lengths = Length(1.2, 0.3)
    person_verdict: Lengths = _PERSON_VERDICT  # after the greeting
    machine_verdict: Lengths = _MACHINE_VERDICT  # after the answer
    person_as_machine: float = 0.015
    machine_as_person: float = 0.05
    machine_talk: Lengths = _MACHINE_TALK
    machine_wrap: Lengths = _MACHINE_WRAP
    deadline: float = 2.0  # after the greeting's end
    patience: Lengths | None = None  # instead of the deadline: how long a person waits for an agent
    talk: Lengths = Mixture(((0.7, Length(25.0, 0.8)), (0.3, Length(190.0, 0.7))))
    wrap: Lengths = Length(12.0, 0.7)
    log_in_over: float = 300.0
    pause_every: float | None = 75 * 60.0
    pause: Lengths = Mixture(((0.7, between(60.0, 300.0)), (0.3, between(600.0, 900.0))))
    leave_at: Sequence[tuple[float, int]] = ()  # (second, so many agents go home)
    cps: float = 30.0
    max_lines: int = 10_000
    target: float = 0.03
    inbound: Inbound | None = None
    history_attempts: int = 3000
    history_handled: int = 400  # they count as answered in the compliance window
    tick: float = 1.0  # seconds between two decisions
    has_scores: bool = False  # numbers differ in their chance of a person, and a model estimates it
    shows_scores: bool = True  # and the pacer is told its estimates
    score_spread: float = 1.0  # how far apart numbers' true chances are (standard deviation of the log odds)
    score_noise: float = 0.5  # how far a score is from the truth, likewise

    def __post_init__(self) -> None:
        """Raise ValueError where shares are no shares."""
        shares = (self.person, self.machine, self.busy, self.invalid)
        if min(shares) < 0 or sum(shares) > 1:
            raise ValueError(
                f"{self.name}: shares of answers must be at least 0 and sum to at most 1: {shares}"
            )
        if self.agents < 1 or self.seconds <= 0 or self.cps <= 0:
            raise ValueError(f"{self.name}: agents, seconds and calls a second must be above 0")


def standard(agents: int, **changes: object) -> Scenario:
    """Return the standard scenario for so many agents, with their carrier's calls a second."""
    cps = 200.0 if agents >= 500 else 60.0 if agents >= 100 else 30.0
    return Scenario(**{"name": f"standard-{agents}", "agents": agents, "cps": cps, **changes})  # type: ignore[arg-type]


def markov(agents: int, *, stages: int = 1, **changes: object) -> Scenario:
    """Return the Markov scenario whose best policy can be computed; `stages` > 1 gives Erlang ring times."""
    settings: dict[str, object] = {
        "name": f"markov-{agents}" if stages == 1 else f"erlang{stages}-{agents}",
        "agents": agents, "person": 0.25, "machine": 0.0, "busy": 0.0, "invalid": 0.0, "swing": 0.0, "noise": 0.0,
        "person_ring": Length(10.0, stages**-0.5, "gamma"), "ring_timeout": 1e9, "amd": False,
        "talk": exponential(80.0), "wrap": Length(0.0), "patience": exponential(3.2), "greeting": Length(0.0),
        "log_in_over": 0.0, "pause_every": None, "cps": 200.0,
    }  # fmt: skip
    return Scenario(**{**settings, **changes})  # type: ignore[arg-type]
