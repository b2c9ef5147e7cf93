"""Taking people out of the house: who took whom, on record."""

from datetime import datetime

from core import audit, db


def record_export(*, list_id: int | None, query: str, by: str, now: datetime) -> None:
    """Write into the audit trail that somebody downloads the people an address of the list means."""
    with db.use_case():
        audit.record(
            actor=by,
            verb="campaigns.people.exported",
            target=f"list:{list_id}" if list_id is not None else "people:all",
            now=now,
            after={"filter": query},
        )
