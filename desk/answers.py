"""How a campaign's answered calls went: how many were abandoned, and how often detection was wrong. A part of its page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import roles
from campaigns import cards as campaigns
from compliance.gathering import policy_for
from core import clock
from core.access import requires
from dialer import drop_reads, selectors
from dialer.intervals import share


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
def campaign_answers(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Return the part for one campaign; empty before it has started."""
    now = clock.now()
    started_at = campaigns.started_at(campaign_id)
    if started_at is None:
        return HttpResponse("")
    counts = selectors.abandonment(campaign_id, started_at, now=now)
    policy = policy_for(now)
    spans = [
        ("This 30-day period", share(counts.period_abandoned, counts.period_live)),
        ("The last 30 days", share(counts.trailing_abandoned, counts.trailing_live)),
        ("The last 24 hours", share(counts.day_abandoned, counts.day_live)),
    ]
    return render(
        request,
        "desk/_campaign_answers.html",
        {
            "spans": spans,
            "limit": policy.abandon_limit_basis_points / 10_000,
            "seconds": policy.connect_seconds,
            "detection": selectors.detection(campaign_id, now=now),
            "drops": drop_reads.drops_of(campaign_id, now=now),
        },
    )
