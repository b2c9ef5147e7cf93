"""Saying who a person of ours is in a CRM."""

from datetime import datetime

from django.db.models import F, Value
from django.db.models.functions import Left, Replace, Substr

from campaigns.models import Contact
from core import audit, db


def link_person(*, contact_id: int, external_ref: str, crm_url: str, by: str, now: datetime) -> str:
    """Have a person named in their CRM, in the open transaction; return who has that record already, "" for nobody.

    Nobody is taken from another CRM, and a record belongs to one person: then nothing changes here, and the two are for somebody
    to merge.
    """
    db.require_atomic()
    person = Contact.objects.select_for_update().filter(pk=contact_id).first()
    if person is None or person.external_ref == external_ref:
        return ""
    other = Contact.objects.filter(external_ref=external_ref).first()
    if other is not None:
        return f"{other.full_name} (person {other.pk})"
    if person.external_ref:
        return ""
    person.external_ref, person.crm_url, person.changed_at = external_ref, crm_url[:400], now
    person.save(update_fields=["external_ref", "crm_url", "changed_at"])
    audit.record(
        actor=by,
        verb="campaigns.contact.linked_to_crm",
        target=f"contact:{contact_id}",
        now=now,
        before={"external_ref": ""},
        after={"external_ref": external_ref},
    )
    return ""


def move_pages(*, prefix: str, template: str) -> int:
    """Give everybody whose record's name begins with `prefix` the address of its page anew, in the open transaction; return how many.

    `template` has {person_id} where the record's id stands; an id is of characters that stand for themselves in an address.
    """
    db.require_atomic()
    record = Substr(F("external_ref"), len(prefix) + 1)
    page = Replace(Value(template), Value("{person_id}"), record)  # type: ignore[arg-type]  # any expression is taken
    address = Left(page, 400)
    return (
        Contact.objects.filter(external_ref__startswith=prefix)
        .exclude(crm_url=address)
        .update(crm_url=address)
    )
