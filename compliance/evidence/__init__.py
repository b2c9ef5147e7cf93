"""What the gate knows about a number, for an evidence pack: what stood for it, and every verdict. Reads only."""

from collections.abc import Set

from compliance.evidence import refusals, standing, verdicts
from compliance.models import ComplianceDecision
from core.evidence import Asked, Section


def sections(asked: Asked, *, persons: Set[str]) -> list[Section]:
    """Return the gate's sections; `persons` are the references of the people who have the number.

    Verdicts are limited to the period asked for; what stands for the number (consents, refusals, its line) is complete.
    """
    return [
        *standing.sections(asked, persons=persons),
        *refusals.sections(asked),
        Section(name="verdicts", rows=verdicts.rows(asked)),
        Section(name="seals", rows=verdicts.seals(asked)),
    ]


def persons(asked: Asked) -> set[str]:
    """Return the references of the people the gate was asked about under the number. Hidden SQL: one query."""
    found = ComplianceDecision.objects.filter(number=asked.number).exclude(person_ref="")
    return set(found.order_by().values_list("person_ref", flat=True).distinct())
