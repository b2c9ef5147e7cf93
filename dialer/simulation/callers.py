"""The people on a list: what would happen if each were called. Drawn by number, so that every pacer meets the same ones."""

from dataclasses import dataclass

import numpy as np

from dialer.simulation.scenario import Scenario

BLOCK = 4096


@dataclass(slots=True)
class Caller:
    """One number and the dice it carries. Lengths in seconds."""

    luck: float  # against the shares of persons, machines, busy, invalid, in this order
    ring: tuple[float, float, float, float]  # as a person, a machine, busy, invalid
    greeting: float
    verdict: tuple[float, float]  # a person's after the greeting, a machine's after the answer
    amd_luck: float
    talk: tuple[float, float]
    wrap: tuple[float, float]
    patience: float
    odds: float  # this number's chance of a person, as a multiple of the average's odds
    score: float


class Callers:
    """An endless list of numbers in dialing order."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self._scenario, self._seed = scenario, seed
        self._blocks: dict[int, list[Caller]] = {}

    def get(self, index: int) -> Caller:
        """Return the number at a place in the list."""
        block, offset = divmod(index, BLOCK)
        found = self._blocks.get(block)
        if found is None:
            found = self._blocks[block] = self._draw(block)
            self._blocks.pop(block - 2, None)
        return found[offset]

    def _draw(self, block: int) -> list[Caller]:
        rng, it = np.random.default_rng((self._seed, block)), self._scenario
        count = BLOCK
        truth = rng.normal(0.0, it.score_spread, count) if it.has_scores else np.zeros(count)
        noise = rng.normal(0.0, it.score_noise, count)
        odds = np.exp(truth)
        # Scores and chances average to the share over the list.
        odds *= _scale(odds, it.person)
        heard = np.exp(truth + noise)
        heard *= _scale(heard, it.person)
        base = it.person / max(1e-9, 1 - it.person)
        scores = (heard * base / (1 + heard * base)) if it.has_scores and it.shows_scores else np.zeros(count)
        columns = (
            rng.random(count), it.person_ring.draw(rng, count), it.machine_ring.draw(rng, count),
            it.busy_ring.draw(rng, count), it.invalid_ring.draw(rng, count), it.greeting.draw(rng, count),
            it.person_verdict.draw(rng, count), it.machine_verdict.draw(rng, count), rng.random(count),
            it.talk.draw(rng, count), it.machine_talk.draw(rng, count), it.wrap.draw(rng, count),
            it.machine_wrap.draw(rng, count),
            it.patience.draw(rng, count) if it.patience else np.zeros(count), odds, scores,
        )  # fmt: skip
        return [
            Caller(
                luck=row[0], ring=(row[1], row[2], row[3], row[4]), greeting=row[5], verdict=(row[6], row[7]),
                amd_luck=row[8], talk=(row[9], row[10]), wrap=(row[11], row[12]), patience=row[13],
                odds=row[14], score=row[15],
            )
            for row in zip(*(column.tolist() for column in columns), strict=True)
        ]  # fmt: skip


def chance_of_person(caller: Caller, share: float) -> float:
    """Return a number's own chance that a person answers, where `share` is the list's."""
    if caller.odds == 1.0 or share >= 1:
        return share
    odds = share / (1 - share) * caller.odds
    return odds / (1 + odds)


def fate(caller: Caller, it: Scenario, person: float) -> tuple[str, float]:
    """Return what becomes of a call to a number, and after how many seconds; `person` is its chance of a person.

    One of person, machine, busy, invalid, no_answer.
    """
    rest = (1 - person) / max(1e-9, 1 - it.person)
    edges = (person, person + it.machine * rest, person + (it.machine + it.busy) * rest)
    luck = caller.luck
    if luck < edges[1]:
        kind, ring = ("person", caller.ring[0]) if luck < edges[0] else ("machine", caller.ring[1])
        if ring <= it.ring_timeout:
            return kind, ring
    elif luck < edges[2]:
        return "busy", caller.ring[2]
    elif luck < edges[2] + it.invalid * rest:
        return "invalid", caller.ring[3]
    return "no_answer", min(it.ring_timeout, caller.ring[0]) if it.ring_timeout > 1e6 else it.ring_timeout


def _scale(odds: "np.typing.NDArray[np.float64]", share: float) -> float:
    """Return what to multiply odds with so that their chances average to `share`. Bisection: the mean grows with it."""
    if not 0 < share < 1:
        return 1.0
    base, low, high = share / (1 - share), 1e-3, 1e3
    for _ in range(60):
        middle = (low * high) ** 0.5
        chances = odds * base * middle
        if float(np.mean(chances / (1 + chances))) < share:
            low = middle
        else:
            high = middle
    return float((low * high) ** 0.5)
