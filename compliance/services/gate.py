"""The gate: the only way to a Clearance, and the only way it is used up or taken back.

No clearance, no contact: the carrier interface takes nothing else.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from compliance.gathering import (
    STATEMENT,
    Gathered,
    ask_for_evidence,
    ask_for_policy,
    load_facts,
    policy_for,
)
from compliance.gathering.grouping import who
from compliance.locks import lock_people
from compliance.models import OpenClearance
from compliance.rules import engine, stored
from compliance.rules.debt import subject_of
from compliance.rules.decision import Bound, Clearance, Decision
from compliance.rules.facts import AttemptFact, Channel, ContactFacts, ContactRequest, SenderFacts
from compliance.rules.policy import Policy
from compliance.rules.reassigned import is_without_consent
from compliance.rules.sender import shares_cap
from compliance.services.failures import record_failures
from compliance.store.writing import Lane, NewDecision, ask_for_lane, write_decisions, write_in_lane
from core import db, prepared
from core.errors import AppError
from core.types import as_phone, last_four

log = structlog.get_logger(__name__)

CLEARANCE_LASTS = timedelta(seconds=15)
TEXTS = frozenset({Channel.SMS, Channel.MMS})
_CONTACT = ("channel", "purpose", "seller", "campaign_ref")
CLEARANCE = ("decision_id", "number", *_CONTACT, "caller_id", "expires_at", "voided_by")
LEDGER = (
    "decision_id", "number", "person_ref", *_CONTACT, "attempt_ref", "caller_id", "subject", "parts", "with_consent", "at",
)  # fmt: skip

CONSUME = """
UPDATE compliance_openclearance SET consumed_at = %(now)s
WHERE decision_id = %(decision_id)s AND consumed_at IS NULL AND voided_at IS NULL AND expires_at > %(now)s
    AND number = %(number)s AND channel = %(channel)s AND purpose = %(purpose)s AND seller = %(seller)s
    AND campaign_ref = %(campaign_ref)s AND caller_id = %(caller_id)s
RETURNING number, expires_at
"""


class ClearanceGone(AppError):
    """The clearance cannot be used (any more); `reason` is consumed, voided, expired, other or unknown."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """Leave was given: contact within seconds, once."""

    decision_id: int
    clearance: Clearance
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """No contact; the decision says why and when it may be."""

    decision_id: int
    decision: Decision


def clear_to_contact(requests: Sequence[ContactRequest], *, now: datetime) -> list[Cleared | Denied]:
    """Decide on each request and store the decisions; return answers in the order of the requests.

    Runs in the caller's transaction. Locks every number and person until it ends, so that no other worker can count the
    same attempts, and no request not to be called can slip between the look-up and the clearance. Call it once in a
    transaction, with everybody in one batch: locks are taken in one order, which a second call could not keep.
    """
    db.require_atomic()
    if not requests:
        return []
    db.prepare(STATEMENT)
    with db.pipeline():  # every question in one round trip; the server answers them in this order
        lock_people(
            numbers=[request.number for request in requests],
            persons=[request.person_ref for request in requests],
        )
        take_policy = ask_for_policy(now)
        take_evidence = ask_for_evidence(requests, now)
        take_lane = ask_for_lane(now, len(requests))
    lane, policy = take_lane(), take_policy()
    decided = _decide_in_turn(requests, take_evidence(), policy)
    record_failures(decided, now=now)
    _store(lane, requests, decided, policy)
    log.info(
        "compliance.gate.decided",
        asked=len(requests),
        cleared=sum(decision.allowed for _, decision in decided),
    )
    return [
        _answer(decision_id, facts, decision)
        for decision_id, (facts, decision) in zip(lane.ids, decided, strict=True)
    ]


def explain(requests: Sequence[ContactRequest], *, now: datetime) -> list[Decision]:
    """Return what the gate would answer, and store nothing: for lead cards and for “why not?”."""
    if not requests:
        return []
    policy = policy_for(now)
    return [_decide(facts, policy) for facts in load_facts(requests, now)]


def screen(requests: Sequence[ContactRequest], *, now: datetime) -> list[Decision]:
    """Return what the gate would answer and store the denials: a contact that is put off leaves its verdict too.

    Reserves nothing, so each request is judged by itself: a person's second number is not their second attempt.
    The answer that binds is clear_to_contact's, at the moment of the contact.
    """
    db.require_atomic()
    if not requests:
        return []
    policy = policy_for(now)
    decided = [(facts, _decide(facts, policy)) for facts in load_facts(requests, now)]
    record_failures(decided, now=now)
    write_decisions([_decision_row(facts, decision) for facts, decision in decided if not decision.allowed])
    return [decision for _, decision in decided]


def consume_clearance(*, decision_id: int, bound: Bound, now: datetime) -> Clearance:
    """Use up the clearance of the decision and return it; raises ClearanceGone if it cannot be used (any more).

    `bound` is the contact about to be made; leave given for another one is no leave. One conditional update: of any number of
    callers exactly one gets it.
    """
    db.require_atomic()
    used = prepared.run_named(CONSUME, {"decision_id": decision_id, "now": now, **asdict(bound)}).rows
    if not used:
        raise _why_gone(decision_id, bound)
    [(number, expires_at)] = used
    return Clearance(decision_id, as_phone(number), expires_at)


def _decide(facts: ContactFacts, policy: Policy) -> Decision:
    """Decide, and raise the alarm if a rule failed: the contact is denied, and somebody must find out why (ENG-001)."""
    decision = engine.decide(facts, policy)
    if decision.failures:
        log.error(
            "compliance.gate.rule_failed",
            failures=decision.failures,
            attempt=facts.attempt_ref,
            campaign=facts.campaign_ref,
            number=last_four(facts.number),
        )
    return decision


def _decide_in_turn(
    requests: Sequence[ContactRequest], gathered: Gathered, policy: Policy
) -> list[tuple[ContactFacts, Decision]]:
    """Decide one after the other; a request cleared before counts as an attempt for the same person or number.

    It counts as a call of its caller ID, too.
    """
    decided: list[tuple[ContactFacts, Decision]] = []
    cleared: dict[Hashable, list[int]] = {}
    dials: Counter[str] = Counter()
    for index, request in enumerate(requests):
        keys = who(request.number, request.person_ref)
        same = sorted({place for key in keys for place in cleared.get(key, ())})
        facts = gathered.facts(
            index,
            since=[_as_attempt(requests[place], gathered.at) for place in same],
            dials_since=dials[request.caller_id],
        )
        if facts.channel in TEXTS:
            facts = replace(facts, sender=_sent_more(facts, decided))
        decision = _decide(facts, policy)
        if decision.allowed:
            for key in keys:
                cleared.setdefault(key, []).append(index)
            dials[request.caller_id] += request.channel not in TEXTS and not request.on_call
        decided.append((facts, decision))
    return decided


def _store(
    lane: Lane,
    requests: Sequence[ContactRequest],
    decided: Sequence[tuple[ContactFacts, Decision]],
    policy: Policy,
) -> None:
    """Write the verdicts, and what is cleared with its clearance into the ledger."""
    cleared = [
        (decision_id, request, facts)
        for decision_id, request, (facts, decision) in zip(lane.ids, requests, decided, strict=True)
        if decision.allowed
    ]
    with db.inserting(len(requests)) as insert:
        write_in_lane(lane, [_decision_row(facts, decision) for facts, decision in decided], insert)
        if cleared:
            insert(
                "compliance_openclearance",
                CLEARANCE,
                (_clearance_row(decision_id, request, facts.at) for decision_id, request, facts in cleared),
            )
            insert(
                "compliance_contactledger", LEDGER, (_ledger_row(*each, policy=policy) for each in cleared)
            )


def _sent_more(facts: ContactFacts, decided: Sequence[tuple[ContactFacts, Decision]]) -> SenderFacts:
    """The sender's count of the day with what the batch has cleared for its brand so far (A2P-004)."""
    more = sum(
        max(earlier.message.parts, 1)
        for earlier, decision in decided
        if decision.allowed and earlier.channel in TEXTS and shares_cap(earlier.sender, facts.sender)
    )
    return replace(facts.sender, parts_today=facts.sender.parts_today + more)


def _as_attempt(request: ContactRequest, at: datetime) -> AttemptFact:
    return AttemptFact(
        at=at,
        number=request.number,
        channel=request.channel,
        purpose=request.purpose,
        seller=request.seller,
        campaign_ref=request.campaign_ref,
        subject=subject_of(request.debt, request.campaign),
        left_on_call=request.on_call,
    )


def _decision_row(facts: ContactFacts, decision: Decision) -> NewDecision:
    return NewDecision(
        attempt_ref=facts.attempt_ref,
        number=facts.number,
        person_ref=facts.person_ref,
        channel=facts.channel.value,
        purpose=facts.purpose.value,
        seller=facts.seller,
        campaign_ref=facts.campaign_ref,
        outcome=decision.outcome.value,
        code=decision.code,
        sentence=decision.sentence,
        verdicts=stored.verdicts_as_text(decision.verdicts),
        facts=stored.facts_as_text(facts),
        rules_version=decision.rules_version,
        rules_hash=decision.rules_hash,
        next_allowed_at=decision.next_allowed_at,
        decided_at=facts.at,
    )


def _clearance_row(decision_id: int, request: ContactRequest, at: datetime) -> tuple[Any, ...]:
    """The columns of CLEARANCE."""
    return (
        decision_id,
        request.number,
        request.channel.value,
        request.purpose.value,
        request.seller,
        request.campaign_ref,
        request.caller_id,
        at + CLEARANCE_LASTS,
        "",
    )


def _ledger_row(
    decision_id: int, request: ContactRequest, facts: ContactFacts, *, policy: Policy
) -> tuple[Any, ...]:
    """The columns of LEDGER."""
    return (
        decision_id,
        request.number,
        request.person_ref,
        request.channel.value,
        request.purpose.value,
        request.seller,
        request.campaign_ref,
        request.attempt_ref,
        "" if request.on_call else request.caller_id,
        subject_of(request.debt, request.campaign),
        request.message.parts,
        not is_without_consent(facts, policy),
        facts.at,
    )


def _answer(decision_id: int, facts: ContactFacts, decision: Decision) -> Cleared | Denied:
    if not decision.allowed:
        return Denied(decision_id=decision_id, decision=decision)
    clearance = Clearance(decision_id, as_phone(facts.number), facts.at + CLEARANCE_LASTS)
    return Cleared(decision_id=decision_id, clearance=clearance, decision=decision)


def _why_gone(decision_id: int, bound: Bound) -> ClearanceGone:
    row = OpenClearance.objects.filter(decision_id=decision_id).first()
    if row is None:
        return ClearanceGone("unknown", "There is no clearance for this decision.")
    if row.voided_at is not None:
        return ClearanceGone("voided", "The person asked not to be called after the clearance was given.")
    if row.consumed_at is not None:
        return ClearanceGone("consumed", "The clearance was used already; a contact needs a fresh one.")
    other = next((name for name, value in asdict(bound).items() if getattr(row, name) != value), "")
    if other:
        words = other.replace("_", " ").replace("campaign ref", "campaign")
        return ClearanceGone("other", f"The clearance is for another {words}; this contact needs its own.")
    return ClearanceGone("expired", "The clearance ran out; a contact needs a fresh one.")
