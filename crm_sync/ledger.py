"""What we wrote into a CRM that keeps no id of ours: our own book of it, so that a repeat never doubles."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db.models import QuerySet

from core import db
from crm_sync.models import WrittenCall


@dataclass(frozen=True, slots=True)
class Entry:
    """An activity that was written, or may have been: `crm_id` is empty until the CRM's answer was kept."""

    crm_id: str
    age_seconds: float  # since the writing began


class Ledger(Protocol):
    """Where a connector keeps what it wrote. Each act is kept before the method returns."""

    def read(self, refs: Sequence[str]) -> Mapping[str, Entry]:
        """Return what is known of these, by our name of each."""
        ...

    def begin(self, ref: str) -> None:
        """Keep that it is being written: from now on it may stand in the CRM."""
        ...

    def done(self, ref: str, crm_id: str) -> None:
        """Keep the CRM's id of it."""
        ...

    def forget(self, ref: str) -> None:
        """Keep that it does not stand in the CRM."""
        ...


class StoredLedger:
    """The book of one connection, in the database."""

    def __init__(self, connection_id: int, clock: Callable[[], datetime]) -> None:
        self._connection_id, self._clock = connection_id, clock

    def read(self, refs: Sequence[str]) -> Mapping[str, Entry]:
        """Return the entries. One query."""
        now = self._clock()
        rows = self._rows().filter(external_call_id__in=refs)
        return {row.external_call_id: Entry(row.crm_id, (now - row.begun_at).total_seconds()) for row in rows}

    def begin(self, ref: str) -> None:
        """Store the entry; one that was begun before is begun anew."""
        with db.use_case():
            WrittenCall.objects.update_or_create(
                connection_id=self._connection_id,
                external_call_id=ref,
                defaults={"crm_id": "", "begun_at": self._clock()},
            )

    def done(self, ref: str, crm_id: str) -> None:
        """Store the CRM's id."""
        with db.use_case():
            self._rows().filter(external_call_id=ref).update(crm_id=crm_id)

    def forget(self, ref: str) -> None:
        """Remove the entry."""
        with db.use_case():
            self._rows().filter(external_call_id=ref).delete()

    def _rows(self) -> QuerySet[WrittenCall]:
        return WrittenCall.objects.filter(connection_id=self._connection_id)
