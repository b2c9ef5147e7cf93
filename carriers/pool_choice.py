"""Which number of a pool a call shows, and whether one of them is answered less than the others. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from compliance.rules import places

FALLEN_TO: Final = 0.6  # a drop is an answer rate of so much of the others'
ALARM: Final = 5_000.0  # calls between two false alarms, on average, at least
ENOUGH: Final = 100  # calls of the others before a number is compared with them


@dataclass(frozen=True, slots=True)
class Choice:
    """A number and why it is this one."""

    number: str
    why: str


def choose(numbers: Sequence[str], *, to: str, match_local: bool, seed: str) -> Choice | None:
    """Return the number to show to `to`: of the same area code, else the same state, else any; by the seed among equals.

    Whoever knows the seed, the attempt's id, can repeat the choice; over many attempts each equal is chosen as often as the next.
    """
    if not numbers:
        return None
    for words, fitting in _tiers(numbers, to, match_local):
        if fitting:
            chosen = min(fitting, key=lambda number: _draw(seed, number))
            return Choice(chosen, f"{words}: one of {len(fitting)} of {len(numbers)} that may be shown now")
    return None


def _tiers(numbers: Sequence[str], to: str, match_local: bool) -> Iterable[tuple[str, list[str]]]:
    if match_local:
        same_area = [
            number for number in numbers if number[:2] == "+1" and number[2:5] == to[2:5] and to[:2] == "+1"
        ]
        yield f"same area code {to[2:5]}", same_area
        states = _states(to)
        yield "same state", [number for number in numbers if states & _states(number)]
        yield "no number near the person", list(numbers)
    yield "any number", list(numbers)


def _states(number: str) -> frozenset[str]:
    evidence = places.describe_number(number).evidence
    return evidence.states if evidence else frozenset()


def _draw(seed: str, number: str) -> bytes:
    return hashlib.blake2b(f"{seed}\x1f{number}".encode(), digest_size=8).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStanding:
    """A pool at one instant."""

    name: str
    match_local: bool
    free: Sequence[str]  # may be shown now, in order
    resting: int
    capped: int  # made their calls of the day, and do not rest
    daily_cap: int | None
    next_at: datetime | None  # when the first that is held may be shown again; None: never by itself

    def shown_to(self, number: str) -> str:
        """Return a number that a call to `number` may show, near it if there is one; "" where all are held."""
        found = choose(self.free, to=number, match_local=self.match_local, seed="")
        return found.number if found else ""

    @property
    def sentence(self) -> str:
        """Return what holds the numbers, in words, without its full stop."""
        held = []
        if self.resting:
            held.append(f"{self.resting} {'rests' if self.resting == 1 else 'rest'}")
        if self.capped:
            held.append(
                f"{self.capped} made {'its' if self.capped == 1 else 'their'} {self.daily_cap} calls of the day"
            )
        return " and ".join(held) or "none of its numbers is in use"


def drop_evidence(answered: Iterable[bool], usual: float) -> float:
    """Return how strongly the calls of a number, oldest first, speak for a drop that began at some call: ALARM or more is one.

    Shiryaev and Roberts' sum of likelihood ratios, a drop to FALLEN_TO of `usual` against none. While there is none the sum less the
    number of calls is a martingale, so that false alarms are at least ALARM calls apart on average (Pollak 1985), however often one
    looks. It stands at its highest.
    """
    usual = min(0.98, max(0.02, usual))
    fallen = usual * FALLEN_TO
    ratios = {True: fallen / usual, False: (1 - fallen) / (1 - usual)}
    present = highest = 0.0
    for each in answered:
        present = (1 + present) * ratios[each]
        highest = max(highest, present)
    return highest
