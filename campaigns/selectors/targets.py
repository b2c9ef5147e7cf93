"""Reads of the numbers a campaign's calls may be handed on to. Dataclasses out."""

from dataclasses import dataclass

from campaigns.models import TransferTarget
from core import kept, prepared
from core.types import PhoneNumber, as_phone


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetView:
    """One number of the list."""

    id: int
    label: str
    number: PhoneNumber
    postal_code: str
    state: str
    city: str
    is_business: bool


_targets = kept.Query(
    lambda campaign: TransferTarget.objects.filter(campaign_id=campaign, removed_at__isnull=True).order_by(
        "label", "pk"
    )
)


def list_targets(campaign_id: int) -> list[TargetView]:
    """Return a campaign's numbers by label. One query."""
    return [_view(row) for row in _targets.rows(campaign_id)]


def asked_of_targets(campaign_id: int) -> list[prepared.Asked]:
    """Return what list_targets asks, for prepared.ahead."""
    return [_targets.asks(campaign_id)]


def get_target(campaign_id: int, target_id: int) -> TargetView | None:
    """Return one number of a campaign's list, None where it is not on it any more."""
    row = TransferTarget.objects.filter(
        pk=target_id, campaign_id=campaign_id, removed_at__isnull=True
    ).first()
    return None if row is None else _view(row)


def _view(row: TransferTarget) -> TargetView:
    return TargetView(
        id=row.pk,
        label=row.label,
        number=as_phone(row.number),
        postal_code=row.postal_code,
        state=row.state,
        city=row.city,
        is_business=row.is_business,
    )
