"""Runs every rule in the order of ENG-001 and puts the answer in one sentence. Denies on any doubt."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from compliance.rules import (
    abandonment,
    assets,
    caller,
    calling_window,
    canada,
    consent_needed,
    debt,
    emergency,
    frequency,
    lines,
    places,
    reassigned,
    registration,
    registry,
    sender,
    state_consent,
    suppression,
    united_kingdom,
    validity,
)
from compliance.rules.codes import NEVER_LIFTED
from compliance.rules.decision import Decision, Outcome, Verdict, denied
from compliance.rules.facts import Channel, ContactFacts
from compliance.rules.memory import Memory
from compliance.rules.memory import Rule as Rule
from compliance.rules.pack import RuleBook
from compliance.rules.policy import HouseLimit, Policy, in_force

RULES: tuple[Rule, ...] = (
    # 1 the number
    validity.trusted_clock,
    validity.valid_number,
    validity.known_jurisdiction,
    lines.not_protected,
    # 2 what the person asked
    suppression.not_suppressed,
    # 3 purpose and channel
    validity.known_purpose,
    # 4 registration, caller ID, messaging registration
    registration.registered,
    caller.proven_caller_id,
    caller.rested_caller_id,
    *sender.SENDER_RULES,
    # 5 the line
    lines.line_type,
    lines.one_line_of_a_business,
    # 6 consent
    canada.consented,
    united_kingdom.consented,
    consent_needed.no_generated_numbers,
    consent_needed.consent_held,
    consent_needed.obtained_directly,
    state_consent.state_written_consent,
    state_consent.no_mobile_ban,
    # 7 whether the number is still the person's
    reassigned.same_holder,
    # 8 and 9 registries and what lifts them
    registry.not_registered,
    canada.not_on_dncl,
    united_kingdom.not_on_tps,
    # 10 and 11 where and when
    validity.known_zone,
    *calling_window.WINDOW_RULES,
    canada.hours,
    emergency.no_emergency,
    # 12 how often
    frequency.not_too_often,
    debt.debt_calls,
    debt.debt_silence,
    debt.local_debt_caps,
    united_kingdom.no_repeat,
    # 13 abandoned calls
    abandonment.within_abandonment_limit,
    canada.abandonment,
    united_kingdom.no_abandoned_calls,
    # 14 what must be ready
    assets.abandoned_message,
    assets.message_ready,
    assets.limited_content,
    assets.rings_long_enough,
)
"""ENG-001's order. The first denial decides; all are run and recorded."""

TEXTS = frozenset({Channel.SMS, Channel.MMS})
FEW = 8  # rules that are sooner asked than remembered
MEMORIES = 64  # policies, and choices of rules, that answers are kept for
_memories: dict[
    tuple[tuple[Rule, ...], int], tuple[Policy, Memory]
] = {}  # with the policy, so that its id stays its own


def decide(facts: ContactFacts, policy: Policy | None = None, rules: tuple[Rule, ...] = RULES) -> Decision:
    """Return the decision with every rule's verdict. A rule that fails denies; nothing here raises for bad facts.

    `policy` is the house's stricter one; without it the law's numbers of the day apply.
    """
    limits = policy or in_force(facts.at)
    verdicts, denials = _run_all(rules, facts, limits)
    version, book_hash = _identity(limits.book, limits.house)
    if not denials:
        return Decision(Outcome.ALLOW, verdicts, _allowed_sentence(facts), None, version, book_hash)
    next_at = _next_allowed(facts, limits, denials)
    sentence = _sentence(facts, denials[0], next_at)
    return Decision(Outcome.DENY, verdicts, sentence, next_at, version, book_hash)


def first_denial(facts: ContactFacts, policy: Policy, rules: tuple[Rule, ...] = RULES) -> Verdict | None:
    """Return the denial that decides, None when every rule passes; asks no rule after it. For replays, which need no sentence."""
    if not facts.overrides:
        try:
            return _first_denial(facts, policy, rules)
        except Exception:  # noqa: BLE001, S110 - as in _run_all
            pass
    verdicts = (run_rule(rule, facts, policy) for rule in rules)
    return next((verdict for verdict in verdicts if verdict.outcome is not Outcome.ALLOW), None)


def _first_denial(facts: ContactFacts, policy: Policy, rules: tuple[Rule, ...]) -> Verdict | None:
    if len(rules) > FEW:
        return _memory(rules, policy).first_denial(facts)
    denials = (rule(facts, policy) for rule in rules)
    return next((verdict for verdict in denials if verdict.outcome is not Outcome.ALLOW), None)


def _memory(rules: tuple[Rule, ...], policy: Policy) -> Memory:
    """What was learned of the rules under the policy; of the same policy by identity, since to compare two takes long."""
    key = rules, id(policy)
    found = _memories.get(key)
    if found is None:
        if len(_memories) >= MEMORIES:
            _memories.clear()
        found = _memories[key] = policy, Memory(rules, policy)
    return found[1]


@cache
def _identity(book: RuleBook, house: tuple[HouseLimit, ...]) -> tuple[str, str]:
    return book.version, rules_hash(book, house)


@cache
def rules_hash(book: RuleBook, house: tuple[HouseLimit, ...] = ()) -> str:
    """Return a hash over the rules' own source, the packs and the house's limits: equal hashes mean equal rules, whatever the
    version says.
    """
    digest = hashlib.blake2b(digest_size=16)
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for pack in book.packs:
        digest.update(f"{pack.jurisdiction}\0{pack.digest}\0".encode())
    for limit in house:
        digest.update(f"{limit.name}\0{limit.value!r}\0".encode())
    return digest.hexdigest()


def _run_all(
    rules: tuple[Rule, ...], facts: ContactFacts, policy: Policy
) -> tuple[tuple[Verdict, ...], list[Verdict]]:
    """Each rule's verdict, and the denials among them; one by one only where a rule fails or a denial may have been lifted."""
    if not facts.overrides and facts.__class__ is ContactFacts:
        try:
            return _memory(rules, policy).ask(facts)
        except Exception:  # noqa: BLE001, S110 - asked again, each by itself, so that only the one that fails denies
            pass
    verdicts = tuple([run_rule(rule, facts, policy) for rule in rules])
    return verdicts, [verdict for verdict in verdicts if verdict.outcome is not Outcome.ALLOW]


def run_rule(rule: Rule, facts: ContactFacts, policy: Policy) -> Verdict:
    """Return the rule's verdict, a denial that somebody lifted as allowed. A rule that fails denies; nothing is raised."""
    try:
        verdict = rule(facts, policy)
        return (
            verdict
            if verdict.outcome is Outcome.ALLOW or not facts.overrides
            else _after_overrides(rule, verdict, facts, policy)
        )
    except Exception as error:  # noqa: BLE001 - fail closed: whatever goes wrong inside a rule is a denial, never leave to call
        name = getattr(rule, "__name__", "rule").replace("_", " ")
        return denied(
            "ENG-001", "RULE_ERROR", f"the rule “{name}” could not be evaluated ({type(error).__name__})"
        )


def _after_overrides(rule: Rule, verdict: Verdict, facts: ContactFacts, policy: Policy) -> Verdict:
    """What remains of a denial once the overrides have lifted theirs: a rule tells its first reason, there may be others."""
    lifted = _lifted(verdict, facts)
    while lifted is not None:
        policy = replace(policy, lifted=policy.lifted | {verdict.code})
        again = rule(facts, policy)
        if again.outcome is Outcome.ALLOW or again.code == verdict.code:
            return lifted
        verdict, lifted = again, _lifted(again, facts)
    return verdict


def _lifted(verdict: Verdict, facts: ContactFacts) -> Verdict | None:
    """A denial that a person may lift, and did, with a reason, as an allowance; what ENG-004 names is never lifted."""
    if verdict.code in NEVER_LIFTED:
        return None
    for override in facts.overrides:
        if override.code == verdict.code and override.at <= facts.at < override.until:
            reason = f"{verdict.reason}; lifted by {override.by}: {override.reason}"
            return replace(verdict, outcome=Outcome.ALLOW, code="", reason=reason, retry_at=None, waits=False)
    return None


def _next_allowed(facts: ContactFacts, policy: Policy, denials: list[Verdict]) -> datetime | None:
    """The first instant the waiting is over; None as soon as one denial does not end by waiting."""
    if not all(verdict.waits for verdict in denials):
        return None
    start = max([facts.at, *(verdict.retry_at for verdict in denials if verdict.retry_at is not None)])
    try:
        opens = calling_window.next_open(facts if start == facts.at else replace(facts, at=start), policy)
        return opens and canada.next_open(replace(facts, at=opens), policy)
    except OverflowError:  # the calendar ends before the wait does
        return None


def _allowed_sentence(facts: ContactFacts) -> str:
    verb = "texted" if facts.channel in TEXTS else "called"
    return f"May be {verb}: every rule passed."


def _sentence(facts: ContactFacts, first: Verdict, next_at: datetime | None) -> str:
    start = "Not texted" if facts.channel in TEXTS else "Not called"
    if next_at is None:
        return f"{start}: {first.reason}."
    name = first.zone or places.likely_zone(facts.evidences)
    return f"{start}: {first.reason}; next {say_when(next_at, facts.at, ZoneInfo(name) if name else UTC)}."


def say_when(instant: datetime, at: datetime, zone: tzinfo) -> str:
    """Return the instant as people say it at `at`: "08:00 tomorrow"; times in the person's zone."""
    local, today = instant.astimezone(zone), at.astimezone(zone).date()
    days = (local.date() - today).days
    if days == 0:
        return f"{local:%H:%M} today"
    if days == 1:
        return f"{local:%H:%M} tomorrow"
    if days < 7:
        return f"{local:%H:%M} on {local:%A}"
    return f"{local:%H:%M} on {local.day} {local:%b}"
