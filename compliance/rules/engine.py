"""Runs every rule in the order of ENG-001 and puts the answer in one sentence. Denies on any doubt."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from compliance.rules import calling_window, frequency, places, registry, suppression, validity
from compliance.rules.decision import Decision, Outcome, Verdict, denied
from compliance.rules.facts import ContactFacts
from compliance.rules.policy import RULES_VERSION, Policy, in_force

Rule = Callable[[ContactFacts, Policy], Verdict]

RULES: tuple[Rule, ...] = (
    validity.valid_number,
    validity.known_jurisdiction,
    suppression.not_suppressed,
    validity.known_purpose,
    validity.valid_caller_id,
    registry.not_registered,
    validity.known_zone,
    *calling_window.WINDOW_RULES,
    frequency.not_too_often,
)
"""ENG-001's order. The first denial decides; all are run and recorded."""

ALLOWED_SENTENCE = "May be called: every rule passed."


def decide(facts: ContactFacts, policy: Policy | None = None, rules: tuple[Rule, ...] = RULES) -> Decision:
    """Return the decision with every rule's verdict. A rule that fails denies; nothing here raises for bad facts.

    `policy` is the house's stricter one; without it the law's numbers of the day apply.
    """
    limits = policy or in_force(facts.at)
    verdicts = tuple(_run(rule, facts, limits) for rule in rules)
    denials = [verdict for verdict in verdicts if verdict.outcome is not Outcome.ALLOW]
    if not denials:
        return Decision(Outcome.ALLOW, verdicts, ALLOWED_SENTENCE, None, RULES_VERSION, rules_hash())
    next_at = _next_allowed(facts, limits, denials)
    sentence = _sentence(facts, denials[0], next_at)
    return Decision(Outcome.DENY, verdicts, sentence, next_at, RULES_VERSION, rules_hash())


@cache
def rules_hash() -> str:
    """Return a hash over the rules' own source: equal hashes mean equal rules, whatever the version says."""
    digest = hashlib.blake2b(digest_size=16)
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _run(rule: Rule, facts: ContactFacts, policy: Policy) -> Verdict:
    try:
        verdict = rule(facts, policy)
    except Exception as error:  # noqa: BLE001 - fail closed: whatever goes wrong inside a rule is a denial, never leave to call
        name = getattr(rule, "__name__", "rule").replace("_", " ")
        return denied(
            "ENG-001", "RULE_ERROR", f"the rule “{name}” could not be evaluated ({type(error).__name__})"
        )
    return verdict


def _next_allowed(facts: ContactFacts, policy: Policy, denials: list[Verdict]) -> datetime | None:
    """The first instant the waiting is over; None as soon as one denial does not end by waiting."""
    if not all(verdict.waits for verdict in denials):
        return None
    start = max([facts.at, *(verdict.retry_at for verdict in denials if verdict.retry_at is not None)])
    return calling_window.next_open(replace(facts, at=start), policy)


def _sentence(facts: ContactFacts, first: Verdict, next_at: datetime | None) -> str:
    if next_at is None:
        return f"Not called: {first.reason}."
    name = first.zone or places.likely_zone(facts.evidences)
    return f"Not called: {first.reason}; next {_when(next_at, facts.at, ZoneInfo(name) if name else UTC)}."


def _when(instant: datetime, at: datetime, zone: tzinfo) -> str:
    """Say the instant as people do: "08:00 tomorrow"; times in the person's zone."""
    local, today = instant.astimezone(zone), at.astimezone(zone).date()
    days = (local.date() - today).days
    if days == 0:
        return f"{local:%H:%M} today"
    if days == 1:
        return f"{local:%H:%M} tomorrow"
    if days < 7:
        return f"{local:%H:%M} on {local:%A}"
    return f"{local:%H:%M} on {local.day} {local:%b}"
