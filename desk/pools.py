"""Pools of caller numbers: all of them, and one with its numbers and how often each is answered."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from campaigns.services import caller_pools
from campaigns.services.campaigns import Saved
from campaigns.services.moves import CampaignRefused
from carriers import pools as services
from carriers.pool_choice import ALARM
from core import clock
from core.access import person_of, requires
from core.errors import NotFound
from desk.forms_pools import PoolForm
from dialer import pool_reads as read
from dialer.services.caller_ids import office_day

ROOM = 300  # pixels of 100 %


@dataclass(frozen=True, slots=True)
class RateBar:
    """One number's answer rate, drawn with its interval."""

    number: str
    value: float
    low: float
    span: float
    y: int
    text_y: int


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
def pools(request: HttpRequest) -> HttpResponseBase:
    """Show all pools, or make one."""
    initial = {"match_local": True, "rest_on_drop": True, "rest_minutes": 60}
    form = PoolForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            pool_id = services.create_pool(
                spec=form.as_spec(), by_name=person_of(request).username, now=clock.now()
            )
        except services.PoolRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, "The pool is made. Put numbers into it.")
            return redirect("caller-pool", pool_id=pool_id)
    context = {"pools": read.list_pools(), "form": form}
    return render(request, "desk/pools.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
def pool(request: HttpRequest, pool_id: int) -> HttpResponseBase:
    """Show one pool, or store its rules."""
    now = clock.now()
    try:
        facts = read.get_pool(pool_id, today=office_day(now), now=now)
    except NotFound as missing:
        raise Http404(missing.public_message) from None
    initial = {name: getattr(facts, name) for name in asdict(services.PoolSpec(name=""))}
    form = PoolForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_pool(
                pool_id=pool_id, spec=form.as_spec(), by_name=person_of(request).username, now=now
            )
        except services.PoolRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, "Saved. It holds from the next call on.")
            return redirect("caller-pool", pool_id=pool_id)
    bars = _bars(facts)
    context = {"facts": facts, "form": form, "bars": bars, "height": 26 * len(bars) + 20, "drop": ALARM}
    return render(request, "desk/pool.html", context, status=422 if form.errors else 200)


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
def pool_act(request: HttpRequest, pool_id: int, action: str) -> HttpResponseBase:
    """Put a number in, take it out, end its rest, or have a campaign use the pool or its own number."""
    about: dict[str, Any] = {"by_name": person_of(request).username, "now": clock.now()}
    of_number = {**about, "pool_id": pool_id, "number": request.POST.get("number", "").replace("\x00", "")}
    text = request.POST.get("campaign", "")
    campaign_id = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
    acts: dict[str, Callable[[], object]] = {
        "add": lambda: services.add_number(**of_number),
        "remove": lambda: services.remove_number(**of_number),
        "end-rest": lambda: services.end_rest(**of_number),
        "use": lambda: caller_pools.use_pool(campaign_id=campaign_id, pool_id=pool_id, **about),
        "leave": lambda: caller_pools.use_pool(campaign_id=campaign_id, pool_id=None, **about),
    }
    if action not in acts:
        raise Http404("There is no such action.")
    try:
        done = acts[action]()
    except (services.PoolRefused, CampaignRefused, NotFound) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            f"Version {done.number} of the campaign waits for the approval of a second person."
            if isinstance(done, Saved) and done.waits
            else "Done. It holds from the next call on.",
        )
    return redirect("caller-pool", pool_id=pool_id)


def _bars(facts: read.PoolFacts) -> list[RateBar]:
    return [
        RateBar(
            number=row.number,
            value=round(ROOM * (row.health.answered.value or 0), 1),
            low=round(ROOM * row.health.answered.low, 1),
            span=round(ROOM * (row.health.answered.high - row.health.answered.low), 1),
            y=26 * at + 4,
            text_y=26 * at + 18,
        )
        for at, row in enumerate(facts.members)
        if row.health.answered.whole
    ]
