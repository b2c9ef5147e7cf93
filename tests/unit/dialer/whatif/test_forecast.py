"""A forecast: the same for the same plan, with bands that hold further runs, and the fewest agents that are in time."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from dialer.whatif import Band, forecast
from dialer.whatif.forecast import RUNS, band, fewest
from dialer.whatif.playing import play, span_of
from dialer.whatif.words import differences, remarks
from tests.unit.dialer.whatif.making import MONDAY, plan

SMALL = plan(leads=400, agents=4, closes=time(9, 30))


@pytest.mark.parametrize("mode", ["preview", "progressive", "power"])
def test_the_same_plan_gives_the_same_forecast(mode: str) -> None:
    asked = replace(SMALL, mode=mode)

    assert forecast(asked) == forecast(asked)


def test_the_predictive_pacer_itself_plays() -> None:
    asked = replace(SMALL, mode="predictive", closes=time(9, 20))

    run = play(asked, answers=0.22, seed=1)

    assert run == play(asked, answers=0.22, seed=1)
    assert 0 < run.talk_share < 1


def test_every_run_is_told_of() -> None:
    told: list[int] = []

    forecast(SMALL, report=told.append)

    assert told == list(range(1, RUNS + 1))


@pytest.mark.slow_lane
@pytest.mark.parametrize("mode", ["preview", "progressive", "power"])
def test_bands_hold_a_further_run_in_19_of_20_cases(mode: str) -> None:
    asked = replace(SMALL, mode=mode)
    runs = [play(asked, answers=asked.answers, seed=seed) for seed in range(10 * (RUNS + 1))]

    held = 0
    for first in range(0, len(runs), RUNS + 1):
        *some, further = runs[first : first + RUNS + 1]
        talk, wait = band([run.talk_share for run in some]), band([run.wait for run in some])
        held += talk.low <= further.talk_share <= talk.high
        held += wait.low <= further.wait <= wait.high

    assert held >= 17  # 19 of 20 are expected; fewer than 17 in 2 of 100 cases


def test_a_band_holds_its_middle_and_no_negative_figures() -> None:
    found = band([1.0, *[0.0] * 7])

    assert (found.low, found.mid) == (0.0, 0.125)
    assert found.high == pytest.approx(1.01, abs=0.01)
    assert band([0.9, 1.0, 1.0, 1.0, 1.0], most=1.0).high == 1.0


def test_few_calls_counted_widen_the_band_of_the_finish() -> None:
    sure, doubted = (forecast(plan(counted=calls, mode="preview")) for calls in (0, 60))

    def width(each: Band) -> float:
        return each.high - each.low

    assert width(doubted.open_hours) > width(sure.open_hours)


def test_a_larger_team_is_done_sooner() -> None:
    finishes = [forecast(plan(agents=agents, mode="preview")).finish.mid for agents in (5, 10, 20)]

    assert None not in finishes
    assert finishes == sorted(finishes, reverse=True)  # type: ignore[type-var]  # days


def test_other_teams_stand_beside_it_in_order() -> None:
    found = forecast(plan())

    assert [team.agents for team in found.teams] == [5, 8, 12, 15, 20]
    days = [team.finish.mid for team in found.teams]
    assert days == sorted(days, reverse=True)  # type: ignore[type-var]  # days


@pytest.mark.slow_lane
def test_the_staff_needed_is_the_fewest_that_are_in_time() -> None:
    by = MONDAY + timedelta(days=8)
    asked = plan(finish_by=by)

    needed = forecast(asked).needed

    assert needed is not None
    done = forecast(plan(agents=needed)).finish.mid
    assert done is not None
    assert done <= by
    runs = [play(plan(agents=needed), answers=0.22, seed=seed) for seed in range(RUNS)]
    assert fewest(plan(agents=needed), runs, by) == needed


def test_no_team_is_in_time_where_people_wait_between_tries() -> None:
    asked = plan(finish_by=MONDAY, attempts=8, leads=100)

    found = forecast(asked)

    assert found.needed is None
    assert any("No team of up to 2,000 agents" in text for text in remarks(asked, found))


def test_where_nobody_answers_it_never_finishes_and_says_so() -> None:
    asked = plan(answers=0.0)

    found = forecast(asked)

    assert found.nobody_answers
    assert (found.finish.mid, found.reached.high, found.talk_minutes.high) == (None, 0.0, 0.0)
    [said] = remarks(asked, found)
    assert said.startswith(
        "Nobody answers at this rate: it never finishes. Each person would be tried 4 times"
    )


@pytest.mark.slow_lane
@pytest.mark.parametrize("mode", ["power", "predictive", "preview"])
def test_extreme_shares_can_be_played(mode: str) -> None:
    for answers, machines in ((0.98, 0.0), (0.003, 0.0)):
        asked = plan(
            mode=mode, answers=answers, machines=machines, busy=0.0, failed=0.0, agents=2, cps=0.5, closes=time(9, 15),
            counted=1000,
        )  # fmt: skip

        assert forecast(asked).runs == RUNS


def test_a_list_not_done_in_two_years_is_said_to_be() -> None:
    asked = plan(leads=5_000_000, agents=1, closes=time(9, 30))

    assert any("not done within two years" in text for text in remarks(asked, forecast(asked)))


def test_a_team_too_large_for_its_list_is_told() -> None:
    asked = plan(leads=200, agents=40)

    assert any("no lead is ready" in text for text in remarks(asked, forecast(asked)))


def test_large_teams_play_shorter_stretches() -> None:
    spans = [span_of(plan(agents=agents, mode="predictive"), 0.22) for agents in (3, 10, 100, 2000)]

    assert spans[:3] == [4800, 3600, 600]
    assert spans[3] < 600


@pytest.mark.slow_lane
def test_differences_are_named_in_words() -> None:
    slow, quick = forecast(plan(agents=5)), forecast(plan(agents=10))

    said = differences(slow, quick)

    assert said[0].startswith("B finishes ")
    assert " earlier: " in said[0]
    assert "the bands overlap" in said[1]


def test_two_that_finish_alike_are_said_to() -> None:
    found = forecast(SMALL)

    assert differences(found, found)[0] == "Both finish on Tue 24 Nov 2026." or differences(found, found)[
        0
    ].startswith("Both finish on ")


@pytest.mark.slow_lane
def test_more_calls_for_each_agent_talk_more_and_abandon_more() -> None:
    careful, bold = (forecast(plan(mode=mode, agents=6)) for mode in ("progressive", "power"))

    assert bold.talk_minutes.mid > careful.talk_minutes.mid
    assert bold.abandonment
    assert bold.finish.mid
    assert isinstance(bold.finish.mid, date)
