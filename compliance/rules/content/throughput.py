"""How fast and how much may be sent (A2P-003 AT&T per minute, A2P-004 T-Mobile per day). Parts, not texts, are counted."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from compliance.rules.content.numbers import InForce
from compliance.rules.content.rows import DailyCap, Throughput


class TrafficKind(StrEnum):
    """What kind of 10DLC campaign or brand it is."""

    STANDARD = "standard"
    LOW_VOLUME = "low_volume"
    SOLE_PROPRIETOR = "sole_proprietor"
    SOCIAL = "social"
    POLITICAL = "political"
    EMERGENCY = "emergency"
    CHARITY = "charity"
    PROXY = "proxy"
    RUSSELL_3000 = "russell_3000"


def parts_per_minute(
    vetting_score: int | None, kind: TrafficKind, *, numbers: InForce, mms: bool = False
) -> int:
    """Return AT&T's limit for one campaign (for one number where the kind is PROXY).

    A standard campaign without a score, or of a kind the table does not have, gets the lowest rate of standard traffic.
    """
    rows = numbers.of(Throughput)
    score = vetting_score or 0
    fitting = [row for row in rows if row.kind == kind and row.score_from <= score <= row.score_to]
    unscored = [row for row in rows if row.kind == kind and row.score_to == 0]
    fallback = [row for row in rows if row.kind == TrafficKind.LOW_VOLUME]
    for found in (unscored, fitting, fallback):
        if found:
            return min(row.mms if mms else row.sms for row in found)
    return 0


def daily_cap(score: int | None, kind: TrafficKind = TrafficKind.STANDARD, *, numbers: InForce) -> int:
    """Return T-Mobile's parts per day for the brand, all campaigns and providers together; unvetted is the lowest standard."""
    rows = numbers.of(DailyCap)
    own = [row.value for row in rows if row.kind == kind and kind != TrafficKind.STANDARD]
    fitting = [
        row.value
        for row in rows
        if row.kind == TrafficKind.STANDARD and row.score_from <= (score or 0) <= row.score_to
    ]
    standard = [row.value for row in rows if row.kind == TrafficKind.STANDARD]
    return min(own or fitting or standard or [0])


def next_reset(at: datetime, numbers: InForce) -> datetime:
    """Return the next midnight of T-Mobile's day after `at`, in UTC. Raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("Give an aware time: the cap resets at midnight of one zone.")
    zone = ZoneInfo(numbers.words("daily_cap_zone")[0])
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=zone).astimezone(UTC)


def queued_until(
    sent_today: Mapping[str, int],
    parts: int,
    *,
    cap: int,
    at: datetime,
    numbers: InForce,
) -> datetime | None:
    """Return when to send a text of `parts` parts; None = now.

    `sent_today` is the brand's count for each provider since the last reset: T-Mobile counts the brand, not the provider.
    What is over the cap is put off (A2P_CAP); it has not failed and is not tried again the same day.
    """
    used = sum(max(count, 0) for count in sent_today.values())
    return None if used + max(parts, 1) <= cap else next_reset(at, numbers)
