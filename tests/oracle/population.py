"""Random contacts over a year: most begin in good order, then a few things go wrong, often only just.

`contacts(seed)` is the same for the same seed. A contact that is wrong in every way tells nothing; one that is wrong in
one way, by a day or a second, tells whether that rule is read alike.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from compliance.rules.facts import (
    CampaignWindow,
    Channel,
    ContactFacts,
    Evidence,
    LineFacts,
    LineType,
    Purpose,
)
from compliance.rules.records import (
    CallerFacts,
    MessageFacts,
    RegistryFacts,
    RegistryListing,
    RelationshipFact,
)
from tests.oracle import mishaps, places, wishes
from tests.oracle.draft import SELLER, Draft, registrations

FIRST, LAST = date(2026, 6, 1), date(2027, 6, 30)
SPECIAL_DAYS = tuple(
    date.fromisoformat(text)
    for text in """
    2026-06-14 2026-06-19 2026-06-22 2026-07-03 2026-07-04 2026-07-24 2026-08-10 2026-09-07 2026-10-12 2026-10-17
    2026-10-18 2026-10-19 2026-10-31 2026-11-01 2026-11-02 2026-11-03 2026-11-11 2026-11-26 2026-11-27 2026-12-01
    2026-12-24 2026-12-25 2026-12-26 2026-12-28 2026-12-31 2027-01-01 2027-01-08 2027-01-18 2027-01-19 2027-02-09
    2027-02-15 2027-03-13 2027-03-14 2027-03-15 2027-03-26 2027-04-26 2027-05-04 2027-05-31 2027-06-07 2027-06-14
    2027-06-18 2027-06-19
    """.split()  # noqa: SIM905 - dates read better as text
)
SPAN = (LAST - FIRST).days + 1
EDGES = [hour * 3600 for hour in (8, 9, 10, 12, 13, 17, 18, 19, 20, 21)] + [13 * 3600 + 1800]

PURPOSES = [
    (Purpose.TELEMARKETING, 60),
    (Purpose.INFORMATIONAL, 9),
    (Purpose.SURVEY, 6),
    (Purpose.POLITICAL, 4),
    (Purpose.CHARITY, 6),
    (Purpose.DEBT, 8),
    (Purpose.EMERGENCY, 3),
    (Purpose.HEALTHCARE_HIPAA, 4),
]
CHANNELS = [
    (Channel.LIVE_MANUAL, 14),
    (Channel.LIVE_PREVIEW, 26),
    (Channel.LIVE_PREDICTIVE, 20),
    (Channel.PREREC, 20),
    (Channel.SMS, 16),
    (Channel.MMS, 4),
]
LINES = [
    (LineType.WIRELESS, 45),
    (LineType.LANDLINE_RES, 35),
    (LineType.LANDLINE_BIZ, 13),
    (LineType.VOIP, 4),
    (LineType.TOLLFREE, 1),
    (LineType.UNKNOWN, 2),
]
PURPOSE_BAG = [value for value, share in PURPOSES for _ in range(share)]
CHANNEL_BAG = [value for value, share in CHANNELS for _ in range(share)]
LINE_BAG = [value for value, share in LINES for _ in range(share)]
MISHAP_COUNTS = (0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 4, 8)
BUSINESS_DAYS = CampaignWindow(opens=time(9), closes=time(18), days=frozenset(range(5)))
WINDOWS = (
    (CampaignWindow(),) * 14
    + (CampaignWindow(opens=time(9), closes=time(20)),) * 3
    + (BUSINESS_DAYS, CampaignWindow(opens=time(7), closes=time(22, 30)))
)


class Dice(Random):
    """A generator whose choice is quick: half the time of a drawing went into it."""

    def choice(self, seq: Any) -> Any:
        """Return one of the items."""
        return seq[int(self.random() * len(seq))]


def contacts(seed: int) -> Iterator[ContactFacts]:
    """Yield random contacts without end."""
    rng = Dice(seed)
    while True:
        yield contact(rng)


def contact(rng: Random) -> ContactFacts:
    """Return one random contact."""
    draft = good(rng)
    for _ in range(rng.choice(MISHAP_COUNTS)):
        mishaps.strike(rng, draft)
    return ContactFacts(**draft.values)


def good(rng: Random) -> Draft:
    """Return a contact in good order but for its time of day, place and line, which are as they come."""
    purpose, channel, line = rng.choice(PURPOSE_BAG), rng.choice(CHANNEL_BAG), rng.choice(LINE_BAG)
    evidences = where(rng)
    at = when(rng, evidences, channel)
    number = f"+1{rng.choice(places.NUMBERS)}555{rng.randrange(10_000):04d}"
    text = channel in {Channel.SMS, Channel.MMS}
    values: dict[str, Any] = {
        "at": at,
        "number": number,
        "channel": channel,
        "purpose": purpose,
        "seller": SELLER,
        "campaign_ref": "campaign:1",
        "person_ref": "lead:1",
        "attempt_ref": "attempt:1",
        "caller_id": "+14075550100",
        "ring_seconds": 0 if text else rng.choice((15, 20, 25, 25, 30, 45)),
        "line": LineFacts(type=line, checked_at=at - timedelta(days=rng.choice((0, 1, 1, 5, 14)))),
        "evidences": evidences,
        "window": rng.choice(WINDOWS),
        "registry": registry(at.date() - timedelta(days=rng.choice((0, 0, 1, 7, 20, 29)))),
        "registrations": registrations(),
        "caller": caller(at.date() - timedelta(days=rng.randrange(80))),
        "campaign": mishaps.campaign(rng, purpose, channel),
    }
    draft = Draft(values, at, purpose, channel, line)
    if rng.random() < 0.72 or text:
        wishes.give_good_consent(rng, draft)
    if purpose is Purpose.HEALTHCARE_HIPAA and rng.random() < 0.5:
        draft.add("relationships", RelationshipFact(seller=SELLER, customer=True))
    if text or channel is Channel.PREREC:
        values["message"] = MessageFacts(
            ref="asset:1",
            has_toll_free_opt_out=rng.random() < 0.9,
            limited_content=purpose is Purpose.DEBT,
            marketing=rng.random() < 0.03,
        )
    if text:
        values["sender"] = mishaps.good_sender(rng, purpose)
    return draft


def where(rng: Random) -> tuple[Evidence, ...]:
    """Return one to three hints about where the person is; most agree."""
    place = rng.choice(places.PLACES)
    chance = rng.random()
    if chance < 0.25:
        return (place.area_code,)
    if chance < 0.55:
        return (place.area_code, place.zip)
    if chance < 0.67:
        return (place.area_code, place.state)
    other = rng.choice(places.PLACES)
    if chance < 0.80:
        return (place.area_code, other.zip)
    if chance < 0.88:
        return (place.area_code, place.zip, rng.choice(places.STATED))
    if chance < 0.93:
        return (place.area_code, other.zip, other.state)
    if chance < 0.98:
        return (place.area_code, rng.choice(places.STATED))
    if chance < 0.99:
        return (place.zip,)
    return () if chance < 0.995 else (rng.choice(places.STATED),)


def when(rng: Random, evidences: tuple[Evidence, ...], channel: Channel) -> datetime:
    """Return an instant: on special days more often, in daylight more often, often seconds from an edge."""
    day = (
        rng.choice(SPECIAL_DAYS) if rng.random() < 0.22 else FIRST + timedelta(days=int(rng.random() * SPAN))
    )
    if day.weekday() == 6 and rng.random() < 0.5:
        day += timedelta(days=2)
    chance = rng.random()
    if chance < 0.62:
        second = rng.uniform(10.5, 17) * 3600
    elif chance < 0.78:
        second = rng.choice(EDGES) - rng.choice((0, 0, 30, 45, 55, 60)) + rng.choice((-1, 0, 0, 1, -20, 20))
    elif chance < 0.93:
        second = rng.uniform(8, 21) * 3600
    else:
        second = rng.random() * 86_399
    zones = sorted(zone for evidence in evidences for zone in evidence.zones) or ["America/New_York"]
    local = datetime(day.year, day.month, day.day, tzinfo=zone_of(rng.choice(zones)))
    wall = local.replace(
        hour=int(second) // 3600 % 24, minute=int(second) // 60 % 60, second=int(second) % 60,
        microsecond=rng.choice((0, 0, 0, 1, 500_000)),
    )  # fmt: skip
    return wall.astimezone(UTC)


@lru_cache(maxsize=128)
def zone_of(name: str) -> ZoneInfo:
    """Return the zone of an IANA name."""
    return ZoneInfo(name)


@lru_cache(maxsize=1024)
def registry(as_of: date) -> RegistryFacts:
    """Return copies of every list, of that day, on which the number does not stand."""
    return RegistryFacts(
        seller_has_snapshot=True,
        covers_number=True,
        as_of=as_of,
        own_lists=tuple(RegistryListing(name=state, as_of=as_of) for state in places.LIST_STATES),
    )


@lru_cache(maxsize=1024)
def caller(tested_on: date) -> CallerFacts:
    """Return a caller number in good order."""
    return CallerFacts(known=True, active=True, authority="lease", takes_requests=True, tested_on=tested_on)
