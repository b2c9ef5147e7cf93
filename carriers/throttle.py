"""The carrier's own limit on new calls, kept on our side: what comes faster it would queue, and ring when nobody waits."""

from django.conf import settings

from core import rates
from core.rates import Limit, Slot

PATIENCE_SECONDS = 0.5


def reserve_slot(*, caller_id: str, attempt_ref: str) -> Slot:
    """Reserve the next instant at which the account, and the caller number, may create a call; none further than PATIENCE_SECONDS.

    The same attempt asking again within seconds uses up no second slot.
    """
    limits = [Limit(name=f"carrier:{settings.TWILIO_ACCOUNT_SID}", per_second=settings.CARRIER_CPS)]
    if settings.CARRIER_NUMBER_CPS > 0:
        limits.append(Limit(name=f"caller:{caller_id}", per_second=settings.CARRIER_NUMBER_CPS))
    return rates.take(limits, asker=f"attempt:{attempt_ref}", patience_seconds=PATIENCE_SECONDS)


def limit_words() -> str:
    """Return the limit as people say it: "1 call a second"."""
    rate = settings.CARRIER_CPS
    return f"{rate:g} call{'' if rate == 1 else 's'} a second"
