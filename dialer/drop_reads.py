"""Messages left on machines, for pages: how they went in a campaign, and what was left on one call. Dataclasses out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count

from campaigns.selectors import voicemails
from campaigns.selectors.voicemails import Heard
from core import kept, prepared
from dialer.callflow import Party
from dialer.dropflow import DropState
from dialer.intervals import Share, share
from dialer.models import Call, VoicemailDrop
from dialer.models.drops import OPEN

LOOKED_BACK = timedelta(days=30)
_open = kept.Values(
    lambda call: (
        VoicemailDrop.objects.filter(call_id=call, state__in=OPEN).order_by("pk").values_list("pk")[:1]
    )
)
GREETINGS = {
    "machine_end_beep": "ended with a beep",
    "machine_end_silence": "ended in silence",
    "machine_end_other": "ended in another way",
    "unknown": "did not end in time",
    "greeting never ended": "did not end in time",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """How one version of a message went."""

    version_id: UUID
    label: str
    asked: int  # of the gate
    refused: int
    played: int  # to its end, as the carrier said
    untold: int  # the call lasted long enough, and the carrier said nothing
    cut_off: int
    not_played: int
    left: Share  # played and untold, of those the gate allowed and that are over


@dataclass(frozen=True, slots=True, kw_only=True)
class Drops:
    """A campaign's messages of the last 30 days."""

    rows: Sequence[VersionRow]
    refused: Sequence[tuple[str, int]]  # by the gate's code, most often first
    greetings: Sequence[tuple[str, int]]  # how those of the machines went that the dialer met


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What was played on one call. No word of who was called: this page is for what was said to them."""

    call_id: int
    called_at: datetime
    campaign_name: str
    agent_name: str
    heard: Heard
    state: str  # of the message; empty: of an abandoned call, or played before such records were kept
    began_at: datetime | None
    ended_at: datetime | None
    reason: str
    decision_id: int | None


def drops_of(campaign_id: int, *, now: datetime) -> Drops:
    """Return how the campaign's messages went; at most three queries."""
    since = now - LOOKED_BACK
    counts: dict[UUID, Counter[str]] = {}
    codes: Counter[str] = Counter()
    rows = VoicemailDrop.objects.filter(campaign_id=campaign_id, asked_at__gte=since).order_by()
    for row in rows.values("version_id", "state", "code").annotate(number=Count("id")):
        counts.setdefault(row["version_id"], Counter())[row["state"]] += row["number"]
        if row["code"]:
            codes[row["code"]] += row["number"]
    known = voicemails.heard(list(counts))
    found = [_version_row(each, known[each].label, counts[each]) for each in counts]
    return Drops(
        rows=sorted(found, key=lambda row: (row.label, str(row.version_id))),
        refused=codes.most_common(),
        greetings=_greetings(campaign_id, since),
    )


def message_on(call_id: int) -> Message | None:
    """Return what was played on a call, None if nothing was; at most three queries."""
    call = Call.objects.select_related("campaign", "agent").filter(pk=call_id).first()
    if call is None or call.message_played is None:
        return None
    heard = voicemails.heard([call.message_played]).get(call.message_played)
    if heard is None:
        return None
    drop = VoicemailDrop.objects.filter(call=call, began_at__isnull=False).order_by("-id").first()
    return Message(
        call_id=call.pk,
        called_at=call.created_at,
        campaign_name=call.campaign.name,
        agent_name=call.agent.display_name if call.agent else "",
        heard=heard,
        state=drop.state if drop else "",
        began_at=drop.began_at if drop else None,
        ended_at=drop.ended_at if drop else None,
        reason=drop.reason if drop else "",
        decision_id=drop.decision_id if drop else None,
    )


def is_being_left(call_id: int) -> bool:
    """Return whether a message is on its way onto the call's machine."""
    return bool(_open.rows(call_id))


def asked_of_drop(call_id: int) -> list[prepared.Asked]:
    """Return what is_being_left asks, for prepared.ahead."""
    return [_open.asks(call_id)]


def _greetings(campaign_id: int, since: datetime) -> list[tuple[str, int]]:
    rows = Call.objects.filter(
        campaign_id=campaign_id,
        answered_at__gte=since,
        answered_by=Party.MACHINE,
        machine_verdict__in=GREETINGS,
    )
    found: Counter[str] = Counter()
    for word, number in rows.order_by().values_list("machine_verdict").annotate(Count("id")):
        found[GREETINGS[word]] += number
    return found.most_common()


def _version_row(version_id: UUID, label: str, states: Counter[str]) -> VersionRow:
    left = states[DropState.PLAYED] + states[DropState.UNTOLD]
    over = left + states[DropState.CUT_OFF] + states[DropState.NOT_PLAYED]
    return VersionRow(
        version_id=version_id,
        label=label,
        asked=sum(states.values()),
        refused=states[DropState.REFUSED],
        played=states[DropState.PLAYED],
        untold=states[DropState.UNTOLD],
        cut_off=states[DropState.CUT_OFF],
        not_played=states[DropState.NOT_PLAYED],
        left=share(left, over),
    )
