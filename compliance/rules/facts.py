"""What the rules may know about one contact about to be made."""

from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from core.types import PhoneNumber, as_phone


class Purpose(StrEnum):
    """Why the person is contacted. Content with two purposes is TELEMARKETING."""

    TELEMARKETING = (
        "telemarketing"  # encourages purchase, rental or investment: 47 CFR 64.1200(f)(13), (f)(15)
    )
    INFORMATIONAL = "informational"
    SURVEY = "survey"
    POLITICAL = "political"
    CHARITY = "charity"
    DEBT = "debt"
    EMERGENCY = "emergency"
    HEALTHCARE_HIPAA = "healthcare_hipaa"
    UNKNOWN = "unknown"  # nobody said; never cleared


class Channel(StrEnum):
    """How the person is contacted."""

    LIVE_MANUAL = "live_manual"  # a person chose and dialed the number
    LIVE_PREVIEW = "live_preview"  # a person saw the lead and pressed dial
    LIVE_PREDICTIVE = "live_predictive"  # the system dials for whoever is free; includes progressive
    PREREC = "prerec"  # recorded, artificial or cloned voice, voicemail drop, ringless voicemail
    SMS = "sms"
    MMS = "mms"


class LineType(StrEnum):
    """What kind of line the number is; UNKNOWN is treated as wireless and residential."""

    WIRELESS = "wireless"
    LANDLINE_RES = "landline_res"
    LANDLINE_BIZ = "landline_biz"
    VOIP = "voip"
    TOLLFREE = "tollfree"
    UNKNOWN = "unknown"


LANDLINES = frozenset({LineType.LANDLINE_RES, LineType.LANDLINE_BIZ})


class EvidenceKind(StrEnum):
    """Where a hint about the person's whereabouts comes from."""

    AREA_CODE = "area_code"
    ZIP = "zip"
    STATE = "state"
    STATED = "stated"  # the zone the person, or the CRM, says


ADDRESS_KINDS = frozenset({EvidenceKind.ZIP, EvidenceKind.STATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One hint about where the person is. Evidences only add candidates, none takes one away (TZ-001)."""

    kind: EvidenceKind
    source: str  # as read: "ZIP 32801", "area code 407"
    states: frozenset[str] = frozenset()  # USPS codes
    zones: frozenset[str] = frozenset()  # IANA names
    place: str = ""  # how people call it: "Orlando"


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignWindow:
    """The campaign's own schedule, in the person's local time: [opens, closes) on `days` (Monday = 0)."""

    opens: time = time(8)
    closes: time = time(21)
    days: frozenset[int] = frozenset(range(7))


class SuppressionScope(StrEnum):
    """Whom the person does not want to hear from."""

    SELLER = "seller"  # this seller, in all its campaigns and on all channels
    EVERYONE = "everyone"  # anybody who calls through this installation


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionFact:
    """A request not to be contacted that stands for the number."""

    seller: str
    scope: SuppressionScope
    reason: str
    heard_on: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryListing:
    """The number stands in a do-not-call list loaded for the seller."""

    name: str  # "national", or the USPS code of a state-run list
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryFacts:
    """What the seller's own copies of the do-not-call registries say about the number."""

    seller_has_snapshot: bool = False  # any national snapshot under the seller's own subscription
    covers_number: bool = False  # one of them includes the number's area code
    as_of: date | None = None  # of the newest one that covers it
    listings: tuple[RegistryListing, ...] = ()
    problem: str = ""  # why a copy that covers the number could not be asked; empty when all could


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFacts:
    """Everything the rules may look at. `at` is aware; `attempts` are the instants of attempts to this person or number."""

    at: datetime
    number: str
    channel: Channel
    purpose: Purpose
    seller: str
    campaign_ref: str
    person_ref: str
    attempt_ref: str
    caller_id: str
    ring_seconds: int
    number_problem: str = ""  # why the number cannot be dialed; empty when it can
    region: str = "US"  # ISO country of the number's plan; "" when unknown
    country_stated: str = ""  # ISO country of the person's address when it is not the United States
    line_type: LineType = LineType.UNKNOWN
    evidences: tuple[Evidence, ...] = ()
    window: CampaignWindow = field(default_factory=CampaignWindow)
    suppressions: tuple[SuppressionFact, ...] = ()
    crm_do_not_call: bool = False
    registry: RegistryFacts = field(default_factory=RegistryFacts)
    attempts: tuple[datetime, ...] = ()

    @property
    def zones(self) -> tuple[str, ...]:
        """Return every zone the person may be in, sorted."""
        return tuple(sorted({zone for evidence in self.evidences for zone in evidence.zones}))

    @property
    def states(self) -> tuple[str, ...]:
        """Return every state whose law may apply, sorted."""
        return tuple(sorted({state for evidence in self.evidences for state in evidence.states}))

    @property
    def has_address(self) -> bool:
        """Return whether a ZIP or state of the person is known, not only the number's area code."""
        return any(evidence.kind in ADDRESS_KINDS and evidence.states for evidence in self.evidences)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRequest:
    """What a caller asks the gate: may this person be contacted on this number, now?

    Raises core.types.PhoneError if the number is not E.164: raw text never reaches the gate.
    """

    number: PhoneNumber
    channel: Channel
    purpose: Purpose
    seller: str
    campaign_ref: str
    person_ref: str
    attempt_ref: str
    caller_id: PhoneNumber
    ring_seconds: int
    postal_code: str = ""  # this and the next four: evidence from the person's record
    state: str = ""
    city: str = ""
    country: str = ""
    stated_zone: str = ""
    crm_do_not_call: bool = False  # a flag seen in the CRM: denies like internal do-not-call
    window_opens: time = time(8)  # the campaign's schedule, in the person's zone
    window_closes: time = time(21)
    window_days: frozenset[int] = frozenset(range(7))  # Monday = 0

    def __post_init__(self) -> None:
        """Refuse raw text in place of a number."""
        as_phone(self.number)


def as_json(value: Any) -> Any:
    """Return facts or verdicts as JSON values: what is stored with a decision, so that it can be read and replayed."""
    if is_dataclass(value):
        return {part.name: as_json(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [as_json(item) for item in value]
    return value
