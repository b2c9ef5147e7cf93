"""Forecasts made when asked for: quick ones at once, others by a worker, told by how many runs are played; kept for a while."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from django.core.cache import cache

from core import jobs as core_jobs
from dialer import jobs
from dialer.forecasts.asking import Ask, Side
from dialer.whatif.forecast import Forecast, forecast, runs_of
from dialer.whatif.plan import PREVIEW, Plan

KEPT = 24 * 3600  # seconds
SILENT_AT_MOST = 60  # likewise: a worker that has told of no run for so long is lost
QUICK = 60  # kinds of leads told apart, up to which a forecast in preview is made at once
SHAPE = 2  # of what is kept; another after each change of the classes


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the forecasts of a question are; None: not made yet, or there is nobody to call."""

    a: Forecast | None
    b: Forecast | None
    done: int
    of: int
    is_cancelled: bool = False  # somebody stopped what was being made

    @property
    def is_done(self) -> bool:
        """Return whether everything is made."""
        return self.done >= self.of


class Cancelled(Exception):
    """Nobody wants the forecast any more: raised in the middle of making it."""


def keep(ask: Ask) -> str:
    """Keep a question as it stands now, and return its key."""
    key = sha256(repr(ask).encode()).hexdigest()[:32]
    cache.set(f"what-if:{SHAPE}:ask:{key}", ask, KEPT)
    return key


def kept(key: str) -> Ask | None:
    """Return the question of a key, None where it is not kept any more."""
    found: Ask | None = cache.get(f"what-if:{SHAPE}:ask:{key[:64]}")
    return found


def progress(ask: Ask) -> Progress:
    """Return what is known of a question; have made what is not, by a worker unless it is quick or was cancelled."""
    a, done = _latest(ask.a)
    b, done_b = _latest(ask.b) if ask.b else (None, 0)
    of = _runs(ask.a) + (_runs(ask.b) if ask.b else 0)
    is_cancelled = done + done_b < of and any(cache.get(f"{key}:cancelled") for key in _keys(ask))
    return Progress(a=a, b=b, done=done + done_b, of=of, is_cancelled=is_cancelled)


def begin(ask: Ask) -> Progress:
    """Return what is known of a question that is asked anew: what was cancelled is made after all."""
    cache.delete_many([f"{key}:cancelled" for key in _keys(ask)])
    return progress(ask)


def cancel(ask: Ask) -> bool:
    """Stop what is being made of a question, for everybody who asked it; return whether anything was.

    A worker that plays it stops after the run it is in: some seconds at most.
    """
    keys = [key for key in _keys(ask) if not cache.get(key) and not cache.get(f"{key}:cancelled")]
    for key in keys:
        cache.set(f"{key}:cancelled", True, KEPT)
    return bool(keys)


def make(ask: Ask, *, report: Callable[[int], None] = lambda done: None) -> Progress:
    """Return the forecasts of a question, made here and now: seconds to a minute; `report` is told of each run of a side."""
    sides = [each for each in (ask.a, ask.b) if each]
    made = [None if side.nobody else forecast(side.plan, report=report) for side in sides]
    return Progress(a=made[0], b=made[1] if ask.b else None, done=1, of=1)


def play_kept(key: str) -> None:
    """Make the forecast of a kept plan, telling of each run; nothing where the plan is not kept any more, or cancelled."""
    plan: Plan | None = cache.get(f"{key}:plan")
    if plan is None:
        return

    def report(done: int) -> None:
        if cache.get(f"{key}:cancelled"):
            raise Cancelled
        cache.set(f"{key}:done", done, KEPT)
        cache.set(f"{key}:under-way", True, SILENT_AT_MOST)

    with suppress(Cancelled):
        report(0)
        cache.set(key, forecast(plan, report=report), KEPT)
    cache.delete_many([f"{key}:plan", f"{key}:done", f"{key}:under-way"])


def _runs(side: Side) -> int:
    return 0 if side.nobody else runs_of(side.plan)


def _keys(ask: Ask) -> list[str]:
    """Return under which keys the forecasts of a question are kept."""
    return [_key(side) for side in (ask.a, ask.b) if side and not side.nobody]


def _key(side: Side) -> str:
    return f"what-if:{SHAPE}:{sha256(repr(side.plan).encode()).hexdigest()[:32]}"


def _latest(side: Side) -> tuple[Forecast | None, int]:
    """Return a side's forecast if it is made, and how many of its runs are done."""
    if side.nobody:
        return None, 0
    key = _key(side)
    found: Forecast | None = cache.get(key)
    if (
        found is None
        and side.plan.mode == PREVIEW
        and side.plan.finish_by is None
        and side.plan.kinds <= QUICK
    ):
        found = forecast(side.plan)
        cache.set(key, found, KEPT)
    if found is not None:
        return found, _runs(side)
    if not cache.get(f"{key}:cancelled") and cache.add(f"{key}:under-way", True, SILENT_AT_MOST):
        cache.set(f"{key}:plan", side.plan, KEPT)
        core_jobs.enqueue_on_commit(jobs.PLAY_WHAT_IF, key=key)
    done: int = cache.get(f"{key}:done") or 0
    return None, min(done, _runs(side) - 1)
