"""Where a person came from and who changed what about them, for their timeline. One query for each source."""

from django.db.models import F

from campaigns.models import BulkChange, CampaignLead, Contact, ContactNote, ImportRow, MergedPerson
from core.errors import NotFound
from core.models import AuditEvent
from core.timeline import Border, Happening, Subject, older


def subject_of(contact_id: int) -> Subject:
    """Return whom a timeline is about, in three queries. Raises NotFound."""
    row = Contact.objects.prefetch_related("phones").filter(pk=contact_id).first()
    if row is None:
        raise NotFound("This person does not exist.")
    numbers = sorted({phone.number for phone in row.phones.all()})
    merged = MergedPerson.objects.filter(merge__survivor=row, in_force=True).order_by("pk")
    others = list(merged.values_list("external_ref", "was"))
    return Subject(
        contact_id=row.pk,
        external_ref=row.external_ref or "",
        numbers=tuple(numbers),
        other_refs=tuple(ref for ref, _ in others if ref),
        other_ids=tuple(pk for _, pk in others),
    )


def imports(subject: Subject, border: Border | None, limit: int) -> list[Happening]:
    """Return the rows of imports that named the person."""
    rows = (
        ImportRow.objects.alias(at=F("list_import__started_at"))
        .filter(older(border, "import", "at"), contact_id=subject.contact_id)
        .select_related("list_import__lead_list", "list_import__started_by")
        .order_by("-at", "-id")[:limit]
    )
    return [
        Happening(
            at=row.list_import.started_at,
            kind="import",
            id=row.pk,
            who=row.list_import.started_by.username if row.list_import.started_by else "import",
            what=f"{row.get_outcome_display()} by an import into “{row.list_import.lead_list.name}”",
            detail="; ".join(
                each for each in (f"{row.list_import.source_label}, row {row.number}", row.reason) if each
            ),
            link=("import", row.list_import_id),
        )
        for row in rows
    ]


def notes(subject: Subject, border: Border | None, limit: int) -> list[Happening]:
    """Return what people of the house noted."""
    rows = ContactNote.objects.filter(older(border, "note", "at"), contact_id=subject.contact_id)
    return [
        Happening(at=row.at, kind="note", id=row.pk, who=row.by, what="Note", detail=row.text)
        for row in rows.order_by("-at", "-id")[:limit]
    ]


def _words(value: object) -> str:
    """Return a value of the audit trail as people read it."""
    if isinstance(value, dict):
        return ", ".join(f"{_words(inner)} {str(name).replace('_', ' ')}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def changes(subject: Subject, border: Border | None, limit: int) -> list[Happening]:
    """Return what the audit trail has of the person and their leads. Ids are even; those of bulk actions odd."""
    found = []
    leads = CampaignLead.objects.filter(contact_id=subject.contact_id).values_list("pk", flat=True)
    known_as = (subject.contact_id, *subject.other_ids)
    targets = [*(f"contact:{pk}" for pk in known_as), *(f"campaign_lead:{pk}" for pk in leads)]
    halved = None if border is None else Border(border.at, border.kind, (border.id + 1) // 2)
    events = AuditEvent.objects.filter(older(halved, "change", "at"), target__in=targets)
    for event in events.order_by("-at", "-id")[:limit]:
        told = event.after or event.before or {}
        found.append(
            Happening(
                at=event.at,
                kind="change",
                id=event.pk * 2,
                who=event.actor,
                what=event.verb.rpartition(".")[2].replace("_", " ").capitalize(),
                detail="; ".join(
                    f"{name.replace('_', ' ')}: {_words(value)}" for name, value in told.items()
                )[:300],
            )
        )
    halved = None if border is None else Border(border.at, border.kind, border.id // 2)
    many = (
        BulkChange.objects.alias(at=F("action__done_at"))
        .filter(older(halved, "change", "at"), contact_id=subject.contact_id, action__done_at__isnull=False)
        .select_related("action")
        .order_by("-at", "-id")[:limit]
    )
    for change in many:
        done_at = change.action.done_at
        assert done_at is not None, "filtered above"
        undone = f" Undone by {change.action.undone_by}." if change.action.undone_at else ""
        found.append(
            Happening(
                at=done_at,
                kind="change",
                id=change.pk * 2 + 1,
                who=change.action.started_by,
                what=change.action.said,
                detail=f"With {change.action.people or 0:,} people at once.{undone}",
                link=("bulk-job", change.action.job_id) if change.action.job_id else None,
            )
        )
    return found
