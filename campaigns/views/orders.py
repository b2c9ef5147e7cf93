"""In which order a campaign calls."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import roles
from campaigns.order_form import OrderForm
from campaigns.selectors import orders as read
from campaigns.services import orders as services
from campaigns.services.moves import CampaignRefused
from campaigns.views.campaigns import saved_words
from campaigns.views.errors import not_found_is_404
from core import clock
from core.access import person_of, requires
from core.errors import Stale


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def order(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Show the order and who comes next, or store another one."""
    page = read.get_page(campaign_id, now=clock.now())
    form = OrderForm(
        request.POST if request.method == "POST" else None, order=page.order, lists=page.lists, seen=page.seen
    )
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_order(
                campaign_id=campaign_id,
                order=form.order(),
                seen=form.cleaned_data["seen"],
                by_name=person_of(request).username,
                now=clock.now(),
            )
        except (services.OrderRefused, CampaignRefused, Stale) as refusal:
            form.add_error(None, refusal.public_message)
        else:
            messages.success(
                request,
                f"{saved_words(saved)} While it runs, everybody has their place within a minute; calls go on meanwhile.",
            )
            return redirect("campaign-order", campaign_id=campaign_id)
    context = {"page": page, "form": form}
    return render(request, "campaigns/order.html", context, status=422 if form.errors else 200)
