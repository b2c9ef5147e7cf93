"""Where the gate holds each number of a crowd, exactly as if it had been asked about every one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from compliance.crowd.asking import Asker
from compliance.crowd.kinds import sort_into_kinds
from compliance.crowd.people import Crowd, Ints
from compliance.crowd.steps import EARLIEST, STEP_OF, Step, held_at, opens_today
from compliance.gathering import policy_for
from compliance.rules import calling_window, engine, places
from compliance.rules.decision import Outcome
from compliance.rules.engine import Rule
from compliance.rules.facts import ContactFacts, ContactRequest
from compliance.rules.policy import Policy
from compliance.rules.purposes import ABROAD

ALLOWED = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """For each line the step that holds it, an index into `codes` for the code that does, and one into `zones`, the likely ones."""

    steps: Ints
    reasons: Ints
    codes: Sequence[str]
    likely: Ints
    zones: Sequence[str]


@dataclass(slots=True, kw_only=True)
class _Held:
    """For each kind the first step that holds it, by which code, and what lasts or must be asked of the gate as a whole."""

    steps: Ints
    reasons: Ints
    codes: dict[str, int]
    lasting: Ints  # a denial that waiting does not lift
    timed: Ints  # a denial that says itself when it is lifted


def sort_crowd(crowd: Crowd, request_of: Callable[[int], ContactRequest], *, now: datetime) -> Sorted:
    """Return where each line is held; `request_of` gives what the gate would be asked about a line, in one campaign.

    Raises registries.CannotCount.
    """
    nobody = np.zeros(0, np.int64)
    if not len(crowd):
        return Sorted(steps=nobody, reasons=nobody, codes=(ALLOWED,), likely=nobody, zones=())
    policy = policy_for(now)
    kinds = sort_into_kinds(crowd, request_of, policy, now)
    asker = Asker(kinds)
    held = _Held(
        steps=np.full(len(kinds), int(Step.NOWHERE)),
        reasons=np.zeros(len(kinds), np.int64),
        codes={ALLOWED: 0},
        lasting=np.zeros(len(kinds), np.int64),
        timed=np.zeros(len(kinds), np.int64),
    )
    for rule in engine.RULES:
        _judge(rule, held, asker, policy)
    _ask_when_open(held, asker, policy, now)
    return Sorted(
        steps=held.steps[kinds.of_line],
        reasons=held.reasons[kinds.of_line],
        codes=tuple(held.codes),
        likely=kinds.where.likely,
        zones=kinds.where.zones,
    )


def _judge(rule: Rule, held: _Held, asker: Asker, policy: Policy) -> None:
    """Hold the kinds the rule denies, unless an earlier step holds them already."""

    def question(facts: ContactFacts) -> tuple[str, bool, bool]:
        verdict = engine.run_rule(rule, facts, policy)
        if verdict.code == "RULE_ERROR" and not isinstance(facts, ContactFacts):
            raise TypeError(
                "The rule does more with the facts than read them: it is asked with facts in full."
            )
        if verdict.outcome is Outcome.ALLOW:
            return ALLOWED, True, False
        return verdict.code, verdict.waits, verdict.retry_at is not None

    # A rule that fails denies at SET_UP, whatever it would have said.
    earliest = min(EARLIEST.get(rule.__name__, Step.DIALABLE), Step.SET_UP)
    left = np.flatnonzero(held.steps > earliest)
    index, answers = asker.ask(question, left)
    for number, (code, waits, is_timed) in enumerate(answers):
        if code == ALLOWED:
            continue
        denied = left[index == number]
        held.lasting[denied] |= not waits
        held.timed[denied] |= is_timed
        sooner = denied[held.steps[denied] > STEP_OF[code]]
        held.steps[sooner], held.reasons[sooner] = (
            int(STEP_OF[code]),
            held.codes.setdefault(code, len(held.codes)),
        )


def _ask_when_open(held: _Held, asker: Asker, policy: Policy, now: datetime) -> None:
    """Part those that only the hours hold: whom they let through before the day ends is held at NOW."""

    def opens(facts: ContactFacts) -> bool:
        if facts.region in ABROAD:  # more than one country's hours bind
            return by_the_gate(facts)
        zone = places.likely_zone(facts.evidences)
        return opens_today(calling_window.next_open(facts, policy), zone, now)

    def by_the_gate(facts: ContactFacts) -> bool:
        zone = places.likely_zone(facts.evidences)
        return held_at(engine.decide(facts, policy), zone=zone, now=now)[0] is Step.NOW

    closed = np.flatnonzero((held.steps == Step.TODAY) & (held.lasting == 0))
    is_timed = held.timed[closed] > 0
    for question, some in ((opens, closed[~is_timed]), (by_the_gate, closed[is_timed])):
        index, answers = asker.ask(question, some)
        held.steps[some[np.array(answers, bool)[index]]] = int(Step.NOW)
