"""How many answers would find no agent, for each number of calls one might start now.

Over the seconds in which a call started now would be answered, the agents who become free and the answers that come are sums of
independent chances, one an agent and one a call, none alike (Poisson-binomial). An answer at t is lost when, within the time the
called person may wait, no agent is left for it. To dial by such a forecast, renewed as calls go, instead of by a ratio is Samuelson's
idea (Predictive dialing for outbound telephone call centers, Interfaces 29:5, 1999).

Small teams are counted exactly. From `EXACT` chances on the refined normal approximation is used, the normal law corrected for
skewness (Hong, On computing the distribution function for the Poisson binomial distribution, Computational Statistics and Data
Analysis 59, 2013).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EXACT: Final = 60  # chances (agents and calls) up to which the law of the sum is worked out exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is to come at the points of the horizon. Columns are points; chances are by then, so they never fall."""

    free: int  # agents idle less answers and callers already waiting; may be below 0
    freed: Floats  # rows: agents now busy
    answering: Floats  # rows: calls under way
    fresh: Floats  # rows: the calls one might start now, in dialing order
    inbound: Floats  # inbound callers expected by then


def worth(outlook: Outlook, tolerance: float) -> list[float]:
    """Return the expected answers without an agent: of the calls under way, then with each call worth starting, in their order.

    A call is worth it while it adds no more than the tolerance for each answer it brings.
    """
    lost = losses(outlook)
    totals = [next(lost)]
    for total, chance in zip(lost, outlook.fresh[:, -1].tolist(), strict=True):
        if total - totals[-1] > tolerance * chance:
            break
        totals.append(total)
    return totals


def losses(outlook: Outlook) -> Iterator[float]:
    """Return the expected number of answers without an agent with none, one, two, ... of the calls that one might start."""
    small = len(outlook.freed) + len(outlook.answering) <= EXACT and not outlook.inbound.any()
    return _exact(outlook) if small else _normal(outlook)


def count_law(chances: Floats) -> Floats:
    """Return the law of how many of the rows' chances come true: rows 0..n, for each column."""
    law = np.zeros((len(chances) + 1, chances.shape[1]))
    law[0] = 1.0
    for count, chance in enumerate(chances):
        moved = law[: count + 1] * chance
        law[: count + 1] -= moved
        law[1 : count + 2] += moved
    return law


def _exact(it: Outlook) -> Iterator[float]:
    """Count every outcome.

    The expected loss is the sum over t and n of P(more than n answers by t) x what the chance of no agent
    being left after n answers falls by until the next point (summation by parts); so an answer by t with chance f adds f x the mean
    of that fall over n.
    """
    size = len(it.answering) + len(it.fresh) + 1
    law = np.zeros((size, it.freed.shape[1]))
    law[: len(it.answering) + 1] = count_law(it.answering)
    exceeded = 1 - np.cumsum(law, axis=0)
    at_most = np.cumsum(count_law(it.freed), axis=0)
    gap = np.arange(size) - it.free
    short = np.where(gap[:, None] >= 0, at_most[np.clip(gap, 0, len(at_most) - 1)], 0.0)
    falls = short.copy()
    falls[:, :-1] -= short[:, 1:]
    total = float(np.vdot(exceeded, falls))
    yield total
    for fresh in it.fresh:
        total += float(np.vdot(law, falls * fresh))
        yield total
        moved = law[:-1] * fresh
        law[:-1] -= moved
        law[1:] += moved


def _normal(it: Outlook) -> Iterator[float]:
    fresh_rises, fresh_amid = _between(it.fresh)
    rises, amid = _between(it.answering)
    coming = rises.sum(axis=0) + _running(fresh_rises)
    # An answer is not one of those before it: what it adds to their number on average is taken out again.
    own = (rises * amid).sum(axis=0) + _running(fresh_rises * fresh_amid)
    mean_freed, var_freed, skew_freed = _moments(it.freed)
    mean_answers, var_answers, skew_answers = _moments(amid)
    spread = _running(fresh_amid * (1 - fresh_amid))
    others = mean_answers + _running(fresh_amid) - own / np.maximum(coming, 1e-9)
    mean = it.free + mean_freed - it.inbound - others
    deviation = np.sqrt(np.maximum(var_freed + var_answers + it.inbound + spread, 1e-4))
    # A call started now is rarely answered by any one point: its skewness is about its variance.
    skew = (skew_freed - skew_answers - it.inbound - spread) / deviation**3
    z = (0.5 - mean) / deviation
    density = np.exp(-0.5 * z * z) * 0.3989422804
    short = np.clip(normal_cdf(z) + skew * (1 - z * z) * density / 6, 0.0, 1.0)
    yield from (coming * short).sum(axis=1).tolist()


def _between(chances: Floats) -> tuple[Floats, Floats]:
    """Return by how much chances rise between two points, and what they are midway."""
    rises = np.diff(chances, prepend=0.0, axis=1)
    return rises, chances - rises / 2


def _running(rows: Floats) -> Floats:
    """Return the sums of the first 0, 1, 2, ... rows."""
    sums = np.zeros((len(rows) + 1, rows.shape[1]))
    np.cumsum(rows, axis=0, out=sums[1:])
    return sums


def _moments(chances: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the mean, variance and third central moment of the count, by column."""
    spread = chances * (1 - chances)
    return chances.sum(axis=0), spread.sum(axis=0), (spread * (1 - 2 * chances)).sum(axis=0)


def normal_cdf(z: Floats) -> Floats:
    """Return the normal law's distribution function, within 2e-4.

    Page, Approximations to the cumulative normal function and its inverse for use on a pocket calculator, Applied Statistics 26,
    1977, 75-76; the error was worked out anew against the error function.
    """
    return np.asarray(0.5 * (1 + np.tanh(0.7978845608 * (z + 0.044715 * z**3))))
