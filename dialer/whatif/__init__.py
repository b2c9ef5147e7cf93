"""What would come of a campaign before it is launched: a played day, carried forward until its list is done. Pure."""

from dialer.whatif.forecast import Band, Forecast, forecast
from dialer.whatif.plan import Plan

__all__ = ["Band", "Forecast", "Plan", "forecast"]
