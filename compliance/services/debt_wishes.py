"""What people rule out for calls about a debt: kept with their words, in force at once, taken back by their words alone (REGF-003)."""

from dataclasses import dataclass
from datetime import datetime, time

from compliance.locks import lock_people
from compliance.models import DebtWish, DebtWishEnd, OpenClearance
from compliance.redaction import without_card_data
from compliance.rules.facts import Purpose
from core import audit, db
from core.errors import AppError, NotFound, Stale
from core.types import PhoneNumber, as_phone

WEEK = frozenset(range(7))


class DebtWishRefused(AppError):
    """The wish cannot be kept as given; the text says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDebtWish:
    """What somebody ruled out, on the number they were spoken to on. Times are theirs, [from, until)."""

    number: PhoneNumber
    raw_words: str
    heard_on: str
    person_ref: str = ""  # empty = whoever has the number
    not_from: time | None = None
    not_until: time | None = None
    not_days: frozenset[int] = frozenset()  # Monday = 0; empty = every day
    not_here: bool = False


def record_debt_wish(wish: NewDebtWish, *, actor: str, now: datetime) -> DebtWish:
    """Keep what somebody ruled out, and void their open clearances for debts, in the open transaction.

    Raises DebtWishRefused for what rules nothing out, or everything: that is a request not to be called.
    """
    db.require_atomic()
    problem = _why_refused(wish)
    if problem:
        raise DebtWishRefused(problem)
    number = as_phone(wish.number)
    lock_people(numbers=[number], persons=[wish.person_ref])
    target = f"number:{number}"
    words = without_card_data(wish.raw_words.replace("\x00", "").strip(), actor=actor, target=target, now=now)
    row = DebtWish.objects.create(
        number=number,
        person_ref=wish.person_ref,
        not_from=wish.not_from,
        not_until=wish.not_until,
        not_days=sorted(wish.not_days),
        not_here=wish.not_here,
        raw_words=words.text,
        heard_on=wish.heard_on,
        recorded_by=actor,
        at=now,
    )
    voided = OpenClearance.objects.filter(
        number=number, purpose=Purpose.DEBT.value, consumed_at__isnull=True, voided_at__isnull=True
    ).update(voided_at=now, voided_by=actor)
    audit.record(
        actor=actor,
        verb="compliance.debt_wish.recorded",
        target=target,
        now=now,
        after={"wish": row.pk, "raw_words": row.raw_words, "clearances_voided": voided},
    )
    return row


def end_debt_wish(*, wish_id: int, raw_words: str, actor: str, now: datetime) -> DebtWishEnd:
    """Keep that the person said otherwise; what they had ruled out counts no more. Raises NotFound, Stale, DebtWishRefused."""
    db.require_atomic()
    wish = DebtWish.objects.filter(pk=wish_id).first()
    if wish is None:
        raise NotFound("There is no such record.")
    target = f"number:{wish.number}"
    words = without_card_data(raw_words.replace("\x00", "").strip(), actor=actor, target=target, now=now)
    if not words.text:
        raise DebtWishRefused("Give the words in which the person took it back.")
    row, is_new = DebtWishEnd.objects.get_or_create(
        wish=wish, defaults={"raw_words": words.text, "recorded_by": actor, "at": now}
    )
    if not is_new:
        raise Stale("It was taken back already.")
    audit.record(
        actor=actor,
        verb="compliance.debt_wish.ended",
        target=target,
        now=now,
        after={"wish": wish.pk, "raw_words": row.raw_words},
    )
    return row


def _why_refused(wish: NewDebtWish) -> str:
    has_hours = wish.not_from is not None
    checks = (
        (not wish.raw_words.replace("\x00", "").strip(), "Give the person’s words: they are the evidence."),
        (not wish.heard_on.strip() or len(wish.heard_on) > 40, "Say how it was heard, in 40 characters."),
        (len(wish.person_ref) > 80, "The reference of the person is longer than 80 characters."),
        (has_hours != (wish.not_until is not None), "Hours need a beginning and an end."),
        (has_hours and wish.not_from == wish.not_until, "The hours end when they begin."),
        (not wish.not_days <= WEEK, "A day of the week is a number from 0, Monday, to 6."),
        (
            not (has_hours or wish.not_days or wish.not_here),
            "Say what they ruled out: hours, days, or this number.",
        ),
        (
            wish.not_days == WEEK and not has_hours,
            "Who rules out every day asks not to be called: record that as a request not to be called.",
        ),
    )
    return next((words for is_so, words in checks if is_so), "")
