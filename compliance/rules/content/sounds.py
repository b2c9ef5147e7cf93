"""What a recorded message is: its words, what it offers, and what was measured in it."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from compliance.rules.content import wording
from compliance.rules.content.numbers import InForce
from compliance.rules.facts import Purpose
from core.types import E164_PATTERN

_E164 = re.compile(E164_PATTERN)


class MessageKind(StrEnum):
    """When the recording is heard."""

    ABANDONED = "abandoned"  # a person answered a sales call and no agent is free (FED-017)
    ANSWERED = "answered"  # played to whoever answers
    VOICEMAIL = "voicemail"  # left on voicemail, with or without ringing
    LIMITED_CONTENT = "limited_content"  # a debt collector's voicemail that is no communication (REGF-004)


class Delivery(StrEnum):
    """Where a limited-content message ends up."""

    VOICEMAIL = "voicemail"
    LIVE = "live"  # said to whoever is there
    TEXT = "text"
    EMAIL = "email"


class OptOutStep(StrEnum):
    """What pressing the key does, in order."""

    SUPPRESS = "suppress"  # the number is on the seller's do-not-call list
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackLine:
    """A number people may call, and what somebody has tested about it."""

    number: str = ""  # E.164
    takes_requests_in_business_hours: bool = False  # a person or menu records do-not-call requests
    kept_for_campaign: bool = False  # in service as long as the campaign runs
    automatic_opt_out: bool = False  # reaches the same menu as the key in the message


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recorded message about to be published. Seconds count from the start of the recording; None = not measured."""

    kind: MessageKind
    purpose: Purpose
    transcript: str  # every word, telephone numbers in digits
    business_name: str  # as registered
    trade_names: tuple[str, ...] = ()  # what else the business calls itself
    contact_names: tuple[str, ...] = ()  # limited content: whom to ask for
    goods: str = ""  # what is sold, in the words of the message
    purpose_said: str = ""  # Canada: the words that say what the call is for
    contact_address: str = ""  # Canada: postal or e-mail address
    callback: CallbackLine = field(default_factory=CallbackLine)
    tollfree_opt_out: CallbackLine | None = None
    opt_out_key: str = ""
    opt_out_by_voice: bool = False
    opt_out_throughout: bool = False
    opt_out_steps: tuple[OptOutStep, ...] = ()
    first_word_at_seconds: float | None = None
    identity_ends_at_seconds: float | None = None
    opt_out_at_seconds: float | None = None
    exempt_residential: bool = False  # sent without consent to homes under (a)(3)(ii)–(v)
    artificial_voice: bool = False  # synthesised or cloned
    no_consent_because_voicemail: bool = False
    delivery: Delivery = Delivery.VOICEMAIL
    line_released_after_seconds: float | None = None  # Canada: once the person hangs up
    country: str = "US"  # of the people who hear it; GB and CA add to the rules of the United States


def line_faults(line: CallbackLine, transcript: str, numbers: InForce) -> list[str]:
    """Return what is wrong with a number people are told to call, as clauses."""
    if not _E164.match(line.number):
        return ["there is no complete number with country code"]
    faults: list[str] = []
    exchange_976 = line.number.startswith("+1") and line.number[5:8] == "976"
    if line.number.startswith(numbers.words("premium_prefixes")) or exchange_976:
        faults.append("callers pay a premium for it")
    if not wording.says_number(transcript, line.number):
        faults.append("the message does not say it (write it in digits in the transcript)")
    return faults
