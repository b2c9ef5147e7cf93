"""What we ask of every CRM; what only some can do is in capabilities.py. Strings and dataclasses only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol, runtime_checkable

from campaigns.importing import RawPerson

ErrorKind = Literal["permanent", "gone", "retryable", "unauthorized", "config"]


class SyncError(Exception):
    """A CRM refused or did not answer; the text is for people: which call failed and what to do.

    retryable: try the same again later (busy, down, rate limit; `retry_after` in seconds when the CRM said
    so); unauthorized: nothing will work until the connection is renewed; config: something must be set up in
    the CRM first; permanent: this one record will never be accepted as it is; gone: its person was deleted, merged or
    converted (`CrmConnector.successors` may know to whom). `code` is the CRM's own word, where it had one.
    """

    def __init__(
        self, message: str, *, kind: ErrorKind, retry_after: float | None = None, code: str = ""
    ) -> None:
        super().__init__(message)
        self.kind: ErrorKind = kind
        self.retry_after = retry_after
        self.code = code


@dataclass(frozen=True, slots=True)
class Usage:
    """What a connector's requests cost: how many it made, and what the CRM said of the day's limit (None: nothing)."""

    requests: int
    used: int | None
    limit: int | None
    said_at: datetime | None = None  # the CRM's own clock at its last answer; None where it does not say


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a connection needs, and whether it has it."""

    name: str
    ok: bool
    detail: str  # what was found, or what to do


@dataclass(frozen=True, slots=True)
class CrmList:
    """A list in the CRM that can be imported, or a query of ours that finds one."""

    kind: str  # campaign, lead_list_view, contact_list_view, report, list; soql and search are ours
    external_id: str
    name: str
    size: int | None  # None where the CRM does not say without reading it
    detail: str = ""
    query: str = ""  # of a query: SOQL, or hubspot_filters' text


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A part of a list's people, and from where to read on should the reader be killed after it."""

    people: Sequence[RawPerson]  # their row numbers mean nothing
    cursor: str  # the connector's own text; "" is the beginning
    total: int | None = None  # records on the whole list; None where the CRM does not say
    left_out: int = 0  # records of this part that are nobody to import: converted or deleted meanwhile
    wait_seconds: float = 0.0  # over 0: the CRM is still gathering; ask again after it


@dataclass(frozen=True, slots=True)
class CallActivity:
    """A call as it is to stand in the CRM. Built from dialer.events.CallLogged."""

    external_call_id: str  # ours, unique in the CRM: what makes a repeat an update
    person_id: str  # the CRM's id of the person
    subject: str
    direction: str
    number: str
    caller_id: str
    started_at: str
    ended_at: str
    local_date: str
    duration_seconds: int
    network_outcome: str
    disposition_label: str
    disposition_category: str
    note: str
    campaign_name: str
    agent_name: str
    agent_email: str
    crm_values: Mapping[str, str] = field(
        default_factory=dict
    )  # kind of CRM → its own word for the result; none: our label
    recording_url: str = ""  # Parley's page of the recording; who may listen is decided there
    facts: Mapping[str, str | int | float | bool | None] = field(
        default_factory=dict
    )  # what a mapping may use: key of a fact (selectors.facts) → value
    fields: Mapping[str, str | int | float | bool | None] = field(
        default_factory=dict
    )  # further fields of the CRM's call record, by the mapping: its name → value as it goes there


@dataclass(frozen=True, slots=True)
class DoNotCall:
    """What a person's do-not-call flag in the CRM is to say."""

    person_id: str  # the CRM's id of the person
    do_not_call: bool
    subject: str  # for people
    started_at: str  # when it was asked for or taken back: ISO 8601, UTC


@runtime_checkable
class Fingerprinted(Protocol):
    """A connector of a CRM that knows no times of change: `changed_since` gives a fingerprint in their place."""

    def stamps(self) -> Mapping[str, str]:
        """Return the fingerprints of the people read so far, by id."""
        ...


class CrmConnector(Protocol):
    """Every method may raise SyncError and must run outside a transaction."""

    def check(self) -> Sequence[Check]:
        """Return what the connection needs and has.

        Raises SyncError only if the CRM cannot be reached at all.
        """
        ...

    def prepare(self) -> Mapping[str, str]:
        """Create in the CRM what we need and may create ourselves (HubSpot's dialer_call_id); idempotent.

        Return what the CRM says of itself and links need: instance (Salesforce), portal_id and ui_domain
        (HubSpot).
        """
        ...

    def lists(self) -> Sequence[CrmList]:
        """Return all lists that can be imported, by name."""
        ...

    def count_people(self, crm_list: CrmList) -> int:
        """Return how many records a list or query finds; raises SyncError with the CRM's words for one that cannot be asked."""
        ...

    def read_people(self, crm_list: CrmList, cursor: str) -> Iterator[PeoplePage]:
        """Yield the list's people from `cursor` on, however many they are, with bounded memory.

        The same cursor goes on at the same place in another process, days later too. Who joins the list after the first page
        may be missing. A page that waits is the last one of this call; the cursor of the last page of all leads to nobody.
        """
        ...

    def member_ids(self, crm_list: CrmList) -> Iterator[Sequence[str]]:
        """Yield the ids of everybody on the list, page by page; cheaper than `people`.

        Raises SyncError of kind gone for a list that is not there any more.
        """
        ...

    def changed_since(self, since: datetime) -> Iterator[Sequence[tuple[str, str]]]:
        """Yield id and the CRM's own time of change of all people of the account changed since, page by page, oldest change first."""
        ...

    def people_of(self, person_ids: Sequence[str]) -> Iterator[Sequence[RawPerson]]:
        """Yield these people as `read_people` does; who is not there any more is left out."""
        ...

    def log_calls(self, calls: Sequence[CallActivity]) -> Sequence[str | SyncError]:
        """Create or update the calls by external_call_id.

        Return the CRM's id, or the error, for each, in order.
        """
        ...

    def set_do_not_call(self, flags: Sequence[DoNotCall]) -> Sequence[str | SyncError]:
        """Write people's do-not-call flags; writing one twice changes nothing.

        Return the CRM's id of the person, or the error, for each, in order.
        """
        ...

    def count_logged(self, day: date) -> int:
        """Return how many calls with an id of ours the CRM has of that day, whichever installation wrote them."""
        ...

    def logged(self, day: date) -> Iterator[Sequence[str]]:
        """Yield the external ids of these calls, page by page."""
        ...

    def deleted_by_people(self, crm_ids: Sequence[str]) -> set[str]:
        """Return which of these calls people deleted in the CRM, by the CRM's ids."""
        ...

    def successors(self, person_ids: Sequence[str]) -> Mapping[str, str]:
        """Return who people became that were merged or converted; who was deleted, or is still there, is left out."""
        ...

    def usage(self) -> Usage:
        """Return what this connector's requests cost so far; asks nothing."""
        ...
