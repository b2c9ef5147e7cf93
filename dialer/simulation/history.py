"""What a campaign has seen before its day begins."""

from collections.abc import Iterator

from dialer.pacing.snapshot import CallOutcome
from dialer.simulation.callers import Caller, Callers, chance_of_person, fate
from dialer.simulation.scenario import Scenario

SEED = 987_654  # the same past for every seed of the day
EVERY = 2.0  # seconds between attempts


def history(scenario: Scenario) -> Iterator[CallOutcome]:
    """Return earlier attempts and handled calls in the order of time, as outcomes with negative times."""
    callers = Callers(scenario, SEED)
    attempts, handled = scenario.history_attempts, scenario.history_handled
    every = max(1, attempts // max(1, handled))
    for index in range(attempts):
        at = -EVERY * (attempts - index) - 1.0
        caller = callers.get(index)
        result, ring = _attempt(scenario, caller)
        yield CallOutcome("attempt", at, result=result, ring_s=ring, score=caller.score)
        if index % every == 0 and index // every < handled:
            yield CallOutcome("handled", at, talk_s=caller.talk[0], wrap_s=caller.wrap[0], party="human")


def _attempt(it: Scenario, caller: Caller) -> tuple[str, float]:
    kind, ring = fate(caller, it, chance_of_person(caller, it.person))
    if kind not in ("person", "machine"):
        return kind, ring
    return ("answered" if not it.amd else "human" if kind == "person" else "machine"), ring
