"""Recorded messages, judged before they are published (FED-017, FED-021, FED-028, FED-029, TSR-006, REGF-004, UK-002, CA-004)."""

from enum import StrEnum

from compliance.rules.content import limited_content, wording
from compliance.rules.content.numbers import InForce
from compliance.rules.content.problems import Problem
from compliance.rules.content.sounds import CallbackLine, MessageKind, OptOutStep, Recording, line_faults
from compliance.rules.facts import Purpose


class Prerecorded(StrEnum):
    """How a recorded sales message to a person who answered counts (FED-018)."""

    NOT_ABANDONED = "not_abandoned"
    ABANDONED = "abandoned"
    NOT_ALLOWED = "not_allowed"  # without written consent it may not be played at all (FED-007)


def classify_prerecorded(
    begins_after_seconds: float | None, *, written_consent: bool, numbers: InForce
) -> Prerecorded:
    """Return how the call counts; an unknown beginning is abandoned. Seconds run from the completed greeting.

    Source: 47 CFR 64.1200(a)(7)(ii).
    """
    if not written_consent:
        return Prerecorded.NOT_ALLOWED
    limit = numbers.amount("prerecorded_begins_within_seconds")
    in_time = begins_after_seconds is not None and 0 <= begins_after_seconds <= limit
    return Prerecorded.NOT_ABANDONED if in_time else Prerecorded.ABANDONED


def start_problems(message: Recording | None, numbers: InForce) -> tuple[Problem, ...]:
    """Return why a predictive campaign cannot start with this message for abandoned calls (FED-017)."""
    if message is None or message.kind is not MessageKind.ABANDONED:
        return (
            Problem(
                rule_id="FED-017",
                code="MSG_MISSING",
                where="abandoned-call message",
                message="The campaign has no message for abandoned calls. Record one that names the business, says “telemarketing "
                "purposes”, gives a callback number and offers a key to opt out, and choose it in the campaign.",
            ),
        )
    return problems(message, numbers)


def problems(recording: Recording, numbers: InForce) -> tuple[Problem, ...]:
    """Return everything that keeps the recording from being published."""
    match recording.kind:
        case MessageKind.ABANDONED:
            found = _abandoned(recording, numbers)
        case MessageKind.LIMITED_CONTENT:
            found = limited_content.problems(recording, numbers)
        case _:
            found = _prerecorded(recording, numbers)
    return (*found, *_country(recording, numbers))


def _abandoned(recording: Recording, numbers: InForce) -> tuple[Problem, ...]:
    checks = (
        _begins_in_time(recording, numbers),
        _says_telemarketing(recording, numbers),
        _named(recording, numbers),
        _callback(recording, numbers, takes_requests=True, rule_id="FED-017"),
        _opt_out(recording, numbers, rule_id="FED-017"),
        *_nothing_else(recording, numbers),
    )
    return tuple(check for check in checks if check)


def _prerecorded(recording: Recording, numbers: InForce) -> tuple[Problem, ...]:
    is_sales = recording.purpose in (Purpose.TELEMARKETING, Purpose.UNKNOWN)  # when nobody said, the stricter
    needs_opt_out = is_sales or recording.exempt_residential
    checks: list[Problem | None] = [
        _named(recording, numbers),
        _callback(recording, numbers, takes_requests=needs_opt_out, rule_id="FED-021"),
        _ai_disclosure(recording, numbers),
        _mailbox_needs_consent(recording),
        _offers_in_information(recording, numbers),
    ]
    if needs_opt_out:
        checks += [_opt_out(recording, numbers, rule_id="FED-021"), _opt_out_in_time(recording, numbers)]
    if needs_opt_out and recording.kind is MessageKind.VOICEMAIL:
        checks.append(_tollfree(recording, numbers))
    if is_sales:
        checks += [_begins_in_time(recording, numbers), _sales_disclosures(recording, numbers)]
    return tuple(check for check in checks if check)


def _begins_in_time(recording: Recording, numbers: InForce) -> Problem | None:
    is_abandoned = recording.kind is MessageKind.ABANDONED
    row = "abandoned_message_within_seconds" if is_abandoned else "prerecorded_begins_within_seconds"
    if is_abandoned and recording.country == "GB":
        row = "gb_abandoned_message_within_seconds"
    limit, first_word = numbers.amount(row), recording.first_word_at_seconds
    if recording.kind is MessageKind.VOICEMAIL or (first_word is not None and 0 <= first_word < limit):
        return None
    heard = "is not measured" if first_word is None else f"comes after {first_word:g} seconds"
    return Problem(
        rule_id="FED-017" if is_abandoned else "FED-018",
        code="STARTS_LATE",
        where="first_word_at_seconds",
        message=f"The first word {heard}. The message must begin within {limit:g} seconds of the greeting: cut the silence at the "
        "start of the recording and measure again.",
    )


def _says_telemarketing(recording: Recording, numbers: InForce) -> Problem | None:
    phrases = numbers.words("telemarketing_purpose_phrases")
    if wording.has(recording.transcript, phrases):
        return None
    return Problem(
        rule_id="FED-017",
        code="PURPOSE_MISSING",
        where="transcript",
        message=f"The message does not say why the person was called. Add the words “{phrases[0]}”, for example “We called for "
        f"{phrases[0]}.”",
    )


def _named(recording: Recording, numbers: InForce) -> Problem | None:
    rule_id = "FED-017" if recording.kind is MessageKind.ABANDONED else "FED-021"
    name = recording.business_name
    found = wording.find_name(recording.transcript, name)
    if found is None:
        nicknames = [each for each in recording.trade_names if wording.find_name(recording.transcript, each)]
        used = f"It says “{nicknames[0]}”, which is not the registered name. " if nicknames else ""
        return Problem(
            rule_id=rule_id,
            code="NAME_NOT_REGISTERED" if nicknames else "NAME_MISSING",
            where="transcript",
            needs_review=bool(nicknames),
            message=f"The message does not name the business. {used}Begin with its registered name"
            + (f": “This is {name}.”" if name.strip() else "; enter that name with the recording as well."),
        )
    most = numbers.whole("identity_within_words")
    before = len(recording.transcript[: found.start].split())
    if recording.kind is not MessageKind.ABANDONED and before > most:
        return Problem(
            rule_id=rule_id,
            code="NAME_LATE",
            where=f"transcript {found}",
            message=f"The business is named after {before} words. Name it at the beginning, within the first {most} words: “Hello, "
            f"this is {name}.”",
        )
    return None


def _callback(
    recording: Recording, numbers: InForce, *, takes_requests: bool, rule_id: str
) -> Problem | None:
    line = recording.callback
    faults = line_faults(line, recording.transcript, numbers)
    if takes_requests and not line.takes_requests_in_business_hours:
        faults.append("nobody has confirmed that it takes do-not-call requests in business hours")
    if takes_requests and not line.kept_for_campaign:
        faults.append("nobody has confirmed that it stays in service while the campaign runs")
    if not faults:
        return None
    return Problem(
        rule_id=rule_id,
        code="CALLBACK_NUMBER",
        where="callback",
        message=f"The callback number {line.number or '(none)'} cannot be used: {'; '.join(faults)}. Say an ordinary number in the "
        "message where a person or menu takes do-not-call requests in business hours, call it once to be sure, and confirm it here.",
    )


def _opt_out(recording: Recording, numbers: InForce, *, rule_id: str) -> Problem | None:
    faults: list[str] = []
    if not (recording.opt_out_key.strip() or recording.opt_out_by_voice):
        faults.append("no key and no spoken word opts out; choose a key")
    if not recording.opt_out_throughout:
        faults.append("it does not work during the whole message; switch it on from the first second")
    if not wording.has(recording.transcript, numbers.words("opt_out_instructions")):
        faults.append("the message does not explain it; add “To be placed on our do not call list, press 9”")
    elif recording.opt_out_key.strip() and not wording.find_name(
        recording.transcript, f"press {recording.opt_out_key}"
    ):
        faults.append(f"the message does not say “press {recording.opt_out_key.strip()}”")
    steps = recording.opt_out_steps
    if steps != (OptOutStep.SUPPRESS, OptOutStep.HANG_UP):
        faults.append(
            "it must first put the number on the seller's do-not-call list and then end the call at once; "
            "set these two steps in this order"
        )
    if not faults:
        return None
    return Problem(
        rule_id=rule_id,
        code="OPT_OUT",
        where="opt-out",
        message=f"The automatic opt-out is not complete: {'; '.join(faults)}.",
    )


def _opt_out_in_time(recording: Recording, numbers: InForce) -> Problem | None:
    limit = numbers.amount("opt_out_within_seconds")
    named, offered = recording.identity_ends_at_seconds, recording.opt_out_at_seconds
    wait = round(offered - named, 3) if named is not None and offered is not None else None
    if wait is not None and named is not None and named >= 0 and wait <= limit:
        return None
    heard = "have no measured time" if wait is None else f"come {wait:g} seconds after the identification"
    rule = "TSR-006" if recording.purpose is Purpose.TELEMARKETING else "FED-021"
    return Problem(
        rule_id=rule,
        code="OPT_OUT_LATE",
        where="opt_out_at_seconds",
        message=f"The opt-out instructions {heard}. They must begin within {limit:g} seconds of the name (FED-021, TSR-006): move them "
        "right behind the name of the business and measure again.",
    )


def _tollfree(recording: Recording, numbers: InForce) -> Problem | None:
    line = recording.tollfree_opt_out or CallbackLine()
    faults = line_faults(line, recording.transcript, numbers)
    if not line.number.startswith(numbers.words("tollfree_prefixes")):
        faults.append("it is not toll-free")
    if not line.automatic_opt_out:
        faults.append("nobody has confirmed that it reaches the automatic opt-out at once")
    if not faults:
        return None
    return Problem(
        rule_id="FED-021",
        code="TOLLFREE_OPT_OUT",
        where="tollfree_opt_out",
        message=f"A message left on voicemail needs a toll-free number that reaches the automatic opt-out. "
        f"{line.number or 'There is none'}: {'; '.join(faults)}. Rent a toll-free number, connect it to the opt-out menu and say it in "
        "the message.",
    )


def _sales_disclosures(recording: Recording, numbers: InForce) -> Problem | None:
    faults: list[str] = []
    if not wording.has(recording.transcript, numbers.words("sales_purpose_phrases")):
        faults.append("that it is a sales call")
    if wording.find_name(recording.transcript, recording.goods) is None:
        faults.append("what is sold" + (f" (“{recording.goods}”)" if recording.goods.strip() else ""))
    if not faults:
        return None
    return Problem(
        rule_id="TSR-006",
        code="DISCLOSURES",
        where="transcript",
        message=f"A recorded sales message must promptly say {' and '.join(faults)}. Add it behind the name of the business.",
    )


def _ai_disclosure(recording: Recording, numbers: InForce) -> Problem | None:
    if not recording.artificial_voice or wording.has(
        recording.transcript, numbers.words("artificial_voice_phrases")
    ):
        return None
    return Problem(
        rule_id="FED-028",
        code="AI_DISCLOSURE",
        where="transcript",
        needs_review=True,
        message="The voice is artificial and the message does not say so. Add “This is an automated voice” near the beginning; "
        "California and Maine want it said, Utah when asked. The call needs the consent of a recorded call in any case.",
    )


def _mailbox_needs_consent(recording: Recording) -> Problem | None:
    if not recording.no_consent_because_voicemail:
        return None
    return Problem(
        rule_id="FED-029",
        code="VOICEMAIL_CONSENT",
        where="no_consent_because_voicemail",
        message="The recording is marked as needing no consent because it goes straight to voicemail. It does need it: a message left "
        "without ringing is a call (FCC 22-85). Remove the mark and send it to people with consent alone.",
    )


def _offers_in_information(recording: Recording, numbers: InForce) -> Problem | None:
    if recording.purpose is Purpose.TELEMARKETING:
        return None
    offers = wording.find(recording.transcript, numbers.words("offer_words"))
    if not offers:
        return None
    return Problem(
        rule_id="FED-007",
        code="DUAL_PURPOSE",
        where=f"transcript {offers[0]}",
        needs_review=True,
        message=f"The purpose is {recording.purpose}, but the message says {wording.quoted(offers)}. Content with two purposes is "
        "telemarketing: remove the offer, or publish the recording as telemarketing with written consent.",
    )


def _nothing_else(recording: Recording, numbers: InForce) -> list[Problem]:
    """The message is limited to its four elements: what no sentence of them carries, and every word of selling."""
    found: list[Problem] = []
    offer_words = numbers.words("offer_words")
    allowed = (*numbers.words("telemarketing_purpose_phrases"), *numbers.words("opt_out_instructions"))
    for sentence in wording.sentences(recording.transcript):
        offers = wording.find(sentence.text, offer_words)
        carries = (
            wording.has(sentence.text, allowed)
            or wording.find_name(sentence.text, recording.business_name) is not None
            or bool(wording.phone_numbers(sentence.text))  # whether it is the right one is told once
        )
        if offers or not carries:
            what = f"sells ({wording.quoted(offers)})" if offers else "is none of what it may say"
            found.append(
                Problem(
                    rule_id="FED-017",
                    code="CONTENT_EXTRA",
                    where=f"transcript {sentence}",
                    needs_review=not offers,
                    message=f"“{sentence.text}” {what}. The message is limited to the purpose, the name of the business, the "
                    "callback number and the opt-out: remove the sentence.",
                )
            )
    return found


def _country(recording: Recording, numbers: InForce) -> tuple[Problem, ...]:
    faults: list[str] = []
    if recording.country == "GB":
        rule_id, prefixes = "UK-002", numbers.words("gb_callback_prefixes")
        if not recording.callback.number.startswith(prefixes):
            faults.append(
                "give a freephone, basic or geographic number of the United Kingdom to decline calls"
            )
        if (
            recording.kind is MessageKind.ABANDONED
            and wording.find_name(recording.transcript, recording.business_name) is None
        ):
            faults.append("say who called")
    elif recording.country == "CA":
        rule_id = "CA-004"
        if wording.find_name(recording.transcript, recording.contact_address) is None:
            faults.append("say a postal or e-mail address where the business can be reached")
        if not recording.purpose_said.strip() or not wording.find_name(
            recording.transcript, recording.purpose_said
        ):
            faults.append("say at the start what the call is for")
        limit, released = (
            numbers.amount("ca_disconnect_within_seconds"),
            recording.line_released_after_seconds,
        )
        if released is None or not 0 <= released <= limit:
            faults.append(f"release the line within {limit:g} seconds after the person hangs up (measure it)")
    else:
        return ()
    if not faults:
        return ()
    message = f"For people in this country the message must also: {'; '.join(faults)}."
    return (Problem(rule_id=rule_id, code="COUNTRY_IDENTITY", where="transcript", message=message),)
