"""The internal do-not-call list: put on at once, and taken off only by two people on a new, documented consent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from compliance.events import NumberRestored, NumbersRevoked
from compliance.locks import lock_people
from compliance.models import ConsentRecord, LiftRequest, OpenClearance, Suppression, SuppressionLift
from compliance.redaction import without_card_data
from compliance.rules import card_data
from compliance.rules.facts import Channel, ConsentKind, SuppressionKind, SuppressionScope
from compliance.rules.suppression import NEVER_LIFTED
from core import audit, db, outbox
from core.errors import AppError, NotFound
from core.types import PhoneNumber, as_phone, last_four

log = structlog.get_logger(__name__)


class LiftRefused(AppError):
    """The suppression stays; the text says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Why numbers are not to be contacted, for whom, and who heard it."""

    seller: str
    reason: str
    raw_words: str
    heard_on: str
    kind: SuppressionKind = SuppressionKind.DO_NOT_CALL
    scope: SuppressionScope = SuppressionScope.SELLER
    channels: frozenset[Channel] = frozenset()  # empty = all
    campaign_ref: str = ""  # with the scope CAMPAIGN
    person_ref: str = ""  # set: the pair of person and number only
    category: str = ""
    asked_at: datetime | None = None  # None = just now

    @property
    def for_seller(self) -> str:
        """Return the seller it is stored for; empty = everyone."""
        return "" if self.scope is SuppressionScope.EVERYONE else self.seller

    @property
    def words(self) -> str:
        """Return the words as they are stored: without card data (PCI-001), and what PostgreSQL cannot keep."""
        return card_data.redact(self.raw_words.replace("\x00", "")).text


def suppress(
    *,
    number: PhoneNumber,
    seller: str,
    reason: str,
    raw_words: str,
    heard_on: str,
    actor: str,
    now: datetime,
    scope: SuppressionScope = SuppressionScope.SELLER,
    kind: SuppressionKind = SuppressionKind.DO_NOT_CALL,
    channels: frozenset[Channel] = frozenset(),
    campaign_ref: str = "",
    person_ref: str = "",
    category: str = "",
) -> None:
    """Put the number on the internal do-not-call list and void every open clearance for it, in the open transaction.

    Doing it twice changes nothing; words that were not heard before go to the audit trail. Never undone by an import.
    """
    ground = Ground(
        seller=seller,
        reason=reason,
        raw_words=raw_words,
        heard_on=heard_on,
        kind=kind,
        scope=scope,
        channels=channels,
        campaign_ref=campaign_ref,
        person_ref=person_ref,
        category=category,
    )
    lock_people(numbers=[as_phone(number)])
    put_on_list([number], ground, actor=actor, now=now)


def put_on_list(
    numbers: Sequence[str], ground: Ground, *, actor: str, now: datetime
) -> list[tuple[Suppression, bool]]:
    """Suppress locked numbers, at least one; return each one's row, with whether it is new. Voids clearances, audits, publishes."""
    db.require_atomic()
    earlier = Suppression.objects.filter(number__in=list(numbers), seller=ground.for_seller)
    without_card_data(
        ground.raw_words,
        stored=earlier.order_by("-id").values_list("raw_words", flat=True).first() or "",
        actor=actor,
        target=f"number:{numbers[0]}",
        now=now,
    )
    rows = [_stand(number, ground, actor=actor, now=now) for number in numbers]
    voided = void_clearances(numbers, ground, actor=actor, now=now)
    for row, is_new in rows:
        if is_new or (row.raw_words, row.heard_on) != (ground.words, ground.heard_on[:40]):
            _record(row.number, ground, is_new=is_new, voided=voided, actor=actor, now=now)
        log.info("compliance.number.suppressed", number=last_four(row.number), new=is_new, voided=voided)
    if not ground.person_ref:
        publish(numbers, ground, actor=actor, now=now)
    return rows


def publish(numbers: Iterable[str], ground: Ground, *, actor: str, now: datetime) -> None:
    """Tell other apps, so that what still rings is cancelled (ENG-001 T4)."""
    told = sorted(set(numbers))
    if told:
        event = NumbersRevoked(
            numbers=told,
            seller=ground.for_seller,
            campaign_ref=ground.campaign_ref,
            channels=sorted(ground.channels),
            reason=ground.reason[:120],
            by=actor,
            at=now.isoformat(),
        )
        outbox.publish(event, key=f"number:{told[0]}", now=now)


def request_lift(
    *, suppression_id: int, consent_id: int, reason: str, requested_by: str, now: datetime
) -> LiftRequest:
    """Ask that a suppression be lifted; nothing changes before approve_lift. Raises NotFound, LiftRefused."""
    db.require_atomic()
    suppression, consent = _pair(suppression_id, consent_id)
    problem = _why_not_lifted(suppression, consent, now) or ("" if reason.strip() else "Say why.")
    if problem:
        raise LiftRefused(problem)
    row, is_new = LiftRequest.objects.get_or_create(
        suppression=suppression,
        consent=consent,
        defaults={"reason": reason.replace("\x00", ""), "requested_by": requested_by, "at": now},
    )
    if is_new:
        _record_lift("compliance.lift.requested", row, actor=requested_by, now=now)
    return row


def approve_lift(*, request_id: int, approved_by: str, now: datetime) -> SuppressionLift:
    """Lift the suppression; somebody other than who asked must say so. Raises NotFound, LiftRefused."""
    db.require_atomic()
    request = LiftRequest.objects.filter(id=request_id).first()
    if request is None:
        raise NotFound("There is no such request.")
    suppression, consent = _pair(request.suppression_id, request.consent_id)
    lock_people(numbers=[suppression.number])
    if approved_by == request.requested_by:
        raise LiftRefused("Another person must approve it: who asked for it cannot.")
    problem = _why_not_lifted(suppression, consent, now)
    if problem:
        raise LiftRefused(problem)
    lift = SuppressionLift.objects.create(
        suppression=suppression,
        consent=consent,
        requested_by=request.requested_by,
        approved_by=approved_by,
        reason=request.reason,
        at=now,
    )
    _record_lift("compliance.lift.approved", request, actor=approved_by, now=now)
    if not suppression.person_ref:
        event = NumberRestored(number=suppression.number, by=approved_by, at=now.isoformat())
        outbox.publish(event, key=f"number:{suppression.number}", now=now)
    return lift


def _pair(suppression_id: int, consent_id: int) -> tuple[Suppression, ConsentRecord]:
    suppression = Suppression.objects.filter(id=suppression_id).first()
    consent = ConsentRecord.objects.filter(id=consent_id).first()
    if suppression is None or consent is None:
        raise NotFound("There is no such suppression or consent.")
    return suppression, consent


def _why_not_lifted(suppression: Suppression, consent: ConsentRecord, now: datetime) -> str:
    """Return what is missing for a lift, "" when nothing is."""
    checks = (
        (SuppressionLift.objects.filter(suppression=suppression).exists(), "It is lifted already."),
        (suppression.kind in NEVER_LIFTED, "Suppressions of this kind are never lifted."),
        (not suppression.seller, "It was said to everybody; what one seller is told later does not lift it."),
        (consent.number != suppression.number, "The consent names another number."),
        (
            not suppression.at < consent.given_at <= now,
            "The consent must be given after the suppression, and not in the future.",
        ),
        (
            not consent.asked_how,
            "The consent does not say that the person asked to be contacted again by themself. Record what they did "
            "for it (form, call, text …), in which words and when.",
        ),
        (
            consent.asked_at is not None and consent.asked_at <= suppression.at,
            "They asked to be contacted again before the suppression, not after it.",
        ),
        (
            consent.kind == ConsentKind.CONVERSATION or consent.box_preticked,
            "The consent is none of the person’s own: a ticked box or a message alone lifts nothing.",
        ),
        (not consent.text_shown, "The consent is not documented: the words shown or said must be kept."),
        (
            suppression.seller not in consent.sellers,
            f"The consent does not name {suppression.seller}.",
        ),
        (
            consent.obtained_by != suppression.seller,
            f"{consent.obtained_by} obtained the consent; the person must have come to {suppression.seller}.",
        ),
    )
    return next((words for is_so, words in checks if is_so), "")


def sameness(number: str, ground: Ground) -> dict[str, Any]:
    """Return the columns in which two rows must differ to stand beside each other."""
    return {
        "number": number,
        "seller": ground.for_seller,
        "kind": ground.kind.value,
        "campaign_ref": ground.campaign_ref,
        "person_ref": ground.person_ref,
        "channels": sorted(ground.channels),
        "category": ground.category,
    }


def new_row(number: str, ground: Ground, *, after_lifts: int, actor: str, now: datetime) -> Suppression:
    """Return a row for the number, not stored yet."""
    return Suppression(
        **sameness(number, ground),
        scope=ground.scope.value,
        after_lifts=after_lifts,
        reason=ground.reason[:120],
        raw_words=ground.words,
        heard_on=ground.heard_on[:40],
        recorded_by=actor,
        at=ground.asked_at or now,
    )


def void_clearances(numbers: Sequence[str], ground: Ground, *, actor: str, now: datetime) -> int:
    """Void every open clearance the ground reaches; return how many."""
    open_ones = OpenClearance.objects.filter(
        number__in=list(numbers), consumed_at__isnull=True, voided_at__isnull=True
    )
    if ground.for_seller:
        open_ones = open_ones.filter(seller=ground.for_seller)
    if ground.campaign_ref:
        open_ones = open_ones.filter(campaign_ref=ground.campaign_ref)
    if ground.channels:
        open_ones = open_ones.filter(channel__in=sorted(ground.channels))
    return open_ones.update(voided_at=now, voided_by=actor)


def _stand(number: str, ground: Ground, *, actor: str, now: datetime) -> tuple[Suppression, bool]:
    """The row that stands for the number on this ground; a new one after a lift."""
    same = Suppression.objects.filter(**sameness(number, ground)).select_related("lift")
    newest = same.order_by("-after_lifts").first()
    if newest is not None and not hasattr(newest, "lift"):
        return newest, False
    lifts = 0 if newest is None else newest.after_lifts + 1
    row = new_row(number, ground, after_lifts=lifts, actor=actor, now=now)
    row.save(force_insert=True)
    return row, True


def _record(number: str, ground: Ground, *, is_new: bool, voided: int, actor: str, now: datetime) -> None:
    audit.record(
        actor=actor,
        verb="compliance.number.suppressed" if is_new else "compliance.number.suppressed_again",
        target=f"number:{number}",
        now=now,
        after={
            "seller": ground.for_seller,
            "scope": ground.scope.value,
            "kind": ground.kind.value,
            "campaign_ref": ground.campaign_ref,
            "person_ref": ground.person_ref,
            "channels": sorted(ground.channels),
            "reason": ground.reason,
            "raw_words": ground.words,
            "heard_on": ground.heard_on,
            "clearances_voided": voided,
        },
    )


def _record_lift(verb: str, row: LiftRequest, *, actor: str, now: datetime) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        target=f"number:{row.suppression.number}",
        now=now,
        after={"suppression": row.suppression_id, "consent": row.consent_id, "reason": row.reason},
    )
