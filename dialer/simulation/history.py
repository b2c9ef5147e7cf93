"""What a campaign has seen before its day begins."""

from collections.abc import Iterator

from dialer.pacing.snapshot import CallOutcome
from dialer.simulation.callers import Caller, Callers
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
    person = it.person
    if caller.odds != 1.0 and person < 1:
        odds = it.person / (1 - it.person) * caller.odds
        person = odds / (1 + odds)
    rest = (1 - person) / max(1e-9, 1 - it.person)
    luck, edge = caller.luck, person + it.machine * rest
    if luck < edge:
        ring = caller.ring[0 if luck < person else 1]
        if ring <= it.ring_timeout:
            return ("answered" if not it.amd else "human" if luck < person else "machine"), ring
    elif luck < edge + it.busy * rest:
        return "busy", caller.ring[2]
    elif luck < edge + (it.busy + it.invalid) * rest:
        return "invalid", caller.ring[3]
    return "no_answer", min(it.ring_timeout, caller.ring[0]) if it.ring_timeout > 1e6 else it.ring_timeout
