"""What a result asks of the agent, and whether what the agent entered answers it. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

MAX_QUESTIONS: Final = 6
MAX_OPTIONS: Final = 20
ANSWER_LIMIT: Final = 500
HOTKEYS: Final = "1234567890"  # letters are the desk's own keys


class Kind(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"


KIND_NAMES: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "A line of text",
    Kind.NUMBER: "A number",
    Kind.DATE: "A date",
    Kind.YES_NO: "Yes or no",
    Kind.CHOICE: "One of a list",
}


class Step(StrEnum):
    """What happens to the lead."""

    FINISH = "finish"
    RETRY = "retry"
    CALLBACK = "callback"
    DO_NOT_CALL = "do_not_call"


STEP_NAMES: Final[Mapping[Step, str]] = {
    Step.FINISH: "Finished: not called again here",
    Step.RETRY: "Tried again after a while",
    Step.CALLBACK: "Called back at the time agreed",
    Step.DO_NOT_CALL: "Never called again, from anywhere",
}


class Unanswered(ValueError):
    """An answer is missing or cannot be read; the text says which and what to enter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a result. `code` names it in stored answers and never changes."""

    code: str
    label: str
    kind: Kind = Kind.TEXT
    options: tuple[str, ...] = ()  # of a choice
    required: bool = False


def questions_of(stored: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    """Return the questions as they were stored by as_stored()."""
    return tuple(
        Question(
            code=row["code"],
            label=row["label"],
            kind=Kind(row["kind"]),
            options=tuple(row["options"]),
            required=row["required"],
        )
        for row in stored
    )


def as_stored(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Return the questions as JSON can keep them."""
    return [{**asdict(question), "options": list(question.options)} for question in questions]


def problems(questions: Sequence[Question]) -> list[str]:
    """Return what keeps the questions from being asked, in words that say what to do."""
    found = []
    if len(questions) > MAX_QUESTIONS:
        found.append(f"Ask at most {MAX_QUESTIONS} questions: each costs the agent time after every call.")
    for question in questions:
        if not question.label or len(question.label) > 80:
            found.append("Give every question a text of at most 80 characters.")
        options = [each.casefold() for each in question.options]
        if question.kind is Kind.CHOICE and len(options) < 2:
            found.append(f"“{question.label}” needs at least two options to choose from, one on each line.")
        if len(options) > MAX_OPTIONS or any(len(each) > 80 for each in options):
            found.append(f"“{question.label}” may have {MAX_OPTIONS} options of at most 80 characters.")
        if len(set(options)) < len(options):
            found.append(f"“{question.label}” has the same option twice. Remove one.")
    labels = [question.label.casefold() for question in questions]
    if len(set(labels)) < len(labels):
        found.append("Two questions have the same text. Change one.")
    return list(dict.fromkeys(found))


def code_of(label: str, taken: Sequence[str] = ()) -> str:
    """Return a short name for a text, in small letters, that none of the others has."""
    plain = re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_")[:30] or "other"
    code, number = plain, 2
    while code in taken:
        code, number = f"{plain}_{number}", number + 1
    return code


def answers_to(questions: Sequence[Question], given: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the answers as they are kept: code, the question as it was asked, the value. Empty ones are left out.

    Raises Unanswered for the first that is missing or cannot be read.
    """
    kept = []
    for question in questions:
        value = given.get(question.code, "").replace("\x00", "").strip()
        if not value:
            if question.required:
                raise Unanswered(f"This result needs an answer: “{question.label}”.")
            continue
        kept.append({"code": question.code, "label": question.label, "value": _read(question, value)})
    return kept


def _read(question: Question, value: str) -> str:
    if len(value) > ANSWER_LIMIT:
        raise Unanswered(f"“{question.label}”: shorten the answer to {ANSWER_LIMIT} characters.")
    match question.kind:
        case Kind.CHOICE:
            if value not in question.options:
                raise Unanswered(f"“{question.label}”: choose one of {', '.join(question.options)}.")
        case Kind.YES_NO:
            if value not in ("yes", "no"):
                raise Unanswered(f"“{question.label}”: answer yes or no.")
        case Kind.DATE:
            try:
                date.fromisoformat(value)
            except ValueError:
                raise Unanswered(f"“{question.label}”: enter a date such as 2026-11-30.") from None
        case Kind.NUMBER:
            return _number(question, value)
    return value


def _number(question: Question, value: str) -> str:
    plain = value.replace(",", "")
    if not re.fullmatch(r"[+-]?[0-9]{1,12}(\.[0-9]{1,6})?", plain):
        raise Unanswered(f"“{question.label}”: enter a number such as 120 or 12.5.")
    return plain
