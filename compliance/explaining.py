"""The gate's answer with all a reader wants to know: what each rule said, and when each passes next. Stores nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from compliance.gathering import load_facts, policy_for
from compliance.rules import calling_window, engine, places
from compliance.rules.decision import Decision, Outcome, Verdict
from compliance.rules.engine import Rule
from compliance.rules.facts import ContactFacts, ContactRequest
from compliance.rules.policy import Policy

NAMES = {
    "not_registered": "Not on a registry",
    "proven_caller_id": "Proven caller ID",
    "rested_caller_id": "Rested caller ID",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One rule: its name for people, what it said, and when it passes next if only time goes by (None: not by waiting, or now)."""

    name: str
    verdict: Verdict
    passes_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What the gate would answer, and what the answer alone does not say."""

    decision: Decision
    zone: str  # to tell times in; "" when no zone is known
    facts: ContactFacts
    policy: Policy

    def conditions(self) -> list[Condition]:
        """Return every rule in the order of ENG-001."""
        return [
            Condition(name=name_of(rule), verdict=verdict, passes_at=self._passes_at(rule, verdict))
            for rule, verdict in zip(engine.RULES, self.decision.verdicts, strict=True)
        ]

    def decision_at(self, instant: datetime) -> Decision:
        """Return what the gate would answer at another instant, if nothing but the time changed."""
        return engine.decide(replace(self.facts, at=instant), self.policy)

    def _passes_at(self, rule: Rule, verdict: Verdict) -> datetime | None:
        if verdict.outcome is Outcome.ALLOW or not verdict.waits:
            return None
        window = tuple(each for each in calling_window.WINDOW_RULES if each is rule)
        return calling_window.next_open(self.facts, self.policy, window) if window else verdict.retry_at


def name_of(rule: Rule) -> str:
    """Return the rule's name for people."""
    return NAMES.get(rule.__name__, rule.__name__.replace("_", " ").capitalize())


def explain_fully(requests: Sequence[ContactRequest], *, now: datetime) -> list[Explained]:
    """Return the gate's answer to each request at `now`, in order, with when the rules that wait pass next."""
    if not requests:
        return []
    policy = policy_for(now)
    return [
        Explained(
            decision=engine.decide(facts, policy),
            zone=places.likely_zone(facts.evidences),
            facts=facts,
            policy=policy,
        )
        for facts in load_facts(requests, now)
    ]
