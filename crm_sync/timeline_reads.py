"""What went to a person's CRM, for their timeline. One query."""

from django.db.models import Q

from core.timeline import Border, Happening, Subject, older
from crm_sync import refs
from crm_sync.models import SyncQueueItem


def pushes(subject: Subject, border: Border | None, limit: int) -> list[Happening]:
    """Return the calls and flags that were sent, or wait to be, to the person's records."""
    known = [ref for each in (subject.external_ref, *subject.other_refs) if (ref := refs.parse(each))]
    if not known:
        return []
    theirs = Q()
    for ref in known:
        theirs |= Q(connection_id=ref.connection_id, person_id=ref.person_id)
    rows = (
        SyncQueueItem.objects.filter(older(border, "crm", "changed_at"), theirs)
        .select_related("connection")
        .order_by("-changed_at", "-id")[:limit]
    )
    return [
        Happening(
            at=row.changed_at,
            kind="crm",
            id=row.pk,
            who=row.connection.name,
            what=f"{row.get_kind_display()}: {row.get_state_display().lower()}",
            detail=row.reason,
        )
        for row in rows
    ]
