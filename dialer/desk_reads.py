"""What the desk asks beside its state: which version that has, and who is free to take a call over."""

from datetime import datetime

from core import kept, prepared
from dialer.models import AgentSession
from dialer.presence import away_before, seen_since

_live_version = kept.Values(
    lambda user: AgentSession.objects.filter(user_id=user, ended_at__isnull=True).values_list(
        "pk", "version", "tab"
    )
)
_free = kept.Query(
    lambda campaign, since: (
        AgentSession.objects.filter(seen_since(since), campaign_id=campaign, state__in=["ready", "preview"])
        .select_related("user")
        .order_by("user__username", "pk")
    ),
    values=2,
)


def live_version(user_id: int) -> tuple[str, str] | None:
    """Return the version of the agent's live session and the window that works it, None when signed off. One small query."""
    for session, version, tab in _live_version.rows(user_id):
        return version_of(session, version), tab
    return None


def version_of(session_id: int, version: int) -> str:
    """Return what names one state of one session."""
    return f"{session_id}.{version}"


def asked_of_colleagues(campaign_id: int, *, now: datetime) -> list[prepared.Asked]:
    """Return what may_take_over asks, for prepared.ahead."""
    return [_free.asks(campaign_id, away_before(now))]


def may_take_over(session_id: int, campaign_id: int, *, now: datetime) -> list[tuple[int, str]]:
    """Return (session id, name) of the campaign's other agents a call can be transferred to now, by name."""
    found = _free.rows(campaign_id, away_before(now))
    return [(row.pk, row.user.display_name) for row in found if row.pk != session_id]
