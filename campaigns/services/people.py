"""A batch of cleaned rows → persons created, changed, or found to be known already."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Min, Q

from campaigns.events import ContactsRefused
from campaigns.importing import CleanPerson
from campaigns.models import Contact, ContactPhone, ImportRow, Lead, ListImport
from core import db, outbox

OUTCOME = ImportRow.Outcome


@dataclass(slots=True, eq=False)
class Known:
    """A person the batch may mean, with what the batch changes."""

    contact: Contact
    phones: list[ContactPhone] = field(default_factory=list)  # in the order to try them
    on_list: bool = False
    debt_ref: str = ""  # on this list
    names_debt: bool = False  # the batch is the first to name it
    seen_in_row: int | None = None  # the row of this import that named the person first
    changed: set[str] = field(default_factory=set)

    @property
    def refuses_newly(self) -> bool:
        """Return whether the batch is the first to say that the person must not be called."""
        is_new = self.contact._state.adding or "crm_do_not_call" in self.changed
        return is_new and self.contact.crm_do_not_call


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of one row."""

    outcome: str
    code: str
    reason: str
    known: Known


class Roster:
    """The known persons a batch may mean, read and locked in one go; nothing is written before write().

    A row means a known person if it has their record in the CRM, else if it has one of their numbers. Records of two
    different CRMs are never merged by number: each keeps its own person, so that a call is logged where its list came from.
    """

    def __init__(self, *, list_import: ListImport, persons: Sequence[CleanPerson], now: datetime) -> None:
        """Read everything in five queries. The caller holds the lock that lets one import at a time match persons."""
        db.require_atomic()
        self.list_import = list_import
        self.now = now
        self.by_ref: dict[str, Known] = {}
        self.by_number: dict[str, list[Known]] = {}
        self.all: list[Known] = []
        refs = {person.raw.external_ref for person in persons if person.raw.external_ref}
        numbers = {phone.number for person in persons for phone in person.phones}
        having_number = ContactPhone.objects.filter(number__in=numbers).values_list("contact_id", flat=True)
        wanted = Q(external_ref__in=refs) | Q(id__in=list(having_number))
        contacts = {
            row.id: Known(row) for row in Contact.objects.filter(wanted).order_by("id").select_for_update()
        }
        phones = ContactPhone.objects.filter(contact_id__in=contacts).order_by("contact_id", "position", "id")
        for phone in phones:
            contacts[phone.contact_id].phones.append(phone)
        leads = Lead.objects.filter(lead_list_id=list_import.lead_list_id, contact_id__in=contacts)
        for contact_id, debt_ref in leads.values_list("contact_id", "debt_ref"):
            contacts[contact_id].on_list, contacts[contact_id].debt_ref = True, debt_ref
        seen = ImportRow.objects.filter(list_import=list_import, contact_id__in=contacts).order_by()
        for contact_id, number in seen.values_list("contact_id").annotate(Min("number")):
            contacts[contact_id].seen_in_row = number
        for known in contacts.values():
            self._remember(known)

    def place(self, person: CleanPerson) -> Placed:
        """Decide what the row means and note the changes. Rows must come in the order of the import."""
        known = self._find(person)
        row_number = person.raw.row_number
        if known is None:
            known = self._new(person)
            known.seen_in_row = row_number
            return Placed(OUTCOME.CREATED, "created", "", known)
        if known.seen_in_row is not None:
            return Placed(
                OUTCOME.DUPLICATE,
                "duplicate_in_file",
                f"Same person or number as row {known.seen_in_row}. {_other_debt(known, person)}".strip(),
                known,
            )
        known.seen_in_row = row_number
        names = self._merge(known, person) + _name_debt(known, person)
        reason = f"Changed: {', '.join(names)}." if names else ""
        reason = f"{reason} {_other_debt(known, person)}".strip()
        if not known.on_list:
            known.on_list = True
            return Placed(
                OUTCOME.UPDATED,
                "added_to_list",
                f"Already known, added to this list. {reason}".strip(),
                known,
            )
        if names:
            return Placed(OUTCOME.UPDATED, "updated", reason, known)
        nothing = f"Already on this list, nothing new. {reason}".strip()
        return Placed(OUTCOME.DUPLICATE, "duplicate_in_list", nothing, known)

    def write(self) -> None:
        """Write all changes and put everybody the batch named on the list, in a handful of statements."""
        changed = [known for known in self.all if known.changed and not known.contact._state.adding]
        refusing = [known for known in self.all if known.refuses_newly]
        Contact.objects.bulk_create([known.contact for known in self.all if known.contact._state.adding])
        if changed:
            fields = sorted(set().union(*(known.changed for known in changed)) | {"changed_at"})
            Contact.objects.bulk_create(
                [known.contact for known in changed],
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=fields,
            )
        new_phones: list[ContactPhone] = []
        moved_phones: list[ContactPhone] = []
        for known in self.all:
            for position, phone in enumerate(known.phones):
                moved = phone.position != position
                phone.position = position
                if phone._state.adding:
                    phone.contact = known.contact
                    new_phones.append(phone)
                elif moved:
                    moved_phones.append(phone)
        ContactPhone.objects.bulk_create(new_phones)
        ContactPhone.objects.bulk_update(moved_phones, ["position"])
        leads = [
            Lead(
                lead_list_id=self.list_import.lead_list_id,
                contact=known.contact,
                debt_ref=known.debt_ref,
                added_at=self.now,
            )
            for known in self.all
            if known.seen_in_row is not None
        ]
        Lead.objects.bulk_create(leads, ignore_conflicts=True)
        self._name_debts()
        self._publish(refusing)

    def _name_debts(self) -> None:
        named = {known.contact.id: known.debt_ref for known in self.all if known.names_debt}
        if named:
            rows = list(
                Lead.objects.filter(
                    lead_list_id=self.list_import.lead_list_id, contact_id__in=named, debt_ref=""
                )
            )
            for row in rows:
                row.debt_ref = named[row.contact_id]
            Lead.objects.bulk_update(rows, ["debt_ref"])

    def _publish(self, refusing: Sequence[Known]) -> None:
        """Tell the gate by an event: its locks must not be waited for while these rows are held."""
        if refusing:
            event = ContactsRefused(
                contact_ids=[known.contact.id for known in refusing],
                source=self.list_import.source,
                source_label=self.list_import.source_label,
            )
            outbox.publish(event, key=f"import:{self.list_import.pk}", now=self.now)

    def _remember(self, known: Known) -> None:
        self.all.append(known)
        if known.contact.external_ref:
            self.by_ref[known.contact.external_ref] = known
        for phone in known.phones:
            self._index(phone.number, known)

    def _index(self, number: str, known: Known) -> None:
        holders = self.by_number.setdefault(number, [])
        if known not in holders:
            holders.append(known)

    def _find(self, person: CleanPerson) -> Known | None:
        ref = person.raw.external_ref
        if ref and ref in self.by_ref:
            return self.by_ref[ref]
        for phone in person.phones:
            for known in self.by_number.get(phone.number, ()):
                if _may_be_same(known.contact.external_ref, ref):
                    return known
        return None

    def _new(self, person: CleanPerson) -> Known:
        raw = person.raw
        contact = Contact(
            external_ref=raw.external_ref or None,
            crm_do_not_call=raw.do_not_call,
            created_at=self.now,
            changed_at=self.now,
            **person.values,
        )
        phones = [
            ContactPhone(number=phone.number, raw=phone.raw, kind=phone.kind) for phone in person.phones
        ]
        known = Known(contact, phones, on_list=True, debt_ref=person.debt_ref)
        self._remember(known)
        return known

    def _merge(self, known: Known, person: CleanPerson) -> list[str]:
        """Take over what the row knows better; return the names of what changed. Do-not-call only ever gets stricter."""
        contact, raw = known.contact, person.raw
        before = set(known.changed)
        if raw.external_ref and contact.external_ref is None:
            contact.external_ref = raw.external_ref
            known.changed.add("external_ref")
            self.by_ref[raw.external_ref] = known
        own_record = bool(raw.external_ref) and contact.external_ref == raw.external_ref
        for name, value in person.values.items():
            old = getattr(contact, name)
            if value and value != old and (own_record or not old):
                setattr(contact, name, value)
                known.changed.add(name)
        if raw.do_not_call and not contact.crm_do_not_call:
            contact.crm_do_not_call = True
            known.changed.add("crm_do_not_call")
        names = [_label(name) for name in sorted(known.changed - before)]
        if self._merge_phones(known, person, own_record=own_record):
            names.append("phone numbers")
        if names:
            contact.changed_at = self.now
            known.changed.add("changed_at")
        return names

    def _merge_phones(self, known: Known, person: CleanPerson, *, own_record: bool) -> bool:
        """Add new numbers; the person's own CRM record also says the order, so a corrected number is tried first."""
        held = {phone.number: phone for phone in known.phones}
        order = [phone.number for phone in known.phones]
        given = []
        for phone in person.phones:
            if phone.number not in held:
                held[phone.number] = ContactPhone(
                    number=phone.number, raw=phone.raw, kind=phone.kind, position=len(held)
                )
                self._index(phone.number, known)
            given.append(phone.number)
        first, second = (given, order) if own_record else (order, given)
        wanted = list(dict.fromkeys([*first, *second]))
        known.phones = [held[number] for number in wanted]
        return wanted != order


def _name_debt(known: Known, person: CleanPerson) -> list[str]:
    """Take over the debt where the list names none for the person yet; return what changed."""
    if known.debt_ref or not person.debt_ref:
        return []
    known.debt_ref, known.names_debt = person.debt_ref, known.on_list
    return ["debt reference"]


def _other_debt(known: Known, person: CleanPerson) -> str:
    """Say that the row's debt was left out: calls are counted for the one the list names."""
    if not person.debt_ref or person.debt_ref == known.debt_ref:
        return ""
    held = f"debt “{known.debt_ref}”" if known.debt_ref else "no debt"
    return f"It stands here with {held}; put debt “{person.debt_ref}” on a list of its own."


def _may_be_same(known_ref: str | None, row_ref: str) -> bool:
    """Return whether two records that share a number may be one person: not if they stand in two different CRMs."""
    return not known_ref or not row_ref or known_ref.rpartition(":")[0] == row_ref.rpartition(":")[0]


def _label(name: str) -> str:
    return {"external_ref": "CRM record", "crm_url": "CRM link", "crm_do_not_call": "do not call"}.get(
        name, name.replace("_", " ")
    )
