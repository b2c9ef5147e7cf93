"""The account: its records, and the rules a write must pass."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sandbox.acts import Rule
from sandbox.clock import Clock
from sandbox.crm_store import Row, Store
from sandbox.hubspot import values
from sandbox.hubspot.errors import HubSpotError, invalid, invalid_value, not_found
from sandbox.hubspot.schema import ObjectType, association_type_ids, find_object_type

FIRST_ID = 151


def write_datetime(moment: datetime) -> str:
    """Write a UTC time as the API does, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Portal:
    """Records by kind and id. Every write is checked first, so a refused one changes nothing."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock
        self.rules: list[Rule] = []
        self.inactive_owners: set[str] = set()
        self.merged: dict[tuple[str, str], str] = {}  # kind and id of a loser -> the winner's id

    def now(self) -> str:
        """Return the time as the API writes it."""
        return write_datetime(self.clock.now())

    def records(self, kind: ObjectType, *, archived: bool = False) -> Iterator[Row]:
        """Yield the records of a kind, by rising id."""
        return (row for row in self.store.rows(kind.name) if row["archived"] == archived)

    def properties(self, kind: ObjectType) -> dict[str, Row]:
        """Return the properties of a kind by name, without archived ones."""
        return {
            row["name"]: row for row in self.store.rows(f"property/{kind.name}") if not row.get("archived")
        }

    def find(self, kind: ObjectType, value: str, *, id_property: str | None = None) -> Row | None:
        """Return a record that is not archived, by id or by a unique property; raises HubSpotError."""
        if not id_property or id_property == "hs_object_id":
            row = self.store.get(kind.name, value)
            return row if row is not None and not row["archived"] else None
        definition = self.properties(kind).get(str(id_property))
        if definition is None or not definition["hasUniqueValue"]:
            raise invalid(f"Property {id_property} is not a unique property of {kind.singular}")
        name, wanted = str(id_property), value.strip().lower()
        found = self.store.lookup(kind.name, name, wanted, by=partial(_lower, name))
        return next((row for row in found if not row["archived"]), None)

    def get(self, kind: ObjectType, value: str, *, id_property: str | None = None) -> Row:
        """Return a record like `find`; raises OBJECT_NOT_FOUND when there is none."""
        row = self.find(kind, value, id_property=id_property)
        if row is None:
            raise not_found("Object not found.  objectId are usually numeric.")
        return row

    def create(
        self,
        kind: ObjectType,
        properties: Mapping[str, Any],
        associations: Iterable[Mapping[str, Any]] = (),
        *,
        created_at: str | None = None,
    ) -> Row:
        """Keep a new record with its associations; `created_at` is for seeding. Raises HubSpotError."""
        cleaned = self._clean(kind, properties, own_id=None)
        missing = [name for name in kind.required if not cleaned.get(name)]
        if missing:
            raise invalid(
                f"Error creating {kind.singular.upper()}. Some required properties were not set.",
                context={"properties": missing},
            )
        if not isinstance(associations, list | tuple):
            raise invalid("Invalid input JSON: associations must be a list")
        links = [self._check_association(kind, item) for item in associations]
        moment = created_at or self.now()
        record_id = self._next_id()
        row: Row = {
            "id": record_id,
            "properties": {name: value for name, value in cleaned.items() if value != ""},
            "createdAt": moment,
            "updatedAt": moment,
            "archived": False,
            "revisions": 1,
        }
        created_property = "createdate" if kind.name in ("contacts", "companies") else "hs_createdate"
        row["properties"] |= {
            created_property: moment,
            kind.modified_property: moment,
            "hs_object_id": record_id,
        }
        self.store.put(kind.name, record_id, row)
        for target, target_id, type_ids in links:
            self.associate(kind, record_id, target, target_id, type_ids)
        return row

    def update(self, kind: ObjectType, row: Row, properties: Mapping[str, Any]) -> Row:
        """Change a record's properties; an empty text clears one. Raises HubSpotError."""
        changes = self._clean(kind, properties, own_id=row["id"])
        moment = self.now()
        merged = {**row["properties"], **changes, kind.modified_property: moment}
        changed = {
            **row,
            "properties": {name: value for name, value in merged.items() if value != ""},
            "updatedAt": moment,
            "revisions": row["revisions"] + 1,
        }
        self.store.put(kind.name, row["id"], changed)
        return changed

    def archive(self, kind: ObjectType, record_id: str) -> None:
        """Archive a record; nothing happens when there is none, as in HubSpot."""
        row = self.find(kind, record_id)
        if row is not None:
            changes = {"archived": True, "archivedAt": self.now(), "revisions": row["revisions"] + 1}
            self.store.put(kind.name, record_id, {**row, **changes})

    def merge(self, kind: ObjectType, loser: str, winner: str) -> None:
        """Archive the loser and have the winner own its calls; asked for the loser's id, the winner answers."""
        calls = find_object_type("calls")
        for link in self.associated(kind, loser, calls):
            self.associate(calls, link["to_id"], kind, winner, [])
        self.archive(kind, loser)
        self.merged[kind.name, loser] = winner

    def associate(
        self, source: ObjectType, source_id: str, target: ObjectType, target_id: str, type_ids: Iterable[int]
    ) -> None:
        """Link two records in both directions; each type brings the one that mirrors it."""
        forward = list(association_type_ids(source, target))
        backward = list(association_type_ids(target, source))
        wanted = {*type_ids, forward[0]}
        mirrored = {backward[forward.index(type_id)] for type_id in wanted}
        self._link(source, source_id, target, target_id, wanted)
        self._link(target, target_id, source, source_id, mirrored)

    def dissociate(self, source: ObjectType, source_id: str, target: ObjectType, target_id: str) -> None:
        """Remove every link between two records."""
        for one, one_id, two, two_id in (
            (source, source_id, target, target_id),
            (target, target_id, source, source_id),
        ):
            table = _link_table(one, one_id, two)
            row = self.store.get(table, two_id)
            if row is not None:
                self.store.put(table, two_id, {**row, "types": []})

    def associated(self, source: ObjectType, source_id: str, target: ObjectType) -> list[Row]:
        """List the links from a record to records of a kind that are not archived: to_id and types."""
        links = self.store.rows(_link_table(source, source_id, target))
        return [row for row in links if row["types"] and self.find(target, row["to_id"]) is not None]

    def owner(self, owner_id: str | None) -> Row | None:
        """Return an owner by id."""
        return self.store.get("owner", owner_id) if owner_id else None

    def _link(
        self, source: ObjectType, source_id: str, target: ObjectType, target_id: str, type_ids: set[int]
    ) -> None:
        table = _link_table(source, source_id, target)
        before = self.store.get(table, target_id)
        types = sorted(type_ids | set(before["types"] if before else ()))
        self.store.put(table, target_id, {"to_id": target_id, "types": types})

    def _check_association(
        self, source: ObjectType, item: Mapping[str, Any]
    ) -> tuple[ObjectType, str, list[int]]:
        try:
            target_id = str(item["to"]["id"])
            type_ids = [int(each["associationTypeId"]) for each in item["types"]]
        except (KeyError, TypeError, ValueError):
            raise invalid("associations need to.id and types[].associationTypeId") from None
        target = _target_of(source, type_ids)
        if self.find(target, target_id) is None:
            message = (
                f"One or more associations are not valid: {target.singular.upper()}={target_id} is not valid"
            )
            raise invalid(message, context={"INVALID_OBJECT_IDS": [f"{target.singular.upper()}={target_id}"]})
        return target, target_id, type_ids

    def _clean(
        self, kind: ObjectType, properties: Mapping[str, Any], *, own_id: str | None
    ) -> dict[str, str]:
        definitions = self.properties(kind)
        cleaned = {}
        for name, value in properties.items():
            definition = definitions.get(name)
            if definition is None:
                message = f'Property "{name}" does not exist'
                raise invalid_value(name, "PROPERTY_DOESNT_EXIST", message)
            cleaned[name] = values.clean(definition, value)
            if name == "hubspot_owner_id" and cleaned[name] in self.inactive_owners:
                raise invalid_value(name, "INVALID_OWNER_ID", f"Owner {cleaned[name]} is not active")
            if name == "hubspot_owner_id" and cleaned[name] and self.owner(cleaned[name]) is None:
                raise invalid_value(name, "INVALID_OWNER_ID", f"Owner {cleaned[name]} does not exist")
            if definition["hasUniqueValue"] and cleaned[name]:
                self._check_unique(kind, name, cleaned[name], own_id)
        for rule in self.rules:
            if rule.refuses(kind.name, cleaned):
                raise invalid_value(rule.field, "FAILED_VALIDATION_RULE", rule.message)
        return cleaned

    def _check_unique(self, kind: ObjectType, name: str, value: str, own_id: str | None) -> None:
        other = self.find(kind, value, id_property=name)
        if other is None or other["id"] == own_id:
            return
        if name == "email":
            message = f"Contact already exists. Existing ID: {other['id']}"
            raise HubSpotError(409, "CONFLICT", message)
        message = (
            f"{kind.singular} {other['id']} already has the value {value} for the unique property {name}"
        )
        raise invalid_value(name, "CONFLICTING_UNIQUE_VALUE", message)

    def _next_id(self) -> str:
        counter = self.store.get("meta", "next_id") or {"value": FIRST_ID}
        self.store.put("meta", "next_id", {"value": counter["value"] + 1})
        return str(counter["value"])


def _lower(name: str, row: Row) -> str | None:
    value = row["properties"].get(name)
    return str(value).lower() if value else None


def _link_table(source: ObjectType, source_id: str, target: ObjectType) -> str:
    return f"association/{source.name}/{source_id}/{target.name}"


def _target_of(source: ObjectType, type_ids: list[int]) -> ObjectType:
    for name in ("contacts", "companies", "calls", "communications", "notes", "tasks"):
        target = find_object_type(name)
        try:
            known = association_type_ids(source, target)
        except HubSpotError:
            continue
        if type_ids and set(type_ids) <= set(known):
            return target
    raise invalid(f"invalid association type ids for {source.singular}: {type_ids}")
