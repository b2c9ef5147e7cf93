"""How a running campaign stands: it dials, or "should be dialing, is not, because ...". Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from campaigns.hours import opens_at as opens_at  # part of how it stands

FEWEST_AGENTS: Final = 3  # at work: with fewer, calls beyond the free agents are mostly luck
HELD_FOR: Final = timedelta(seconds=5)  # leads refused one after the other for so long are worth a word


class Standing(StrEnum):
    """Why a campaign does not dial, or not as it was told to."""

    DIALING = "dialing"
    CARRIER_DOWN = "carrier_down"
    SET_UP_MISSING = "set_up_missing"
    OUTSIDE_HOURS = "outside_hours"
    NO_AGENTS = "no_agents"
    NOBODY_READY = "nobody_ready"
    LIST_SHORT = "list_short"
    LIST_DONE = "list_done"
    HELD_BY_RULES = "held_by_rules"
    LINES_FULL = "lines_full"
    CAP_REACHED = "cap_reached"  # dials by preview
    CONTRADICTION = "contradiction"  # dials one to one
    CAP_NEAR = "cap_near"  # likewise
    FEW_AGENTS = "few_agents"  # likewise
    DRAINING = "draining"  # as a person chose; found by whoever reads
    NO_PACER = "no_pacer"  # nobody looks after it; found by whoever reads


STOPS: Final = frozenset(Standing) - {
    Standing.DIALING, Standing.CAP_REACHED, Standing.CONTRADICTION, Standing.CAP_NEAR, Standing.FEW_AGENTS,
    Standing.DRAINING,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the standing of a running campaign depends on. Instants are aware."""

    carrier_trouble: str = ""  # in the carrier's words
    set_up_missing: str = ""  # a sentence
    opens_at: datetime | None = None  # None: it is within its hours somewhere
    signed_on: int
    at_work: int
    leaving: int = 0  # agents who are busy still and gone when they finish
    leads_ready: int
    next_lead_at: datetime | None = None
    under_way: int = 0
    refused_since: datetime | None = (
        None  # calls were wanted, and the rules let none of the leads looked at be called
    )
    lines_left: int = 1
    over_dials: bool = False  # its mode starts calls beyond the free agents
    dials_itself: bool = False  # its mode starts calls at all
    over_the_cap: str = ""  # how many were abandoned, where it is more than the law allows
    contradiction: str = ""
    budget: float | None = None  # calls that may be abandoned now
    answered_live: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How it stands, in words for people."""

    standing: Standing
    words: str = ""


def stand(facts: Facts, *, now: datetime) -> Stand:
    """Return how a running campaign stands: the first of the causes that holds, in the order in which one would mend them."""
    return next(_causes(facts, now), Stand(standing=Standing.DIALING))


def _causes(it: Facts, now: datetime) -> Iterator[Stand]:
    if it.carrier_trouble:
        yield Stand(
            standing=Standing.CARRIER_DOWN, words=f"The carrier refuses our credentials: {it.carrier_trouble}"
        )
    if it.set_up_missing:
        yield Stand(standing=Standing.SET_UP_MISSING, words=it.set_up_missing)
    if it.opens_at is not None and not it.under_way:
        yield Stand(
            standing=Standing.OUTSIDE_HOURS, words="It is outside its calling hours everywhere it may call."
        )
    if not it.signed_on:
        yield Stand(standing=Standing.NO_AGENTS, words="No agent is signed on to it.")
    elif not it.at_work + it.leaving:
        yield Stand(
            standing=Standing.NOBODY_READY,
            words=f"{it.signed_on} agent{'s are' if it.signed_on > 1 else ' is'} signed on, none is ready.",
        )
    if not it.leads_ready and it.next_lead_at is None:
        if not it.under_way:
            yield Stand(standing=Standing.LIST_DONE, words="Nobody is left to call on its lists.")
    elif not it.leads_ready:
        yield Stand(standing=Standing.LIST_SHORT, words="Everybody left waits for their next try.")
    elif it.refused_since is not None and now - it.refused_since >= HELD_FOR:
        yield Stand(
            standing=Standing.HELD_BY_RULES,
            words="The rules let none of the people looked at be called now; the count below says which.",
        )
    if it.dials_itself and it.lines_left <= 0:
        yield Stand(
            standing=Standing.LINES_FULL,
            words="All lines of the carrier's account are in use, or kept for campaigns that dial first.",
        )
    yield from _dropped(it)


def _dropped(it: Facts) -> Iterator[Stand]:
    """Give why it dials otherwise than it was told to."""
    if not it.dials_itself:
        return
    if it.over_the_cap:
        yield Stand(
            standing=Standing.CAP_REACHED, words=f"{it.over_the_cap} Agents dial by preview until it is less."
        )
    if it.contradiction:
        yield Stand(standing=Standing.CONTRADICTION, words=f"Dials one to one: {it.contradiction}")
    if not it.over_dials:
        return
    if it.at_work < FEWEST_AGENTS:
        yield Stand(
            standing=Standing.FEW_AGENTS,
            words=f"Dials one to one: {it.at_work} of the {FEWEST_AGENTS} agents that calls beyond the free ones need are at work.",
        )
    if it.budget is not None and it.budget < 1:
        yield Stand(
            standing=Standing.CAP_NEAR,
            words="Dials one to one: one more abandoned call could break the cap, "
            f"with {it.answered_live:,.0f} calls answered by a person so far.",
        )
