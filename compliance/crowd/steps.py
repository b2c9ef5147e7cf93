"""The steps of the waterfall: which of the gate's refusals holds a number at which step. Pure."""

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from typing import Final
from zoneinfo import ZoneInfo

from compliance.rules.decision import Decision, Outcome


class Step(IntEnum):
    """Where a number is held, in the order of the waterfall; NOWHERE: it may be called now."""

    DIALABLE = 0
    SUPPRESSED = 1
    LISTED = 2
    CONSENTED = 3
    SET_UP = 4
    CAPS = 5
    TODAY = 6
    NOW = 7
    NOWHERE = 8


STEP_OF: Final[Mapping[str, Step]] = {
    **dict.fromkeys(["NUMBER_INVALID", "JURISDICTION_UNKNOWN", "LINE_PROTECTED"], Step.DIALABLE),
    **dict.fromkeys(["DNC_INTERNAL", "REVOKED", "WRONG_NUMBER", "LITIGATOR"], Step.SUPPRESSED),
    **dict.fromkeys(["DNC_NATIONAL", "DNC_STATE", "SCRUB_STALE"], Step.LISTED),
    **dict.fromkeys(
        ["CONSENT_PEC", "CONSENT_PEWC", "CONSENT_SELLER", "MOBILE_BAN", "RND_RISK"], Step.CONSENTED
    ),
    **dict.fromkeys(
        [
            "CLOCK_WRONG", "PURPOSE_UNKNOWN", "NUMBERS_GENERATED", "CHANNEL_BARRED", "REG_MISSING", "CLI_INVALID",
            "A2P_UNREG", "RING_SHORT", "MSG_MISSING", "RULE_ERROR",
        ],
        Step.SET_UP,
    ),
    **dict.fromkeys(
        [
            "CLI_WORN", "A2P_CAP", "QTY_CAP", "FREQ_STATE", "REGF_7IN7", "REGF_COOLDOWN", "ABANDON_CAP",
            "NO_REPEAT",
        ],
        Step.CAPS,
    ),
    **dict.fromkeys(
        [
            "TZ_UNKNOWN", "HOURS_FED", "HOURS_STATE", "DAY_STATE", "HOLIDAY_STATE", "SOE_STATE", "DAY_CAMPAIGN",
            "HOURS_CAMPAIGN", "REGF_TIME",
        ],
        Step.TODAY,
    ),
    "LINE_BUSY_ACCOUNT": Step.NOW,
}  # fmt: skip


# Rules that deny at these steps or later; a rule not named here may deny at any. Whom an earlier step holds already they are
# not asked about.
EARLIEST: Final[Mapping[str, Step]] = {
    "state_written_consent": Step.CONSENTED,
    "no_mobile_ban": Step.CONSENTED,
    "same_holder": Step.CONSENTED,
    "not_registered": Step.LISTED,
    "registered": Step.SET_UP,
    "known_zone": Step.TODAY,
    "federal_hours": Step.TODAY,
    "state_hours": Step.TODAY,
    "state_days": Step.TODAY,
    "campaign_hours": Step.TODAY,
    "not_too_often": Step.CAPS,
}


def held_at(decision: Decision, *, zone: str, now: datetime) -> tuple[Step, str]:
    """Return the first step that holds the number and the code that does; (NOWHERE, "") when it may be called.

    What only the hours hold is held at NOW if they open before the local day ends, in the likely `zone`.
    """
    codes = [verdict.code for verdict in decision.verdicts if verdict.outcome is Outcome.DENY]
    if not codes:
        return Step.NOWHERE, ""
    first = min(codes, key=lambda code: STEP_OF[code])
    step = STEP_OF[first]
    if step is Step.TODAY and opens_today(decision.next_allowed_at, zone, now):
        return Step.NOW, first
    return step, first


def opens_today(instant: datetime | None, zone: str, now: datetime) -> bool:
    """Return whether the instant comes before the local day of `now` ends in the zone."""
    if instant is None or not zone:
        return False
    here = ZoneInfo(zone)
    return instant.astimezone(here).date() == now.astimezone(here).date()
