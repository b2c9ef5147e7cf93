"""The checks of a campaign's setup as the builder knows it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from campaigns.breaks import left, say
from campaigns.linter.base import Finding, Severity, ordered

Span = tuple[time, time]  # [from, to) of a day
DAY_NAMES: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NAMED: Final = 4  # states named in one sentence
FEWEST_AGENTS: Final = 3  # with fewer, the modes that dial ahead dial one to one


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A state of people on the lists, and the hours in which the law lets them be called."""

    name: str
    people: int
    hours: Sequence[Span | None]  # Monday to Sunday; None: not at all that day

    def open_days(self, spans: Sequence[Span], days: Sequence[int]) -> list[int]:
        """Return the days on which both the law and the campaign's hours leave some time."""
        return [
            day
            for day in days
            if (law := self.hours[day])
            and any(max(law[0], since) < min(law[1], until) for since, until in spans)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupFacts:
    """What the checks may know. Instants are aware; window and days are in the person's own zone."""

    now: datetime
    lists: int  # and segments
    people: int  # on the lists or in the segments, each once
    reachable: int  # of them, who have a number
    left_out: int = 0  # lists and segments whose people are not among them
    caller_problem: str = ""  # a sentence, where its caller ID may not be shown
    agents: int = 0  # assigned, who can take calls
    mode: str = "preview"
    dials_ahead: bool = False
    window: Span = (time(9), time(20))
    breaks: Sequence[Span] = ()  # in the window
    days: Sequence[int] = ()  # Monday = 0
    places: Sequence[Place] = ()
    stops_at: datetime | None = None
    callbacks_after: int = 0  # promised for later than stops_at
    goal: int | None = None
    lacks_message: bool = False
    has_script: bool = True
    script_problems: Sequence[str] = ()  # sentences, of a script read in sales calls


def lint(facts: SetupFacts) -> list[Finding]:
    """Return everything found, errors first."""
    return ordered((*_people(facts), *_hours(facts), *_stop(facts), *_calls(facts), *_script(facts)))


def _people(it: SetupFacts) -> Iterator[Finding]:
    if not it.lists:
        yield _error(
            "AUDIENCE_NONE",
            "It has no list and no segment, so it calls nobody.",
            "lists",
            "Choose at least one of them.",
        )
    elif not it.people and it.left_out:
        yield _error(
            "AUDIENCE_LEFT_OUT",
            "Everybody on its lists and in its segments is left out.",
            "excluded_lists",
            "Leave fewer lists and segments out, or add another list.",
        )
    elif not it.people:
        yield _error(
            "AUDIENCE_EMPTY",
            "Nobody is on its lists or in its segments.",
            "lists",
            "Choose another list, or import people first.",
        )
    elif not it.reachable:
        yield _error(
            "AUDIENCE_UNREACHABLE",
            "Nobody on its lists or in its segments has a phone number.",
            "lists",
            "Import their numbers, or choose another list.",
        )
    elif it.reachable < it.people / 2:
        yield _warning(
            "AUDIENCE_FEW_NUMBERS",
            f"Only {it.reachable:,} of the {it.people:,} people it is for have a phone number.",
            "lists",
            "See whether the import took the right column.",
        )
    if it.people and it.goal is not None and it.goal > it.people:
        yield _warning(
            "GOAL_TOO_HIGH",
            f"The goal is {it.goal:,} conversions, and only {it.people:,} people are on its lists.",
            "goal",
            "Lower the goal, or add a list.",
        )


def _hours(it: SetupFacts) -> Iterator[Finding]:
    if not it.places or not it.days:
        return
    opened = {place.name: place.open_days(left(it.breaks, *it.window), it.days) for place in it.places}
    closed = [place for place in it.places if not opened[place.name]]
    if len(closed) == len(it.places):
        yield _error(
            "WINDOW_NEVER_OPEN",
            f"The law leaves nothing of {_window(it)} in any state of its lists: nobody can ever be called.",
            "window_opens",
            "Choose other hours or days.",
        )
        return
    if closed:
        people = sum(place.people for place in closed)
        yield _warning(
            "WINDOW_NEVER_OPEN_HERE",
            f"The law leaves nothing of {_window(it)} in {_named(closed)}: {people:,} {_persons(people)} can never be called.",
            "window_opens",
            "Choose other hours or days, or take these people off the lists.",
        )
    short = [place for place in it.places if 0 < len(opened[place.name]) < len(set(it.days))]
    if short:
        yield Finding(
            code="DAYS_CLOSED",
            severity=Severity.NOTE,
            sentence=f"On some of the days chosen the law allows no call in {_named(short)}.",
            field="window_days",
            fix="Nothing needs to be done: nobody is called there then.",
        )


def _stop(it: SetupFacts) -> Iterator[Finding]:
    if it.stops_at is None:
        return
    if it.stops_at <= it.now:
        yield _error(
            "STOP_PAST",
            "The time at which it stops by itself is over.",
            "stops_at",
            "Give a later one, or none.",
        )
    if it.callbacks_after:
        people = f"{it.callbacks_after:,} {_persons(it.callbacks_after)}"
        yield _warning(
            "CALLBACKS_AFTER_STOP",
            f"{people} {'was' if it.callbacks_after == 1 else 'were'} promised a call later than it stops: nobody will make it.",
            "stops_at",
            "Let it stop later, or have these people called sooner.",
        )


def _calls(it: SetupFacts) -> Iterator[Finding]:
    if it.caller_problem:
        yield _error("CALLER_ID", it.caller_problem, "caller_id", "Choose an active number of yours.")
    if it.lacks_message:
        yield _error(
            "MESSAGE_MISSING",
            "It has no approved message for people no agent is free for (rule FED-017).",
            "abandoned_message",
            "Choose an approved message, or the standard text.",
        )
    if not it.agents:
        yield _error(
            "NO_AGENTS",
            "Nobody who can take calls is assigned to it.",
            "agents",
            "Assign at least one agent.",
        )
    elif it.dials_ahead and it.agents < FEWEST_AGENTS:
        yield Finding(
            code="FEW_AGENTS",
            severity=Severity.NOTE,
            sentence=f"It has {it.agents} agent{'' if it.agents == 1 else 's'}: with fewer than {FEWEST_AGENTS} at work it "
            "dials one to one, whatever its mode.",
            field="agents",
            fix="Assign more agents, or choose the mode progressive.",
        )


def _script(it: SetupFacts) -> Iterator[Finding]:
    if not it.has_script:
        yield Finding(
            code="NO_SCRIPT",
            severity=Severity.NOTE,
            sentence="It has no script: agents speak as they know to.",
            field="script_version",
            fix="Choose a script, if what is said must be the same every time.",
        )
    elif it.script_problems:
        yield _warning(
            "SCRIPT_LACKS",
            f"Its script, read in sales calls: {' '.join(it.script_problems)}",
            "script_version",
            "Write the script's next version and choose it.",
        )


def _error(code: str, sentence: str, field: str, fix: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, sentence=sentence, field=field, fix=fix)


def _warning(code: str, sentence: str, field: str, fix: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, sentence=sentence, field=field, fix=fix)


def _window(it: SetupFacts) -> str:
    days = " ".join(DAY_NAMES[day] for day in sorted(it.days))
    pauses = f" without {say(it.breaks)}" if it.breaks else ""
    return f"{it.window[0]:%H:%M} to {it.window[1]:%H:%M}{pauses}, {days},"


def _named(places: Sequence[Place]) -> str:
    most = sorted(places, key=lambda place: (-place.people, place.name))
    names = [place.name for place in most[:NAMED]]
    if len(most) > NAMED:
        return f"{', '.join(names)} and {len(most) - NAMED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _persons(number: int) -> str:
    return "person" if number == 1 else "people"
