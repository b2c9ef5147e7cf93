"""Whether a call may be recorded and transcribed (REC-001 to REC-005)."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from compliance.rules.content.numbers import InForce
from compliance.rules.content.rows import RecordingState


class ConsentClass(StrEnum):
    """Whose consent a state wants."""

    ONE_PARTY = "one_party"
    MIXED = "mixed"  # treated as all-party
    ALL_PARTY = "all_party"
    UNKNOWN = "unknown"  # no law read: no recording at all


_STRICTNESS = tuple(ConsentClass)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPlan:
    """What to do now. Ask again whenever a state is added, the notice was played or the person objects."""

    record: bool  # false = stop at once, if it runs
    transcribe: bool  # live transcription and help by software
    announce: (
        bool  # start the recording with the notice as its first words; what was recorded before is not kept
    )
    end_sale: bool  # a sale that must be recorded cannot go on
    strictest: ConsentClass
    reason: str


def consent_class(state: str, numbers: InForce) -> ConsentClass:
    """Return the state's class; a state without a row is all-party."""
    rows = {row.state: row for row in numbers.of(RecordingState)}
    row = rows.get(state.strip().upper())
    return ConsentClass(row.value) if row else ConsentClass.ALL_PARTY


def recording_plan(
    states: Collection[str],
    *,
    notice_played_after_answer: bool,
    objected: bool,
    card_capture: bool,
    numbers: InForce,
    abandoned_message_only: bool = False,
    sale_must_be_recorded: bool = False,
) -> RecordingPlan:
    """Return the plan for a call that touches these states: the agent's, the person's candidates, what the person says.

    No state means the place is not known: all-party. A notice heard before the answer (early media) or a beep is none (REC-005).
    """
    classes = [consent_class(state, numbers) for state in states] or [ConsentClass.ALL_PARTY]
    strictest = max(classes, key=_STRICTNESS.index)
    record, announce, reason = _decide(
        strictest,
        sorted(states),
        notice=notice_played_after_answer,
        objected=objected,
        card_capture=card_capture,
        abandoned=abandoned_message_only,
    )
    return RecordingPlan(
        record=record,
        transcribe=record,
        announce=announce,
        end_sale=sale_must_be_recorded and not record and not announce and not card_capture,
        strictest=strictest,
        reason=reason,
    )


def _decide(
    strictest: ConsentClass,
    states: list[str],
    *,
    notice: bool,
    objected: bool,
    card_capture: bool,
    abandoned: bool,
) -> tuple[bool, bool, str]:
    where = ", ".join(states) or "an unknown place"
    if abandoned:
        return False, False, "Nobody speaks with the person: only the message for abandoned calls is played."
    if objected:
        return (
            False,
            False,
            "The person objected: recording and transcription stop, and the objection is logged.",
        )
    if strictest is ConsentClass.UNKNOWN:
        return False, False, f"The law of {where} has not been read: recording stays off."
    if card_capture:
        return (
            False,
            not notice,
            "Card digits are being taken: recording and transcription are off until that ends. Keypad entry with masked tones would "
            "let them run.",
        )
    if not notice:
        law = "wants" if strictest is not ConsentClass.ONE_PARTY else "does not demand, but we give,"
        return (
            False,
            True,
            f"The law of {where} {law} a notice that the person hears after answering. Play it; recording begins with it.",
        )
    return True, False, "The person heard the notice and stayed on the line."
