"""Runs every rule in the order of ENG-001 and puts the answer in one sentence. Denies on any doubt."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from compliance.rules import calling_window, frequency, lines, places, registry, suppression, validity
from compliance.rules.codes import NEVER_LIFTED
from compliance.rules.decision import Decision, Outcome, Verdict, denied
from compliance.rules.facts import Channel, ContactFacts
from compliance.rules.pack import RuleBook
from compliance.rules.policy import Policy, in_force

Rule = Callable[[ContactFacts, Policy], Verdict]

RULES: tuple[Rule, ...] = (
    # 1 the number
    validity.trusted_clock,
    validity.valid_number,
    validity.known_jurisdiction,
    # 2 what the person asked
    suppression.not_suppressed,
    # 3 purpose and channel
    validity.known_purpose,
    # 4 registration, caller ID, messaging registration
    validity.valid_caller_id,
    # 5 the line
    lines.line_type,
    # 8 and 9 registries and what lifts them
    registry.not_registered,
    # 10 and 11 where and when
    validity.known_zone,
    *calling_window.WINDOW_RULES,
    # 12 how often
    frequency.not_too_often,
)
"""ENG-001's order. The first denial decides; all are run and recorded."""

TEXTS = frozenset({Channel.SMS, Channel.MMS})


def decide(facts: ContactFacts, policy: Policy | None = None, rules: tuple[Rule, ...] = RULES) -> Decision:
    """Return the decision with every rule's verdict. A rule that fails denies; nothing here raises for bad facts.

    `policy` is the house's stricter one; without it the law's numbers of the day apply.
    """
    limits = policy or in_force(facts.at)
    verdicts = tuple(_lifted(_run(rule, facts, limits), facts) for rule in rules)
    denials = [verdict for verdict in verdicts if verdict.outcome is not Outcome.ALLOW]
    version, book_hash = limits.book.version, rules_hash(limits.book)
    if not denials:
        return Decision(Outcome.ALLOW, verdicts, _allowed_sentence(facts), None, version, book_hash)
    next_at = _next_allowed(facts, limits, denials)
    sentence = _sentence(facts, denials[0], next_at)
    return Decision(Outcome.DENY, verdicts, sentence, next_at, version, book_hash)


def first_denial(facts: ContactFacts, policy: Policy, rules: tuple[Rule, ...] = RULES) -> Verdict | None:
    """Return the denial that decides, None when every rule passes; asks no rule after it. For replays, which need no sentence."""
    for rule in rules:
        verdict = _lifted(_run(rule, facts, policy), facts)
        if verdict.outcome is not Outcome.ALLOW:
            return verdict
    return None


@cache
def rules_hash(book: RuleBook) -> str:
    """Return a hash over the rules' own source and the packs: equal hashes mean equal rules, whatever the version says."""
    digest = hashlib.blake2b(digest_size=16)
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for pack in book.packs:
        digest.update(f"{pack.jurisdiction}\0{pack.digest}\0".encode())
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


def _lifted(verdict: Verdict, facts: ContactFacts) -> Verdict:
    """A denial a person may lift, and did, with a reason; what ENG-004 names is never lifted."""
    if verdict.outcome is Outcome.ALLOW or verdict.code in NEVER_LIFTED:
        return verdict
    for override in facts.overrides:
        if override.code == verdict.code and override.at <= facts.at < override.until:
            reason = f"{verdict.reason}; lifted by {override.by}: {override.reason}"
            return replace(verdict, outcome=Outcome.ALLOW, code="", reason=reason, retry_at=None, waits=False)
    return verdict


def _next_allowed(facts: ContactFacts, policy: Policy, denials: list[Verdict]) -> datetime | None:
    """The first instant the waiting is over; None as soon as one denial does not end by waiting."""
    if not all(verdict.waits for verdict in denials):
        return None
    start = max([facts.at, *(verdict.retry_at for verdict in denials if verdict.retry_at is not None)])
    return calling_window.next_open(replace(facts, at=start), policy)


def _allowed_sentence(facts: ContactFacts) -> str:
    verb = "texted" if facts.channel in TEXTS else "called"
    return f"May be {verb}: every rule passed."


def _sentence(facts: ContactFacts, first: Verdict, next_at: datetime | None) -> str:
    start = "Not texted" if facts.channel in TEXTS else "Not called"
    if next_at is None:
        return f"{start}: {first.reason}."
    name = first.zone or places.likely_zone(facts.evidences)
    return f"{start}: {first.reason}; next {_when(next_at, facts.at, ZoneInfo(name) if name else UTC)}."


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
