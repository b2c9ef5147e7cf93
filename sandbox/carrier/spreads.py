"""How long things take: distributions told as JSON, drawn by their quantile."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

_NORMAL = NormalDist()
# the outermost quantiles of a lognormal are cut: nobody talks for a day
_LOWEST, _HIGHEST = 0.0005, 0.9995


class WishError(ValueError):
    """A wish about the population cannot be used; the message says what to change."""


class Spread(Protocol):
    """A distribution of seconds. One draw takes one number, so that changing one leaves all others as they were."""

    def at(self, u: float) -> float:
        """Return the quantile of `u`, from 0 to 1."""

    def describe(self) -> object:
        """Return it as JSON-ready values, in the shape `read` takes."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """Anything between two ends, alike."""

    low: float
    high: float

    def at(self, u: float) -> float:
        """Return the quantile."""
        return self.low + u * (self.high - self.low)

    def describe(self) -> object:
        """Return `[low, high]`."""
        return [self.low, self.high]


@dataclass(frozen=True, slots=True)
class Lognormal:
    """`plus` and a lognormal of this mean and coefficient of variation; all of it cut to `low` and `high`."""

    mean: float
    cv: float
    plus: float = 0.0
    low: float = 0.0
    high: float = math.inf

    def at(self, u: float) -> float:
        """Return the quantile."""
        sigma = math.sqrt(math.log1p(self.cv**2))
        z = _NORMAL.inv_cdf(min(max(u, _LOWEST), _HIGHEST))
        value = self.plus + self.mean * math.exp(sigma * z - sigma**2 / 2)
        return min(max(value, self.low), self.high)

    def describe(self) -> object:
        """Return the members that say something."""
        found = {"mean": self.mean, "cv": self.cv, "plus": self.plus, "low": self.low, "high": self.high}
        return {name: value for name, value in found.items() if value and value != math.inf}


@dataclass(frozen=True, slots=True)
class Mix:
    """One of several, each with its share of 1."""

    parts: tuple[tuple[float, Spread], ...]

    def at(self, u: float) -> float:
        """Return what the part that `u` falls into has there."""
        for share, part in self.parts[:-1]:
            if u < share:
                return part.at(u / share)
            u -= share
        share, part = self.parts[-1]
        return part.at(min(u / share, 1.0))

    def describe(self) -> object:
        """Return `{"mix": [[share, part], ...]}`."""
        return {"mix": [[share, part.describe()] for share, part in self.parts]}


def read(name: str, value: object) -> Spread:
    """Return the distribution `value` tells: `[low, high]`, `{"mean", "cv", ...}` or `{"mix": [[share, part]]}`.

    Raises: WishError naming the member.
    """
    if isinstance(value, list) and len(value) == 2:
        low, high = number(name, value[0]), number(name, value[1])
        if low > high:
            raise WishError(f"{name}: the lowest comes first")
        return Uniform(low, high)
    if isinstance(value, dict) and set(value) == {"mix"}:
        return _read_mix(name, value["mix"])
    members = {"mean", "cv", "plus", "low", "high"}
    if isinstance(value, dict) and {"mean", "cv"} <= set(value) <= members:
        return Lognormal(**{key: number(f"{name}.{key}", each) for key, each in value.items()})
    shapes = (
        '[low, high], {"mean": m, "cv": c} (also plus, low, high) or {"mix": [[share, one of these], ...]}'
    )
    raise WishError(f"{name} must be {shapes}")


def number(name: str, value: object) -> float:
    """Return a number of at least 0. Raises: WishError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise WishError(f"{name} must be a number of at least 0")
    return float(value)


def rate(name: str, value: object) -> float:
    """Return a number from 0 to 1. Raises: WishError."""
    found = number(name, value)
    if found > 1:
        raise WishError(f"{name} must be a number from 0 to 1")
    return found


def _read_mix(name: str, value: object) -> Mix:
    if not isinstance(value, list) or not all(isinstance(each, list) and len(each) == 2 for each in value):
        raise WishError(f"{name}.mix must be a list of [share, distribution]")
    parts = tuple((rate(f"{name}.mix", share), read(name, part)) for share, part in value)
    if not math.isclose(sum(share for share, _ in parts), 1.0) or not all(share for share, _ in parts):
        raise WishError(f"{name}.mix: the shares must be above 0 and add up to 1")
    return Mix(parts)
