"""A debt collector's voicemail that says so little that it is no communication (REGF-004; 12 CFR 1006.2(j))."""

from compliance.rules.content import wording
from compliance.rules.content.numbers import InForce
from compliance.rules.content.problems import Problem
from compliance.rules.content.sounds import Delivery, Recording, line_faults


def problems(recording: Recording, numbers: InForce) -> tuple[Problem, ...]:
    """Return everything the message lacks or says too much."""
    checks = (
        _delivered(recording),
        _name(recording, numbers),
        _asks_for_reply(recording, numbers),
        _whom_to_ask_for(recording),
        _number(recording, numbers),
        *_nothing_else(recording, numbers),
    )
    return tuple(check for check in checks if check)


def _problem(code: str, where: str, message: str, *, needs_review: bool = False) -> Problem:
    return Problem(rule_id="REGF-004", code=code, where=where, message=message, needs_review=needs_review)


def _delivered(recording: Recording) -> Problem | None:
    if recording.delivery is Delivery.VOICEMAIL:
        return None
    return _problem(
        "NOT_VOICEMAIL",
        "delivery",
        f"A limited-content message may be left on voicemail alone, not by {recording.delivery}. If somebody answers, ask for the "
        "person and say nothing about the reason; send texts and e-mails by their own templates.",
    )


def _name(recording: Recording, numbers: InForce) -> Problem | None:
    revealing = wording.find(recording.business_name, numbers.words("debt_collection_words"))
    if wording.find_name(recording.transcript, recording.business_name) is None:
        return _problem(
            "NAME_MISSING",
            "transcript",
            f"Name the business: “from {recording.business_name.strip() or '…'}”.",
        )
    if revealing:
        return _problem(
            "NAME_REVEALS_DEBT",
            "business_name",
            f"The name “{recording.business_name}” tells whoever listens that it is about a debt ({wording.quoted(revealing)}). Use a "
            "registered name of the business that does not, and record the message again.",
        )
    return None


def _asks_for_reply(recording: Recording, numbers: InForce) -> Problem | None:
    if wording.has(recording.transcript, numbers.words("reply_request_phrases")):
        return None
    return _problem("REPLY_REQUEST_MISSING", "transcript", "Ask the person to reply: “Please call me back.”")


def _whom_to_ask_for(recording: Recording) -> Problem | None:
    if any(wording.find_name(recording.transcript, name) for name in recording.contact_names):
        return None
    return _problem(
        "CONTACT_NAME_MISSING",
        "contact_names",
        "Say the name of a person to ask for, “this is Sam”, and enter that name with the recording.",
    )


def _number(recording: Recording, numbers: InForce) -> Problem | None:
    faults = line_faults(recording.callback, recording.transcript, numbers)
    if not faults:
        return None
    return _problem(
        "CALLBACK_NUMBER",
        "callback",
        f"The callback number {recording.callback.number or '(none)'} cannot be used: {'; '.join(faults)}.",
    )


def _nothing_else(recording: Recording, numbers: InForce) -> list[Problem]:
    """Words that are refused anywhere; other digits than the number's; sentences that carry none of the allowed content."""
    rest = _without_name(recording)
    found = [
        _problem(
            "CONTENT_EXTRA",
            f"transcript {span}",
            f"“{span.text}” is more than the message may say. Remove it: no account, amount, debt or hint of importance.",
        )
        for span in wording.find(rest, numbers.words("limited_content_refused_words"))
    ]
    wanted = wording.digits(recording.callback.number)
    for span in wording.phone_numbers(rest):
        if wording.digits(span.text) not in (wanted, wanted.removeprefix("1")):
            found.append(
                _problem(
                    "CONTENT_EXTRA",
                    f"transcript {span}",
                    f"Remove “{span.text}”: no number but the callback number.",
                )
            )
    allowed = (
        *numbers.words("reply_request_phrases"),
        *numbers.words("limited_content_optional_phrases"),
        *(name for name in recording.contact_names if name.strip(" *")),
    )
    for sentence in wording.sentences(recording.transcript):
        carries = (
            wording.has(sentence.text, allowed)
            or wording.find_name(sentence.text, recording.business_name) is not None
            or wording.says_number(sentence.text, recording.callback.number)
        )
        if not carries:
            found.append(
                _problem(
                    "CONTENT_EXTRA",
                    f"transcript {sentence}",
                    f"“{sentence.text}” is none of what the message may say. Remove the sentence.",
                    needs_review=True,
                )
            )
    return found


def _without_name(recording: Recording) -> str:
    """Return the transcript with the business's name blanked: what the name reveals is told once."""
    found = wording.find_name(recording.transcript, recording.business_name)
    if found is None:
        return recording.transcript
    return (
        recording.transcript[: found.start]
        + " " * (found.end - found.start)
        + recording.transcript[found.end :]
    )
