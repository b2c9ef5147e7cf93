"""How often a person may be contacted about one debt: Regulation F, and the caps of states and cities on top of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from compliance.rules.clocks import local_clock, midnight
from compliance.rules.days import local_days
from compliance.rules.decision import Verdict, allowed, denied, denied_for_now, not_bound
from compliance.rules.facts import AttemptFact, CampaignFacts, Channel, ContactFacts, DebtFacts, Purpose
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.overlay import is_a_guess
from compliance.rules.pack import StateLaw
from compliance.rules.policy import Policy

TEXTS = frozenset({Channel.SMS, Channel.MMS})
CALLS = frozenset(Channel) - TEXTS
NOT_A_DEBT = "the caps for debts bind debt contacts only"
TEXTS_FREE = "a text is no telephone call"
ANYWHERE = tuple(sorted(STATE_NAMES))
UNKNOWN_PURPOSES = frozenset({Purpose.DEBT, Purpose.UNKNOWN})
ANY_DEBT = "debt"  # what a contact is about whose debt has no reference: it may be any of the person's
SUBJECT_LENGTH = 120  # as the ledger keeps it


def subject_of(debt: DebtFacts, campaign: CampaignFacts) -> str:
    """Return what a contact is about: the debt by its reference, else what the campaign says.

    References that differ in spaces or capitals name one debt: taken for two, it would be called on twice as often.
    """
    if not debt.ref:
        return campaign.subject[:SUBJECT_LENGTH]
    return f"debt:{' '.join(debt.ref.split())}".casefold()[:SUBJECT_LENGTH]


def debt_calls(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny an eighth call about a debt in 7 days, over all the person's numbers. REGF-001, 12 CFR 1006.14(b)(2)(i)(A).

    A call counts for 168 hours and for 7 calendar days wherever the person may be, whichever is longer. Busy signals and
    numbers out of service do not count. A campaign that does not say which debt it is about is denied.
    """
    if facts.purpose is not Purpose.DEBT:
        return not_bound("REGF-001", NOT_A_DEBT)
    if not subject_of(facts.debt, facts.campaign):
        return denied(
            "REGF-001",
            "REGF_7IN7",
            "nobody says which debt it is about; give the lead the debt's reference",
        )
    if facts.channel in TEXTS:
        return not_bound("REGF-001", TEXTS_FREE)
    days, limit = policy.debt_calls_days, policy.debt_calls
    made = _counted(facts, CALLS, days)
    if len(made) >= limit:
        reason = f"called {_times(len(made))} about this debt in {days} days, the law allows {limit}"
        return denied_for_now("REGF-001", "REGF_7IN7", reason, retry_at=_room_at(facts, made, limit, days))
    return allowed("REGF-001", f"call {len(made) + 1} of {limit} about this debt in {days} days")


def debt_silence(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a call within 7 days of a conversation about the debt, whoever called; its day is day 1. REGF-002.

    The person's own wish to be called, said in or after that conversation, lifts it for 7 days.
    """
    if facts.purpose is not Purpose.DEBT:
        return not_bound("REGF-002", NOT_A_DEBT)
    if facts.channel in TEXTS:
        return not_bound("REGF-002", TEXTS_FREE)
    days, subject = policy.debt_silence_days, subject_of(facts.debt, facts.campaign)
    silencing = [
        attempt.at
        for attempt in facts.attempts
        if attempt.conversation
        and attempt.channel in CALLS
        and _is_about(attempt, subject)
        and _in_days_of(facts, attempt.at, days)
        and not _asked_since(facts, attempt.at, policy.debt_wish_days)
    ]
    if not silencing:
        return allowed("REGF-002", f"no conversation about this debt in {days} days")
    latest = max(silencing)
    spoken = local_days(facts, latest)[0]
    reason = (
        f"they spoke about this debt on {spoken.day} {spoken:%b}; the law asks for silence for {days} days"
    )
    return denied_for_now("REGF-002", "REGF_COOLDOWN", reason, retry_at=_days_over(facts, latest, days))


def local_debt_caps(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny what a state's or city's own cap on contacts about a debt forbids. REGF-006.

    Where the state is a guess every state's cap counts, and where the city is not known the cap of its state's cities. The cap of
    the city that is said counts wherever else the person may be.
    """
    if facts.purpose is not Purpose.DEBT:
        return not_bound("REGF-006", NOT_A_DEBT)
    for law in _local_laws(facts, policy):
        limit, days = law.value or 0, law.days or policy.debt_calls_days
        made = _counted(facts, law.channels, days)
        if len(made) >= limit:
            place = law.city or STATE_NAMES[law.state]
            reason = f"contacted {_times(len(made))} about this debt in {days} days, {place} allows {limit}"
            room_at = _room_at(facts, made, limit, days)
            return denied_for_now("REGF-006", "REGF_7IN7", reason, retry_at=room_at)
    return allowed("REGF-006", "inside every local cap on contacts about a debt")


def _local_laws(facts: ContactFacts, policy: Policy) -> Iterable[StateLaw]:
    states = frozenset(ANYWHERE if is_a_guess(facts, policy, facts.at) else facts.states)
    city = facts.debt.city.casefold()
    for day in local_days(facts, facts.at):
        for state in ANYWHERE:
            for law in policy.book.laws("debt_cap", state, day):
                is_said = bool(law.city) and city == law.city.casefold()
                may_be = state in states and not (law.city and city)
                if (is_said or may_be) and facts.channel in law.channels:
                    yield law


def _counted(facts: ContactFacts, channels: frozenset[Channel], days: int) -> list[datetime]:
    """The connected attempts about this debt that still count, oldest first; a voicemail left on a call is that call (REGF-001)."""
    subject = subject_of(facts.debt, facts.campaign)
    return sorted(
        attempt.at
        for attempt in facts.attempts
        if attempt.connected
        and not attempt.left_on_call
        and attempt.channel in channels
        and _is_about(attempt, subject)
        and (facts.at - attempt.at < timedelta(days=days) or _in_days_of(facts, attempt.at, days))
    )


def _is_about(attempt: AttemptFact, subject: str) -> bool:
    """Whether the attempt was about this debt; where either does not say which debt, and it may have been this one, it was."""
    if attempt.subject == subject:
        return True
    if attempt.subject and ANY_DEBT not in (attempt.subject, subject):
        return False
    return attempt.purpose in UNKNOWN_PURPOSES


def _in_days_of(facts: ContactFacts, since: datetime, days: int) -> bool:
    """Whether it is still one of that many consecutive days from the day of `since` on, anywhere the person may be."""
    return any(facts.at < end for end in _day_ends(facts, since, days))


def _days_over(facts: ContactFacts, since: datetime, days: int) -> datetime:
    """The instant at which those days are over wherever the person may be."""
    return max(_day_ends(facts, since, days))


def _day_ends(facts: ContactFacts, since: datetime, days: int) -> list[datetime]:
    return [
        midnight(zone, local_clock(since, zone).day + timedelta(days=days))
        for zone in facts.zones or ("UTC",)
    ]


def _room_at(facts: ContactFacts, made: list[datetime], limit: int, days: int) -> datetime | None:
    """The instant at which so many have grown old that one more is allowed; None when never."""
    if limit <= 0:
        return None
    leaving = made[-limit]
    return max(leaving + timedelta(days=days), _days_over(facts, leaving, days))


def _asked_since(facts: ContactFacts, spoken_at: datetime, days: int) -> bool:
    asked_at = facts.debt.asked_to_be_called_at
    if asked_at is None or not spoken_at <= asked_at <= facts.at:
        return False
    return facts.at - asked_at < timedelta(days=days) and not any(
        facts.at >= end for end in _day_ends(facts, asked_at, days)
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
