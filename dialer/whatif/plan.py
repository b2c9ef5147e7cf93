"""What a forecast is made of: the team, its hours, how it dials, how people answer, and the list. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from math import ceil
from typing import Final

from campaigns.breaks import Span

PREVIEW: Final = "preview"
PREDICTIVE: Final = "predictive"
OVER_DIALS: Final = ("power", PREDICTIVE)
ORDERS: Final = (
    "due",
    "closing_first",
    "east_first",
)  # of campaigns.ordering.Kind, as far as zones tell people apart
USUAL_BREAKS: Final = 0.07  # of an agent's paid time


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
    opens: time  # in the zone of each person called, like the next three
    closes: time
    days: str  # weekdays as digits, Monday = 0
    breaks: Sequence[Span] = ()
    zones: Sequence[
        tuple[str, float]
    ] = ()  # where people are: IANA name → share of the leads; empty: at the office
    office: str = "America/New_York"  # the zone of the team's clock
    works_from: time | None = None  # the team, by the office's clock; None: as the hours above
    works_until: time | None = None
    break_share: float = USUAL_BREAKS  # of an agent's paid time
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
    by_hour: Sequence[tuple[int, float]] = ()  # the office's hour → answers there, as a multiple of `answers`
    entered_hours: Sequence[
        tuple[int, float]
    ] = ()  # likewise, but the share itself, in place of what was counted
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
    per_number: int | None = None  # tries of one number at most
    per_day: int | None = None  # of a person on one day
    per_person: int | None = None  # of a person in `person_days`
    person_days: int = 7
    numbers: Sequence[float] = (1.0,)  # shares of the people by how many numbers they have: 1, 2, 3, ...
    order: str = ORDERS[0]
    retries: Retries = Retries()
    callback_rate: float = 0.0  # of those who talk with an agent: who asks to be called again
    callback_days: float = 1.0  # after which
    detects: bool
    cps: float
    leads: int  # that can be called from the beginning on
    later: int = 0  # further ones, from the next day on
    due: Sequence[
        tuple[int, int]
    ] = ()  # those of them who wait for a time: hours after the first midnight → leads
    tried: Sequence[float] = (1.0,)  # shares of the leads by how often they were tried before: 0, 1, 2, ...

    @property
    def shift(self) -> tuple[time, time]:
        """Return from when until when the team is at work, by the office's clock."""
        return self.works_from or self.opens, self.works_until or self.closes

    @property
    def day_seconds(self) -> float:
        """Return the length of the team's day."""
        since, until = self.shift
        return float(seconds_of(until) - seconds_of(since))

    @property
    def where(self) -> Sequence[tuple[str, float]]:
        """Return the zones of the people with their shares, which sum to 1."""
        whole = sum(share for _, share in self.zones)
        return [(name, share / whole) for name, share in self.zones] if whole > 0 else [(self.office, 1.0)]

    @property
    def tries_a_day(self) -> int:
        """Return how many tries of a day are told apart: one where no limit binds."""
        return self.per_day if self.per_day and self.per_day < self.attempts else 1

    @property
    def kinds(self) -> int:
        """Return how many kinds of leads are told apart: what carrying forward costs grows with it."""
        return max(1, len(self.zones)) * self.tries_a_day * self.attempts

    @property
    def hears_machines(self) -> bool:
        """Return whether agents hear the machines that answer."""
        return self.mode == PREVIEW or not self.detects

    def answers_at(self, hour: int, doubt: float = 1.0) -> float:
        """Return the share of calls that people answer in an hour of the office's day; `doubt` multiplies what was counted."""
        entered = dict(self.entered_hours).get(hour)
        return min(
            1.0, self.answers * doubt * dict(self.by_hour).get(hour, 1.0) if entered is None else entered
        )

    def usual_answers(self, doubt: float = 1.0) -> float:
        """Return the mean share over the team's hours."""
        hours = hours_of(self)
        return sum(self.answers_at(hour, doubt) for hour in hours) / len(hours)


def hours_of(plan: Plan) -> range:
    """Return the hours of the office's day in which the team is at work."""
    since, until = (seconds_of(clock) / 3600 for clock in plan.shift)
    return range(int(since), max(int(since) + 1, ceil(until)))


def seconds_of(clock: time) -> int:
    """Return the seconds since midnight."""
    return clock.hour * 3600 + clock.minute * 60 + clock.second
