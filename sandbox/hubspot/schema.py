"""Object types, their properties, call dispositions and association types of the account."""

from dataclasses import dataclass
from typing import Any

from sandbox.hubspot.errors import HubSpotError, invalid

PORTAL_ID = 24681012


@dataclass(frozen=True, kw_only=True)
class ObjectType:
    """A kind of record. `default_properties` are answered when none are asked for."""

    name: str
    singular: str
    type_id: str
    modified_property: str
    default_properties: tuple[str, ...]
    required: tuple[str, ...] = ()
    search_properties: tuple[str, ...] = ()


def _activity(name: str, singular: str, type_id: str, *search: str) -> ObjectType:
    return ObjectType(
        name=name,
        singular=singular,
        type_id=type_id,
        modified_property="hs_lastmodifieddate",
        default_properties=("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        required=("hs_timestamp",),
        search_properties=search,
    )


OBJECT_TYPES = {
    kind.name: kind
    for kind in (
        ObjectType(
            name="contacts",
            singular="contact",
            type_id="0-1",
            modified_property="lastmodifieddate",
            default_properties=(
                *("createdate", "email", "firstname", "hs_object_id"),
                *("lastmodifieddate", "lastname"),
            ),
            search_properties=("firstname", "lastname", "email", "phone", "mobilephone", "company"),
        ),
        ObjectType(
            name="companies",
            singular="company",
            type_id="0-2",
            modified_property="hs_lastmodifieddate",
            default_properties=("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
            required=(),
            search_properties=("name", "domain", "phone"),
        ),
        _activity("calls", "call", "0-48", "hs_call_title", "hs_call_body"),
        _activity("communications", "communication", "0-18", "hs_communication_body"),
        _activity("notes", "note", "0-46", "hs_note_body"),
        _activity("tasks", "task", "0-27", "hs_task_subject", "hs_task_body"),
    )
}

# The first six are the ones every account begins with, the last was added by an administrator.
DISPOSITIONS = {
    "9d9162e7-6cf3-4944-bf63-4dff82258764": "Busy",
    "f240bbac-87c9-4f6e-bf70-924b57d47db7": "Connected",
    "a4c4c377-d246-4b32-a13b-75a56a4cd0ff": "Left live message",
    "b2cf5968-551e-4856-9783-52b3da59a7d0": "Left voicemail",
    "73a0d17f-1163-4015-bdd5-ec830791da20": "No answer",
    "17b47fee-58de-441e-a44c-c6300d46f273": "Wrong number",
    "5c8e1f0a-2f6e-4d56-9a55-0a4c6f6f1b21": "Interested, call back",
}

# (from, to) -> type ids; the first is the unlabeled one, used where none is named.
ASSOCIATION_TYPES: dict[tuple[str, str], dict[int, str | None]] = {
    ("contacts", "companies"): {279: None, 1: "Primary"},
    ("companies", "contacts"): {280: None, 2: "Primary"},
    ("calls", "contacts"): {194: None},
    ("contacts", "calls"): {193: None},
    ("calls", "companies"): {182: None},
    ("companies", "calls"): {181: None},
    ("communications", "contacts"): {81: None},
    ("contacts", "communications"): {82: None},
    ("communications", "companies"): {87: None},
    ("companies", "communications"): {88: None},
    ("notes", "contacts"): {202: None},
    ("contacts", "notes"): {201: None},
    ("notes", "companies"): {190: None},
    ("companies", "notes"): {189: None},
    ("tasks", "contacts"): {204: None},
    ("contacts", "tasks"): {203: None},
    ("tasks", "companies"): {192: None},
    ("companies", "tasks"): {191: None},
}

_CALL_STATUS = (
    "BUSY|CALLING_CRM_USER|CANCELED|COMPLETED|CONNECTING|FAILED|IN_PROGRESS|MISSED|NO_ANSWER|QUEUED|RINGING"
)
_LIFECYCLE = "subscriber|lead|marketingqualifiedlead|salesqualifiedlead|opportunity|customer|evangelist|other"
_LEAD_STATUS = "NEW|OPEN|IN_PROGRESS|OPEN_DEAL|UNQUALIFIED|ATTEMPTED_TO_CONTACT|CONNECTED|BAD_TIMING"
# name, type, and for enumerations the values; a star marks a read-only one, an exclamation mark a unique one.
_PROPERTIES = {
    "contacts": (
        "email! string, firstname string, lastname string, phone string, mobilephone string, company string,"
        " jobtitle string, address string, city string, state string, zip string, country string,"
        " hubspot_owner_id owner, hs_email_optout bool, createdate* datetime, lastmodifieddate* datetime,"
        f" hs_object_id* number, notes_last_contacted* datetime, lifecyclestage {_LIFECYCLE},"
        f" hs_lead_status {_LEAD_STATUS}"
    ),
    "companies": (
        "name string, domain string, phone string, address string, city string, state string, zip string,"
        " country string, hubspot_owner_id owner, createdate* datetime, hs_lastmodifieddate* datetime,"
        " hs_object_id* number"
    ),
    "calls": (
        "hs_call_title string, hs_call_body string, hs_call_direction INBOUND|OUTBOUND,"
        " hs_call_duration number, hs_call_from_number string, hs_call_to_number string,"
        f" hs_call_status {_CALL_STATUS},"
        " hs_call_disposition disposition, hs_call_recording_url string"
    ),
    "communications": (
        "hs_communication_channel_type SMS|WHATS_APP|LINKEDIN_MESSAGE, hs_communication_logged_from CRM,"
        " hs_communication_body string"
    ),
    "notes": "hs_note_body string",
    "tasks": (
        "hs_task_subject string, hs_task_body string,"
        " hs_task_status NOT_STARTED|IN_PROGRESS|WAITING|COMPLETED|DEFERRED,"
        " hs_task_priority NONE|LOW|MEDIUM|HIGH, hs_task_type CALL|EMAIL|TODO"
    ),
}
_ACTIVITY_PROPERTIES = (
    ", hs_timestamp datetime, hubspot_owner_id owner, hs_createdate* datetime, hs_lastmodifieddate* datetime,"
    " hs_object_id* number"
)
_FIELD_TYPES = {"string": "text", "number": "number", "datetime": "date", "enumeration": "select"}


def find_object_type(text: str) -> ObjectType:
    """Return the kind named in the plural, the singular or by type id; raises HubSpotError."""
    for kind in OBJECT_TYPES.values():
        if text.lower() in (kind.name, kind.singular, kind.type_id):
            return kind
    raise invalid(f"Unable to infer object type from: {text}")


def make_property(
    name: str,
    type_name: str,
    *,
    values: tuple[str, ...] = (),
    read_only: bool = False,
    unique: bool = False,
    defined_by_hubspot: bool = True,
    group: str = "information",
) -> dict[str, Any]:
    """Return a property as the API shows it; `values` are the options of an enumeration."""
    return {
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "type": type_name,
        "fieldType": _FIELD_TYPES[type_name],
        "description": "",
        "groupName": group,
        "options": [make_option(value, order) for order, value in enumerate(values)],
        "displayOrder": -1,
        "calculated": False,
        "externalOptions": False,
        "hasUniqueValue": unique,
        "hidden": False,
        "hubspotDefined": defined_by_hubspot,
        "formField": not read_only,
        "archived": False,
        "modificationMetadata": {
            "archivable": not defined_by_hubspot,
            "readOnlyDefinition": defined_by_hubspot,
            "readOnlyValue": read_only,
        },
    }


def make_option(value: str, order: int) -> dict[str, Any]:
    """Return one option of an enumeration."""
    label = value.replace("_", " ").capitalize()
    return {"label": label, "value": value, "displayOrder": order, "hidden": False}


def default_properties(kind: ObjectType) -> list[dict[str, Any]]:
    """List the properties an account begins with; contacts also have a custom do_not_call."""
    text = _PROPERTIES[kind.name] + (_ACTIVITY_PROPERTIES if kind.required else "")
    group = f"{kind.singular}information"
    made = []
    for item in text.split(","):
        name, type_name = item.split()
        flags, name = name[-1:], name.rstrip("*!")
        made.append(_make_from(name, type_name, read_only=flags == "*", unique=flags == "!", group=group))
    if kind.name == "contacts":
        made.append(_make_from("do_not_call", "bool", defined_by_hubspot=False, group=group))
    return made


def _make_from(name: str, type_name: str, **more: Any) -> dict[str, Any]:
    if type_name == "bool":
        made = make_property(name, "enumeration", values=("true", "false"), **more)
        return made | {"type": "bool", "fieldType": "booleancheckbox"}
    if type_name == "owner":
        made = make_property(name, "enumeration", **more)
        return made | {"externalOptions": True, "referencedObjectType": "OWNER"}
    if type_name == "disposition":
        made = make_property(name, "enumeration", values=tuple(DISPOSITIONS), **more)
        return made | {
            "options": [
                {"label": label, "value": value, "displayOrder": order, "hidden": False}
                for order, (value, label) in enumerate(DISPOSITIONS.items())
            ]
        }
    if type_name in ("string", "number", "datetime"):
        return make_property(name, type_name, **more)
    return make_property(name, "enumeration", values=tuple(type_name.split("|")), **more)


def association_type_ids(source: ObjectType, target: ObjectType) -> dict[int, str | None]:
    """Return the association types between two kinds with their labels; raises HubSpotError."""
    try:
        return ASSOCIATION_TYPES[source.name, target.name]
    except KeyError:
        message = f"No association types between {source.singular} and {target.singular}"
        raise HubSpotError(400, "VALIDATION_ERROR", message) from None
