"""The objects of the org and their fields, in Salesforce's types, and `describe` answers made from them."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce.ids import PREFIX_BY_OBJECT

EXTERNAL_CALL_ID = "Parley_Call_Id__c"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. `length` is in characters, 0 where it has no meaning; `to` is what a reference points at."""

    name: str
    type: str = "string"
    length: int = 0
    createable: bool = True
    updateable: bool = True
    required: bool = False
    picklist: tuple[str, ...] = ()
    restricted: bool = False
    external_id: bool = False
    unique: bool = False
    to: tuple[str, ...] = ()
    relationship: str | None = None
    default: Any = None

    @property
    def custom(self) -> bool:
        """Whether the field was added by the org's administrator."""
        return self.name.endswith("__c")

    def describe(self) -> dict[str, Any]:
        """Return the field as `describe` shows it."""
        label = self.name.removesuffix("__c").replace("_", " ")
        return {
            "name": self.name,
            "label": label,
            "type": self.type,
            "length": self.length,
            "byteLength": self.length * 3,
            "createable": self.createable,
            "updateable": self.updateable,
            "nillable": not self.required and self.type != "boolean",
            "defaultedOnCreate": self.default is not None or self.type == "boolean",
            "externalId": self.external_id,
            "idLookup": self.external_id or self.type == "id",
            "unique": self.unique,
            "caseSensitive": False,
            "custom": self.custom,
            "filterable": self.type != "textarea" or self.length < 4000,
            "sortable": self.type != "textarea" or self.length < 4000,
            "restrictedPicklist": self.restricted,
            "picklistValues": [
                {"active": True, "defaultValue": value == self.default, "label": value, "value": value}
                for value in self.picklist
            ],
            "referenceTo": list(self.to),
            "relationshipName": self.relationship,
            "soapType": _SOAP_TYPES.get(self.type, "xsd:string"),
        }


_SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
}


@dataclass(frozen=True)
class ObjectType:
    """An object of the org; `fields` by name, in the order `describe` lists them."""

    name: str
    fields: dict[str, Field] = field(default_factory=dict)
    writable: bool = True

    def find(self, name: str) -> Field | None:
        """Return the field of this name, whatever its case."""
        return self.fields.get(name) or next(
            (item for item in self.fields.values() if item.name.lower() == name.lower()), None
        )

    def find_relationship(self, name: str) -> Field | None:
        """Return the reference field a relationship name belongs to, such as OwnerId for Owner."""
        return next(
            (f for f in self.fields.values() if f.relationship and f.relationship.lower() == name.lower()),
            None,
        )

    def describe_briefly(self) -> dict[str, Any]:
        """Return the object as the global describe lists it."""
        base = f"/services/data/v66.0/sobjects/{self.name}"
        return {
            "name": self.name,
            "label": self.name,
            "labelPlural": self.name + "s",
            "keyPrefix": PREFIX_BY_OBJECT[self.name],
            "createable": self.writable,
            "updateable": self.writable,
            "deletable": self.writable,
            "queryable": True,
            "searchable": True,
            "custom": False,
            "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": base + "/{ID}"},
        }


def _text(name: str, length: int = 80, **more: Any) -> Field:
    return Field(name=name, length=length, **more)


def _reference(name: str, *to: str, **more: Any) -> Field:
    relationship = name.removesuffix("Id")
    return Field(name=name, type="reference", length=18, to=to, relationship=relationship, **more)


def _boolean(name: str, **more: Any) -> Field:
    return Field(name=name, type="boolean", default=False, **more)


def _picklist(name: str, values: str, **more: Any) -> Field:
    return Field(name=name, type="picklist", length=255, picklist=tuple(values.split("|")), **more)


def _read_only(name: str, kind: str, **more: Any) -> Field:
    return Field(name=name, type=kind, createable=False, updateable=False, **more)


def _system() -> list[Field]:
    users = ("User",)
    return [
        _read_only("CreatedDate", "datetime"),
        _read_only("CreatedById", "reference", length=18, to=users, relationship="CreatedBy"),
        _read_only("LastModifiedDate", "datetime"),
        _read_only("LastModifiedById", "reference", length=18, to=users, relationship="LastModifiedBy"),
        _read_only("SystemModstamp", "datetime"),
        _read_only("IsDeleted", "boolean", default=False),
    ]


def _address(prefix: str) -> list[Field]:
    return [
        Field(name=f"{prefix}Street", type="textarea", length=255),
        _text(f"{prefix}City", 40),
        _text(f"{prefix}State", 80),
        _text(f"{prefix}PostalCode", 20),
        _text(f"{prefix}Country", 80),
    ]


def _person() -> list[Field]:
    return [
        _text("LastName", 80, required=True),
        _text("FirstName", 40),
        _read_only("Name", "string", length=121),
        _text("Title", 128),
        Field(name="Phone", type="phone", length=40),
        Field(name="MobilePhone", type="phone", length=40),
        Field(name="Email", type="email", length=80),
        _boolean("DoNotCall"),
        _boolean("HasOptedOutOfEmail"),
        _reference("OwnerId", "User"),
        Field(name="Description", type="textarea", length=32000),
        _read_only("MasterRecordId", "reference", length=18, relationship="MasterRecord"),
        _read_only("LastActivityDate", "date"),
        _text("Legacy_Id__c", 40, external_id=True),
    ]


def _object(name: str, *fields: Field, writable: bool = True) -> ObjectType:
    members = [_read_only("Id", "id", length=18), *fields, *_system()]
    return ObjectType(name, {item.name: item for item in members}, writable)


_LEAD_STATUS = "Open - Not Contacted|Working - Contacted|Closed - Converted|Closed - Not Converted"
_OBJECTS = (
    _object(
        "Lead",
        *_person(),
        _text("Company", 255, required=True),
        *_address(""),
        _picklist("Status", _LEAD_STATUS, default="Open - Not Contacted"),
        _picklist("LeadSource", "Web|Phone Inquiry|Partner Referral|Purchased List|Other"),
        _boolean("IsConverted", updateable=False, createable=False),
        _read_only("ConvertedDate", "date"),
        _read_only(
            "ConvertedAccountId", "reference", length=18, to=("Account",), relationship="ConvertedAccount"
        ),
        _read_only(
            "ConvertedContactId", "reference", length=18, to=("Contact",), relationship="ConvertedContact"
        ),
    ),
    _object(
        "Contact",
        *_person(),
        _reference("AccountId", "Account"),
        Field(name="HomePhone", type="phone", length=40),
        Field(name="OtherPhone", type="phone", length=40),
        *_address("Mailing"),
    ),
    _object(
        "Account",
        _text("Name", 255, required=True),
        Field(name="Phone", type="phone", length=40),
        *_address("Billing"),
        _reference("OwnerId", "User"),
    ),
    _object(
        "User",
        _text("Username"),
        _text("FirstName", 40),
        _text("LastName", 80),
        _text("Name", 121),
        Field(name="Email", type="email", length=128),
        _boolean("IsActive"),
        _text("TimeZoneSidKey", 40),
        writable=False,
    ),
    _object(
        "Campaign",
        _text("Name", 80, required=True),
        _picklist("Status", "Planned|In Progress|Completed|Aborted", default="Planned"),
        _picklist("Type", "Telemarketing|Email|Webinar|Other"),
        _boolean("IsActive"),
        Field(name="StartDate", type="date"),
        Field(name="Description", type="textarea", length=32000),
        _read_only("NumberOfLeads", "int"),
        _read_only("NumberOfContacts", "int"),
        _reference("OwnerId", "User"),
    ),
    _object(
        "CampaignMember",
        _reference("CampaignId", "Campaign", required=True, updateable=False),
        _reference("LeadId", "Lead", updateable=False),
        _reference("ContactId", "Contact", updateable=False),
        _picklist("Status", "Sent|Responded", default="Sent"),
        _boolean("HasResponded", createable=False, updateable=False),
    ),
    _object(
        "Task",
        _text("Subject", 255),
        _picklist("TaskSubtype", "Task|Call|Email", default="Task", restricted=True, updateable=False),
        _picklist(
            "Status",
            "Not Started|In Progress|Completed|Waiting on someone else|Deferred",
            default="Not Started",
        ),
        _picklist("Priority", "High|Normal|Low", default="Normal"),
        Field(name="ActivityDate", type="date"),
        _reference("WhoId", "Lead", "Contact"),
        _reference("WhatId", "Account", "Campaign"),
        _reference("OwnerId", "User"),
        _picklist("CallType", "Internal|Inbound|Outbound", restricted=True),
        Field(name="CallDurationInSeconds", type="int"),
        _text("CallDisposition", 255),
        _text("CallObject", 255),
        Field(name="Description", type="textarea", length=32000),
        _read_only("IsClosed", "boolean", default=False),
        _text(EXTERNAL_CALL_ID, 64, external_id=True, unique=True),
    ),
    _object(
        "Report", _text("Name"), _text("DeveloperName"), _text("FolderName"), _text("Format"), writable=False
    ),
    _object("ListView", _text("Name"), _text("DeveloperName"), _text("SobjectType"), writable=False),
    _object(
        "Organization",
        _text("Name"),
        _boolean("IsSandbox"),
        _text("OrganizationType"),
        _text("TimeZoneSidKey"),
        _text("InstanceName"),
        writable=False,
    ),
)
OBJECTS = {item.name: item for item in _OBJECTS}


def find_object(name: str) -> ObjectType | None:
    """Return the object of this name, whatever its case."""
    return OBJECTS.get(name) or next((item for item in _OBJECTS if item.name.lower() == name.lower()), None)
