"""The org: its records, and every rule a write must pass."""

import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sandbox.acts import Rule
from sandbox.clock import Clock
from sandbox.crm_store import Row, Store
from sandbox.salesforce import checks
from sandbox.salesforce.errors import SalesforceError, invalid_field, not_found
from sandbox.salesforce.ids import MalformedIdError, make_id, parse_id
from sandbox.salesforce.schema import OBJECTS, Field, ObjectType

ORG_ID = make_id("Organization", 1)
INTEGRATION_USER_ID = make_id("User", 1)
# Not a field: how many times a record was written, for comparisons by tests.
REVISIONS = "_revisions"


def write_datetime(moment: datetime) -> str:
    """Write a UTC time as the REST API does; Salesforce keeps whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


class Org:
    """Records by object and id. Every write is checked first, so a refused one changes nothing."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock
        # What an administrator changed: fields (None: hidden) and validation rules.
        self.changed_fields: dict[tuple[str, str], Field | None] = {}
        self.rules: list[Rule] = []
        self.inactive_owners: set[str] = set()

    def field(self, kind: ObjectType, name: str) -> Field | None:
        """Return the field of this name as the integration user sees it, or None."""
        field = kind.find(name)
        return None if field is None else self.changed_fields.get((kind.name, field.name), field)

    def fields(self, kind: ObjectType) -> list[Field]:
        """List the fields the integration user sees."""
        seen = (self.field(kind, name) for name in kind.fields)
        return [field for field in seen if field is not None]

    def rows(self, object_name: str, *, deleted: bool = False) -> Iterator[Row]:
        """Yield the records of an object, oldest first; those in the recycle bin only when asked for."""
        return (row for row in self.store.rows(object_name) if deleted or not row["IsDeleted"])

    def find(self, object_name: str, record_id: object) -> Row | None:
        """Return a record that is not deleted, by its 18-character id."""
        row = self.store.get(object_name, str(record_id))
        return row if row is not None and not row["IsDeleted"] else None

    def get(self, kind: ObjectType, record_id: str) -> Row:
        """Return a record by id; raises NOT_FOUND, MALFORMED_ID or ENTITY_IS_DELETED."""
        try:
            full_id = parse_id(record_id)
        except MalformedIdError:
            raise not_found("Provided external ID field does not exist or is not accessible: Id") from None
        row = self.store.get(kind.name, full_id)
        if row is None:
            raise not_found()
        if row["IsDeleted"]:
            raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted", status=404, fields=[])
        return row

    def find_by_external_id(self, kind: ObjectType, field_name: str, value: str) -> list[Row]:
        """List the records whose external id has this value; raises when the field is no external id."""
        field = self.field(kind, field_name)
        if field is None or not field.external_id:
            message = f"Provided external ID field does not exist or is not accessible: {field_name}"
            raise not_found(message)
        found = self.store.lookup(kind.name, field.name, value.lower(), by=partial(_lower, field.name))
        return [row for row in found if not row["IsDeleted"]]

    def create(self, kind: ObjectType, values: Mapping[str, Any], *, seeding: bool = False) -> str:
        """Keep a new record and return its id; `seeding` skips the rules on who may set what."""
        if not kind.writable and not seeding:
            raise SalesforceError(
                "INVALID_TYPE_FOR_OPERATION", f"entity type {kind.name} does not support create"
            )
        changes = dict(values) if seeding else checks.clean(self, kind, values, current=None)
        now = write_datetime(self.clock.now())
        row = {name: field.default for name, field in kind.fields.items()}
        row.update(OwnerId=INTEGRATION_USER_ID) if "OwnerId" in kind.fields else None
        row.update(CreatedDate=now, LastModifiedDate=now, SystemModstamp=now)
        row.update(CreatedById=INTEGRATION_USER_ID, LastModifiedById=INTEGRATION_USER_ID)
        row.update({name: value for name, value in changes.items() if value is not None})
        row["Id"] = make_id(kind.name, self.store.made(kind.name) + 1)
        row[REVISIONS] = 1
        self._save(kind, row)
        return str(row["Id"])

    def update(self, kind: ObjectType, record_id: str, values: Mapping[str, Any]) -> None:
        """Change a record; raises like `get` and for values that are refused."""
        row = self.get(kind, record_id)
        changes = checks.clean(self, kind, values, current=row)
        owner = changes.get("OwnerId", row.get("OwnerId"))
        if owner in self.inactive_owners:
            message = f"operation performed with inactive user [{owner}] as owner of {kind.name.lower()}"
            raise SalesforceError("INACTIVE_OWNER_OR_USER", message, fields=[])
        now = write_datetime(self.clock.now())
        stamps = {"LastModifiedDate": now, "SystemModstamp": now, "LastModifiedById": INTEGRATION_USER_ID}
        self._save(kind, {**row, **changes, **stamps, REVISIONS: row[REVISIONS] + 1})

    def upsert(
        self, kind: ObjectType, field_name: str, value: str, values: Mapping[str, Any]
    ) -> tuple[str, bool]:
        """Create or change the record with this external id; returns (id, whether it is new).

        Raises: MULTIPLE_CHOICES (status 300) when several records have it.
        """
        found = self.find_by_external_id(kind, field_name, value)
        if len(found) > 1:
            addresses = [record_address(kind.name, row["Id"]) for row in found]
            raise SalesforceError("MULTIPLE_CHOICES", ", ".join(addresses), status=300)
        if found:
            self.update(kind, found[0]["Id"], values)
            return found[0]["Id"], False
        field = kind.find(field_name)
        if field is None:
            raise invalid_field(kind.name, field_name)
        return self.create(kind, {**values, field.name: value}), True

    def delete(self, kind: ObjectType, record_id: str) -> None:
        """Put a record in the recycle bin."""
        row = self.get(kind, record_id)
        now = write_datetime(self.clock.now())
        changes = {"IsDeleted": True, "LastModifiedDate": now, "SystemModstamp": now}
        self.store.put(kind.name, row["Id"], {**row, **changes})

    def earliest_date(self) -> str:
        """Return when the org began, as the REST API writes times."""
        return min(str(row["CreatedDate"]) for row in self.store.rows("Organization"))

    def follow(self, field: Field, row: Row) -> tuple[ObjectType, Row] | None:
        """Return the record a reference points at with its object; None when it is empty or gone."""
        for name in field.to:
            target = self.store.get(name, str(row.get(field.name)))
            if target is not None:
                return OBJECTS[name], target
        return None

    def open_session(self) -> str:
        """Start a session and return its access token."""
        token = f"{ORG_ID[:15]}!{secrets.token_urlsafe(48)}"
        self.store.put("session", token, {"open": True})
        return token

    def has_session(self, token: str) -> bool:
        """Return whether the token's session is still open."""
        session = self.store.get("session", token)
        return session is not None and bool(session["open"])

    def expire_sessions(self) -> int:
        """End every session and return how many there were."""
        tokens = [token for token in self.store.keys("session") if self.has_session(token)]
        for token in tokens:
            self.store.put("session", token, {"open": False})
        return len(tokens)

    def _save(self, kind: ObjectType, row: Row) -> None:
        """Fill in what Salesforce works out itself, keep the record, and bring related ones up to date."""
        if kind.name in ("Lead", "Contact", "User"):
            row["Name"] = " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)
        if kind.name == "Task":
            row["IsClosed"] = row.get("Status") == "Completed"
        if kind.name == "CampaignMember":
            row["HasResponded"] = row.get("Status") == "Responded"
        self.store.put(kind.name, row["Id"], row)
        if kind.name == "CampaignMember":
            self._count_members(row["CampaignId"])
        if kind.name == "Task" and row["WhoId"] and row["ActivityDate"]:
            self._note_activity(row["WhoId"], row["ActivityDate"])

    def _count_members(self, campaign_id: str) -> None:
        campaign = self.store.get("Campaign", campaign_id)
        assert campaign is not None
        members = [row for row in self.rows("CampaignMember") if row["CampaignId"] == campaign_id]
        counts = {
            "NumberOfLeads": sum(bool(row["LeadId"]) for row in members),
            "NumberOfContacts": sum(bool(row["ContactId"]) for row in members),
        }
        self.store.put("Campaign", campaign_id, {**campaign, **counts})

    def _note_activity(self, who_id: str, date: str) -> None:
        name = "Lead" if who_id.startswith("00Q") else "Contact"
        person = self.store.get(name, who_id)
        if person is not None and (person["LastActivityDate"] or "") < date:
            self.store.put(name, who_id, {**person, "LastActivityDate": date})


def _lower(name: str, row: Row) -> str | None:
    return str(row[name]).lower() if row.get(name) else None


def record_address(object_name: str, record_id: str, *, version: str = "66.0") -> str:
    """Return the path of a record in the REST API."""
    return f"/services/data/v{version}/sobjects/{object_name}/{record_id}"
