"""What stood for a number: consents, relationships, its line, reassignments, registry copies, the house's own decisions."""

from collections.abc import Iterator, Set

from django.db.models import Q

from compliance.models import (
    ComplianceDecision,
    ConsentRecord,
    DncListImport,
    HouseLimitRow,
    LineRecord,
    Override,
    ReassignedCheck,
    RelationshipRecord,
)
from compliance.rules.registry import NATIONAL
from core.evidence import Asked, Row, Section, columns

CONSENT = (
    "id", "number", "person_ref", "kind", "sellers", "obtained_by", "certificate", "lead_ref", "given_at", "valid_until",
    "purposes", "channels", "text_shown", "text_sha256", "page_url", "language", "signature", "authorises_automation",
    "not_a_condition", "box_preticked", "agrees_to_be_called", "ip", "user_agent", "session_ref", "name_given", "source",
    "evidence_file", "asked_how", "asked_words", "asked_at", "recorded_by", "recorded_at", "fingerprint", "position",
    "prev_hash", "row_hash",
)  # fmt: skip
RELATIONSHIP = (
    "id", "person_ref", "seller", "source", "last_purchase_on", "last_inquiry_on", "customer", "personal", "recorded_by", "at",
)  # fmt: skip
LINE = (
    "number", "type", "checked_at", "source", "ported_at", "protected", "account", "recorded_by", "recorded_at",
)  # fmt: skip
REASSIGNED = ("id", "number", "since", "answer", "checked_at", "database_version", "recorded_by")
COPY = (
    "id", "name", "seller", "san", "area_codes", "as_of", "kind", "base_id", "file_sha256", "content_sha256", "numbers",
    "accepted", "removed", "duplicates", "refused", "imported_by", "imported_at", "active", "activated_by", "activated_at",
)  # fmt: skip
OVERRIDE = ("id", "code", "number", "person_ref", "campaign_ref", "reason", "by", "at", "until")
LIMIT = (
    "id", "name", "value", "since", "until", "is_override", "reason", "set_by", "approved_by", "at",
)  # fmt: skip


def sections(asked: Asked, *, persons: Set[str]) -> list[Section]:
    """Return the sections, each oldest first."""
    return [
        Section(name="consents", rows=_consents(asked)),
        Section(name="relationships", rows=_relationships(persons)),
        Section(name="line", rows=_line(asked)),
        Section(name="reassigned_checks", rows=_reassigned(asked)),
        Section(name="registry_copies", rows=_copies(asked)),
        Section(name="overrides", rows=_overrides(asked, persons)),
        Section(name="house_limits", rows=_limits(asked)),
    ]


def _consents(asked: Asked) -> Iterator[Row]:
    for row in ConsentRecord.objects.filter(number=asked.number).order_by("position"):
        yield columns(row, *CONSENT)


def _relationships(persons: Set[str]) -> Iterator[Row]:
    for row in RelationshipRecord.objects.filter(person_ref__in=persons).order_by("id"):
        yield columns(row, *RELATIONSHIP)


def _line(asked: Asked) -> Iterator[Row]:
    for row in LineRecord.objects.filter(number=asked.number).order_by("id"):
        yield columns(row, *LINE)


def _reassigned(asked: Asked) -> Iterator[Row]:
    for row in ReassignedCheck.objects.filter(number=asked.number).order_by("id"):
        yield columns(row, *REASSIGNED)


def _copies(asked: Asked) -> Iterator[Row]:
    """The copies, in force now or then, of sellers who asked to contact the number, as far as they speak for its area code."""
    verdicts = ComplianceDecision.objects.filter(number=asked.number)
    sellers = sorted(set(verdicts.order_by().values_list("seller", flat=True).distinct()))
    rows = DncListImport.objects.filter(seller__in=sellers, activated_at__isnull=False)
    for row in rows.order_by("as_of", "id"):
        if row.name != NATIONAL or not row.area_codes or asked.number[2:5] in row.area_codes:
            yield columns(row, *COPY)


def _overrides(asked: Asked, persons: Set[str]) -> Iterator[Row]:
    """Denials lifted for the number, for its people wherever they are called, and for campaigns that asked to contact it."""
    verdicts = ComplianceDecision.objects.filter(number=asked.number).exclude(campaign_ref="")
    campaigns = sorted(set(verdicts.order_by().values_list("campaign_ref", flat=True).distinct()))
    of_persons = Q(number="", person_ref__in=persons)
    of_campaigns = Q(number="", person_ref="", campaign_ref__in=campaigns)
    rows = Override.objects.filter(Q(number=asked.number) | of_persons | of_campaigns)
    for row in rows.order_by("id"):
        yield columns(row, *OVERRIDE)


def _limits(asked: Asked) -> Iterator[Row]:
    """The house's own limits in force on any day the gate was asked about the number."""
    asked_on = ComplianceDecision.objects.filter(number=asked.number, **asked.limits("decided_at"))
    first = asked_on.order_by("decided_at", "id").values_list("decided_at", flat=True).first()
    last = asked_on.order_by("-decided_at", "-id").values_list("decided_at", flat=True).first()
    if first is None or last is None:
        return
    rows = HouseLimitRow.objects.filter(since__lte=last.date()).exclude(until__lte=first.date())
    for row in rows.order_by("id"):
        yield columns(row, *LIMIT)
