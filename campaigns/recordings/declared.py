"""What people declare about a message, and what the judge is told. Pure."""

from dataclasses import dataclass

from compliance.rules.content import wording
from compliance.rules.content.numbers import InForce
from compliance.rules.content.sounds import CallbackLine, MessageKind, OptOutStep, Recording, line_faults
from compliance.rules.facts import Purpose

# How a message is played here: the key works from the first second, puts the number on the list and then ends the call.
OPT_OUT_STEPS = (OptOutStep.SUPPRESS, OptOutStep.HANG_UP)
WORDS_A_SECOND = 2.0  # a slow reading voice; slower makes every gap longer, so the judge is stricter
KINDS = (MessageKind.ABANDONED, MessageKind.VOICEMAIL, MessageKind.LIMITED_CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The words of a message and the facts behind them. Seconds count from its beginning; None = nobody noted them."""

    purpose: Purpose
    transcript: str  # every word, telephone numbers in digits
    business_name: str  # as registered
    goods: str = ""  # what is sold, in the words of the message
    contact_name: str = ""  # limited content: whom to ask for
    callback_number: str = ""  # E.164, as all numbers here
    callback_takes_requests: bool = False
    callback_is_kept: bool = False
    tollfree_number: str = ""
    tollfree_opts_out: bool = False
    opt_out_key: str = ""
    identity_ends_at: float | None = None
    opt_out_at: float | None = None
    artificial_voice: bool = False


def solicits(purpose: Purpose) -> bool:
    """Return whether FED-017 limits what is said to who answers in vain: sales, charities (TSR), and what nobody named."""
    return purpose in (Purpose.TELEMARKETING, Purpose.CHARITY, Purpose.UNKNOWN)


def recording_of(
    kind: MessageKind, declared: Declared, *, first_sound_at: float | None, numbers: InForce
) -> Recording:
    """Return what the judge looks at; `first_sound_at` None = no recording, the carrier's voice reads the words at once."""
    is_read = first_sound_at is None
    named, offered = declared.identity_ends_at, declared.opt_out_at
    if is_read:
        named, offered = _read_times(declared, numbers)
    is_bound = kind is not MessageKind.ABANDONED or solicits(declared.purpose)
    return Recording(
        kind=kind if is_bound else MessageKind.ANSWERED,  # played to who answered, as any recorded message
        purpose=declared.purpose,
        transcript=declared.transcript,
        business_name=declared.business_name,
        contact_names=(declared.contact_name,) if declared.contact_name else (),
        goods=declared.goods,
        callback=CallbackLine(
            number=declared.callback_number,
            takes_requests_in_business_hours=declared.callback_takes_requests,
            kept_for_campaign=declared.callback_is_kept,
        ),
        tollfree_opt_out=_tollfree(declared),
        opt_out_key=declared.opt_out_key,
        opt_out_throughout=True,
        opt_out_steps=OPT_OUT_STEPS,
        first_word_at_seconds=0.0 if is_read else first_sound_at,
        identity_ends_at_seconds=named,
        opt_out_at_seconds=offered,
        artificial_voice=is_read or declared.artificial_voice,
    )


def offers_tollfree(declared: Declared, numbers: InForce) -> bool:
    """Return whether the message says a toll-free number that reaches the opt-out (FED-021)."""
    line = _tollfree(declared)
    return (
        line is not None
        and line.automatic_opt_out
        and line.number.startswith(numbers.words("tollfree_prefixes"))
        and not line_faults(line, declared.transcript, numbers)
    )


def read_seconds(transcript: str) -> float:
    """Return how long a voice reads the words, about; digits of a number are read one by one."""
    digits = sum(len(wording.digits(span.text)) for span in wording.phone_numbers(transcript))
    return round((len(transcript.split()) + digits) / WORDS_A_SECOND, 1)


def _read_times(declared: Declared, numbers: InForce) -> tuple[float | None, float | None]:
    """Return when the name ends and the opt-out begins in a text that is read, from the words before them."""
    name = wording.find_name(declared.transcript, declared.business_name)
    offers = wording.find(declared.transcript, numbers.words("opt_out_instructions"))
    named = read_seconds(declared.transcript[: name.end]) if name else None
    sentences = wording.sentences(declared.transcript)
    begins = [each.start for each in sentences if offers and each.start <= offers[0].start]
    offered = read_seconds(declared.transcript[: begins[-1]]) if begins else None
    if named is not None and offered is not None:
        offered = max(offered, named)  # both in one sentence: the offer follows the name at once
    return named, offered


def _tollfree(declared: Declared) -> CallbackLine | None:
    if not declared.tollfree_number:
        return None
    return CallbackLine(number=declared.tollfree_number, automatic_opt_out=declared.tollfree_opts_out)
