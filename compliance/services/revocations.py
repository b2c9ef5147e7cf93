"""One intake for every way of saying no: text, spoken word, button, key press, CRM flag, carrier error, letter (FED-012)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from compliance.locks import lock_people
from compliance.models import Revocation, RevocationReview
from compliance.rules.facts import SuppressionKind, SuppressionScope
from compliance.services.suppressions import Ground, put_on_list
from core import audit, db
from core.errors import NotFound, Stale
from core.types import PhoneNumber, as_phone

HONOURED = {
    SuppressionKind.REVOKED: "took consent back",
    SuppressionKind.DO_NOT_CALL: "asked not to be contacted",
    SuppressionKind.WRONG_NUMBER: "wrong number",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HowRead:
    """How the message was understood: by a rule for texts, or by a person (the default)."""

    matched_by: str = ""  # the keyword, or the name of the phrase
    tier: int = 0  # 1 keyword, 2 phrase, 0 judged by a person or told by another system
    language: str = ""
    needs_review: bool = False  # a person is to read it as well; it is honoured first


BY_A_PERSON = HowRead()


def revoke(
    *,
    number: PhoneNumber,
    seller: str,
    raw_words: str,
    heard_on: str,
    actor: str,
    now: datetime,
    kind: SuppressionKind = SuppressionKind.REVOKED,
    scope: SuppressionScope = SuppressionScope.SELLER,
    campaign_ref: str = "",
    person_ref: str = "",
    category: str = "",
    read: HowRead = BY_A_PERSON,
    source_ref: str = "",
    received_at: datetime | None = None,
) -> Revocation:
    """Take a person at their word: any way of saying “do not contact me” ends contacts on every channel, now (FED-012).

    In the open transaction: the revocation with its words, the suppression, open clearances voided, the audit trail, and an
    event on which ringing calls are cancelled. `heard_on` names the channel for people: "text message", "phone".
    The same message (`heard_on`, `source_ref`) twice is one revocation. Raises ValueError without words: a revocation is
    evidence, and what was said is the evidence.
    """
    [row] = revoke_numbers(
        numbers=[number],
        ground=Ground(
            seller=seller,
            reason=HONOURED[kind],
            raw_words=raw_words,
            heard_on=heard_on,
            kind=kind,
            scope=scope,
            campaign_ref=campaign_ref,
            person_ref=person_ref,
            category=category,
        ),
        actor=actor,
        now=now,
        read=read,
        source_ref=source_ref,
        received_at=received_at,
    )
    return row


def revoke_numbers(
    *,
    numbers: Sequence[PhoneNumber],
    ground: Ground,
    actor: str,
    now: datetime,
    read: HowRead = BY_A_PERSON,
    source_ref: str = "",
    received_at: datetime | None = None,
) -> list[Revocation]:
    """Do what revoke does for several numbers at once, in one order of locks; return a row for each number, in order."""
    db.require_atomic()
    if not ground.words.strip():
        raise ValueError("A revocation needs the person's words.")
    asked = [as_phone(number) for number in dict.fromkeys(numbers)]
    lock_people(numbers=asked)
    known = _known(asked, ground, source_ref)
    fresh = [number for number in asked if number not in known]
    for row, _ in put_on_list(fresh, ground, actor=actor, now=now) if fresh else ():
        known[row.number] = Revocation.objects.create(
            suppression=row,
            number=row.number,
            seller=ground.for_seller,
            scope=ground.scope.value,
            campaign_ref=ground.campaign_ref,
            category=ground.category,
            raw_words=ground.words,
            matched_by=read.matched_by[:80],
            tier=read.tier,
            language=read.language,
            heard_on=ground.heard_on[:40],
            source_ref=source_ref[:120],
            received_at=received_at or now,
            honoured_at=now,
            recorded_by=actor,
            needs_review=read.needs_review,
        )
    return [known[number] for number in asked]


def revoke_from_provider_error(
    *, number: PhoneNumber, seller: str, code: str, text: str, source_ref: str, actor: str, now: datetime
) -> Revocation:
    """Believe a provider that refuses our message because the person opted out there (Twilio 21610): suppress here too."""
    return revoke(
        number=number,
        seller=seller,
        raw_words=f"Provider error {code}: {text}",
        heard_on="provider error",
        actor=actor,
        now=now,
        read=HowRead(matched_by=f"provider:{code}", tier=1),
        source_ref=source_ref,
    )


def review_revocation(
    *, revocation_id: int, is_revocation: bool, note: str, reviewed_by: str, now: datetime
) -> RevocationReview:
    """Keep what a person found on reading a message; a mistake is mended by a lift. Raises NotFound, Stale."""
    db.require_atomic()
    row = Revocation.objects.filter(id=revocation_id).first()
    if row is None:
        raise NotFound("There is no such revocation.")
    finding = RevocationReview.Finding.CONFIRMED if is_revocation else RevocationReview.Finding.MISTAKEN
    review, is_new = RevocationReview.objects.get_or_create(
        revocation=row,
        defaults={
            "finding": finding,
            "note": note.replace("\x00", ""),
            "reviewed_by": reviewed_by,
            "at": now,
        },
    )
    if not is_new:
        raise Stale("Somebody has read this message already; their finding stands.")
    audit.record(
        actor=reviewed_by,
        verb="compliance.revocation.reviewed",
        target=f"number:{row.number}",
        now=now,
        after={"revocation": row.id, "finding": finding.value, "note": note},
    )
    return review


def _known(numbers: Sequence[str], ground: Ground, source_ref: str) -> dict[str, Revocation]:
    """The rows this very message left before, where it has an id."""
    if not source_ref:
        return {}
    rows = Revocation.objects.filter(
        number__in=list(numbers),
        seller=ground.for_seller,
        heard_on=ground.heard_on[:40],
        source_ref=source_ref[:120],
    )
    return {row.number: row for row in rows.order_by("id")}
