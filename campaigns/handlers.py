"""What happens here when something was published; wired in config/wiring.py. Rows only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from campaigns.services import importconsents, refusals, reopening


def on_contacts_refused(payload: Mapping[str, Any], now: datetime) -> None:
    """Have the gate refuse all numbers of people a CRM flagged (topic campaigns.contacts.refused)."""
    refusals.revoke_numbers_of(
        contact_ids=payload["contact_ids"],
        source=payload["source"],
        source_label=payload["source_label"],
        now=now,
    )


def on_consent_given(payload: Mapping[str, Any], now: datetime) -> None:
    """Bring back leads that were finished for want of a consent of these numbers (topic compliance.consent.given)."""
    reopening.reopen_for_consent(numbers=payload["numbers"], by=payload["by"], now=now)


def on_number_restored(payload: Mapping[str, Any], now: datetime) -> None:
    """Take back the CRM's do-not-call flag kept here, once nothing is refused any more (topic compliance.number.restored)."""
    refusals.forget_flag(number=payload["number"], by=payload["by"], now=now)


def on_consents_imported(payload: Mapping[str, Any], now: datetime) -> None:
    """Put consents that came with a file into the ledger (topic campaigns.consents.imported)."""
    importconsents.record(
        import_id=payload["import_id"],
        kind=payload["kind"],
        source_label=payload["source_label"],
        consents=payload["consents"],
        now=now,
    )
