"""What the CRM holds: contacts, segments of them, activities. No row knows when it was changed."""

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.crm_store import Row, Store
from sandbox.people import make_owners, make_people

PEOPLE = 160
SEGMENTS = {
    "Autumn outreach": (0, 24),
    "Renewals due": (20, 48),
    "Everybody": (0, PEOPLE),
    "Nobody yet": (0, 0),
}
CONTACT_FIELDS = (
    "given_name",
    "family_name",
    "company",
    "job",
    "email",
    "phone",
    "mobile",
    "do_not_call",
    "owner",
    "address",
    # Empty until somebody writes them.
    "lead_source",
    "score",
    "no_texts",
    "interests",
)
ACTIVITY_FIELDS = ("type", "subject", "direction", "at", "seconds", "outcome", "result", "text", "done")
ACTIVITY_TYPES = ("call", "note", "text", "task")

MEMBER_STATUSES = ("new", "reached", "won", "lost")


class BookError(Exception):
    """The API answers with this status and these words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Book:
    """The records, and what an administrator did to their fields."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.renamed: dict[str, str] = {}  # field of a contact -> its name now

    def fill(self, *, seed: int) -> None:
        """Make the people and segments of an empty CRM."""
        owners = make_owners("plaincrm", seed=seed)
        people = make_people("plaincrm", seed=seed, count=PEOPLE)
        ids = [f"c-{person.index + 1:05d}" for person in people]
        for person, contact_id in zip(people, ids, strict=True):
            owner = owners[person.owner]
            self.store.put(
                "contact",
                contact_id,
                {
                    "id": contact_id,
                    "given_name": person.first_name,
                    "family_name": person.last_name,
                    "company": person.company,
                    "job": person.title,
                    "email": person.email,
                    "phone": person.phone,
                    "mobile": person.mobile,
                    "do_not_call": person.do_not_call,
                    "owner": f"{owner.first_name} {owner.last_name}",
                    "address": {
                        "street": person.street,
                        "city": person.city,
                        "state": person.state,
                        "zip": person.zip_code,
                    },
                    "merged_into": None,
                },
            )
        for number, (title, (begin, end)) in enumerate(SEGMENTS.items(), start=1):
            segment_id = f"s-{number}"
            row = {"id": segment_id, "title": title, "contacts": ids[begin:end]}
            self.store.put("segment", segment_id, row)

    def contact(self, contact_id: str) -> Row:
        """Return a contact; who was merged away is still there and says into whom."""
        row = self.store.get("contact", contact_id)
        if row is None:
            raise BookError(404, "no such contact")
        return row

    def shown(self, row: Row) -> dict[str, Any]:
        """Return a contact as the API names its fields now."""
        return {self.renamed.get(name, name): value for name, value in row.items()}

    def change(self, contact_id: str, given: Mapping[str, Any]) -> Row:
        """Change fields of a contact."""
        row = self.contact(contact_id)
        if row["merged_into"]:
            raise BookError(404, "no such contact")
        names = {self.renamed.get(name, name): name for name in CONTACT_FIELDS}
        if unknown := [name for name in given if name not in names]:
            raise BookError(422, f"unknown field: {unknown[0]}")
        if "do_not_call" in given and not isinstance(given["do_not_call"], bool):
            raise BookError(422, "do_not_call must be true or false")
        changed = {**row, **{names[name]: value for name, value in given.items()}}
        self.store.put("contact", contact_id, changed)
        return changed

    def add_contact(self, given: Mapping[str, Any]) -> Row:
        """Write a new contact; the CRM gives it an id and knows no other."""
        contact_id = f"c-{secrets.token_hex(4)}"
        empty = dict.fromkeys(
            ("given_name", "family_name", "company", "job", "email", "phone", "mobile", "owner"), ""
        )
        row: Row = {"id": contact_id, **empty, "do_not_call": False, "address": {}, "merged_into": None}
        if not given.get("family_name"):
            raise BookError(422, "family_name is required")
        self.store.put("contact", contact_id, row)
        try:
            return self.change(contact_id, given)
        except BookError:
            self.store.remove("contact", contact_id)
            raise

    def find_contacts(self, *, phone: str = "", email: str = "") -> list[Row]:
        """Return contacts whose number ends with these digits, or who have this address."""
        digits = _digits(phone)[-10:]
        rows = (row for row in self.store.rows("contact") if not row["merged_into"])
        return [
            row
            for row in rows
            if (digits and any(_digits(row[name]).endswith(digits) for name in ("phone", "mobile")))
            or (email and str(row["email"]).lower() == email.lower())
        ]

    def set_status(self, segment_id: str, contact_id: str, status: str) -> Row:
        """Keep what a segment says of one of its contacts."""
        row = self.segment(segment_id)
        if contact_id not in row["contacts"]:
            raise BookError(404, "no such member")
        if status not in MEMBER_STATUSES:
            raise BookError(422, f"status must be one of {', '.join(MEMBER_STATUSES)}")
        self.store.put(
            "segment", segment_id, {**row, "statuses": {**row.get("statuses", {}), contact_id: status}}
        )
        return {"contact": contact_id, "status": status}

    def segment(self, segment_id: str) -> Row:
        """Return a segment."""
        row = self.store.get("segment", segment_id)
        if row is None:
            raise BookError(404, "no such segment")
        return row

    def members(self, segment_id: str) -> list[Row]:
        """Return a segment's contacts who are still there."""
        found = (self.store.get("contact", each) for each in self.segment(segment_id)["contacts"])
        return [row for row in found if row is not None and not row["merged_into"]]

    def add_activity(self, given: Mapping[str, Any]) -> Row:
        """Write a new activity; the CRM gives it an id and knows no other."""
        contact = self.contact(str(given.get("contact", "")))
        if contact["merged_into"]:
            raise BookError(404, "no such contact")
        row = {"id": f"a-{secrets.token_hex(6)}", "contact": contact["id"], "deleted": False, "revisions": 1}
        self.store.put("activity", row["id"], {**row, **self._activity(given)})
        return self.activity(row["id"])

    def change_activity(self, activity_id: str, given: Mapping[str, Any]) -> Row:
        """Change an activity."""
        row = self.activity(activity_id)
        if row["deleted"]:
            raise BookError(404, "no such activity")
        self.store.put(
            "activity", activity_id, {**row, **self._activity(given), "revisions": row["revisions"] + 1}
        )
        return self.activity(activity_id)

    def activity(self, activity_id: str) -> Row:
        """Return an activity, a deleted one too."""
        row = self.store.get("activity", activity_id)
        if row is None:
            raise BookError(404, "no such activity")
        return row

    def activities(self, *, contact: str = "", day: str = "") -> list[Row]:
        """Return activities that are not deleted, oldest first."""
        rows = (row for row in self.store.rows("activity") if not row["deleted"])
        return [
            row
            for row in rows
            if (not contact or row["contact"] == contact) and str(row.get("at", "")).startswith(day)
        ]

    def _activity(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if unknown := [name for name in given if name not in (*ACTIVITY_FIELDS, "contact")]:
            raise BookError(422, f"unknown field: {unknown[0]}")
        if given.get("type", "call") not in ACTIVITY_TYPES:
            raise BookError(422, f"type must be one of {', '.join(ACTIVITY_TYPES)}")
        if len(str(given.get("text", ""))) > 40_000:
            raise BookError(422, "text is too long")
        return {name: given[name] for name in ACTIVITY_FIELDS if name in given}


def _digits(text: object) -> str:
    return "".join(char for char in str(text or "") if char.isdigit())
