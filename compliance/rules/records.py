"""What the stores say about a number, a person, a seller, a sender: the parts of ContactFacts that are looked up."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from compliance.rules.vocabulary import Channel, LineType, Purpose


class SuppressionKind(StrEnum):
    """Why the number or person stands on the seller's own list."""

    DO_NOT_CALL = "do_not_call"  # asked not to be called
    REVOKED = "revoked"  # took a consent back, by any reasonable means (FED-012)
    WRONG_NUMBER = "wrong_number"  # the person does not have this number (FED-030)
    REASSIGNED = "reassigned"  # the number has another holder since the consent
    LITIGATOR = "litigator"  # known to sue; never contacted
    CEASED = "ceased"  # a written request to cease communication about a debt (REGF-005)
    REPRESENTED = "represented"  # has an attorney for the debt (REGF-005)


class SuppressionScope(StrEnum):
    """Whom the person does not want to hear from."""

    SELLER = "seller"  # this seller, in all its campaigns
    CAMPAIGN = "campaign"  # one campaign only: a house list, or a category of FED-015
    EVERYONE = "everyone"  # anybody who calls through this installation


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionFact:
    """A reason not to contact that stands for the number. Empty `channels` = all; `person_ref` binds a pair only."""

    seller: str
    scope: SuppressionScope
    reason: str
    heard_on: str
    at: datetime
    kind: SuppressionKind = SuppressionKind.DO_NOT_CALL
    channels: frozenset[Channel] = frozenset()
    campaign_ref: str = ""
    person_ref: str = ""  # of a wrong number: the person who does not have it; others may be called on it
    category: str = ""  # of a revocation: what it answered; counts once the scope is narrowed (FED-015)
    lifted_on: str = ""  # the consent on which two people lifted it: "consent:42"; empty = it stands


class ConsentKind(StrEnum):
    """What a consent is, in ascending strength."""

    CONVERSATION = "conversation"  # wrote to us first: covers answers in that conversation only (A2P-009)
    PEC = "pec"  # prior express consent: oral, or by giving the number for the purpose
    PEWC = "pewc"  # prior express written consent: signed, with both disclosures (FED-008)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentFact:
    """One consent of the ledger for this person or number, as it was given; the rules judge whether it holds."""

    ref: str  # "consent:42"
    kind: ConsentKind
    number: str  # the number it names
    sellers: frozenset[str]  # named in the text shown; empty = nobody named ("marketing partners")
    obtained_by: str  # the seller itself, or the vendor that collected it
    given_at: datetime
    valid_until: datetime | None = None
    revoked_at: datetime | None = None
    purposes: frozenset[Purpose] = frozenset()  # empty = not limited
    channels: frozenset[Channel] = frozenset()  # empty = not limited
    has_text: bool = False  # the words shown are kept
    signature: str = ""  # the affirmative act: "typed name", "checkbox", "voice"; empty = none kept
    authorises_automation: bool = False  # disclosure (A): autodialer or artificial voice
    not_a_condition: bool = False  # disclosure (B): not a condition of purchase
    box_preticked: bool = False
    agrees_to_be_called: bool = (
        False  # signed agreement to be contacted by the named seller: lifts the registry (FED-004)
    )
    asked_by_person: bool = (
        False  # the person came to us for it: an earlier request may be lifted on it (FED-006)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipFact:
    """What ties the person to one seller: the clocks of the established business relationship (FED-003)."""

    seller: str
    last_purchase_on: date | None = None
    last_inquiry_on: date | None = None
    customer: bool = False  # is one today, by the CRM or the seller's word
    source: str = ""
    personal: bool = False  # the individual caller knows the person (FED-004)


class ReassignedAnswer(StrEnum):
    """What the Reassigned Numbers Database said."""

    NO = "no"  # not disconnected since the date asked for
    YES = "yes"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignedFact:
    """The newest query of the number (FED-030)."""

    answer: ReassignedAnswer
    checked_at: datetime
    since: date  # the consent date the question named


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """What kind of line it is, and since when we know."""

    type: LineType = LineType.UNKNOWN
    checked_at: datetime | None = None
    protected: str = ""  # why it may never be dialed by machine: "911 centre", "hospital room" (FED-032)
    account: str = ""  # lines of one business share it; two of them are not called at once (FED-032)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerFacts:
    """What the inventory of caller numbers says about the caller ID. `known` False: it is not in it."""

    known: bool = False
    active: bool = False
    seller: str = ""  # empty = may be shown for every seller
    authority: str = ""  # proof of the right to use it: contract, letter, purchase (TSR-005)
    takes_requests: bool = False  # calling it back reaches a do-not-call line in business hours
    tested_on: date | None = None  # the last time somebody called it back
    dials_today: int = 0  # since midnight Pacific time, when hardly anybody may be called (CID-003)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationFact:
    """The seller's registration in one state, or why it needs none (ST-005)."""

    state: str
    certificate: str
    valid_from: date
    valid_to: date | None = None  # its last day
    exemption: str = ""  # filed exemption, by name; counts like a certificate
    covers_texts_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyFact:
    """A declared emergency whose area the person may be in (ST-004)."""

    state: str
    area: str  # "Orleans Parish"; for people
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderFacts:
    """The state of the messaging sender (A2P-001, A2P-004, A2P-007). None of it is known unless said."""

    kind: str = ""  # long_code, toll_free, short_code; empty = not known
    brand: str = ""  # whose it is, by tax number; empty = not known
    brand_approved: bool = False
    campaign_approved: bool = False
    attached: bool = False  # the number belongs to the approved campaign
    in_pool: bool = False  # and to the messaging service that sends
    use_case: str = ""  # registered content: marketing, customer_care, mixed …
    toll_free_verified: bool = False
    political_token: bool = False
    free_to_end_user: bool = False  # almost never true of a long code (FED-023)
    parts_today: int = 0  # sent by every sender that may be of the brand, since the carrier's midnight
    daily_cap: int | None = None  # of the brand; None = not known


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """The published asset to be played or sent. Its words were judged when it was published."""

    ref: str = ""  # empty = there is none
    problems: tuple[str, ...] = ()  # what its publication still lacks
    marketing: bool = False
    parts: int = 1  # message segments
    has_toll_free_opt_out: bool = False  # a recording left on voicemail must name one (FED-021)
    limited_content: bool = False  # REGF-004
    replies_to: datetime | None = None  # when the person's own text came that this one answers (FED-027)


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonmentFacts:
    """The campaign's count of calls answered live by a person, and of those abandoned (FED-016). No machines in either.

    People among the machines hung up on are an estimate, so neither count is always whole (FED-020).
    """

    period_live: float = 0
    period_abandoned: float = 0  # in the campaign's current 30-day period
    trailing_live: float = 0
    trailing_abandoned: float = 0  # in the last 30 days, whatever the period
    month_live: float = 0
    month_abandoned: float = 0  # calendar month: Canada
    day_live: float = 0
    day_abandoned: float = 0  # last 24 h: United Kingdom


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFacts:
    """What the campaign declares about itself."""

    subject: str = ""  # what it is about; a debt collector's debt reference
    generates_numbers: bool = False  # dials ranges, not a list: an autodialer (FED-010)
    sells_later: bool = False  # a survey whose answers feed sales is telemarketing (FED-034)
    to_businesses: bool = False  # business-to-business (FED-035)
    office_supplies: bool = False  # nondurable office or cleaning supplies lose the B2B exemption
    nonprofit: bool = False  # a tax-exempt nonprofit calls for itself (FED-033)
    paid_fundraiser: bool = False  # a for-profit caller for a charity: the TSR binds it
    emergency: str = ""  # the approved event an EMERGENCY contact belongs to (FED-024)
    abandonment: AbandonmentFacts = field(default=AbandonmentFacts())
    abandoned_message: MessageFacts = field(default=MessageFacts())
    recording_notice: bool = False  # calls are announced as recorded (REC-001)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFact:
    """An earlier contact with this person or number, cleared by this gate."""

    at: datetime
    number: str
    channel: Channel
    purpose: Purpose
    seller: str
    campaign_ref: str = ""
    subject: str = ""
    connected: bool = True  # False: busy or out of service; does not count for a debt (REGF-001)
    conversation: bool = False  # they spoke (REGF-002)
    with_consent: bool = True  # False: a recorded message sent under an exemption (FED-022)
    abandoned: bool = False
    machine: bool = False  # a machine answered
    left_on_call: bool = False  # a recording left on a call that stands here itself: one contact, not two


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtFacts:
    """Which debt it is, and what the person said about being called on it (REGF-001, REGF-003, REGF-005)."""

    ref: str = ""  # the debt's own reference; empty = not known, so it may be any of the person's
    inconvenient: tuple[tuple[time, time], ...] = ()  # local [from, to) in which they asked not to be called
    inconvenient_on: tuple[
        tuple[int, time, time], ...
    ] = ()  # the same of one weekday, Monday = 0; to <= from: into the next
    ruled_out_here: bool = False  # they asked not to be called on this number
    workplace: bool = False  # the number is their workplace and the employer prohibits calls
    asked_to_be_called_at: datetime | None = None  # their own consent given to us; good for 7 days
    city: str = ""  # "New York City": local caps (REGF-006)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideFact:
    """A person lifted a denial for this number, with a reason (ENG-004). Some codes cannot be lifted."""

    code: str
    by: str
    reason: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryListing:
    """The number stands in a do-not-call list loaded for the seller."""

    name: str  # "national", the USPS code of a state-run list; abroad "DNCL" (Canada), "TPS", "CTPS"
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryFacts:
    """What the seller's own copies of the do-not-call registries say about the number."""

    seller_has_snapshot: bool = False  # any national snapshot under the seller's own subscription
    covers_number: bool = False  # one of them includes the number's area code
    as_of: date | None = None  # of the newest one that covers it
    listings: tuple[RegistryListing, ...] = ()
    own_lists: tuple[
        RegistryListing, ...
    ] = ()  # the state-run lists the seller has a copy of, with their dates
    problem: str = ""  # why a copy that should be read cannot be
