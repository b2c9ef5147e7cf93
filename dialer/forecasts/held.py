"""What the gate says of a campaign's list: who can be called, now or in time, and whom which rule holds until what changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from compliance.crowd.steps import Step
from dialer.why.ahead import IN_TIME, NOBODY, Ahead
from dialer.why.waterfall import NAMES, Waterfall

WHEN: Final[Mapping[Step, str]] = {
    Step.DIALABLE: "when a number that can be dialed is supplied",
    Step.SUPPRESSED: "when the person comes back by themself, and two people lift the request",
    Step.LISTED: "when a consent or relationship is recorded, or a fresh registry copy is loaded",
    Step.CONSENTED: "when the consent it needs is recorded",
    Step.SET_UP: "when the seller’s papers and the caller ID are in order",
    Step.CAPS: "when the period of the limit has passed",
    Step.TODAY: "on a later day, in its hours",
    Step.NOW: "later today",
}
LASTING: Final[Mapping[str, str]] = {  # what waiting does not lift: dialer.why.ahead.LASTING
    "TZ_UNKNOWN": "when an address or zone is supplied",
    "PROMISED": "by the agent who promised it, in preview",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Leads that one reason holds, and when they can be called."""

    step: str
    why: str
    leads: int
    when: str
    in_time: bool  # by waiting alone: they are part of the forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A campaign's list as the gate sees it at one instant."""

    as_of: datetime
    total: int  # on its lists
    to_do: int
    now: int  # callable now
    today: int  # later today
    later: int  # on later days
    held: Sequence[Held]
    ahead: Ahead = NOBODY  # of whom it can reach, now or by waiting

    @property
    def held_back(self) -> int:
        """Return how many leads are held until something changes."""
        return self.to_do - self.now - self.today - self.later


def standing(found: Waterfall) -> Standing:
    """Return what a campaign's waterfall says of its launch."""
    rows: list[Held] = []
    for step, name in NAMES.items():
        count = found.steps[2 + list(NAMES).index(step)]
        rest = count.lost
        for reason in count.reasons:
            lasts = LASTING.get(reason.code)
            rows.append(
                Held(
                    step=name, why=reason.text, leads=reason.leads, when=lasts or WHEN[step],
                    in_time=step in IN_TIME and lasts is None,
                )
            )  # fmt: skip
            rest -= reason.leads
        if rest > 0:
            rows.append(
                Held(step=name, why="Other reasons", leads=rest, when=WHEN[step], in_time=step in IN_TIME)
            )
    today = found.steps[-1].lost
    in_time = sum(row.leads for row in rows if row.in_time)
    return Standing(
        as_of=found.as_of,
        total=found.total,
        to_do=found.steps[1].leads,
        now=found.callable_now,
        today=today,
        later=in_time - today,
        held=rows,
        ahead=found.ahead,
    )
