"""What a manager does on a person's own page: tags, notes, and a request not to be called, with its source and proof."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from campaigns.models import Contact, ContactNote, ContactPhone, ContactTag, Tag
from compliance import services as gate
from compliance.rules.facts import SuppressionKind
from core import audit, db
from core.errors import AppError, NotFound
from core.types import as_phone

NOTE_LIMIT = 2000
TAG_LIMIT = 60


class PersonRefused(AppError):
    """It cannot be done as asked; the text says what to do."""


def add_note(*, contact_id: int, text: str, by: str, now: datetime) -> None:
    """Keep a note about the person. Raises PersonRefused, NotFound."""
    words = "\n".join(line.rstrip() for line in text.replace("\r", "").split("\n")).strip()
    if not words or len(words) > NOTE_LIMIT or "\x00" in words:
        raise PersonRefused(f"Write a note of at most {NOTE_LIMIT:,} characters.")
    with db.use_case():
        ContactNote.objects.create(contact=_locked(contact_id), text=words, by=by, at=now)


def add_tag(*, contact_id: int, name: str, by: str, now: datetime) -> bool:
    """Mark the person with the tag, made if it is not there; return whether that is news. Raises PersonRefused, NotFound."""
    word = " ".join(name.split())
    if not word or len(word) > TAG_LIMIT or not word.isprintable():
        raise PersonRefused(f"Give the tag in one line of at most {TAG_LIMIT} characters.")
    with db.use_case():
        contact = _locked(contact_id)
        tag, _ = Tag.objects.get_or_create(name=word, defaults={"created_at": now})
        _, is_new = ContactTag.objects.get_or_create(contact=contact, tag=tag, defaults={"added_at": now})
        if is_new:
            _record("tagged", contact_id, by, now, {"tag": word})
    return is_new


def remove_tag(*, contact_id: int, tag_id: int, by: str, now: datetime) -> None:
    """Take the tag off the person; one that is off already stays off. Raises NotFound."""
    with db.use_case():
        _locked(contact_id)
        row = ContactTag.objects.filter(contact=contact_id, tag=tag_id).select_related("tag").first()
        if row is not None:
            ContactTag.objects.filter(pk=row.pk).delete()
            _record("untagged", contact_id, by, now, {"tag": row.tag.name})


def refuse_calls(
    *, contact_id: int, numbers: Sequence[str], heard_on: str, words: str, proof: str, by: str, now: datetime
) -> int:
    """Put numbers of the person through the gate as their request; return how many. Raises PersonRefused, NotFound.

    `words`: what they said; `proof`: where it is kept, such as the reference of a letter or a recording.
    """
    said = " ".join(words.split())
    if not said or len(said) > 400 or not said.isprintable():
        raise PersonRefused("Say in at most 400 characters what the person said: it is kept as evidence.")
    if len(proof) > 120 or not proof.isprintable():
        raise PersonRefused("Name the proof in one line of at most 120 characters.")
    with db.use_case():
        held = ContactPhone.objects.filter(contact=contact_id).order_by("number", "id")
        theirs = [number for number in held.values_list("number", flat=True) if number in set(numbers)]
        if not Contact.objects.filter(pk=contact_id).exists():
            raise NotFound("This person does not exist.")
        if not theirs or len(set(numbers)) > len(theirs):
            raise PersonRefused("Choose the numbers they are not to be called on, of those they have now.")
        ground = gate.Ground(
            seller=settings.SELLER_NAME,
            reason="asked not to be called",
            raw_words=f"{said} (proof: {proof})" if proof else said,
            heard_on=heard_on,
            kind=SuppressionKind.DO_NOT_CALL,
        )
        gate.revoke_numbers(
            numbers=[as_phone(number) for number in theirs],
            ground=ground,
            actor=by,
            now=now,
            source_ref=proof,
        )
        _record(
            "refused", contact_id, by, now, {"numbers": len(theirs), "heard_on": heard_on, "proof": proof}
        )
    return len(theirs)


def _locked(contact_id: int) -> Contact:
    row = Contact.objects.select_for_update().filter(pk=contact_id).first()
    if row is None:
        raise NotFound("This person does not exist.")
    return row


def _record(verb: str, contact_id: int, by: str, now: datetime, after: dict[str, object]) -> None:
    audit.record(
        actor=by, verb=f"campaigns.contact.{verb}", target=f"contact:{contact_id}", now=now, after=after
    )
