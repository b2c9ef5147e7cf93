"""What the desk shows of transfers. Dataclasses out."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from campaigns.models import Campaign
from core import kept, prepared
from dialer.models import AgentSession, Transfer
from dialer.models.transfers import OPEN
from dialer.transferflow import TALKING


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferView:
    """The transfer of a call that is under way, as the carrier's word has it."""

    id: int
    label: str
    state: str
    state_at: datetime
    blind: bool
    is_outside: bool
    talks: bool  # the target is on the line
    target_held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A campaign whose waiting agents may take the call."""

    campaign_id: int
    name: str


def transfer_of(call_id: int) -> TransferView | None:
    """Return the transfer of a call that is under way. One query."""
    row = _open.first(call_id)
    if row is None:
        return None
    return TransferView(
        id=row.pk,
        label=row.label,
        state=row.state,
        state_at=row.state_at,
        blind=row.blind,
        is_outside=row.target_session_id is None,
        talks=row.state in TALKING,
        target_held=row.target_held,
    )


def queues(campaign_id: int) -> list[Queue]:
    """Return the running campaigns of the same seller with anybody signed on, by name: where calls of this one may go. One query."""
    return [Queue(campaign_id=pk, name=name) for pk, name in _queues.rows(campaign_id)]


def asked_of_transfer(call_id: int) -> list[prepared.Asked]:
    """Return what transfer_of asks, for prepared.ahead."""
    return [_open.asks(call_id)]


def asked_of_queues(campaign_id: int) -> list[prepared.Asked]:
    """Return what queues asks, for prepared.ahead."""
    return [_queues.asks(campaign_id)]


_open = kept.Query(lambda call: Transfer.objects.filter(call_id=call, state__in=OPEN).order_by("pk"))
_signed_on = AgentSession.objects.filter(campaign_id=OuterRef("pk"), ended_at__isnull=True)
_queues = kept.Values(
    lambda campaign: (
        Campaign.objects.filter(
            Exists(_signed_on),
            seller__in=Campaign.objects.filter(pk=campaign).values("seller"),
            state=Campaign.State.RUNNING,
        )
        .order_by("name", "pk")
        .values_list("pk", "name")
    )
)
