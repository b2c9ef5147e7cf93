"""A batch of cleaned rows → persons created, changed, or found to be known already."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from campaigns.importing import CleanPerson
from campaigns.importplan import USUAL, Plan
from campaigns.models import ImportRow, ListImport
from campaigns.services import roster_read, roster_write
from campaigns.services.roster import Change, Known, Phone, Placed, label
from core import db

OUTCOME = ImportRow.Outcome
_SKIPPED = {
    "list": "Already on this list, left as it is.",
    "campaign": "In a campaign that is under way, left out.",
    "system": "Known already from elsewhere, left out.",
}


class Roster:
    """The known persons a batch may mean, read and locked in one go; nothing is written before write().

    A row means a known person if it has their record in the CRM, else by what the plan matches by: the ID in the file's system,
    one of their numbers, their e-mail. Records of two different CRMs are never merged by number: each keeps its own person, so
    that a call is logged where its list came from.
    """

    def __init__(
        self,
        *,
        list_import: ListImport,
        persons: Sequence[CleanPerson],
        now: datetime,
        plan: Plan = USUAL,
    ) -> None:
        """Read everything in a few queries. The caller holds the lock that lets one import at a time match persons."""
        db.require_atomic()
        self.list_import = list_import
        self.now = now
        self.plan = plan
        self.by_ref: dict[str, Known] = {}
        self.by_id: dict[str, Known] = {}
        self.by_email: dict[str, Known] = {}
        self.by_number: dict[str, list[Known]] = {}
        self.all: list[Known] = []
        self.consenting: list[tuple[Known, CleanPerson]] = []
        self._matches_phone = "phone" in plan.match_by
        self._matches_id = "external_id" in plan.match_by
        self._matches_email = "email" in plan.match_by
        for known in roster_read.known_people(list_import, persons, plan):
            self._remember(known)

    def place(self, person: CleanPerson) -> Placed:
        """Decide what the row means and note the changes. Rows must come in the order of the import."""
        known = self._find(person)
        if known is None:
            return self._created(person, "created", "")
        scope = self._scope(known)
        action = self.plan.rules[scope]
        ref = person.raw.external_ref
        if action == "keep_both" and not (ref and (known.external_ref == ref or ref in known.other_refs)):
            return self._created(
                person, "kept_both", "The same number, ID or e-mail as another person; both were kept."
            )
        if action == "skip":
            return self._skipped(known, person, scope)
        return self._merged(known, person, scope, overwrites=action == "overwrite")

    def write(self) -> None:
        """Write all changes and put everybody the batch named on the list, in a handful of statements."""
        roster_write.write(self.list_import, self.all, self.consenting, now=self.now)

    def _scope(self, known: Known) -> str:
        if known.seen_in_row is not None:
            return "file"
        if known.on_list:
            return "list"
        return "campaign" if known.in_campaign else "system"

    def _created(self, person: CleanPerson, code: str, reason: str) -> Placed:
        known = self._new(person)
        known.seen_in_row = person.raw.row_number
        self._note_consent(known, person)
        return Placed(OUTCOME.CREATED, code, reason, known)

    def _skipped(self, known: Known, person: CleanPerson, scope: str) -> Placed:
        if scope != "file":
            return Placed(OUTCOME.DUPLICATE, f"skipped_in_{scope}", _SKIPPED[scope], known)
        same = f"Same person or number as row {known.seen_in_row}. {_other_debt(known, person)}".strip()
        return Placed(OUTCOME.DUPLICATE, "duplicate_in_file", same, known)

    def _merged(self, known: Known, person: CleanPerson, scope: str, *, overwrites: bool) -> Placed:
        change = Change()
        names = self._merge(known, person, change, overwrites=overwrites) + _name_debt(known, person, change)
        self._note_consent(known, person)
        reason = f"Changed: {', '.join(names)}." if names else ""
        reason = f"{reason} {_other_debt(known, person)}".strip()
        first_row = known.seen_in_row
        known.seen_in_row = person.raw.row_number if first_row is None else first_row
        if not known.on_list:
            known.on_list = known.joins = change.joined = True
            code, reason = "added_to_list", f"Already known, added to this list. {reason}".strip()
        elif names:
            code = "updated"
        elif scope == "file":
            reason = f"Same person or number as row {first_row}. {reason}".strip()
            return Placed(OUTCOME.DUPLICATE, "duplicate_in_file", reason, known)
        else:
            nothing = f"Already on this list, nothing new. {reason}".strip()
            return Placed(OUTCOME.DUPLICATE, "duplicate_in_list", nothing, known)
        return Placed(OUTCOME.UPDATED, code, reason, known, change.as_json())

    def _note_consent(self, known: Known, person: CleanPerson) -> None:
        if person.consent is not None:
            self.consenting.append((known, person))

    def _remember(self, known: Known) -> None:
        self.all.append(known)
        if known.external_ref:
            self.by_ref[known.external_ref] = known
        for ref in known.other_refs - {""}:  # a record that was merged into this one
            self.by_ref.setdefault(ref, known)
        if self._matches_id and (key := known.values["external_id"]):
            self.by_id.setdefault(key, known)
        for key in known.other_ids - {""} if self._matches_id else ():
            self.by_id.setdefault(key, known)
        if self._matches_email and (email := known.values["email"]):
            self.by_email.setdefault(email.upper(), known)
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
        if self._matches_id and (found := self.by_id.get(person.values.get("external_id", ""))):
            return found
        if self._matches_phone:
            for phone in person.phones:
                for known in self.by_number.get(phone.number, ()):
                    if _may_be_same(known.external_ref, ref):
                        return known
        if self._matches_email and (email := person.values.get("email", "")):
            return self.by_email.get(email.upper())
        return None

    def _new(self, person: CleanPerson) -> Known:
        raw = person.raw
        known = Known(
            id=None,
            values=dict(person.values),
            external_ref=raw.external_ref or None,
            refused=raw.do_not_call,
            custom=dict(person.custom),
            phones=[Phone(phone.number, phone.raw, phone.kind) for phone in person.phones],
            on_list=True,
            joins=True,
            debt_ref=person.debt_ref,
        )
        self._remember(known)
        return known

    def _merge(self, known: Known, person: CleanPerson, change: Change, *, overwrites: bool) -> list[str]:
        """Take over what the row knows better; return the names of what changed. Do-not-call only ever gets stricter."""
        raw = person.raw
        changed: set[str] = set()
        if raw.external_ref and known.external_ref is None:
            known.external_ref = change.ref = raw.external_ref
            changed.add("external_ref")
            self.by_ref[raw.external_ref] = known
        own_record = bool(raw.external_ref) and known.external_ref == raw.external_ref
        overwrites = overwrites or own_record
        changed |= _take_over(known.values, person.values, change.values, overwrites=overwrites)
        if person.custom:
            changed |= _take_over(known.custom, person.custom, change.custom, overwrites=overwrites)
        if raw.do_not_call and not known.refused:
            known.refused = known.refuses_newly = True
            changed.add("crm_do_not_call")
        names = [label(name) for name in sorted(changed)]
        if self._merge_phones(known, person, change, own_record=overwrites):
            names.append("phone numbers")
        known.changed = known.changed or bool(names)
        if self._matches_id and (key := known.values["external_id"]):
            self.by_id.setdefault(key, known)
        return names

    def _merge_phones(self, known: Known, person: CleanPerson, change: Change, *, own_record: bool) -> bool:
        """Add new numbers; the person's own CRM record also says the order, so a corrected number is tried first."""
        held = {phone.number: phone for phone in known.phones}
        order = [phone.number for phone in known.phones]
        given = []
        for phone in person.phones:
            if phone.number not in held:
                held[phone.number] = Phone(phone.number, phone.raw, phone.kind, position=len(held))
                change.phones_added.append(phone.number)
                self._index(phone.number, known)
            given.append(phone.number)
        first, second = (given, order) if own_record else (order, given)
        wanted = list(dict.fromkeys([*first, *second]))
        known.phones = [held[number] for number in wanted]
        if wanted == order:
            return False
        change.phones_before = order
        return True


def _take_over(
    held: dict[str, object], given: Mapping[str, object], noted: dict[str, list[object]], *, overwrites: bool
) -> set[str]:
    """Copy what is better known in `given`, note before and after, and return which names changed."""
    changed = set()
    for name, value in given.items():
        old = held.get(name, "")
        if value not in ("", old) and (overwrites or old == ""):
            held[name] = value
            noted[name] = [old, value]
            changed.add(name)
    return changed


def _name_debt(known: Known, person: CleanPerson, change: Change) -> list[str]:
    """Take over the debt where the list names none for the person yet; return what changed."""
    if known.debt_ref or not person.debt_ref:
        return []
    known.debt_ref = change.debt = person.debt_ref
    known.names_debt = known.on_list and not known.joins
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
