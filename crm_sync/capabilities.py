"""What a CRM may be able to do beyond protocol.CrmConnector. A connector that has the methods of a class below can do it.

Nothing else needs to be declared: `able` asks a connector, and registry.can says it of a kind without making one. A connector that lacks
a capability is never asked for it: what would have gone that way is not queued.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final, Literal, Protocol, runtime_checkable

from crm_sync.protocol import CallActivity, SyncError

FieldValue = str | int | float | bool | None
"""A value as a CRM's field holds it: instants and dates in ISO 8601, multiple choices joined by ";", None and "" are empty."""

FieldType = Literal[
    "text",
    "long_text",
    "number",
    "flag",
    "date",
    "instant",
    "choice",
    "choices",
    "phone",
    "email",
    "reference",
]
Holds = Literal["person", "call", "member"]
Results = Sequence[str | SyncError]
"""The CRM's id of the record, or the error, for each thing that was to be written, in order."""


class Capability(StrEnum):
    """What may be asked of a connector."""

    TEXTS = "texts"
    TASKS = "tasks"
    FIELDS = "fields"
    MEMBERSHIP = "membership"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class TextActivity:
    """A text message as it is to stand in the CRM."""

    external_id: str  # ours, unique in the CRM: what makes a repeat an update
    person_id: str
    subject: str
    direction: str  # inbound, outbound
    number: str  # the person's
    our_number: str
    words: str
    started_at: str  # ISO 8601, UTC
    local_date: str  # YYYY-MM-DD, where the house is


@dataclass(frozen=True, slots=True)
class TaskActivity:
    """Something to do for somebody: a promise to call back."""

    external_id: str  # as of a text
    person_id: str
    subject: str
    note: str
    started_at: str  # when it is due: ISO 8601, UTC
    local_date: str  # the day it is due
    agent_name: str  # empty: anyone
    agent_email: str
    done: bool


@dataclass(frozen=True, slots=True)
class CrmObject:
    """A kind of record whose fields can be mapped."""

    name: str  # the CRM's: Lead, contacts
    label: str
    holds: Holds


@dataclass(frozen=True, slots=True)
class CrmField:
    """A field as the CRM describes it now."""

    name: str
    label: str
    type: FieldType
    length: int = 0  # characters; 0: the CRM says nothing
    writable: bool = True
    options: Sequence[tuple[str, str]] = ()  # (value, label) of a choice, those in use
    only_options: bool = False  # nothing else is taken


@dataclass(frozen=True, slots=True)
class Record:
    """Some fields of a record as they stand."""

    values: Mapping[str, FieldValue]
    changed_at: str = ""  # of the record; empty where the CRM does not say
    field_changed_at: Mapping[str, str] = field(default_factory=dict)  # where the CRM says it field by field


@dataclass(frozen=True, slots=True)
class FieldWrite:
    """Fields of a person that are to be written just so."""

    person_id: str
    object_name: str
    values: Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True)
class MemberStatus:
    """What a campaign of the CRM is to say of one of its members."""

    person_id: str
    campaign_id: str  # the CRM's
    status: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of the CRM who may be the one looked for."""

    person_id: str
    object_name: str
    name: str
    phones: Sequence[str]  # as they stand there
    email: str = ""
    company: str = ""
    owner_name: str = ""
    url: str = ""
    changed_at: str = ""
    key: str = ""  # what stands in the field that was asked about


ActivityKind = Literal["call", "text", "callback"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A record of ours as it stands in the CRM."""

    crm_id: str
    ref: str  # our id of it, in small letters
    day: str  # YYYY-MM-DD, as the CRM dates it
    result: str = ""  # of a call
    words: str = ""  # its body, as the CRM has it
    changed_at: str = ""
    is_deleted: bool = False  # by people; they can bring it back


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to be created in the CRM."""

    external_id: str  # ours; a repeat must find the one that was created
    object_name: str
    first_name: str
    last_name: str  # never empty
    number: str  # E.164
    email: str = ""
    company: str = ""


@runtime_checkable
class LogsTexts(Protocol):
    """Every method here and below may raise SyncError, as those of CrmConnector."""

    def log_texts(self, texts: Sequence[TextActivity]) -> Results:
        """Create or update the texts by external_id."""
        ...


@runtime_checkable
class KeepsTasks(Protocol):
    """Has tasks."""

    def keep_tasks(self, tasks: Sequence[TaskActivity]) -> Results:
        """Create or update the tasks by external_id."""
        ...


@runtime_checkable
class HasFields(Protocol):
    """Says what its fields are, and has single ones read and written."""

    def objects(self) -> Sequence[CrmObject]:
        """Return the objects whose fields can be mapped; asks nothing."""
        ...

    def fields(self, object_name: str) -> Sequence[CrmField]:
        """Return the object's fields that this user sees, by label; pick-lists with the values in use."""
        ...

    def object_of(self, person_id: str) -> str:
        """Return the object a person's id is of; asks nothing."""
        ...

    def read_records(
        self, object_name: str, ids: Sequence[str], names: Sequence[str]
    ) -> Mapping[str, Record]:
        """Return the fields `names` of records by id; who is not there any more is left out."""
        ...

    def write_fields(self, writes: Sequence[FieldWrite]) -> Results:
        """Write fields of people; writing the same twice changes nothing."""
        ...


@runtime_checkable
class HasMembers(Protocol):
    """Has campaigns whose members have a status."""

    def set_member_status(self, changes: Sequence[MemberStatus]) -> Results:
        """Write the status of members; who is none is refused, not added."""
        ...


@runtime_checkable
class ReadsMembers(Protocol):
    """Tells what status members of its campaigns have, so that it can be compared."""

    def member_records(self, members: Sequence[MemberStatus]) -> Mapping[tuple[str, str], Record]:
        """Return Status of these members by (campaign, person), and when it changed; who is none is left out."""
        ...


@runtime_checkable
class FindsPeople(Protocol):
    """Finds people by what is known of them, and creates some."""

    def find_people(
        self, *, number: str, email: str, key_field: str = "", key: str = ""
    ) -> Sequence[Candidate]:
        """Return people who may have the number (E.164; in whichever format and number field), the e-mail address, or `key` in a field.

        May return some who do not: the caller compares the numbers itself. Merged, converted and deleted people are left out.
        A field that is not there (any more) finds nobody.
        """
        ...

    def create_person(self, person: NewPerson) -> str:
        """Create the person, or return the id of the one created before for external_id."""
        ...


@runtime_checkable
class Compares(Protocol):
    """Has what we wrote looked for, of every kind."""

    def ours_between(
        self, kind: ActivityKind, prefix: str, begin: date, end: date
    ) -> Iterator[Sequence[Standing]]:
        """Yield records of a kind whose id of ours begins so, and which the CRM dates from `begin` to before `end`."""
        ...

    def standing(self, kind: ActivityKind, crm_ids: Sequence[str]) -> Mapping[str, Standing]:
        """Return these records by the CRM's ids, those that people deleted too; what is gone without a trace is left out."""
        ...

    def as_logged(self, call: CallActivity) -> Standing:
        """Return how a call is to stand there once it is written."""
        ...


CLASSES: Final[Mapping[Capability, type[Any]]] = {
    Capability.TEXTS: LogsTexts,
    Capability.TASKS: KeepsTasks,
    Capability.FIELDS: HasFields,
    Capability.MEMBERSHIP: HasMembers,
    Capability.SEARCH: FindsPeople,
}


def able(connector: object, capability: Capability) -> bool:
    """Return whether a connector, or its class, can do this."""
    methods = [name for name in vars(CLASSES[capability]) if not name.startswith("_")]
    return all(callable(getattr(connector, name, None)) for name in methods)
