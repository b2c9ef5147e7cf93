"""How a number came to be left alone: suppressions, what was said, the clearances it voided, and the rare way back."""

from collections.abc import Iterator, Set

from django.db.models import Q

from compliance.models import DebtWish, LiftRequest, OpenClearance, Revocation, Suppression, SuppressionLift
from core.evidence import Asked, Row, Section, columns

SUPPRESSION = (
    "id", "number", "seller", "scope", "kind", "channels", "campaign_ref", "person_ref", "category", "after_lifts", "reason",
    "raw_words", "heard_on", "recorded_by", "at",
)  # fmt: skip
REVOCATION = (
    "id", "suppression_id", "number", "seller", "scope", "campaign_ref", "category", "raw_words", "matched_by", "tier",
    "language", "heard_on", "source_ref", "received_at", "honoured_at", "recorded_by", "needs_review",
)  # fmt: skip
REQUEST = ("id", "suppression_id", "consent_id", "reason", "requested_by", "at")
WISH = (
    "id", "person_ref", "not_from", "not_until", "not_days", "not_here", "raw_words", "heard_on", "recorded_by", "at",
)  # fmt: skip
LIFT = ("suppression_id", "consent_id", "requested_by", "approved_by", "reason", "at")


def sections(asked: Asked, *, persons: Set[str]) -> list[Section]:
    """Return the sections, each oldest first, complete whatever period was asked for."""
    return [
        Section(name="suppressions", rows=_suppressions(asked)),
        Section(name="revocations", rows=_revocations(asked)),
        Section(name="lift_requests", rows=_requests(asked)),
        Section(name="lifts", rows=_lifts(asked)),
        Section(name="debt_wishes", rows=_wishes(asked, persons)),
    ]


def _suppressions(asked: Asked) -> Iterator[Row]:
    for row in Suppression.objects.filter(number=asked.number).order_by("id"):
        yield columns(row, *SUPPRESSION)


def _revocations(asked: Asked) -> Iterator[Row]:
    """Each with what a person found on reading it, and the clearances it voided: those voided at the instant it was honoured."""
    voided = OpenClearance.objects.filter(number=asked.number, voided_at__isnull=False).order_by("id")
    gone = [columns(each, "decision_id", "voided_at", "voided_by") for each in voided]
    rows = Revocation.objects.filter(number=asked.number).select_related("review").order_by("id")
    for row in rows:
        told = columns(row, *REVOCATION)
        review = getattr(row, "review", None)
        yield told | {
            "review": columns(review, "finding", "note", "reviewed_by", "at") if review else None,
            "clearances_voided": [each for each in gone if each["voided_at"] == told["honoured_at"]],
        }


def _requests(asked: Asked) -> Iterator[Row]:
    for row in LiftRequest.objects.filter(suppression__number=asked.number).order_by("id"):
        yield columns(row, *REQUEST)


def _wishes(asked: Asked, persons: Set[str]) -> Iterator[Row]:
    """Hours, days and numbers ruled out for calls about debts, by whoever has the number and on it."""
    rows = DebtWish.objects.filter(Q(number=asked.number) | Q(person_ref__in=persons - {""}))
    for row in rows.select_related("end").order_by("id"):
        end = getattr(row, "end", None)
        yield columns(row, *WISH) | {"end": columns(end, "raw_words", "recorded_by", "at") if end else None}


def _lifts(asked: Asked) -> Iterator[Row]:
    for row in SuppressionLift.objects.filter(suppression__number=asked.number).order_by("id"):
        yield columns(row, *LIFT)
