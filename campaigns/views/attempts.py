"""How a campaign tries people again: the plan, and what it contradicts."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from campaigns.attempt_form import AttemptForm
from campaigns.linter import recycling as linter
from campaigns.selectors import attempts as read
from campaigns.services import attempts as services
from campaigns.services.moves import CampaignRefused
from campaigns.views.campaigns import saved_words
from campaigns.views.errors import not_found_is_404
from core import clock
from core.access import person_of, requires
from core.errors import Stale


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def attempts(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Show the plan, check one, or store it."""
    page = read.get_page(campaign_id, now=clock.now())
    form = AttemptForm(
        request.POST if request.method == "POST" else None, plan=page.plan, rows=page.rows, seen=page.seen
    )
    found, checked = linter.findings(page.planned), False
    if request.method == "POST" and form.is_valid():
        plan = form.plan()
        found = linter.findings(replace(page.planned, plan=plan))
        checked = request.POST.get("act") == "check"
        if not checked:
            try:
                saved = services.save_plan(
                    campaign_id=campaign_id,
                    plan=plan,
                    found=found,
                    seen=form.cleaned_data["seen"],
                    by_name=person_of(request).username,
                    now=clock.now(),
                )
            except (services.PlanRefused, CampaignRefused, Stale) as refusal:
                form.add_error(None, refusal.public_message)
            else:
                messages.success(
                    request,
                    f"{saved_words(saved)} It counts from the next result and the next try on.",
                )
                return redirect("campaign-attempts", campaign_id=campaign_id)
    context = {"page": page, "form": form, "findings": found, "checked": checked}
    return render(request, "campaigns/attempts.html", context, status=422 if form.errors else 200)


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def attempts_plain(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Go back to the plain rule: wait as the results say."""
    try:
        saved = services.save_plan(
            campaign_id=campaign_id,
            plan=None,
            found=[],
            seen=request.POST.get("seen", ""),
            by_name=person_of(request).username,
            now=clock.now(),
        )
    except (CampaignRefused, Stale) as refusal:
        messages.error(request, refusal.public_message)
    else:
        messages.success(request, f"{saved_words(saved)} People wait as the results say.")
    return redirect("campaign-attempts", campaign_id=campaign_id)
