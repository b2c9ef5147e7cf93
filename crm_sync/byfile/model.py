"""What a mapping file says, as values. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from crm_sync.protocol import ErrorKind

Pointer = tuple[str, ...]  # steps into an answer: names of members, or places in lists


@dataclass(frozen=True, slots=True)
class Auth:
    """How a request signs in. The secrets themselves are entered beside the file, never in it."""

    kind: Literal["bearer", "basic", "header", "client_credentials"]
    header: str = "Authorization"
    token_path: str = ""  # client_credentials
    scope: str = ""


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

    listing: Listing
    name_at: Pointer
    size_at: Pointer | None


@dataclass(frozen=True, slots=True)
class Members:
    """Who is on a list; `whole`: the answer holds their whole records."""

    listing: Listing
    whole: bool


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


@dataclass(frozen=True, slots=True)
class Find:
    """How an activity of ours is found again when the answer to its writing was lost."""

    listing: Listing
    text_at: Pointer
    settle_seconds: int  # a request that was given up may still take effect for so long


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls as the CRM's activities."""

    create: Request
    created_id_at: Pointer
    update: Request | None
    find: Find
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
    errors: Sequence[ErrorRule]
    record_url: str
    activity_url: str
