"""Taking an import back as a unit: what it created goes, what it changed is put back, until one of its leads was dialed.

What somebody changed after the import stays as they left it. A do-not-call flag that came with the import stays as well: a
refusal only ever gets stricter; and so do consents, which are evidence.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import PROTECT, Exists, OuterRef, Q, QuerySet

from campaigns.models import CampaignLead, Contact, ContactPhone, ContactTag, ImportRow, Lead, ListImport
from core import audit, db
from core.errors import AppError, NotFound, Stale

STATE = ListImport.State
OUTCOME = ImportRow.Outcome
BATCH = 2_000
# Whatever goes with a person who is removed; calls never do, and keep the person (_used_otherwise).
OF_A_PERSON = ("campaignlead", "lead", "contactphone", "segmentmember", "contacttag", "bulkchange")


class UndoRefused(AppError):
    """The import cannot be taken back any more; the text says why, with numbers."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking an import back did."""

    removed: int  # people
    kept: int  # people it created who are used otherwise by now
    left: int  # known people who left the list
    restored: int  # known people with fields, numbers or debts put back


def undo_import(*, import_id: int, by_name: str, now: datetime) -> Undone:
    """Take back all of an import that is done or was stopped. Raises UndoRefused, NotFound, Stale."""
    with db.use_case():
        list_import = ListImport.objects.select_for_update().filter(id=import_id).first()
        if list_import is None:
            raise NotFound("This import does not exist.")
        if list_import.state not in (STATE.DONE, STATE.STOPPED):
            raise Stale(
                f"Only an import that is done or stopped can be taken back; this one is “{list_import.get_state_display()}”."
            )
        db.advisory_xact_lock(db.lock_key("campaigns.persons"), db.lock_key("campaigns.filling"))
        _lock_campaign_leads(list_import)
        if words := why_not(list_import):
            raise UndoRefused(words)
        restored, left = _put_back(list_import, now)
        ContactTag.objects.filter(list_import=list_import).delete()
        removed, kept = _remove_created(list_import)
        ListImport.objects.filter(id=import_id).update(state=STATE.UNDONE, finished_at=now, progressed_at=now)
        done = Undone(removed, kept, left, restored)
        audit.record(
            actor=by_name,
            verb="campaigns.import.undone",
            target=f"import:{import_id}",
            now=now,
            before={"state": list_import.state},
            after={"removed": removed, "kept": kept, "left_the_list": left, "restored": restored},
        )
    return done


def why_not(list_import: ListImport) -> str:
    """Return why the import cannot be taken back, with numbers; empty when it can."""
    dialed = _own_campaign_leads(list_import).filter(Q(attempts__gt=0) | Q(state=CampaignLead.State.HELD))
    count = dialed.values("contact_id").distinct().count()
    if not count:
        return ""
    names = ", ".join(
        f"“{name}”"
        for name in dialed.order_by("campaign__name").values_list("campaign__name", flat=True).distinct()[:3]
    )
    people = "1 person was" if count == 1 else f"{count:,} people were"
    return (
        f"{people} dialed since, or are with an agent now, in {names}. What was done cannot be taken back; stop the campaign, or take the "
        "people off the list one by one."
    )


def _rows(list_import: ListImport, *outcomes: str) -> QuerySet[ImportRow]:
    return ImportRow.objects.filter(list_import=list_import, outcome__in=outcomes, contact__isnull=False)


def _own_campaign_leads(list_import: ListImport) -> QuerySet[CampaignLead]:
    """Return the places in campaigns of people whom this import created, or brought to its list before they were there."""
    mine = _rows(list_import, OUTCOME.CREATED, OUTCOME.UPDATED).filter(contact_id=OuterRef("contact_id"))
    joined = mine.filter(before__joined=True)
    return CampaignLead.objects.filter(
        Exists(mine.filter(outcome=OUTCOME.CREATED)) | Q(Exists(joined), added_at__gte=list_import.started_at)
    )


def _lock_campaign_leads(list_import: ListImport) -> None:
    """Hold the places, so that nobody dials them meanwhile."""
    list(
        _own_campaign_leads(list_import)
        .order_by("id")
        .select_for_update(of=("self",))
        .values_list("id", flat=True)
    )


def _put_back(list_import: ListImport, now: datetime) -> tuple[int, int]:
    """Restore known people, the last row first; return how many were restored and how many left the list."""
    restored: set[int] = set()
    left: set[int] = set()
    changed = _rows(list_import, OUTCOME.UPDATED).filter(before__isnull=False).order_by("-number")
    rows = list(changed.values_list("contact_id", "before"))
    created = set(_rows(list_import, OUTCOME.CREATED).values_list("contact_id", flat=True))
    for batch in _batches([row for row in rows if row[0] not in created]):
        people = (
            Contact.objects.select_for_update()
            .order_by("id")
            .in_bulk([contact_id for contact_id, _ in batch])
        )
        for contact_id, before in batch:
            contact = people.get(contact_id)
            if contact is None:
                continue
            if _restore(contact, before, now):
                restored.add(contact_id)
            if before.get("debt") and not before.get("joined"):
                Lead.objects.filter(
                    lead_list_id=list_import.lead_list_id, contact_id=contact_id, debt_ref=before["debt"]
                ).update(debt_ref="")
                restored.add(contact_id)
            if before.get("joined"):
                left.add(contact_id)
    for batch in _batches(sorted(left)):
        Lead.objects.filter(lead_list_id=list_import.lead_list_id, contact_id__in=batch).delete()
        _leave_campaigns(list_import, batch)
    return len(restored), len(left)


def _restore(contact: Contact, before: dict[str, Any], now: datetime) -> bool:
    """Put back what the row changed and nobody changed since; return whether anything was."""
    fields = []
    for name, (old, new) in before.get("values", {}).items():
        if getattr(contact, name) == new:
            setattr(contact, name, old)
            fields.append(name)
    for key, (old, new) in before.get("custom", {}).items():
        if contact.custom.get(key) == new:
            if old == "":
                del contact.custom[key]
            else:
                contact.custom[key] = old
            fields.append("custom")
    if (ref := before.get("ref")) and contact.external_ref == ref:
        contact.external_ref = None
        fields.append("external_ref")
    if fields:
        contact.changed_at = now
        contact.save(update_fields=[*dict.fromkeys(fields), "changed_at"])
    added, order = before.get("phones_added", []), before.get("phones_before", [])
    if added:
        ContactPhone.objects.filter(contact=contact, number__in=added).delete()
    for position, number in enumerate(order):
        ContactPhone.objects.filter(contact=contact, number=number).update(position=position)
    return bool(fields or added or order)


def _leave_campaigns(list_import: ListImport, contact_ids: Sequence[int]) -> None:
    """Take people out of the campaigns they came into by this list alone."""
    elsewhere = Lead.objects.filter(
        contact_id=OuterRef("contact_id"), lead_list__campaigns=OuterRef("campaign_id")
    ).exclude(lead_list_id=list_import.lead_list_id)
    CampaignLead.objects.filter(
        ~Exists(elsewhere), contact_id__in=contact_ids, added_at__gte=list_import.started_at, attempts=0
    ).exclude(state=CampaignLead.State.HELD).delete()


def _remove_created(list_import: ListImport) -> tuple[int, int]:
    """Remove the people the import created, but for those used otherwise by now; return how many went and how many stayed."""
    ids = list(
        _rows(list_import, OUTCOME.CREATED).order_by("contact_id").values_list("contact_id", flat=True)
    )
    used = _used_otherwise(list_import, ids)
    gone = [contact_id for contact_id in ids if contact_id not in used]
    with connection.cursor() as cursor:
        for batch in _batches(gone):
            cursor.execute(
                "UPDATE campaigns_importrow SET contact_id = NULL WHERE contact_id = ANY(%s)", [list(batch)]
            )
            for table in OF_A_PERSON:
                cursor.execute(f"DELETE FROM campaigns_{table} WHERE contact_id = ANY(%s)", [list(batch)])  # noqa: S608 - our own names
            cursor.execute("DELETE FROM campaigns_contact WHERE id = ANY(%s)", [list(batch)])
    for batch in _batches(sorted(used)):
        Lead.objects.filter(lead_list_id=list_import.lead_list_id, contact_id__in=batch).delete()
        _leave_campaigns(list_import, batch)
    return len(gone), len(used)


def _used_otherwise(list_import: ListImport, ids: Sequence[int]) -> set[int]:
    """Return who of the people stands on another list, was named by another import, or has a past in another app."""
    used: set[int] = set()
    for batch in _batches(ids):
        others = Lead.objects.filter(contact_id__in=batch).exclude(lead_list_id=list_import.lead_list_id)
        used.update(others.values_list("contact_id", flat=True))
        later = ImportRow.objects.filter(contact_id__in=batch).exclude(list_import=list_import)
        later = later.exclude(reason_code__startswith="skipped").exclude(list_import__state=STATE.UNDONE)
        used.update(later.values_list("contact_id", flat=True))
        for relation in Contact._meta.related_objects:
            if relation.on_delete is PROTECT:  # calls, and whatever else must never lose its person
                name = relation.field.attname
                rows = relation.related_model._default_manager.filter(**{f"{name}__in": batch})
                used.update(rows.values_list(name, flat=True))
    return used


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
