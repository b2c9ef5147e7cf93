"""The leads a plan has still to do, as a mass: who is ready where, who waits until when, and how many tries each has left. Pure.

What is not as in life: a person's chance does not depend on how often they were tried; those who ask to be called again come back all at
once, after the same wait, and answer no more often than others; where somebody has several numbers, one number's tries are as good as
another's. A limit on tries of a person over some days is taken as an even spacing, and tries of other campaigns do not count against it.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dialer.whatif.hours import Slot
from dialer.whatif.plan import ORDERS, Plan

DONE: Final = 0.5  # leads
TO_REACH, CALLED_BACK = 0, 1  # the first axis: who was not reached yet, and who asked to be called again

Mass = NDArray[np.float64]  # by who it is, zone, tries made today, tries left less one


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was done in a slot."""

    calls: float
    reached: float  # people who talked with an agent for the first time


class Leads:
    """Ready ones, and those that wait for an hour."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._order = plan, count()
        self._daily, self._is_limited = (
            plan.tries_a_day,
            plan.per_day is not None and plan.per_day < plan.attempts,
        )
        self._day = 0
        self._waiting: list[tuple[float, int, int, Mass]] = []
        each = np.zeros((2, len(plan.where), self._daily, plan.attempts))
        each[TO_REACH, :, 0] = np.outer([share for _, share in plan.where], tries_left(plan))
        timed = sum(leads for _, leads in plan.due)
        whole = plan.leads + plan.later
        scale = min(1.0, whole / timed) if timed else 0.0
        later = plan.later - scale * sum(leads for at, leads in plan.due if at >= 24)
        next_day = max(
            0.0, min(later, whole - timed * scale)
        )  # promises for today may be more than those ready today
        for at, leads in plan.due:
            self._put(float(at), each * (leads * scale))
        self._put(24.0, each * next_day)
        self._ready: Mass = each * max(0.0, whole - timed * scale - next_day)
        self.left = float(each.sum() * whole)

    def ripen(self, slot: Slot) -> None:
        """Make ready what has waited long enough; on a new day nobody was tried yet."""
        day = int(slot.at // 24)
        if day > self._day:
            self._day = day
            self._ready = _rested(self._ready) if self._daily > 1 else self._ready
        while self._waiting and self._waiting[0][0] <= slot.at + 1e-9:
            _, _, since, leads = heapq.heappop(self._waiting)
            self._ready = self._ready + (_rested(leads) if since < day and self._daily > 1 else leads)

    def call(self, most: float, answers: float, abandoned: float, slot: Slot) -> Made:
        """Call up to so many of those who are ready and whose window is open, in the plan's order."""
        called = self._chosen(most, slot)
        made = float(called.sum())
        if made <= 0:
            return Made(calls=0.0, reached=0.0)
        self._ready = self._ready - called
        again = np.zeros_like(called)
        again[..., :-1] = called[..., 1:]
        back = 0.0
        for wait, share in self._waits(answers, abandoned):
            self._wait(again * share, wait, slot)
            back += share
        asked = answers * (1 - abandoned) * self._plan.callback_rate
        if asked > 0:
            theirs = np.zeros_like(called)
            theirs[CALLED_BACK] = again.sum(axis=0) * asked
            self._wait(theirs, self._plan.callback_days * 24, slot)
        self.left -= made - (back + asked) * float(again.sum())
        reached = float(called[TO_REACH].sum()) * answers * (1 - abandoned)
        return Made(calls=made, reached=reached)

    def _chosen(self, most: float, slot: Slot) -> Mass:
        """Return who is called: those who asked for it first, then zone by zone, or all alike."""
        called = np.zeros_like(self._ready)
        for who, zones in self._turns(slot):
            ready = self._ready[who, zones]
            sum_ = float(ready.sum())
            if sum_ > 0 and most > 0:
                called[who, zones] = ready * min(1.0, most / sum_)
                most -= sum_
        return called

    def _turns(self, slot: Slot) -> Iterator[tuple[int, list[int]]]:
        is_open = [zone for zone, open_ in enumerate(slot.open) if open_]
        yield CALLED_BACK, is_open
        if self._plan.order == ORDERS[0]:
            yield TO_REACH, is_open
            return
        # Where the window opens at the same hour of every clock, it closes first in the east: both orders are one here.
        for hours in sorted({slot.left[zone] for zone in is_open}):
            yield TO_REACH, [zone for zone in is_open if slot.left[zone] == hours]

    def _waits(self, answers: float, abandoned: float) -> Iterator[tuple[float, float]]:
        """Give the waits in hours after which people are tried again, each with the share of the calls."""
        plan, retries = self._plan, self._plan.retries
        rest = max(0.0, 1 - answers)
        others = plan.machines + plan.busy + plan.failed
        scale = min(1.0, rest / others) if others else 0.0
        shares: dict[int, float] = {}
        for minutes, share in (
            (retries.abandoned, answers * abandoned),
            (retries.machine, plan.machines * scale),
            (retries.busy, plan.busy * scale),
            (retries.failed, plan.failed * scale),
            (retries.no_answer, rest - others * scale),
        ):
            if minutes is not None and share > 0:
                shares[minutes] = shares.get(minutes, 0.0) + share
        spaced = (
            plan.person_days * 24 / plan.per_person
            if plan.per_person and plan.per_person < plan.attempts
            else 0.0
        )
        for minutes, share in shares.items():
            yield max(minutes / 60, spaced), share

    def _wait(self, leads: Mass, hours: float, slot: Slot) -> None:
        """Let those called wait for their next try; who was tried as often as a day allows, until tomorrow at least."""
        at = slot.at + slot.hours / 2 + hours
        if not self._is_limited:
            self._put(at, leads)
        elif self._daily == 1:
            self._put(max(at, (self._day + 1) * 24.0), leads)
        else:
            later, full = np.zeros_like(leads), np.zeros_like(leads)
            later[:, :, 1:], full[:, :, 0] = leads[:, :, :-1], leads[:, :, -1]
            self._put(at, later)
            self._put(max(at, (self._day + 1) * 24.0), full)

    def _put(self, at: float, leads: Mass) -> None:
        if leads.any():
            heapq.heappush(self._waiting, (at, next(self._order), self._day, leads))


def tries_left(plan: Plan) -> NDArray[np.float64]:
    """Return the shares of the leads by how many tries they have left: 1, 2, ...; who has none left is in none of them."""
    found = np.zeros(plan.attempts)
    for numbers, share in enumerate(plan.numbers, start=1):
        most = min(plan.attempts, plan.per_number * numbers) if plan.per_number else plan.attempts
        for tried, of_them in enumerate(plan.tried):
            if tried < most:
                found[most - tried - 1] += share * of_them
    return found


def _rested(leads: Mass) -> Mass:
    """Return the same with nobody tried today."""
    found = np.zeros_like(leads)
    found[:, :, 0] = leads.sum(axis=2)
    return found
