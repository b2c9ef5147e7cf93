"""A person's calls for their timeline. One query."""

from core.timeline import Border, Happening, Subject, older
from dialer.models import Call


def calls(subject: Subject, border: Border | None, limit: int) -> list[Happening]:
    """Return the person's calls in all campaigns."""
    rows = (
        Call.objects.filter(older(border, "call", "created_at"), contact_id=subject.contact_id)
        .select_related("agent", "campaign", "disposition")
        .order_by("-created_at", "-id")[:limit]
    )
    return [
        Happening(
            at=row.created_at,
            kind="call",
            id=row.pk,
            who=row.agent.username if row.agent else "the dialer",
            what=row.disposition.label
            if row.disposition
            else (row.outcome or row.state).replace("_", " ").capitalize(),
            detail="; ".join(
                each for each in (row.campaign.name, f"{row.duration_seconds or 0} s", row.note) if each
            ),
        )
        for row in rows
    ]
