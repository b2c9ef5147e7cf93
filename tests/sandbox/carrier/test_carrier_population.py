"""Who answers, how long things take, and what can be changed about it. No server needed."""

from datetime import UTC, datetime
from statistics import fmean

import pytest

from sandbox.carrier import spreads
from sandbox.carrier.population import KINDS, Population
from sandbox.carrier.spreads import WishError

NOON = datetime(2026, 11, 18, 20, 0, tzinfo=UTC)  # 12:00 in Los Angeles, 15:00 in New York
LOS_ANGELES, NEW_YORK = "+1310555", "+1212555"


def _meet(population, count, prefix=LOS_ANGELES, at=NOON):
    return [population.meet(f"{prefix}{index:04d}", at) for index in range(count)]


def _share(met, kind):
    return sum(each.kind == kind for each in met) / len(met)


def test_population_follows_its_weights_and_lengths():
    population = Population(7)

    met = _meet(population, 2000)

    for kind, weight in population.weights.items():
        assert _share(met, kind) == pytest.approx(weight, abs=0.04)
    assert all(2 <= each.ring_seconds <= 18 for each in met if each.kind == "person")
    assert all(20 <= each.talk_seconds <= 120 for each in met if each.kind == "person")
    assert all(30 <= each.talk_seconds <= 60 for each in met if each.kind == "machine")
    assert all(0.5 <= each.talk_seconds <= 2 for each in met if each.kind == "early_hangup")


def test_each_attempt_is_its_own_and_repeats_with_the_seed():
    one, two, other = Population(1), Population(1), Population(2)

    first = [one.meet("+13105550100", NOON) for _ in range(20)]

    assert first == [two.meet("+13105550100", NOON) for _ in range(20)]
    assert first != [other.meet("+13105550100", NOON) for _ in range(20)]
    assert len(set(first)) == 20


def test_changing_one_length_leaves_every_other_trait_as_it_was():
    one, two = Population(1), Population(1)
    two.change({"ring_seconds": {"person": {"mean": 9, "cv": 0.5}}})

    pairs = list(zip(_meet(one, 200), _meet(two, 200), strict=True))

    assert all(a.talk_seconds == b.talk_seconds and a.kind == b.kind for a, b in pairs)
    assert any(a.ring_seconds != b.ring_seconds for a, b in pairs)


def test_the_standard_scenario_has_the_lengths_pacing_is_compared_with():
    population = Population(3)
    population.change({"scenario": "standard"})

    met = _meet(population, 8000)

    people = [each for each in met if each.kind == "person"]
    machines = [each for each in met if each.kind == "machine"]
    assert _share(met, "person") == pytest.approx(0.25, abs=0.06)
    assert _share(met, "machine") == pytest.approx(0.25, abs=0.02)
    assert fmean(each.ring_seconds for each in people) == pytest.approx(10.2, abs=0.4)
    assert fmean(each.talk_seconds for each in people) == pytest.approx(0.7 * 25 + 0.3 * 190, rel=0.12)
    assert fmean(each.greeting_seconds for each in people) == pytest.approx(1.2, abs=0.05)
    assert all(2.5 <= each.ring_seconds <= 5.5 or 14 <= each.ring_seconds <= 21.4 for each in machines)
    heard = [each for each in people if each.heard_as == "human"]
    assert all(0.5 <= each.verdict_seconds - each.greeting_seconds <= 0.9 for each in heard)
    assert all(1.8 <= each.verdict_seconds <= 3.8 for each in machines)
    assert fmean(each.heard_as == "machine" for each in people) == pytest.approx(0.015, abs=0.01)
    assert fmean(each.heard_as == "human" for each in machines) == pytest.approx(0.05, abs=0.02)


def test_answers_follow_the_hour_where_the_number_is():
    population = Population(1)
    hours = [1.0] * 24
    hours[12] = 0.0  # nobody answers at noon
    population.change({"answer_by_hour": hours})

    in_los_angeles, in_new_york = _meet(population, 400), _meet(population, 400, NEW_YORK)

    assert _share(in_los_angeles, "person") == 0
    assert _share(in_los_angeles, "no_answer") == pytest.approx(0.73, abs=0.07)
    assert _share(in_los_angeles, "machine") == pytest.approx(0.18, abs=0.05)
    assert _share(in_new_york, "person") == pytest.approx(0.45, abs=0.07)


def test_a_number_of_no_known_place_keeps_universal_time():
    population = Population(1)
    population.change({"answer_by_hour": [0.0] * 20 + [1.0] + [0.0] * 3})

    assert population.meet("client:ana", NOON).kind in KINDS


def test_an_unreachable_number_is_so_at_every_attempt():
    population = Population(1)
    population.change({"unreachable": 0.2, "failed": 0})

    tries = [[each.kind for each in _meet(population, 300)] for _ in range(3)]

    dead = [[index for index, kind in enumerate(kinds) if kind == "failed"] for kinds in tries]
    assert dead[0] == dead[1] == dead[2]
    assert len(dead[0]) == pytest.approx(60, abs=25)


def test_each_side_of_detection_errs_at_its_own_rate():
    population = Population(1)
    population.change({"amd_person_as_machine": 0.3, "amd_machine_as_person": 0.1, "machine": 0.45})

    met = _meet(population, 3000)

    people = [each.heard_as for each in met if each.kind == "person"]
    machines = [each.heard_as for each in met if each.kind == "machine"]
    assert people.count("machine") / len(people) == pytest.approx(0.3, abs=0.05)
    assert machines.count("human") / len(machines) == pytest.approx(0.1, abs=0.04)
    assert "unknown" not in people + machines


def test_machines_end_their_greetings_as_the_weights_say():
    population = Population(1)
    only_machines = {**dict.fromkeys(KINDS, 0), "machine": 1}
    population.change({**only_machines, "message_ends": {"beep": 2, "silence": 1, "never": 1}})

    met = _meet(population, 1000)

    ends = [each.message_end for each in met]
    assert ends.count("beep") / 1000 == pytest.approx(0.5, abs=0.05)
    assert ends.count("other") == 0
    assert {each.talk_seconds for each in met if each.message_end == "never"} == {600}


def test_a_fixed_number_keeps_what_was_not_fixed():
    free, fixed = Population(1), Population(1)
    free.fix(LOS_ANGELES + "0001", {"behaviour": "machine"})
    fixed.fix(LOS_ANGELES + "0001", {"behaviour": "machine", "greeting_seconds": 7, "message_end": "silence"})

    one, other = free.meet(LOS_ANGELES + "0001", NOON), fixed.meet(LOS_ANGELES + "0001", NOON)

    assert (other.kind, other.greeting_seconds, other.message_end) == ("machine", 7, "silence")
    assert (other.ring_seconds, other.talk_seconds) == (one.ring_seconds, one.talk_seconds)


def test_what_is_told_can_be_set_again():
    population = Population(1)
    population.change({"scenario": "standard"})
    told = population.describe()
    other = Population(1)

    other.change(told)

    assert other.describe() == told
    assert _meet(other, 50) == _meet(population, 50)


@pytest.mark.parametrize(
    "wishes",
    [
        {"person": -1},
        {"ring_seconds": 3},
        {"ring_seconds": [9, 3]},
        {"ring_seconds": {"sleeper": [1, 2]}},
        {"talk_seconds": {"mean": 3}},
        {"talk_seconds": {"mix": [[0.5, [1, 2]], [0.4, [1, 2]]]}},
        {"talk_seconds": {"mix": [0.5]}},
        {"sleeper": 1},
        {"scenario": "moon"},
        {"scenario": "standard", "answer_by_hour": [1.0] * 23},
        {"message_ends": {"bell": 1}},
        {"message_ends": {"beep": 0}},
        {"amd_unknown": 1.5},
        {"seed": "one"},
        dict.fromkeys(KINDS, 0),
    ],
)
def test_wishes_that_cannot_be_change_nothing(wishes):
    population = Population(1)
    before = population.describe()

    with pytest.raises(WishError):
        population.change(wishes)

    assert population.describe() == before


@pytest.mark.parametrize(
    "wishes",
    [
        {"behaviour": "asleep"},
        {"keys": "abc"},
        {"talk_seconds": -1},
        {"message_end": "bell"},
        {"payment": {"pin": "1234"}},
        {"payment": {"security-code": 123}},
        {"mood": "good"},
    ],
)
def test_a_number_cannot_be_fixed_to_what_there_is_not(wishes):
    population = Population(1)

    with pytest.raises(WishError):
        population.fix("+13105550100", wishes)

    assert population.fixed == {}


@pytest.mark.parametrize(
    ("value", "median", "mean"),
    [
        ([2, 6], 4, 4),
        ({"mean": 100, "cv": 0.5}, 100 / (1.25**0.5), 100),
        ({"mean": 10, "cv": 0.5, "plus": 5}, 5 + 10 / (1.25**0.5), 15),
        ({"mean": 10, "cv": 2, "low": 3, "high": 4}, 4, None),
        ({"mix": [[0.25, [0, 4]], [0.75, [10, 10]]]}, 10, 8),
    ],
)
def test_distributions_have_their_median_and_mean(value, median, mean):
    spread = spreads.read("x", value)

    drawn = [spread.at((index + 0.5) / 4000) for index in range(4000)]

    assert spread.at(0.5) == pytest.approx(median, rel=0.01)
    assert mean is None or fmean(drawn) == pytest.approx(mean, rel=0.01)
    assert spreads.read("x", spread.describe()) == spread
