"""Do-not-call flags that a CRM has and we have not: they count here from now on. Never the other way round."""

from collections.abc import Collection
from datetime import datetime

from campaigns.models import Contact
from campaigns.services import refusals
from core import audit, db


def take_flags(*, external_refs: Collection[str], source: str, source_label: str, now: datetime) -> int:
    """Refuse calls to the people of these records, in the open transaction; return to how many that is news.

    A request that two people lifted counts again: somebody in the CRM said so since.
    """
    db.require_atomic()
    rows = Contact.objects.filter(external_ref__in=list(external_refs), crm_do_not_call=False).order_by("pk")
    ids = list(rows.select_for_update().values_list("pk", flat=True))
    Contact.objects.filter(pk__in=ids).update(crm_do_not_call=True, changed_at=now)
    refusals.revoke_numbers_of(contact_ids=ids, source=source, source_label=source_label, now=now)
    for contact_id in ids:
        audit.record(
            actor=source_label,
            verb="campaigns.contact.flag_taken",
            target=f"contact:{contact_id}",
            now=now,
            before={"crm_do_not_call": False},
            after={"crm_do_not_call": True},
        )
    return len(ids)
