"""What an administrator and the users of the org do: fields changed, rules made, records deleted, merged, converted."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sandbox.acts import Act, read_rule
from sandbox.salesforce.api import Api
from sandbox.salesforce.org import write_datetime
from sandbox.salesforce.schema import OBJECTS


class Acts:
    """The acts of one org."""

    def __init__(self, api: Api) -> None:
        self._api, self._org = api, api.org

    def table(self) -> Mapping[str, Act]:
        """Return the acts by name."""
        return {
            "change_field": self.change_field,
            "restore_fields": self.restore_fields,
            "add_rule": self.add_rule,
            "clear_rules": self.clear_rules,
            "deactivate_owner": self.deactivate_owner,
            "delete": self.delete,
            "purge": self.purge,
            "rewind": self.rewind,
            "merge": self.merge,
            "convert": self.convert,
            "use_requests": self.use_requests,
        }

    def change_field(self, body: Mapping[str, Any]) -> None:
        """Hide a field (`hidden`), make it a restricted picklist (`picklist`) or shorter (`length`)."""
        field = OBJECTS[body["object"]].fields[body["field"]]
        changed = None
        if not body.get("hidden"):
            values = tuple(body.get("picklist") or field.picklist)
            restricted = field.restricted or bool(body.get("picklist"))
            length = int(body.get("length") or field.length)
            changed = dataclasses.replace(field, picklist=values, restricted=restricted, length=length)
        self._org.changed_fields[body["object"], body["field"]] = changed

    def restore_fields(self, _: Mapping[str, Any]) -> None:
        """Put every field back as it was."""
        self._org.changed_fields.clear()

    def add_rule(self, body: Mapping[str, Any]) -> None:
        """Make a validation rule."""
        self._org.rules.append(read_rule(body))

    def clear_rules(self, _: Mapping[str, Any]) -> None:
        """Switch every validation rule off."""
        self._org.rules.clear()

    def deactivate_owner(self, body: Mapping[str, Any]) -> None:
        """Deactivate the owner of a record (`object`, `id`): what they own is refused when it is changed, until it has another owner."""
        self._org.inactive_owners.add(self._org.get(OBJECTS[body["object"]], body["id"])["OwnerId"])

    def delete(self, body: Mapping[str, Any]) -> None:
        """Put a record in the recycle bin, and a person's campaign memberships with it."""
        self._org.delete(OBJECTS[body["object"]], body["id"])
        for member in list(self._org.rows("CampaignMember")):
            if body["id"] in (member["LeadId"], member["ContactId"]):
                self._org.delete(OBJECTS["CampaignMember"], member["Id"])

    def purge(self, body: Mapping[str, Any]) -> None:
        """Lose a record without a trace, as a backup put back would."""
        self._org.store.remove(body["object"], body["id"])

    def rewind(self, body: Mapping[str, Any]) -> None:
        """Put back old values (`values`) of a record with an old time of change, as a backup put back would."""
        row = self._org.get(OBJECTS[body["object"]], body["id"])
        old = {"LastModifiedDate": "2020-01-01T00:00:00.000+0000"}
        self._org.store.put(body["object"], row["Id"], {**row, **body["values"], **old})

    def merge(self, body: Mapping[str, Any]) -> None:
        """Merge the person `id` into `into`: tasks and memberships move, the loser goes to the recycle bin."""
        kind, now = OBJECTS[body["object"]], write_datetime(self._org.clock.now())
        loser = self._org.get(kind, body["id"])
        self._move(loser["Id"], body["into"], now)
        gone = {"IsDeleted": True, "MasterRecordId": body["into"], "SystemModstamp": now}
        self._org.store.put(kind.name, loser["Id"], {**loser, **gone})

    def convert(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Convert a lead to a new contact and return its id."""
        lead, now = self._org.get(OBJECTS["Lead"], body["id"]), write_datetime(self._org.clock.now())
        taken = ("FirstName", "LastName", "Phone", "MobilePhone", "Email", "DoNotCall")
        values = {name: lead[name] for name in taken if lead.get(name)}
        contact_id = self._org.create(OBJECTS["Contact"], values, seeding=True)
        self._move(lead["Id"], contact_id, now)
        done = {"IsConverted": True, "ConvertedContactId": contact_id, "SystemModstamp": now}
        self._org.store.put("Lead", lead["Id"], {**lead, **done, "ConvertedDate": now[:10]})
        return {"contact_id": contact_id}

    def use_requests(self, body: Mapping[str, Any]) -> None:
        """Say that so many of the day's requests are used."""
        self._api.set_used(int(body["used"]))

    def _move(self, loser: str, winner: str, now: str) -> None:
        for task in list(self._org.rows("Task")):
            if task["WhoId"] == loser:
                self._org.store.put("Task", task["Id"], {**task, "WhoId": winner, "SystemModstamp": now})
        column = "LeadId" if winner.startswith("00Q") else "ContactId"
        for member in list(self._org.rows("CampaignMember")):
            if loser in (member["LeadId"], member["ContactId"]):
                moved = {**member, "LeadId": None, "ContactId": None, column: winner, "SystemModstamp": now}
                self._org.store.put("CampaignMember", member["Id"], moved)
