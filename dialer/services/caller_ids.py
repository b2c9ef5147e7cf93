"""The number a call shows: the campaign's own, or one drawn from its pool, kept with the attempt and why."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings

from campaigns.models import Campaign
from carriers import pool_standing, pools
from carriers.pool_choice import Choice, PoolStanding
from core import sweeps
from core.errors import AppError
from dialer.pool_reads import Health, fallen

log = structlog.get_logger(__name__)
OWN = "the campaign’s own number"


class NoCallerNumber(AppError):
    """Every number of the pool rests or is at its cap; the text says what to do."""


def choose(campaign: Campaign, *, to: str, seed: str, now: datetime) -> Choice:
    """Return the number to show on a call, counted if it is a pool's. Raises NoCallerNumber.

    In the open transaction, before the gate is asked: the gate judges the number that is shown. Refused, it is given back.
    """
    if campaign.caller_pool_id is None:
        return Choice(campaign.caller_id, OWN)
    found = pools.draw(campaign.caller_pool_id, to=to, seed=seed, today=office_day(now), now=now)
    if found is None:
        raise NoCallerNumber(
            "Every number of the campaign’s pool rests or has made its calls of the day. A manager can end a rest or raise the cap; "
            "else it goes on by itself."
        )
    return found


def standing(campaign: Campaign, *, now: datetime) -> PoolStanding | None:
    """Return how the campaign's pool stands; None for one that shows its own number. At most two queries."""
    if campaign.caller_pool_id is None:
        return None
    day = office_day(now)
    tomorrow = datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(settings.OFFICE_ZONE))
    return pool_standing.standing(campaign.caller_pool_id, today=day, tomorrow=tomorrow, now=now)


def shown_in(campaign: Campaign, *, now: datetime) -> Callable[[str], str]:
    """Return what gives the number a call to somebody would show, for asking the gate ahead; nothing is drawn or counted.

    Of several as near the call draws one of its own; the gate is asked about that one again. At most two queries.
    """
    found = standing(campaign, now=now)
    if found is None:
        return lambda _: campaign.caller_id
    return lambda to: found.shown_to(to) or campaign.caller_id


def give_back(campaign: Campaign, number: str, *, now: datetime) -> None:
    """Uncount a number that was chosen in this transaction for a call that is not made."""
    if campaign.caller_pool_id is not None:
        pools.give_back(campaign.caller_pool_id, number, today=office_day(now))


def rest_fallen(*, now: datetime) -> int:
    """Let numbers rest whose answer rate fell against the others of their pool; returns how many. A sweep."""
    return sweeps.for_each(fallen(now=now), lambda found: _rest(found, now), what="fallen caller number")


def office_day(now: datetime) -> date:
    """Return the day on the office's calendar, on which caps are counted."""
    return now.astimezone(ZoneInfo(settings.OFFICE_ZONE)).date()


def _rest(found: Health, now: datetime) -> None:
    usual = round(100 * (found.others.value or 0))
    reason = (
        f"Answered {found.answered.part:.0f} of {found.answered.whole:.0f} calls; the pool’s others {usual} %"
    )
    if pools.rest_for_drop(pool_id=found.pool_id, number=found.number, reason=reason, now=now):
        log.warning("dialer.caller.fell", number=found.number[-4:], reason=reason)
