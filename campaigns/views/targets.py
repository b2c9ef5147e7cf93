"""The numbers a campaign's calls may be handed on to: the manager's list."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from campaigns.selectors import campaigns as read
from campaigns.selectors import targets as read_targets
from campaigns.services import targets as services
from campaigns.target_form import TargetForm
from campaigns.views.errors import not_found_is_404
from core import clock
from core.access import person_of, requires


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def targets(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Show the list, or add a number to it."""
    facts = read.get_campaign(campaign_id)
    form = TargetForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        person = person_of(request)
        try:
            services.add_target(
                campaign_id=campaign_id,
                new=form.as_new(),
                by_id=person.id,
                by_name=person.username,
                now=clock.now(),
            )
        except services.TargetRefused as refusal:
            form.add_error("number", str(refusal))
        else:
            messages.success(request, "The number is on the list.")
            return redirect("campaign-targets", campaign_id=campaign_id)
    context = {"facts": facts, "form": form, "listed": read_targets.list_targets(campaign_id)}
    return render(request, "campaigns/targets.html", context, status=422 if form.errors else 200)


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def target_remove(request: HttpRequest, campaign_id: int, target_id: int) -> HttpResponseBase:
    """Take a number off the list."""
    services.remove_target(
        campaign_id=campaign_id, target_id=target_id, by_name=person_of(request).username, now=clock.now()
    )
    messages.success(request, "The number is off the list.")
    return redirect("campaign-targets", campaign_id=campaign_id)
