"""The opt-out line: who calls one of our numbers hears whose it is and can be taken off the list by a key (FED-012, FED-017).

The message of an abandoned call tells people to call this number. What is pressed is done before it is said, and the same call's
key twice is one request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from campaigns.models import Campaign
from carriers.models import CarrierInbox
from carriers.twiml import AskKeys, Plan, SayAndHangUp
from compliance import services as gate
from compliance.rules.facts import SuppressionKind
from core.types import PhoneError, PhoneNumber, parse_phone
from dialer.urls_out import opt_out_keys_url

KIND = CarrierInbox.Kind
KINDS = frozenset({KIND.INBOUND, KIND.INBOUND_KEY, KIND.INBOUND_STATUS})
# The words ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE on a keypad (Twilio: anonymous caller ids): no numbers.
WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
TAKE_OFF = "1"
NUMBER_KEYS = 11  # ten digits, or eleven with the 1 before them
ROUNDS = 3
NOTHING_DONE = "Nothing was changed. You can call this number again at any time. Goodbye."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for with the keys: to take this number off."""

    number: PhoneNumber
    words: str  # the evidence


def greeting(params: Mapping[str, str]) -> Plan:
    """Return what a caller hears first: whose number this is, and the key that takes them off the list."""
    seller = sellers_of(params.get("To", ""))[0]
    return _ask(params, f"Hello. This is the calling line of {seller}. ", round_number=1)


def answer(params: Mapping[str, str], *, round_number: int) -> Plan:
    """Return what is said after keys were pressed, once they have been applied."""
    wish = read_keys(params)
    if wish is not None:
        digits, seller = " ".join(wish.number[-4:]), sellers_of(params.get("To", ""))[0]
        return SayAndHangUp(
            f"Done. The number ending in {digits} is off the calling list of {seller}. Goodbye."
        )
    if round_number >= ROUNDS:
        return SayAndHangUp(f"That key means nothing here. {NOTHING_DONE}")
    return _ask(params, "That was not understood. ", round_number=round_number + 1)


def apply(kind: str, params: Mapping[str, str], *, now: datetime) -> str:
    """Do what the keys ask for in the open transaction, and return what was done."""
    if kind == KIND.INBOUND:
        return "offered to be taken off the list"
    if kind == KIND.INBOUND_STATUS:
        return f"the call to us is {params.get('CallStatus', 'over')}"
    wish = read_keys(params)
    if wish is None:
        return "ignored: no key that means anything"
    for seller in sellers_of(params.get("To", "")):
        gate.revoke(
            number=wish.number,
            seller=seller,
            raw_words=wish.words,
            heard_on="key press",
            actor="opt-out line",
            now=now,
            kind=SuppressionKind.DO_NOT_CALL,
            read=gate.HowRead(matched_by="key press", tier=1),
            source_ref=params.get("CallSid", ""),
        )
    return "taken off the list by a key press"


def read_keys(params: Mapping[str, str]) -> Wish | None:
    """Return what the keys of a call ask for: the key for one's own number, or a whole number; None for anything else."""
    keys, line = params.get("Digits", "").removesuffix("#"), params.get("To", "")
    caller = caller_of(params)
    if keys == TAKE_OFF and caller is not None:
        return Wish(number=caller, words=f"Pressed {TAKE_OFF} on the opt-out line {line}")
    if len(keys) in (10, NUMBER_KEYS):
        try:
            number = parse_phone(keys)
        except PhoneError:
            return None
        return Wish(number=number, words=f"Entered {keys} on the opt-out line {line}")
    return None


def caller_of(params: Mapping[str, str]) -> PhoneNumber | None:
    """Return the caller's number, None where it is withheld or none."""
    return number_in(params.get("From", ""))


def number_in(shown: str) -> PhoneNumber | None:
    """Return the number of a sender as the carrier shows it, None where it is withheld or none that could be called."""
    if shown in WITHHELD or not shown.startswith("+"):
        return None
    try:
        return parse_phone(shown)
    except PhoneError:
        return None


def _ask(params: Mapping[str, str], before: str, *, round_number: int) -> Plan:
    url = opt_out_keys_url(round_number=round_number)
    if caller_of(params) is not None:
        text = "To be taken off our calling list, press 1 now."
        return AskKeys(text=before + text, keys=1, keys_url=url, otherwise=NOTHING_DONE)
    text = "Your number is not shown to us. To be taken off our calling list, enter your phone number, then press pound."
    return AskKeys(text=before + text, keys=NUMBER_KEYS, keys_url=url, otherwise=NOTHING_DONE)


def sellers_of(our_number: str) -> list[str]:
    """Return on whose behalf a number of ours calls; the installation's own seller where no campaign shows it."""
    found = Campaign.objects.filter(
        Q(caller_id=our_number[:16]) | Q(caller_pool__members__number__number=our_number[:16])
    ).exclude(seller="")
    return list(found.order_by("seller").values_list("seller", flat=True).distinct()) or [
        settings.SELLER_NAME
    ]
