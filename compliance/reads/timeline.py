"""What people said about being contacted, and what the gate answered, for the timeline of a person. One query for each source."""

from compliance.models import ComplianceDecision, ConsentRecord, ReceivedText, Suppression
from core.timeline import Border, Happening, Subject, older
from core.types import format_phone


def verdicts(subject: Subject, border: Border | None, limit: int) -> list[Happening]:
    """Return the gate's verdicts about the person's numbers."""
    rows = ComplianceDecision.objects.filter(
        older(border, "verdict", "decided_at"), number__in=subject.numbers
    ).order_by("-decided_at", "-id")[:limit]
    return [
        Happening(
            at=row.decided_at,
            kind="verdict",
            id=row.pk,
            who="the gate",
            what="Allowed" if row.outcome == "allow" else "Refused",
            detail=f"{format_phone(row.number)}: {row.sentence}",
            link=("compliance-verdict", row.pk),
        )
        for row in rows
    ]


def permissions(subject: Subject, border: Border | None, limit: int) -> list[Happening]:
    """Return consents and requests about the person's numbers. Ids of requests are odd, of consents even, so that none is met twice."""
    found = []
    halved = None if border is None else Border(border.at, border.kind, (border.id + 1) // 2)
    consents = ConsentRecord.objects.filter(
        older(halved, "permission", "recorded_at"), number__in=subject.numbers
    ).order_by("-recorded_at", "-id")[:limit]
    for consent in consents:
        found.append(
            Happening(
                at=consent.recorded_at,
                kind="permission",
                id=consent.pk * 2,
                who=consent.recorded_by,
                what="Consent recorded",
                detail=f"{format_phone(consent.number)}, {consent.get_source_display()}: {consent.text_shown[:200]}",
            )
        )
    halved = None if border is None else Border(border.at, border.kind, border.id // 2)
    requests = Suppression.objects.filter(
        older(halved, "permission", "at"), number__in=subject.numbers
    ).order_by("-at", "-id")[:limit]
    for request in requests:
        found.append(
            Happening(
                at=request.at,
                kind="permission",
                id=request.pk * 2 + 1,
                who=request.recorded_by,
                what="Asked not to be contacted",
                detail=f"{format_phone(request.number)}, {request.heard_on or 'no channel'}: {request.raw_words[:200]}",
            )
        )
    return found


def texts(subject: Subject, border: Border | None, limit: int) -> list[Happening]:
    """Return texts that came from the person's numbers."""
    rows = ReceivedText.objects.filter(
        older(border, "text", "received_at"), number__in=subject.numbers
    ).order_by("-received_at", "-id")[:limit]
    return [
        Happening(
            at=row.received_at,
            kind="text",
            id=row.pk,
            who=format_phone(row.number),
            what="Text received",
            detail=row.raw_words[:300],
        )
        for row in rows
    ]
