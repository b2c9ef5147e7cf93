"""One contact as the rule book sees it: what is believed of the facts before any rule is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from compliance.rules.facts import ContactFacts
from compliance.rules.vocabulary import Channel, LineType, Purpose


class Refusal(NamedTuple):
    """A rule of the book that forbids the contact."""

    rule: str  # as the book numbers it: "FED-001"
    code: str  # one of compliance.rules.codes
    because: str  # for whoever studies a disagreement


Refusals = Iterator[Refusal]

VOICE = {Channel.LIVE_MANUAL, Channel.LIVE_PREVIEW, Channel.LIVE_PREDICTIVE, Channel.PREREC}
TEXT = {Channel.SMS, Channel.MMS}


@dataclass(frozen=True, slots=True)
class Case:
    """The facts, and the readings that several rules share."""

    facts: ContactFacts
    line: LineType  # believed; UNKNOWN when nobody looked within 15 days (FED-031)
    telemarketing: bool
    emergency: bool
    states: frozenset[str]
    clocks: tuple[datetime, ...]  # the local time in every candidate zone (TZ-001)
    last_date: date  # the latest date it is now, at the person's or at Greenwich
    state_is_guess: bool  # ST-001, TZ-004: the strictest row is added

    @property
    def landline(self) -> bool:
        """Return whether the line is believed to be a wire; everything else is treated as wireless."""
        return self.line in {LineType.LANDLINE_RES, LineType.LANDLINE_BIZ}

    @property
    def nonprofit_itself(self) -> bool:
        """Return whether a tax-exempt nonprofit calls for itself (FED-033); a paid fundraiser is not it."""
        return self.facts.campaign.nonprofit and not self.facts.campaign.paid_fundraiser

    @property
    def purpose(self) -> Purpose:
        """Return the purpose a consent must cover: content with two purposes is telemarketing (section 1)."""
        return Purpose.TELEMARKETING if self.telemarketing else self.facts.purpose


def read(facts: ContactFacts) -> Case:
    """Return the facts with what the book makes of them."""
    # Section 0, 25: an unknown purpose is "BLOCK or manual review"; whoever lifts that does not know that nothing is sold.
    telemarketing = (
        facts.purpose in {Purpose.TELEMARKETING, Purpose.UNKNOWN}
        or facts.campaign.sells_later
        or facts.message.marketing
    )
    states = frozenset(state for evidence in facts.evidences for state in evidence.states)
    zones = sorted({zone for evidence in facts.evidences for zone in evidence.zones})
    clocks = tuple(facts.at.astimezone(zone_of(name)) for name in zones)
    dates = [facts.at.date(), *(clock.date() for clock in clocks)]
    line = believed_line(facts)
    address = any(e.kind.value in {"zip", "state"} and e.states for e in facts.evidences)
    wire = line in {LineType.LANDLINE_RES, LineType.LANDLINE_BIZ}
    return Case(
        facts=facts,
        line=line,
        telemarketing=telemarketing,
        emergency=facts.purpose is Purpose.EMERGENCY and bool(facts.campaign.emergency) and not telemarketing,
        states=states,
        clocks=clocks,
        last_date=max(dates),
        state_is_guess=not states or (not wire and not address),
    )


def believed_line(facts: ContactFacts) -> LineType:
    """Return the line type if somebody looked in the last 15 days, else UNKNOWN (FED-031, ENG-001 step 5)."""
    checked = facts.line.checked_at
    if checked is None or checked > facts.at or facts.at - checked > timedelta(days=15):
        return LineType.UNKNOWN
    return facts.line.type


@lru_cache(maxsize=128)
def zone_of(name: str) -> ZoneInfo:
    """Return the zone of an IANA name."""
    return ZoneInfo(name)
