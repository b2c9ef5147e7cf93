"""The expected number of answers without an agent, against enumeration and against itself."""

from itertools import product

import numpy as np
import pytest

from dialer.pacing import shortage
from dialer.pacing.shortage import Outlook, count_law, losses, worth


def outlook(free: int, freed: list[float], answering: list[float], fresh: list[float]) -> Outlook:
    """Return an outlook of one point: each chance is by then."""
    rows = [np.array(chances).reshape(-1, 1) for chances in (freed, answering, fresh)]
    return Outlook(free=free, freed=rows[0], answering=rows[1], fresh=rows[2], inbound=np.zeros(1))


def steps(it: Outlook) -> list[float]:
    """Return what each further call adds to the expected loss."""
    return [float(added) for added in np.diff(list(losses(it)))]


def enumerated(chances: list[float]) -> list[float]:
    """Return the law of the count by adding up every outcome."""
    law = [0.0] * (len(chances) + 1)
    for outcome in product((0, 1), repeat=len(chances)):
        law[sum(outcome)] += float(
            np.prod([p if one else 1 - p for p, one in zip(chances, outcome, strict=True)])
        )
    return law


def test_the_law_of_a_count_is_that_of_every_outcome_added_up() -> None:
    chances = [0.1, 0.25, 0.5, 0.9]

    law = count_law(np.array(chances).reshape(-1, 1))

    assert law[:, 0] == pytest.approx(enumerated(chances))


def test_a_call_for_which_an_agent_is_free_loses_nothing() -> None:
    assert steps(outlook(2, [], [], [0.3, 0.3])) == pytest.approx([0.0, 0.0])


def test_a_call_for_which_nobody_is_free_is_lost_when_answered() -> None:
    assert steps(outlook(0, [0.0], [], [0.3])) == pytest.approx([0.3])


def test_each_further_call_risks_more() -> None:
    added = steps(outlook(1, [0.4, 0.2], [0.3, 0.1], [0.3] * 8))

    assert added == sorted(added)


def lost_by_definition(it: Outlook) -> list[float]:
    """Return the expected loss without and with 1, 2, ... of the fresh calls, from the law of each number of answers."""
    losses, at_most = [], np.cumsum(count_law(it.freed), axis=0)
    for count in range(len(it.fresh) + 1):
        law = count_law(np.concatenate([it.answering, it.fresh[:count]]))
        loss = 0.0
        for before in range(len(law) - 1):
            more = law[before + 1 :].sum(axis=0)
            gap = before - it.free
            if gap >= 0:
                loss += float((np.diff(more, prepend=0.0) * at_most[min(gap, len(at_most) - 1)]).sum())
        losses.append(loss)
    return losses


@pytest.mark.parametrize("free", [-2, 0, 1, 4])
def test_the_loss_with_each_number_of_calls_is_that_of_its_definition(free: int) -> None:
    rng = np.random.default_rng(free + 5)
    rise = np.linspace(0.1, 1.0, 9)
    rows = [rng.uniform(0.0, 0.5, (count, 1)) * rise for count in (6, 5, 4)]
    it = Outlook(free=free, freed=rows[0], answering=rows[1], fresh=rows[2], inbound=np.zeros(9))

    lost = list(losses(it))

    assert lost == pytest.approx(lost_by_definition(it), abs=1e-12)


def test_the_approximation_for_large_teams_is_close_to_the_exact_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(3)
    points = np.linspace(0.05, 1.0, 17)
    freed, answering = (rng.uniform(0.05, 0.5, (30, 1)) * points for _ in range(2))
    it = Outlook(
        free=3,
        freed=freed,
        answering=answering,
        fresh=np.repeat(0.25 * points[None], 6, axis=0),
        inbound=np.zeros(17),
    )
    monkeypatch.setattr(shortage, "EXACT", 1000)
    exact = steps(it)
    monkeypatch.setattr(shortage, "EXACT", 0)

    near = steps(it)

    assert near == pytest.approx(exact, rel=0.1, abs=0.002)


def test_a_small_team_bears_calls_up_to_the_tolerance() -> None:
    it = outlook(1, [0.4, 0.2], [0.3, 0.1], [0.3] * 8)
    added = steps(it)

    totals = worth(it, added[3] / 0.3 + 1e-9)

    assert len(totals) == 1 + 4
    assert totals[4] - totals[0] == pytest.approx(sum(added[:4]))
