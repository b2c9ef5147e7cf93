"""What others report about numbers, persons, sellers and contacts made; each kept with who said so."""

from datetime import date, datetime
from typing import Any

from compliance.models import (
    CallerAuthority,
    ContactOutcome,
    LineRecord,
    ReassignedCheck,
    RelationshipRecord,
    SellerRegistration,
    SenderRegistration,
)
from compliance.rules.facts import LineType, ReassignedAnswer
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from core import audit, db, kept
from core.errors import AppError
from core.types import PhoneNumber, as_phone


class RecordRefused(AppError):
    """The record cannot be kept; the text says what is wrong."""


def record_outcome(
    *,
    decision_id: int,
    connected: bool,
    conversation: bool,
    now: datetime,
    abandoned: bool = False,
    machine: bool = False,
) -> None:
    """Keep what became of a cleared contact, once; the first report stands. Caps of debt calls and the like count by it."""
    db.require_atomic()
    row = ContactOutcome(
        decision_id=decision_id,
        connected=connected,
        conversation=conversation,
        abandoned=abandoned,
        machine=machine,
        at=now,
    )
    kept.insert_unless_taken(row)


def record_line(
    *,
    number: PhoneNumber,
    type: LineType,
    source: str,
    checked_at: datetime,
    actor: str,
    now: datetime,
    ported_at: datetime | None = None,
) -> None:
    """Keep what a look-up said of the number's line; an older look-up than the one that stands changes nothing."""
    db.require_atomic()
    if checked_at > now:
        raise RecordRefused("The look-up lies in the future.")
    told: dict[str, Any] = {
        "type": type.value,
        "checked_at": checked_at,
        "source": source[:80],
        "recorded_by": actor,
        "recorded_at": now,
    }
    if ported_at is not None:
        told["ported_at"] = ported_at
    row, is_new = LineRecord.objects.select_for_update().get_or_create(number=as_phone(number), defaults=told)
    if not is_new and (row.checked_at is None or row.checked_at <= checked_at):
        LineRecord.objects.filter(id=row.id).update(**told)


def mark_line(
    *, number: PhoneNumber, actor: str, now: datetime, protected: str = "", account: str = ""
) -> None:
    """Say that a line may never be dialed by machine, and why, or to whose account it belongs (FED-032). Empty words clear it."""
    db.require_atomic()
    told = {
        "protected": protected[:80],
        "account": account[:80],
        "recorded_by": actor,
        "recorded_at": now,
    }
    LineRecord.objects.update_or_create(number=as_phone(number), defaults=told)
    audit.record(
        actor=actor,
        verb="compliance.line.marked",
        target=f"number:{number}",
        now=now,
        after={"protected": protected, "account": account},
    )


def record_reassigned_check(
    *,
    number: PhoneNumber,
    since: date,
    answer: ReassignedAnswer,
    checked_at: datetime,
    database_version: str,
    actor: str,
    now: datetime,
) -> None:
    """Keep an answer of the Reassigned Numbers Database (FED-030). Raises RecordRefused for one that lies in the future."""
    db.require_atomic()
    if checked_at > now:
        raise RecordRefused(
            f"The answer cannot be of {checked_at:%d %b %Y %H:%M} UTC, that is in the future. Give the time it was asked at."
        )
    ReassignedCheck.objects.create(
        number=as_phone(number),
        since=since,
        answer=answer.value,
        checked_at=checked_at,
        database_version=database_version[:40],
        recorded_by=actor,
    )


def record_relationship(
    *,
    person_ref: str,
    seller: str,
    source: str,
    actor: str,
    now: datetime,
    last_purchase_on: date | None = None,
    last_inquiry_on: date | None = None,
    customer: bool = False,
    personal: bool = False,
) -> None:
    """Keep what a source says today of the person's dealings with the seller; it replaces what it said before (FED-003)."""
    db.require_atomic()
    RelationshipRecord.objects.create(
        person_ref=person_ref,
        seller=seller,
        source=source[:80],
        last_purchase_on=last_purchase_on,
        last_inquiry_on=last_inquiry_on,
        customer=customer,
        personal=personal,
        recorded_by=actor,
        at=now,
    )


def record_registration(
    *,
    seller: str,
    state: str,
    valid_from: date,
    actor: str,
    now: datetime,
    certificate: str = "",
    exemption: str = "",
    valid_to: date | None = None,
    covers_texts_only: bool = False,
    document: str = "",
) -> None:
    """Keep a seller's registration in a state, or the exemption it filed there (ST-005). Raises RecordRefused."""
    db.require_atomic()
    if state not in STATE_NAMES:
        raise RecordRefused(f"“{state[:20]}” is no state: give its two letters.")
    if not (certificate.strip() or exemption.strip()):
        raise RecordRefused("Give the certificate's number, or the name of the exemption that was filed.")
    if valid_to is not None and valid_to < valid_from:
        raise RecordRefused("The registration ends before it begins.")
    row, is_new = SellerRegistration.objects.update_or_create(
        seller=seller,
        state=state,
        certificate=certificate,
        exemption=exemption,
        valid_from=valid_from,
        defaults={
            "valid_to": valid_to,
            "covers_texts_only": covers_texts_only,
            "document": document[:400],
            "recorded_by": actor,
            "recorded_at": now,
        },
    )
    audit.record(
        actor=actor,
        verb="compliance.registration.recorded",
        target=f"registration:{row.id}",
        now=now,
        after={
            "seller": seller,
            "state": state,
            "certificate": certificate,
            "exemption": exemption,
            "valid_to": valid_to.isoformat() if valid_to else None,
            "is_new": is_new,
        },
    )


def set_caller_authority(
    *,
    number: PhoneNumber,
    seller: str,
    authority: str,
    takes_requests: bool,
    tested_on: date | None,
    actor: str,
    now: datetime,
    active: bool = True,
) -> None:
    """Keep the right to show a number as caller ID, for one seller or, without one, for all (TSR-005, FED-025)."""
    db.require_atomic()
    if not authority.strip():
        raise RecordRefused("Say what proves the right to show the number: contract, letter, purchase.")
    told: dict[str, Any] = {
        "authority": authority[:400],
        "takes_requests": takes_requests,
        "tested_on": tested_on,
        "active": active,
    }
    CallerAuthority.objects.update_or_create(
        number=as_phone(number), seller=seller, defaults={**told, "recorded_by": actor, "recorded_at": now}
    )
    audit.record(
        actor=actor,
        verb="compliance.caller_authority.set",
        target=f"number:{number}",
        now=now,
        after={"seller": seller, **told, "tested_on": tested_on.isoformat() if tested_on else None},
    )


def set_sender_registration(*, number: str, kind: str, actor: str, now: datetime, **told: Any) -> None:
    """Keep the state of a messaging sender at the registries; `told` holds columns of SenderRegistration.

    What is not told is not registered: each call says the whole state.
    """
    db.require_atomic()
    blank = {
        field.name: field.get_default()
        for field in SenderRegistration._meta.concrete_fields
        if field.name not in ("id", "number", "kind", "recorded_by", "recorded_at")
    }
    unknown = set(told) - set(blank)
    if unknown:
        raise RecordRefused(f"There is no such column: {', '.join(sorted(unknown))}.")
    # However it is written: the same brand twice under two spellings would have two caps.
    told["brand"] = "".join(filter(str.isalnum, str(told.get("brand", "")).upper()))[:40]
    SenderRegistration.objects.update_or_create(
        number=number,
        defaults={**blank, **told, "kind": kind, "recorded_by": actor, "recorded_at": now},
    )
    audit.record(
        actor=actor,
        verb="compliance.sender.set",
        target=f"number:{number}",
        now=now,
        after={"kind": kind, **told},
    )
