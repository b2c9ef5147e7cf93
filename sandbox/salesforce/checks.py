"""The rules a written value must pass, with the code Salesforce gives when it does not."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.ids import OBJECT_BY_PREFIX, MalformedIdError, parse_id
from sandbox.salesforce.schema import Field, ObjectType

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def clean(
    org: "Org", kind: ObjectType, values: Mapping[str, Any], *, current: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the values to keep for a create (`current` None) or a change; raises SalesforceError."""
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name == "attributes":
            continue
        field = org.field(kind, name)
        if field is None:
            raise SalesforceError("INVALID_FIELD", f"No such column '{name}' on sobject of type {kind.name}")
        _check_access(field, creating=current is None)
        changes[field.name] = _check_value(org, field, value)
    merged = {**(current or {}), **changes}
    missing = [f.name for f in kind.fields.values() if f.required and merged.get(f.name) in (None, "")]
    if missing:
        raise SalesforceError(
            "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", fields=missing
        )
    for rule in org.rules:
        if rule.refuses(kind.name, merged):
            raise SalesforceError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields=[rule.field])
    _check_unique(org, kind, changes, None if current is None else current["Id"])
    if kind.name == "Task":
        _check_task(merged)
    if kind.name == "CampaignMember" and current is None:
        _check_member(org, changes)
    return changes


def _check_access(field: Field, *, creating: bool) -> None:
    if field.createable if creating else field.updateable:
        return
    verb = "create" if creating else "update"
    raise SalesforceError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {field.name}. Please check the security settings of this field and"
        f" verify that it is read/write for your profile or permission set. (The field allows no {verb}.)",
        fields=[field.name],
    )


def _check_value(org: "Org", field: Field, value: Any) -> Any:
    if value is None or value == "":
        return False if field.type == "boolean" else None
    if field.type == "boolean":
        if not isinstance(value, bool):
            raise _parser_error(field, value)
        return value
    if field.type == "int":
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise _parser_error(field, value)
        return int(value)
    if not isinstance(value, str):
        if isinstance(value, bool | dict | list):
            raise _parser_error(field, value)
        value = str(value)
    if field.type == "date":
        return _check_date(field, value)
    if field.type == "reference":
        return _check_reference(org, field, value)
    if field.length and len(value) > field.length:
        raise SalesforceError(
            "STRING_TOO_LONG",
            f"{field.name}: data value too large: {value[:80]} (max length={field.length})",
            fields=[field.name],
        )
    if field.restricted and value not in field.picklist:
        raise SalesforceError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.name}: bad value for restricted picklist field: {value}",
            fields=[field.name],
        )
    if field.type == "email" and not _EMAIL.fullmatch(value):
        raise SalesforceError(
            "INVALID_EMAIL_ADDRESS", f"{field.name}: invalid email address: {value}", fields=[field.name]
        )
    return value


def _check_date(field: Field, value: str) -> str:
    try:
        # a full timestamp is cut to its date, as Salesforce does
        moment = datetime.fromisoformat(value) if "T" in value else None
        return (moment.date() if moment else date.fromisoformat(value)).isoformat()
    except ValueError:
        raise _parser_error(field, value) from None


def _check_reference(org: "Org", field: Field, value: str) -> str:
    try:
        full_id = parse_id(value)
    except MalformedIdError:
        raise SalesforceError(
            "MALFORMED_ID", f"{field.name}: id value of incorrect type: {value}", fields=[field.name]
        ) from None
    target = OBJECT_BY_PREFIX.get(full_id[:3])
    if target not in field.to:
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            f"{field.name}: id value of incorrect type: {value}",
            fields=[field.name],
        )
    row = org.store.get(target, full_id)
    if row is None:
        raise SalesforceError(
            "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[field.name]
        )
    if row["IsDeleted"]:
        raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted", fields=[field.name])
    if row.get("IsConverted"):
        raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", fields=[])
    return full_id


def _check_unique(org: "Org", kind: ObjectType, changes: Mapping[str, Any], own_id: str | None) -> None:
    for field in org.fields(kind):
        value = changes.get(field.name)
        if not field.unique or value is None:
            continue
        for row in org.find_by_external_id(kind, field.name, value):
            if row["Id"] != own_id:
                message = f"duplicate value found: {field.name} duplicates value on record with id: "
                raise SalesforceError("DUPLICATE_VALUE", message + row["Id"][:15], fields=[])


def _check_task(task: Mapping[str, Any]) -> None:
    if task.get("WhatId") and str(task.get("WhoId") or "").startswith("00Q"):
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            "Related To ID: a task for a lead can't be related to another record",
            fields=["WhatId"],
        )
    if (task.get("CallDurationInSeconds") or 0) < 0:
        raise SalesforceError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Call Duration: value outside of valid range",
            fields=["CallDurationInSeconds"],
        )


def _check_member(org: "Org", member: Mapping[str, Any]) -> None:
    person = [name for name in ("LeadId", "ContactId") if member.get(name)]
    if len(person) != 1:
        raise SalesforceError(
            "REQUIRED_FIELD_MISSING", "Required fields are missing: [LeadId or ContactId]", fields=["LeadId"]
        )
    for row in org.rows("CampaignMember"):
        if row["CampaignId"] == member["CampaignId"] and row[person[0]] == member[person[0]]:
            raise SalesforceError("DUPLICATE_VALUE", "Already a campaign member.", fields=[])


def _parser_error(field: Field, value: Any) -> SalesforceError:
    return SalesforceError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {field.type} from value {value!r} for {field.name}",
    )
