"""Consents that came with a file, into the ledger: one for each number of the row, with the file and the row as evidence."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

from django.conf import settings

from compliance.rules.facts import ConsentKind
from compliance.services.consents import NewConsent, Source, add_consents
from core import audit, db
from core.types import as_phone


def record(
    *, import_id: int, kind: str, source_label: str, consents: Sequence[Mapping[str, Any]], now: datetime
) -> int:
    """Keep the consents in the open transaction; the same again adds nothing. Returns how many are new.

    The file's day is taken from its beginning in UTC. What the file does not say (signature, disclosures) stays empty, and the
    rules take it for missing: a column of dates does not make a written consent.
    """
    db.require_atomic()
    rows = add_consents(
        [
            NewConsent(
                number=as_phone(number),
                kind=ConsentKind(kind),
                obtained_by=given["source"],
                given_at=datetime.combine(datetime.fromisoformat(given["given_on"]), time(), tzinfo=UTC),
                source=Source.IMPORT,
                sellers=_named(given["wording"]),
                text_shown=given["wording"],
                name_given=given["name"][:160],
                lead_ref=f"import:{import_id}/row:{given['row']}",
                evidence_file=source_label[:400],
            )
            for given in consents
            for number in given["numbers"]
        ],
        recorded_by=f"import:{import_id}",
        now=now,
    )
    new = sum(is_new for _, is_new in rows)
    if new:
        audit.record(
            actor="import",
            verb="compliance.consent.imported",
            target=f"import:{import_id}",
            now=now,
            after={"consents": new, "kind": kind, "file": source_label},
        )
    return new


def _named(wording: str) -> frozenset[str]:
    """Return the seller where the words shown to the person name it: only then does the consent cover its calls (FED-008)."""
    seller = settings.SELLER_NAME
    return frozenset({seller}) if seller.casefold() in wording.casefold() else frozenset()
