"""A do-not-call flag that came with an import, carried over to the gate: one place for every way of saying no (FED-012)."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from campaigns.models import ContactPhone
from compliance import services as gate
from compliance.rules.facts import SuppressionKind
from core.types import as_phone


def revoke_numbers_of(*, contact_ids: Sequence[int], source: str, source_label: str, now: datetime) -> int:
    """Put every number of the people on the seller's internal list, in the open transaction; return how many numbers."""
    rows = ContactPhone.objects.filter(contact_id__in=list(contact_ids)).order_by("number", "id")
    numbers = list(dict.fromkeys(rows.values_list("number", flat=True)))
    if not numbers:
        return 0
    ground = gate.Ground(
        seller=settings.SELLER_NAME,
        reason="the CRM says do not call" if source != "csv" else "the list says do not call",
        raw_words=f"Do-not-call flag in {source_label}",
        heard_on="CRM" if source != "csv" else "list import",
        kind=SuppressionKind.DO_NOT_CALL,
    )
    gate.revoke_numbers(
        numbers=[as_phone(number) for number in numbers], ground=ground, actor=f"import:{source}", now=now
    )
    return len(numbers)
