"""What the pacers are measured on: the standard and the Markov days, the grid of list and talk, and days on which something happens."""

from collections.abc import Iterator
from typing import Final

from dialer.simulation.scenario import HOUR, Inbound, Length, Mixture, Scenario, markov, standard

# Large teams for fewer hours, since their answers are as many.
HOURS: Final = {3: 8.0, 5: 8.0, 10: 8.0, 25: 8.0, 100: 4.0, 500: 1.0}
ANSWERED: Final = (8, 20, 45)  # percent of numbers answered by a person
TALKS: Final = {"40s": 40.0, "3min": 180.0, "6min": 360.0}  # seconds on average
EVENTS_FOR: Final = (5, 25)  # agents on the days on which something happens
SHORT, LONG = (0.7, 25.0, 0.8), (0.3, 190.0, 0.7)  # the standard's talk: share, mean in seconds, spread
USUAL: Final = SHORT[0] * SHORT[1] + LONG[0] * LONG[1]


def talk_of(mean: float) -> Mixture:
    """Return the standard's talk, stretched to a mean in seconds."""
    return Mixture(
        tuple((share, Length(part * mean / USUAL, spread)) for share, part, spread in (SHORT, LONG))
    )


def grid(hours: float | None) -> Iterator[Scenario]:
    """Give every team on every list with every talk."""
    for agents, most in HOURS.items():
        for percent in ANSWERED:
            for name, mean in TALKS.items():
                yield standard(
                    agents, name=f"grid-{agents}-{percent}-{name}", seconds=(hours or most) * HOUR, person=percent / 100,
                    talk=talk_of(mean),
                )  # fmt: skip


def happenings(hours: float | None) -> Iterator[Scenario]:
    """Give days on which something changes or is missing, for a small and a usual team."""
    for agents in EVENTS_FOR:
        length = (hours or 8.0) * HOUR
        third = length / 3
        calls = agents / 5 / 90  # inbound callers a second who keep about a fifth of the team
        changes: dict[str, dict[str, object]] = {
            "turns-good": {"shifts": ((third, 2.5),)},
            "turns-bad": {"shifts": ((third, 0.4),)},
            "swings": {"shifts": ((third / 2, 2.0), (third, 0.25), (2 * third, 3.0))},
            "inbound": {"inbound": Inbound(rate=calls, talk=Length(75.0, 0.8))},
            "no-detection": {"amd": False},
            "cold-start": {"history_attempts": 0, "history_handled": 0},
            "list-ends": {"numbers": int(agents * 130 * length / (8 * HOUR))},
            "half-leave-at-noon": {"leave_at": ((3 / 8 * length, agents // 2),)},
            "scores": {"has_scores": True},
            "scores-unused": {"has_scores": True, "shows_scores": False},
        }
        for name, change in changes.items():
            yield standard(agents, name=f"{name}-{agents}", seconds=length, **change)


def markovian(hours: float | None) -> Iterator[Scenario]:
    """Give the days whose best policy can be worked out, and those with rings of three stages."""
    length = (hours or 8.0) * HOUR
    yield from (markov(agents, seconds=length) for agents in (5, 10, 20, 30))
    yield from (markov(agents, stages=3, seconds=length) for agents in (5, 10))


def goals(hours: float | None) -> list[Scenario]:
    """Return the days for which goals are set."""
    days = [standard(agents, seconds=(hours or most) * HOUR) for agents, most in HOURS.items()]
    return days + list(markovian(hours))


def families(hours: float | None) -> dict[str, list[Scenario]]:
    """Return all days by the name of their family; `hours` instead of each one's own length."""
    return {"goals": goals(hours), "grid": list(grid(hours)), "happenings": list(happenings(hours))}
