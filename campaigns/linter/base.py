"""What a check of a campaign says. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"  # the campaign cannot be started or changed so
    WARNING = "warning"  # a person must have read it first
    NOTE = "note"  # worth knowing


ORDER: Final = tuple(Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found in a campaign's setup."""

    code: str  # stable, of one check: WINDOW_NEVER_OPEN
    severity: Severity
    sentence: str  # what, and by which rule
    field: str = ""  # of the campaign's form where it is mended; empty: nowhere there
    fix: str = ""  # a sentence that says what to do


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings, errors first, each kind in the order of the checks."""
    return sorted(findings, key=lambda one: ORDER.index(one.severity))


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Return those that forbid going on."""
    return [one for one in findings if one.severity is Severity.ERROR]


def unread(findings: Iterable[Finding], acknowledged: Sequence[str]) -> list[Finding]:
    """Return the warnings whose codes nobody has acknowledged."""
    return [one for one in findings if one.severity is Severity.WARNING and one.code not in acknowledged]
