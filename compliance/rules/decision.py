"""What the rules answer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from compliance.rules.codes import GIVEN_BY_CONSENT, NEVER_LIFTED, SET_UP
from core.types import PhoneNumber

RULE_ERROR = "RULE_ERROR"  # the code of a rule that raised


class Outcome(StrEnum):
    """May the contact be made?"""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's answer."""

    rule_id: str  # of the rule book: FED-001
    code: str  # closed vocabulary: HOURS_FED; empty when allowed
    outcome: Outcome
    reason: str  # for people; of a denial, the clause that follows "Not called: "
    retry_at: datetime | None = None  # aware, UTC; None = waiting does not help, or the window rules say when
    zone: str = ""  # the zone the reason speaks of
    waits: bool = False  # a denial that time alone lifts
    applies: bool = True  # False: the rule was asked, and does not bind this contact
    needs_review: bool = (
        False  # a denial a supervisor may lift with a reason (the rule book's REVIEW, ENG-004)
    )


@lru_cache(maxsize=4096)
def allowed(rule_id: str, reason: str) -> Verdict:
    """Return the verdict of a rule that has nothing against the contact. Kept, since the same few come again and again."""
    return Verdict(rule_id, "", Outcome.ALLOW, reason)


@lru_cache(maxsize=1024)
def not_bound(rule_id: str, reason: str) -> Verdict:
    """Return the verdict of a rule that was asked and does not bind this contact; the reason says why, without details."""
    return Verdict(rule_id, "", Outcome.ALLOW, reason, applies=False)


def denied(rule_id: str, code: str, reason: str, *, needs_review: bool = False) -> Verdict:
    """Return a denial that waiting does not lift."""
    return Verdict(rule_id, code, Outcome.DENY, reason, needs_review=needs_review)


def denied_for_now(
    rule_id: str, code: str, reason: str, *, retry_at: datetime | None = None, zone: str = ""
) -> Verdict:
    """Return a denial that time lifts: at `retry_at`, or when the window rules next pass."""
    return Verdict(rule_id, code, Outcome.DENY, reason, retry_at=retry_at, zone=zone, waits=True)


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's answer with every rule's verdict, in the order of ENG-001."""

    outcome: Outcome
    verdicts: tuple[Verdict, ...]
    sentence: str  # one short sentence for people
    next_allowed_at: (
        datetime | None
    )  # the first instant the rules would pass; None = not by waiting, or allowed now
    rules_version: str
    rules_hash: str

    @property
    def allowed(self) -> bool:
        """Return whether the contact may be made."""
        return self.outcome is Outcome.ALLOW

    @property
    def code(self) -> str:
        """Return the code of the first denial, which decides; empty when allowed."""
        if self.allowed:
            return ""
        return next((verdict.code for verdict in self.verdicts if verdict.outcome is Outcome.DENY), "")

    @property
    def only_set_up_is_missing(self) -> bool:
        """Return whether it is refused for nothing that the person or their number gave cause for."""
        codes = {
            verdict.code for verdict in self.verdicts if verdict.outcome is Outcome.DENY and not verdict.waits
        }
        return bool(codes) and codes <= SET_UP

    @property
    def doubts_the_clock(self) -> bool:
        """Return whether it is refused for the time it was asked at, which says nothing of the person."""
        return self.code == "CLOCK_WRONG"

    @property
    def missing_consent(self) -> str:
        """Return the code under which the person's consent is missing; empty where nobody could lift what stands beside it."""
        lasting = [
            verdict.code for verdict in self.verdicts if verdict.outcome is Outcome.DENY and not verdict.waits
        ]
        if not NEVER_LIFTED.isdisjoint(lasting):
            return ""
        return next((code for code in lasting if code in GIVEN_BY_CONSENT), "")

    @property
    def failures(self) -> tuple[str, ...]:
        """Return what went wrong inside rules, a sentence each: a fault of the software that somebody must look at."""
        if self.allowed:  # a rule that went wrong denies
            return ()
        return tuple(verdict.reason for verdict in self.verdicts if verdict.code == RULE_ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What a clearance is good for, and nothing else."""

    number: str
    channel: str
    purpose: str
    seller: str
    campaign_ref: str
    caller_id: str


@dataclass(frozen=True, slots=True)
class Clearance:
    """Leave for one contact, good for seconds; made only by compliance.services."""

    decision_id: int
    number: PhoneNumber
    expires_at: datetime
