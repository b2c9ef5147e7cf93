"""Campaigns that finish what is begun: how much that is, and their pause once it is nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Campaign, CampaignLead
from campaigns.services import moves
from core import sweeps
from dialer.callflow import CallState
from dialer.models import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """What a campaign has begun and not finished."""

    calls: int  # that have not ended
    in_hand: int  # leads with an agent: a card, a call, or a result to save

    @property
    def words(self) -> str:
        """Return it for people."""
        call, lead = "call" if self.calls == 1 else "calls", "person" if self.in_hand == 1 else "people"
        return f"{self.calls} {call} under way, {self.in_hand} {lead} with an agent."


def unfinished(ids: Sequence[int]) -> dict[int, Unfinished]:
    """Return what each of the campaigns has begun and not finished; two queries, none for no campaign."""
    if not ids:
        return {}
    calls = Call.objects.filter(campaign_id__in=ids).exclude(state=CallState.ENDED)
    held = CampaignLead.objects.filter(campaign_id__in=ids, state=CampaignLead.State.HELD)
    live = Counter(calls.values_list("campaign_id", flat=True))
    in_hand = Counter(held.values_list("campaign_id", flat=True))
    return {each: Unfinished(calls=live[each], in_hand=in_hand[each]) for each in ids}


def sweep(*, now: datetime) -> int:
    """Pause the draining campaigns that have nothing left to finish; returns how many."""
    rows = Campaign.objects.filter(state=Campaign.State.DRAINING).order_by("pk")
    left = unfinished(list(rows.values_list("pk", flat=True)))
    drained = [campaign_id for campaign_id, begun in left.items() if not begun.calls and not begun.in_hand]
    return sweeps.for_each(
        drained,
        lambda campaign_id: moves.end_drain(campaign_id=campaign_id, now=now),
        what="drained campaign",
    )
