"""What a forecast is made of: the team, its hours, how it dials, how people answer, and the list. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Final

PREVIEW: Final = "preview"
PREDICTIVE: Final = "predictive"
OVER_DIALS: Final = ("power", PREDICTIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How many minutes a person waits for the next try after each result; None: they are not tried again."""

    no_answer: int | None = 240
    machine: int | None = 240
    busy: int | None = 30
    failed: int | None = 1440
    abandoned: int | None = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One scenario. Shares are from 0 to 1, of calls started; times in seconds where nothing else is said."""

    agents: int
    opens: time  # of the team's day, in the zone of the people called
    closes: time
    days: str  # weekdays as digits, Monday = 0
    begins: date
    not_before: time  # on the first day
    finish_by: date | None = None
    mode: str  # campaigns.models.Campaign.Mode
    ratio: float = 2.0  # calls for each free agent, in the mode power
    cap: float  # of the calls answered by a person
    answers: float
    machines: float
    busy: float
    failed: float
    by_hour: Sequence[tuple[int, float]] = ()  # hour → answers there, as a multiple of `answers`
    counted: int = 0  # calls that `answers` was counted from; 0: it is taken as it is
    has_learned: bool = (
        True  # the pacer begins with calls of the past, as a campaign does that has run before
    )
    talk: float  # with a person, on average
    talk_spread: float = 1.0  # coefficient of variation
    wrap: float
    reading: float  # of the card before an agent dials, in preview
    ring: int
    attempts: int
    retries: Retries = Retries()
    detects: bool
    cps: float
    leads: int  # that can be called from the beginning on
    later: int = 0  # further ones, from the next day on
    tried: Sequence[float] = (1.0,)  # shares of the leads by how often they were tried before: 0, 1, 2, ...

    @property
    def day_seconds(self) -> float:
        """Return the length of the team's day."""
        return float(seconds_of(self.closes) - seconds_of(self.opens))

    @property
    def hears_machines(self) -> bool:
        """Return whether agents hear the machines that answer."""
        return self.mode == PREVIEW or not self.detects

    def answers_at(self, hour: int) -> float:
        """Return the share of calls that people answer in an hour of the day."""
        return min(1.0, self.answers * dict(self.by_hour).get(hour, 1.0))


def seconds_of(clock: time) -> int:
    """Return the seconds since midnight."""
    return clock.hour * 3600 + clock.minute * 60 + clock.second
