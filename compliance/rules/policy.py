"""The numbers the rules use on a given day. The law sets them; the house may only make them stricter."""

from dataclasses import dataclass, replace
from datetime import datetime, time

from compliance.rules.facts import Channel, Purpose
from compliance.rules.jurisdictions.us_federal import NUMBERS

RULES_VERSION = "2026-11-21"


class PolicyTooLoose(ValueError):
    """Somebody tried to set a house limit that allows more than the law."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Limits in force on one day. Times are local wall-clock times of the person called."""

    federal_opens: time
    federal_closes: time
    close_margin_seconds: int
    registry_max_age_days: int
    attempts_per_24h: int
    # Recorded calls, texts and predictive dialing need consent and abandonment rules (FED-007, FED-016, ST-006); debt needs
    # Regulation F. Until those rules are here, what they would judge is refused.
    channels: frozenset[Channel] = frozenset({Channel.LIVE_MANUAL, Channel.LIVE_PREVIEW})
    purposes: frozenset[Purpose] = frozenset(Purpose) - {Purpose.UNKNOWN, Purpose.DEBT}

    def tightened(
        self,
        *,
        close_margin_seconds: int | None = None,
        registry_max_age_days: int | None = None,
        attempts_per_24h: int | None = None,
    ) -> "Policy":
        """Return the policy with house limits; raises PolicyTooLoose for one that allows more than this policy."""
        if close_margin_seconds is not None and close_margin_seconds < self.close_margin_seconds:
            raise PolicyTooLoose(
                f"The margin before closing cannot be under {self.close_margin_seconds} seconds."
            )
        if registry_max_age_days is not None and registry_max_age_days > self.registry_max_age_days:
            raise PolicyTooLoose(
                f"The registry copy cannot be allowed to be over {self.registry_max_age_days} days old."
            )
        if attempts_per_24h is not None and attempts_per_24h > self.attempts_per_24h:
            raise PolicyTooLoose(f"More than {self.attempts_per_24h} attempts in 24 hours cannot be allowed.")
        return replace(
            self,
            close_margin_seconds=self.close_margin_seconds
            if close_margin_seconds is None
            else close_margin_seconds,
            registry_max_age_days=self.registry_max_age_days
            if registry_max_age_days is None
            else registry_max_age_days,
            attempts_per_24h=self.attempts_per_24h if attempts_per_24h is None else attempts_per_24h,
        )


def in_force(at: datetime) -> Policy:
    """Return the law's limits on the day of `at`; raises LookupError if a number has no row for that day."""
    on = at.date()
    found = {row.name: row.value for row in NUMBERS if row.is_in_force(on)}
    missing = {row.name for row in NUMBERS} - set(found)
    if missing:
        raise LookupError(f"No row in force on {on} for {', '.join(sorted(missing))}.")
    return Policy(**found)  # type: ignore[arg-type]  # the table test holds each row's type to its field
