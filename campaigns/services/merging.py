"""Making one person of several records, whole or not at all, and the way back while nobody has contacted them since.

1. The locks: one import or merge at a time matches people; nobody fills campaigns; then the places in campaigns, the people, and
   their numbers and names at the gate, in the order the dialer takes them.
2. What forbids it: somebody who is being called or with an agent, two debts of one list, records that changed since they were shown.
3. Rows of every table that points at a merged record are pointed at the survivor, each step noted.
4. The gate learns that the names are one person's. The verdicts and events of the past stay as they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection

from campaigns.merging import FIELDS, MOST, OWN, Order, Standing, one_standing
from campaigns.models import (
    CampaignLead,
    Contact,
    ContactPhone,
    Lead,
    Merge,
    MergedPerson,
    NotDuplicate,
)
from campaigns.selectors import comparing
from campaigns.selectors import duplicates as read
from campaigns.services.membership import LEFT
from compliance.locks import lock_people
from compliance.reads import merging as gate_read
from compliance.services import merging as gate
from core import audit, db
from core.errors import AppError, NotFound, Stale
from core.taking import Taking, keys_to, put_back

HELD = CampaignLead.State.HELD
WAIT_FOR_IMPORTS = "8s"  # a page may wait so long for the batch of an import
_STANDING = tuple(name for name in Standing.__dataclass_fields__ if name != "left_list")


class MergeRefused(AppError):
    """The records cannot be merged, or parted, as asked; the text says what to do."""


def merge(order: Order, *, by: str, now: datetime) -> int:
    """Merge the records and return the merge's id. Raises MergeRefused, NotFound, Stale."""
    ids = _ids(order)
    with db.use_case(), _waiting_shortly():
        people, leads = _locked(ids)
        _check(order, people, leads, now)
        survivor = people.pop(order.survivor)
        taking = Taking()
        brought = _numbers_brought(survivor.pk, list(people))
        _take_over(order, survivor, people, leads, taking)
        for merged_id in people:
            _forget_likeness(survivor.pk, merged_id, taking)
            for key in keys_to(Contact):
                if key.model is not NotDuplicate:
                    taking.move(key, old=merged_id, new=survivor.pk)
        taking.delete(Contact, list(people))
        names = _names_after(order, survivor, people)
        taking.change(survivor, names | {"changed_at": now})
        former = gate.merge_people(
            survivor=read.person_ref(survivor.pk),
            brought={read.person_ref(pk): numbers for pk, numbers in brought.items()},
            now=now,
        )
        row = _keep(order, survivor, people, names["external_ref"], taking, former, by=by, now=now)
        read.groups_with(ids).delete()
    return row.pk


def undo(*, merge_id: int, by: str, now: datetime) -> None:
    """Part the records again. Raises MergeRefused, NotFound, Stale."""
    with db.use_case(), _waiting_shortly():
        row = Merge.objects.filter(pk=merge_id).first()
        if row is None:
            raise NotFound("There is no such merge.")
        _locked([row.survivor_id])
        row = Merge.objects.select_for_update().get(pk=merge_id)
        if why := why_not_undo(row, now=now):
            raise (Stale if row.undone_at else MergeRefused)(why)
        put_back(row.taken["steps"])
        merged = list(row.people.order_by("pk").values_list("was", flat=True))
        gate.part_people(merged=map(read.person_ref, merged), former=row.taken["former"])
        MergedPerson.objects.filter(merge=row).update(in_force=False)
        Merge.objects.filter(pk=row.pk).update(undone_at=now, undone_by=by)
        audit.record(
            actor=by,
            verb="campaigns.contact.parted",
            target=f"contact:{row.survivor_was}",
            now=now,
            before={"merge": row.pk},
            after={"records": [row.survivor_was, *merged]},
        )


def why_not_undo(row: Merge, *, now: datetime) -> str:
    """Return why the merge cannot be undone, with what to do; empty when it can. Hidden SQL: some eight queries."""
    if row.undone_at is not None:
        return f"{row.undone_by} has parted these records already."
    if row.survivor_id != row.survivor_was:
        return "The person was merged again since. Undo that merge first."
    later = Merge.objects.filter(survivor=row.survivor_id, undone_at=None, pk__gt=row.pk)
    if later.exists():
        return "Another record was merged into the person since. Undo that merge first."
    if CampaignLead.objects.filter(contact=row.survivor_id, state=HELD).exists():
        return "The person is with an agent or being called. Undo it when the call and its result are done."
    numbers = ContactPhone.objects.filter(contact=row.survivor_id).order_by("pk")
    happened = gate_read.since(
        person=read.person_ref(row.survivor_was),
        numbers=list(numbers.values_list("number", flat=True)),
        at=row.at,
    )
    if happened.contacts:
        times = "once" if happened.contacts == 1 else f"{happened.contacts:,} times"
        return (
            f"The person was contacted {times} since the merge, as one person. What came of it belongs to both records now; "
            "change the person’s fields and numbers instead."
        )
    if happened.said:
        return "A consent, request or wish was recorded for the person since. It cannot be said to which record it belongs."
    refs = [
        step for step in row.taken["steps"] if step["do"] == "delete" and step["of"] == Contact._meta.label
    ]
    taken = [each["external_ref"] for step in refs for each in step["rows"] if each["external_ref"]]
    holder = Contact.objects.filter(external_ref__in=taken).exclude(pk=row.survivor_id).first()
    if holder is not None:
        return f"{holder.full_name} has the CRM record of a merged person by now. Merge those two instead."
    return ""


def _ids(order: Order) -> list[int]:
    ids = sorted({order.survivor, *order.merged})
    if len(ids) < 2:
        raise MergeRefused("Choose at least two records, and the one that stays.")
    if len(ids) > MOST:
        raise MergeRefused(f"At most {MOST} records are merged at once. Leave some out.")
    return ids


@contextmanager
def _waiting_shortly() -> Iterator[None]:
    """Wait some seconds for the locks, not for a whole import."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_FOR_IMPORTS}'")
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
            raise
        raise MergeRefused(
            "An import or a dry run is matching people at this moment. Nothing was changed; try again in a minute."
        ) from None


def _locked(ids: Sequence[int]) -> tuple[dict[int, Contact], list[CampaignLead]]:
    """Lock everything about the people, and return them with their places in campaigns."""
    db.advisory_xact_lock(db.lock_key("campaigns.persons"), db.lock_key("campaigns.filling"))
    leads = list(CampaignLead.objects.select_for_update().filter(contact_id__in=ids).order_by("id"))
    people = {row.pk: row for row in Contact.objects.select_for_update().filter(pk__in=ids).order_by("id")}
    numbers = ContactPhone.objects.filter(contact_id__in=ids).values_list("number", flat=True)
    lock_people(numbers=numbers, persons=map(read.person_ref, ids))
    return people, leads


def _check(order: Order, people: Mapping[int, Contact], leads: Sequence[CampaignLead], now: datetime) -> None:
    ids = [order.survivor, *order.merged]
    if missing := [pk for pk in ids if pk not in people]:
        gone = MergedPerson.objects.filter(was__in=missing, in_force=True).select_related("merge").first()
        if gone is not None:
            raise Stale(
                f"{gone.merge.by} has merged {gone.name} into {gone.merge.name} meanwhile. Nothing was changed."
            )
        raise NotFound("One of these people was removed meanwhile. Nothing was changed.")
    if order.seen and order.seen != read.seen_of(people.values()):
        raise Stale(
            "Somebody changed one of these people meanwhile. Look at them again; nothing was changed."
        )
    if strange := [pk for pk in order.values.values() if pk not in people]:
        raise MergeRefused(
            f"A value was to come from record {strange[0]}, which is none of these. Choose again."
        )
    busy = {lead.contact_id for lead in leads if lead.state == HELD}
    on_call = gate_read.under_way(persons=[read.person_ref(pk) for pk in ids], now=now)
    busy |= {pk for pk in ids if read.person_ref(pk) in on_call}
    if busy:
        name = people[min(busy)].full_name
        raise MergeRefused(f"{name} is on a call or open on an agent’s desk. Merge them when that is done.")
    if words := read.debts_that_differ(ids):
        raise MergeRefused(words)


def _numbers_brought(survivor: int, merged: Sequence[int]) -> dict[int, list[str]]:
    """Which numbers each record brings that nobody before it has; the survivor’s own are its own."""
    rows = ContactPhone.objects.filter(contact_id__in=[survivor, *merged]).order_by("position", "pk")
    held: dict[int, list[str]] = {}
    for contact_id, number in rows.values_list("contact_id", "number"):
        held.setdefault(contact_id, []).append(number)
    known = set(held.get(survivor, ()))
    brought: dict[int, list[str]] = {}
    for pk in merged:
        brought[pk] = [number for number in held.get(pk, ()) if number not in known]
        known.update(brought[pk])
    return brought


def _take_over(
    order: Order,
    survivor: Contact,
    merged: Mapping[int, Contact],
    leads: Sequence[CampaignLead],
    taking: Taking,
) -> None:
    """What cannot be pointed elsewhere as it is: the order of numbers, debts of one list, two places in one campaign."""
    position = ContactPhone.objects.filter(contact=survivor).count()
    for phone in ContactPhone.objects.filter(contact_id__in=list(merged)).order_by(
        "contact_id", "position", "pk"
    ):
        taking.change(phone, {"position": position})
        position += 1
    lists = {lead.lead_list_id: lead for lead in Lead.objects.filter(contact=survivor).order_by("pk")}
    for lead in Lead.objects.filter(contact_id__in=list(merged)).exclude(debt_ref="").order_by("pk"):
        own = lists.get(lead.lead_list_id)
        if own is not None and not own.debt_ref:
            taking.change(own, {"debt_ref": lead.debt_ref})
            own.debt_ref = lead.debt_ref
    places: dict[int, CampaignLead] = {}
    for place in sorted(leads, key=lambda each: (each.contact_id != survivor.pk, each.pk)):
        ours = places.setdefault(place.campaign_id, place)
        if ours is place:
            continue
        joined = one_standing(_standing(ours), _standing(place))
        values = {name: getattr(joined, name) for name in _STANDING}
        for key in keys_to(CampaignLead):
            taking.move(key, old=place.pk, new=ours.pk)
        taking.delete(CampaignLead, [place.pk])
        taking.change(ours, values)
        for name, value in values.items():
            setattr(ours, name, value)


def _standing(lead: CampaignLead) -> Standing:
    values = {name: getattr(lead, name) for name in _STANDING}
    return Standing(**values, left_list=lead.reason.startswith(LEFT))


def _forget_likeness(survivor: int, merged: int, taking: Taking) -> None:
    """What was said about the merged record being somebody else holds for the survivor."""
    said = NotDuplicate.objects.filter(first=merged) | NotDuplicate.objects.filter(second=merged)
    rows = list(said.order_by("pk"))
    taking.delete(NotDuplicate, [row.pk for row in rows])
    for row in rows:
        other = row.second_id if row.first_id == merged else row.first_id
        if other != survivor:
            NotDuplicate.objects.get_or_create(
                first_id=min(survivor, other),
                second_id=max(survivor, other),
                defaults={"said_by": row.said_by, "said_at": row.said_at},
            )


def _names_after(order: Order, survivor: Contact, merged: Mapping[int, Contact]) -> dict[str, Any]:
    """The survivor's columns after the merge."""
    everybody = {survivor.pk: survivor, **merged}
    values: dict[str, Any] = {
        name: getattr(everybody[order.values.get(name, survivor.pk)], name) for name in FIELDS
    }
    own: dict[str, Any] = {}
    for row in (survivor, *merged.values()):
        own = {**row.custom, **own}
    for name, source in order.values.items():
        if name.startswith(OWN):
            key = name.removeprefix(OWN)
            if (value := everybody[source].custom.get(key)) not in (None, ""):
                own[key] = value
            else:
                own.pop(key, None)
    ref_of = next((row for row in everybody.values() if row.external_ref), survivor)
    return values | {
        "custom": own,
        "external_ref": ref_of.external_ref,
        "crm_url": ref_of.crm_url or survivor.crm_url,
        "external_id": next((row.external_id for row in everybody.values() if row.external_id), ""),
        "crm_do_not_call": any(row.crm_do_not_call for row in everybody.values()),
        "created_at": min(row.created_at for row in everybody.values()),
    }


def _keep(
    order: Order,
    survivor: Contact,
    merged: Mapping[int, Contact],
    ref: str | None,
    taking: Taking,
    former: gate.Former,
    *,
    by: str,
    now: datetime,
) -> Merge:
    told = comparing.told(taking.moved)
    row = Merge.objects.create(
        survivor=survivor, survivor_was=survivor.pk, name=survivor.full_name[:200], ground=order.ground,
        taken={"steps": taking.steps, "former": list(former)}, told=told, at=now, by=by,
    )  # fmt: skip
    MergedPerson.objects.bulk_create(
        MergedPerson(
            merge=row,
            was=pk,
            name=person.full_name[:200],
            external_ref=person.external_ref if person.external_ref and person.external_ref != ref else "",
            external_id=person.external_id,
        )
        for pk, person in merged.items()
    )
    audit.record(
        actor=by,
        verb="campaigns.contact.merged",
        target=f"contact:{survivor.pk}",
        now=now,
        before={"records": {str(pk): person.full_name for pk, person in merged.items()}},
        after={"merge": row.pk, "moved": told},
    )
    return row
