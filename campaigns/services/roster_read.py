"""The people a batch of an import may mean, read and locked in a few queries."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Min

from campaigns.importing import MAX_LENGTHS, CleanPerson
from campaigns.importplan import Plan
from campaigns.models import (
    Campaign,
    CampaignLead,
    Contact,
    ContactPhone,
    ImportRow,
    Lead,
    ListImport,
    MergedPerson,
)
from campaigns.services.roster import Known, Phone

COLUMNS = tuple(MAX_LENGTHS)
_MEANT = """
SELECT contact_id FROM campaigns_contactphone WHERE number = ANY(%(numbers)s)
 UNION SELECT id FROM campaigns_contact WHERE external_ref = ANY(%(refs)s)
 UNION SELECT merge.survivor_id FROM campaigns_mergedperson AS merged JOIN campaigns_merge AS merge ON merge.id = merged.merge_id
        WHERE merged.in_force AND merged.external_ref <> '' AND merged.external_ref = ANY(%(refs)s)
"""
_BY_ID = """
 UNION SELECT id FROM campaigns_contact WHERE external_id = ANY(%(ids)s) AND external_id <> ''
 UNION SELECT merge.survivor_id FROM campaigns_mergedperson AS merged JOIN campaigns_merge AS merge ON merge.id = merged.merge_id
        WHERE merged.in_force AND merged.external_id <> '' AND merged.external_id = ANY(%(ids)s)
"""
_BY_EMAIL = " UNION SELECT id FROM campaigns_contact WHERE UPPER(email) = ANY(%(emails)s) AND email <> ''"
_UNDER_WAY = (Campaign.State.RUNNING, Campaign.State.DRAINING, Campaign.State.PAUSED)


def known_people(list_import: ListImport, persons: Sequence[CleanPerson], plan: Plan) -> list[Known]:
    """Return, oldest first, everybody one of the rows may mean, locked."""
    ids = _meant(persons, plan)
    if not ids:
        return []
    rows = (
        Contact.objects.filter(id__in=ids)
        .order_by("id")
        .select_for_update()
        .values_list("id", "external_ref", "crm_do_not_call", "custom", *COLUMNS)
    )
    known = {
        row[0]: Known(
            id=row[0],
            external_ref=row[1],
            refused=row[2],
            custom=row[3],
            values=dict(zip(COLUMNS, row[4:], strict=True)),
        )
        for row in rows
    }
    phones = ContactPhone.objects.filter(contact_id__in=ids).order_by("contact_id", "position", "id")
    for row in phones.values_list("contact_id", "number", "raw", "kind", "id", "position"):
        known[row[0]].phones.append(Phone(row[1], row[2], row[3], row[4], row[5]))
    merged = MergedPerson.objects.filter(merge__survivor__in=ids, in_force=True).order_by("pk")
    for contact_id, ref, other_id in merged.values_list("merge__survivor_id", "external_ref", "external_id"):
        known[contact_id].other_refs.add(ref)
        known[contact_id].other_ids.add(other_id)
    leads = Lead.objects.filter(lead_list_id=list_import.lead_list_id, contact_id__in=ids)
    for contact_id, debt_ref in leads.values_list("contact_id", "debt_ref"):
        known[contact_id].on_list, known[contact_id].debt_ref = True, debt_ref
    # A row that left the person alone as asked does not make the next one a duplicate within the file.
    seen = (
        ImportRow.objects.filter(list_import=list_import, contact_id__in=ids)
        .exclude(reason_code__startswith="skipped")
        .order_by()
    )
    for contact_id, number in seen.values_list("contact_id").annotate(Min("number")):
        known[contact_id].seen_in_row = number
    if plan.rules["campaign"] != plan.rules["system"]:
        called = CampaignLead.objects.filter(contact_id__in=ids, campaign__state__in=_UNDER_WAY)
        for contact_id in called.order_by().values_list("contact_id", flat=True):
            known[contact_id].in_campaign = True
    return list(known.values())


def _meant(persons: Sequence[CleanPerson], plan: Plan) -> list[int]:
    statement = _MEANT
    wanted: dict[str, Any] = {
        "numbers": [phone.number for person in persons for phone in person.phones],
        "refs": [person.raw.external_ref for person in persons if person.raw.external_ref],
    }
    if "external_id" in plan.match_by:
        statement += _BY_ID
        wanted["ids"] = [value for person in persons if (value := person.values.get("external_id"))]
    if "email" in plan.match_by:
        statement += _BY_EMAIL
        wanted["emails"] = [value.upper() for person in persons if (value := person.values.get("email"))]
    with connection.cursor() as cursor:
        cursor.execute(statement, wanted)
        return [row[0] for row in cursor.fetchall()]
