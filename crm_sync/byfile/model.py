"""What a mapping file says, as values. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from crm_sync.capabilities import Capability, FieldType
from crm_sync.protocol import ErrorKind

Pointer = tuple[str, ...]  # steps into an answer: names of members, or places in lists


@dataclass(frozen=True, slots=True)
class Auth:
    """How a request signs in. The secrets themselves are entered beside the file, never in it."""

    kind: Literal["bearer", "basic", "header", "client_credentials", "password"]
    header: str = "Authorization"
    token_path: str = ""  # client_credentials, password
    scope: str = ""
    as_json: bool = False  # the token is asked for in JSON, not in a form

    @property
    def gets_token(self) -> bool:
        """Return whether access is asked for, and ends."""
        return self.kind in ("client_credentials", "password")


@dataclass(frozen=True, slots=True)
class Paging:
    """How a long answer is cut, and where its parts are asked for."""

    kind: Literal["none", "page", "offset", "cursor", "link"]
    param: str = ""  # page, offset or cursor
    first: int = 1
    size_param: str = ""
    size: int = 100
    next_at: Pointer = ()  # cursor: where the next one stands
    total_at: Pointer = ()  # how many records there are
    pages_at: Pointer = ()  # how many pages there are
    in_body: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One request; path and body hold {names} that are filled in."""

    method: str
    path: str
    body: Any = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A request that answers with many records."""

    request: Request
    items_at: Pointer
    id_at: Pointer
    paged: bool = True  # False: all of it comes in one answer


@dataclass(frozen=True, slots=True)
class Field:
    """Where a value stands in a record, and what its words mean here."""

    at: Pointer
    values: Mapping[str, str] = field(default_factory=dict)
    default: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """Where a truth stands in a record, and which words mean yes (lower case)."""

    at: Pointer
    true_when: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lists:
    """The CRM's lists."""

    listing: Listing | None  # None: the file names them all
    name_at: Pointer
    size_at: Pointer | None
    fixed: Sequence[
        tuple[str, str]
    ] = ()  # (id, name) of a CRM that has none of its own, or none that can be asked for


@dataclass(frozen=True, slots=True)
class Members:
    """Who is on a list; `whole`: the answer holds their whole records."""

    listing: Listing
    whole: bool
    status: Request | None = None  # writes what the list says of a member
    statuses: Sequence[str] = ()  # what may be written; empty: any text


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field of people that a mapping may read and write."""

    name: str  # as it is written
    at: Pointer  # where it is read in a person's record
    label: str
    type: FieldType
    length: int = 0
    options: Sequence[tuple[str, str]] = ()
    writable: bool = True


@dataclass(frozen=True, slots=True)
class NewPeople:
    """How people are looked for by what is known of them, and created."""

    search: Sequence[Listing]  # asked one after the other
    create: Request | None
    created_id_at: Pointer


@dataclass(frozen=True, slots=True)
class People:
    """A person's record, read and flagged."""

    read: Request
    item_at: Pointer
    fields: Mapping[str, Field]
    phones: Sequence[tuple[str, Field]]
    do_not_call: Flag | None
    merged_into: Pointer | None
    flag: Request | None  # writes do_not_call
    all: Listing | None  # everybody: who changed is found by comparing them
    own: Sequence[OwnField] = ()
    write: Request | None = None  # writes fields of `own`
    new: NewPeople | None = None


@dataclass(frozen=True, slots=True)
class Find:
    """How an activity of ours is found again when the answer to its writing was lost."""

    listing: Listing
    text_at: Pointer
    settle_seconds: int  # a request that was given up may still take effect for so long


@dataclass(frozen=True, slots=True)
class Activities:
    """How one kind of activity is written and found again."""

    create: Request
    created_id_at: Pointer
    update: Request | None
    find: Find


@dataclass(frozen=True, slots=True)
class Calls(Activities):
    """Calls as the CRM's activities."""

    read: Request | None  # one activity by its id
    deleted: Flag | None  # in an activity that was read: people deleted it
    all: Listing | None  # a day's, for comparing both sides
    all_text_at: Pointer
    all_time_at: Pointer | None


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """What an error answer means: the first rule that fits its status and its text decides."""

    statuses: frozenset[int]  # empty: any
    contains: str  # lower case; empty: anything
    kind: ErrorKind
    says: str


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A whole file."""

    name: str
    base_url: str
    headers: Mapping[str, str]
    auth: Auth
    paging: Paging
    rate: tuple[int, int] | None  # requests in seconds
    times: str  # iso8601, unix_seconds, unix_milliseconds, or strftime's codes
    values: Mapping[str, Mapping[str, str]]
    lists: Lists
    members: Members
    people: People
    calls: Calls
    texts: Activities | None
    tasks: Activities | None
    error_at: Pointer | None  # where a good answer says that it is none
    errors: Sequence[ErrorRule]
    record_url: str
    activity_url: str

    def capabilities(self) -> Sequence[Capability]:
        """Return what the file says how to do beyond lists, people and calls."""
        new = self.people.new
        said = {
            Capability.TEXTS: self.texts is not None,
            Capability.TASKS: self.tasks is not None,
            Capability.FIELDS: bool(self.people.own) or self.members.status is not None,
            Capability.MEMBERSHIP: self.members.status is not None,
            Capability.SEARCH: new is not None and new.create is not None,
        }
        return [capability for capability, is_said in said.items() if is_said]
