"""What the gate knows about a number, for an evidence pack: what stood for it, and every verdict. Reads only."""

from collections.abc import Iterator, Set

from compliance.evidence import refusals, standing, verdicts
from compliance.models import ComplianceDecision, ReceivedText
from core.evidence import Asked, Row, Section, columns

TEXT = (
    "id", "message_ref", "our_number", "sellers", "raw_words", "meaning", "matched_by", "tier", "language", "answer",
    "received_at", "recorded_at",
)  # fmt: skip


def sections(asked: Asked, *, persons: Set[str]) -> list[Section]:
    """Return the gate's sections; `persons` are the references of the people who have the number.

    Verdicts are limited to the period asked for; what stands for the number (consents, refusals, its line) is complete.
    """
    return [
        *standing.sections(asked, persons=persons),
        *refusals.sections(asked, persons=persons),
        Section(name="verdicts", rows=verdicts.rows(asked)),
        Section(name="seals", rows=verdicts.seals(asked)),
    ]


def texts(asked: Asked) -> Iterator[Row]:
    """Return the texts that came from the number, oldest first, with how they were read and answered."""
    for row in ReceivedText.objects.filter(number=asked.number).order_by("id"):
        yield columns(row, *TEXT)


def persons(asked: Asked) -> set[str]:
    """Return the references of the people the gate was asked about under the number. Hidden SQL: one query."""
    found = ComplianceDecision.objects.filter(number=asked.number).exclude(person_ref="")
    return set(found.order_by().values_list("person_ref", flat=True).distinct())
