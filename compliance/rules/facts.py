"""What the rules may know about one contact about to be made."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum

from compliance.rules.clocks import days_in
from compliance.rules.records import (
    AbandonmentFacts,
    AttemptFact,
    CallerFacts,
    CampaignFacts,
    ConsentFact,
    ConsentKind,
    DebtFacts,
    EmergencyFact,
    LineFacts,
    MessageFacts,
    OverrideFact,
    ReassignedAnswer,
    ReassignedFact,
    RegistrationFact,
    RegistryFacts,
    RegistryListing,
    RelationshipFact,
    SenderFacts,
    SuppressionFact,
    SuppressionKind,
    SuppressionScope,
)
from compliance.rules.vocabulary import LANDLINES, Channel, LineType, Purpose
from core.types import PhoneNumber, as_phone

__all__ = [
    "ADDRESS_KINDS",
    "LANDLINES",
    "NO_LINE",
    "NO_SENDER",
    "AbandonmentFacts",
    "AttemptFact",
    "CallerFacts",
    "CampaignFacts",
    "CampaignWindow",
    "Channel",
    "ConsentFact",
    "ConsentKind",
    "ContactFacts",
    "ContactRequest",
    "DebtFacts",
    "EmergencyFact",
    "Evidence",
    "EvidenceKind",
    "LineFacts",
    "LineType",
    "MessageFacts",
    "OverrideFact",
    "Purpose",
    "ReassignedAnswer",
    "ReassignedFact",
    "RegistrationFact",
    "RegistryFacts",
    "RegistryListing",
    "RelationshipFact",
    "SenderFacts",
    "SuppressionFact",
    "SuppressionKind",
    "SuppressionScope",
]


class EvidenceKind(StrEnum):
    """Where a hint about the person's whereabouts comes from."""

    AREA_CODE = "area_code"
    ZIP = "zip"
    STATE = "state"
    STATED = "stated"  # the zone the person, or the CRM, says


_NOWHERE = frozenset[str]()
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
    breaks: tuple[tuple[time, time], ...] = ()  # [from, to) of each day, inside [opens, closes)
    off: tuple[date, ...] = ()  # days without calls


# What is not known or not said. One object for all contacts: that a part is this very one is seen without comparing it.
NO_LINE = LineFacts()
NO_SENDER = SenderFacts()
NO_MESSAGE = MessageFacts()
NO_CAMPAIGN = CampaignFacts()
NO_DEBT = DebtFacts()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFacts:
    """Everything the rules may look at. `at` is aware; `attempts` are to this person or number, oldest first, 31 days back."""

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
    line: LineFacts = field(default=NO_LINE)
    evidences: tuple[Evidence, ...] = ()
    window: CampaignWindow = field(default=CampaignWindow())
    suppressions: tuple[SuppressionFact, ...] = ()
    crm_do_not_call: bool = False
    consents: tuple[ConsentFact, ...] = ()
    relationships: tuple[RelationshipFact, ...] = ()
    reassigned: ReassignedFact | None = None
    registry: RegistryFacts = field(default=RegistryFacts())
    caller: CallerFacts = field(default=CallerFacts())
    registrations: tuple[RegistrationFact, ...] = ()
    emergencies: tuple[EmergencyFact, ...] = ()
    sender: SenderFacts = field(default=NO_SENDER)
    message: MessageFacts = field(default=NO_MESSAGE)
    campaign: CampaignFacts = field(default=NO_CAMPAIGN)
    debt: DebtFacts = field(default=NO_DEBT)
    attempts: tuple[AttemptFact, ...] = ()
    account_calls_open: int = 0  # calls now under way to other lines of the same business account (FED-032)
    overrides: tuple[OverrideFact, ...] = ()
    clock_problem: str = ""  # why the server's clock cannot be trusted now; empty when it can
    # Worked out of the evidences once, since nearly every rule asks; never stored.
    zones: tuple[str, ...] = field(
        init=False, default=(), repr=False, compare=False
    )  # the person may be in, sorted
    states: tuple[str, ...] = field(
        init=False, default=(), repr=False, compare=False
    )  # whose law may apply, sorted
    has_address: bool = field(
        init=False, default=False, repr=False, compare=False
    )  # a ZIP or state of the person is known
    _days: tuple[date, ...] = field(init=False, default=(), repr=False, compare=False)  # once asked for

    def __post_init__(self) -> None:
        """Work out where the person may be."""
        zones = _NOWHERE.union(*[each.zones for each in self.evidences])
        states = _NOWHERE.union(*[each.states for each in self.evidences])
        has_address = any(each.states for each in self.evidences if each.kind in ADDRESS_KINDS)
        object.__setattr__(self, "zones", tuple(sorted(zones)))
        object.__setattr__(self, "states", tuple(sorted(states)))
        object.__setattr__(self, "has_address", has_address)

    @property
    def days(self) -> tuple[date, ...]:
        """Return the day it is in each zone the person may be in: in order, once each; the UTC day where no zone is known.

        Rules that ask for no more than the day read this, not the zones: then a count of many need not tell zones apart.
        """
        if not self._days:
            object.__setattr__(self, "_days", days_in(self.zones, self.at))
        return self._days

    @property
    def utc_day(self) -> date:
        """Return the day it is in UTC: for rules that ask for no more of the instant."""
        return self.at.astimezone(UTC).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRequest:
    """What a caller asks the gate: may this person be contacted on this number, now?

    The caller says what it alone knows: the person's record, the campaign, the asset. The stores say the rest.
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
    window_breaks: tuple[tuple[time, time], ...] = ()  # [from, to) of each day
    days_off: tuple[date, ...] = ()
    campaign: CampaignFacts = field(default=NO_CAMPAIGN)
    message: MessageFacts = field(default=NO_MESSAGE)
    debt: DebtFacts = field(default=NO_DEBT)
    on_call: bool = False  # a recording left on the call of the same `attempt_ref`, which is up (FED-029)

    def __post_init__(self) -> None:
        """Refuse raw text in place of a number."""
        as_phone(self.number)
