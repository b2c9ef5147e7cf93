"""How a pool stands at one instant: which of its numbers may be shown, what holds the others, and until when. Nothing is counted."""

from datetime import date, datetime

from carriers.models import CallerPool
from carriers.pool_choice import PoolStanding
from carriers.pools import UNTIL_LOOKED_AT


def standing(pool_id: int, *, today: date, tomorrow: datetime, now: datetime) -> PoolStanding | None:
    """Return how a pool stands; None where it is gone. `tomorrow` is when the day of its caps is over. Two queries."""
    pool = CallerPool.objects.filter(pk=pool_id).first()
    if pool is None:
        return None
    free: list[str] = []
    resting, capped, again = 0, 0, []
    for row in pool.members.select_related("number").filter(number__active=True).order_by("number__number"):
        rests = row.rests_until is not None and row.rests_until > now
        is_capped = pool.daily_cap is not None and row.day == today and row.dials_today >= pool.daily_cap
        if not (rests or is_capped):
            free.append(row.number.number)
            continue
        resting, capped = resting + rests, capped + (is_capped and not rests)
        ends = [row.rests_until] if rests and row.rests_until else []
        again.append(max([*ends, *([tomorrow] if is_capped else [])]))
    soon = [at for at in again if at < now + UNTIL_LOOKED_AT / 2]
    return PoolStanding(
        name=pool.name,
        match_local=pool.match_local,
        free=free,
        resting=resting,
        capped=capped,
        daily_cap=pool.daily_cap,
        next_at=min(soon, default=None),
    )
