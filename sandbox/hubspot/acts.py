"""What an administrator and the users of the account do: properties archived, rules made, records deleted and merged."""

from collections.abc import Mapping
from typing import Any

from sandbox.acts import Act, read_rule
from sandbox.hubspot.limits import Limits
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.schema import OBJECT_TYPES


class Acts:
    """The acts of one account."""

    def __init__(self, portal: Portal, limits: Limits) -> None:
        self._portal, self._limits = portal, limits

    def table(self) -> Mapping[str, Act]:
        """Return the acts by name."""
        return {
            "change_property": self.change_property,
            "add_rule": self.add_rule,
            "clear_rules": self.clear_rules,
            "deactivate_owner": self.deactivate_owner,
            "delete": self.delete,
            "purge": self.purge,
            "rewind": self.rewind,
            "merge": self.merge,
            "use_requests": self.use_requests,
        }

    def change_property(self, body: Mapping[str, Any]) -> None:
        """Archive a property (`archived` true), or put it back."""
        table, name = f"property/{OBJECT_TYPES[body['object']].name}", str(body["property"])
        row = self._portal.store.get(table, name)
        if row is None:
            raise KeyError(name)
        self._portal.store.put(table, name, {**row, "archived": bool(body["archived"])})

    def add_rule(self, body: Mapping[str, Any]) -> None:
        """Make a validation rule of a property."""
        self._portal.rules.append(read_rule(body))

    def clear_rules(self, _: Mapping[str, Any]) -> None:
        """Switch every validation rule off."""
        self._portal.rules.clear()

    def deactivate_owner(self, body: Mapping[str, Any]) -> None:
        """Deactivate the user with this e-mail address: they own nothing new."""
        for owner in list(self._portal.store.rows("owner")):
            if owner["email"] == body["email"]:
                self._portal.inactive_owners.add(owner["id"])
                return
        raise KeyError(body["email"])

    def delete(self, body: Mapping[str, Any]) -> None:
        """Archive a record."""
        self._portal.archive(OBJECT_TYPES[body["object"]], str(body["id"]))

    def purge(self, body: Mapping[str, Any]) -> None:
        """Lose a record without a trace, as a backup put back would."""
        self._portal.store.remove(OBJECT_TYPES[body["object"]].name, str(body["id"]))

    def rewind(self, body: Mapping[str, Any]) -> None:
        """Put back old values (`values`) of a record with an old time of change, as a backup put back would."""
        name, key = OBJECT_TYPES[body["object"]].name, str(body["id"])
        row = self._portal.store.get(name, key)
        if row is None:
            raise KeyError(key)
        old = {"properties": {**row["properties"], **body["values"]}, "updatedAt": "2020-01-01T00:00:00.000Z"}
        self._portal.store.put(name, key, {**row, **old})

    def merge(self, body: Mapping[str, Any]) -> None:
        """Merge the record `id` into `into`."""
        self._portal.merge(OBJECT_TYPES[body["object"]], str(body["id"]), str(body["into"]))

    def use_requests(self, body: Mapping[str, Any]) -> None:
        """Say that so many of the day's requests are used."""
        self._limits.set_today(int(body["used"]))
