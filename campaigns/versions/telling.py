"""A whole campaign in plain sentences. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from campaigns.versions.diff import Frozen
from campaigns.versions.fields import BY_NAME, Names

LONG_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NORMAL: Final = 3  # campaigns.models.Campaign.Priority
AHEAD: Final = ("power", "predictive")
EXCLUDED: Final = ("excluded_list_ids", "excluded_segment_ids")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Who a setup is about."""

    people: int  # of its lists and segments, each once
    reachable: int  # of them, who have a number
    agents: int


def tell(setup: Frozen, names: Names, crowd: Crowd) -> list[str]:
    """Return the campaign as sentences, in the order of the builder's steps."""
    return [*_whom(setup, names, crowd), *_when(setup, names), *_how(setup, names), *_said(setup, names)]


def _whom(setup: Frozen, names: Names, crowd: Crowd) -> Iterator[str]:
    where = {"list_ids": "on", "segment_ids": "in"}
    sources = [f"{word} {_say(setup, names, name)}" for name, word in where.items() if setup.get(name)]
    said = f"{crowd.reachable:,} of {crowd.people:,} people"
    who = f"{said} with a number" if crowd.reachable != crowd.people else f"{crowd.people:,} people"
    yield (
        f"Calls {who} {' and '.join(sources)}."
        if sources
        else "Calls nobody yet: it has no list and no segment."
    )
    if without := [_say(setup, names, name) for name in EXCLUDED if setup.get(name)]:
        yield f"Left out, whatever else they are on: who is on or in {' or '.join(without)}."
    purpose = _say(setup, names, "purpose")
    yield f"The calls are for: {purpose}. Who is called: {_lower(_say(setup, names, 'audience'))}. " + (
        f"Who calls: {_lower(_say(setup, names, 'made_by'))}. People see {_shown(setup, names)}."
    )
    if setup.get("goal"):
        yield f"It is for {setup['goal']:,} conversions."


def _when(setup: Frozen, names: Names) -> Iterator[str]:
    opens, closes = _say(setup, names, "window_opens"), _say(setup, names, "window_closes")
    pauses = f", but for {setup['window_breaks']}," if setup.get("window_breaks") else ""
    hours = f"{days(setup['window_days'])} from {opens} to {closes}{pauses}"
    yield f"{hours} in each person’s own time, and never outside what the law allows there."
    if setup.get("days_off"):
        yield f"Nobody is called on {setup['days_off']}."
    if setup.get("stops_at"):
        yield f"It stops by itself on {_say(setup, names, 'stops_at')}, finishing what is begun."


def _how(setup: Frozen, names: Names) -> Iterator[str]:
    tries = setup["max_attempts"]
    yield f"At most {tries} {'try' if tries == 1 else 'tries'} a person, each ringing for {setup['ring_seconds']} seconds."
    yield from _plans(setup, names)
    yield f"{_mode(setup)} {_agents(setup)}"
    if setup.get("priority", NORMAL) != NORMAL:
        yield f"Where campaigns share lines or calls a second it dials: {_lower(_say(setup, names, 'priority'))}."
    if setup["mode"] in AHEAD:
        yield f"At most abandoned, of the calls answered live: {_say(setup, names, 'abandon_percent')}."
    if setup["mode"] != "preview":
        yield f"Answering machines: {_lower(_say(setup, names, 'machine_detection'))}."


def _shown(setup: Frozen, names: Names) -> str:
    own = _say(setup, names, "caller_id")
    if setup.get("caller_pool_id") is None:
        return own
    pool = _say(setup, names, "caller_pool_id")
    return f"a number of the pool “{pool}”; recorded messages name {own}"


def _plans(setup: Frozen, names: Names) -> Iterator[str]:
    if setup.get("attempt_plan"):
        yield f"Further tries: {_say(setup, names, 'attempt_plan')}."
    if setup.get("order_plan"):
        yield f"Order of calls: {_say(setup, names, 'order_plan')}."


def _mode(setup: Frozen) -> str:
    seconds = setup["preview_seconds"]
    decide = f"within {seconds} seconds" if seconds else "in their own time"
    return {
        "preview": f"An agent sees each person first and dials {decide}.",
        "progressive": "One call is started for each free agent.",
        "power": f"{setup['power_ratio']} calls are started for each free agent.",
        "predictive": "Calls are started before agents become free, as many as the cap on abandoned calls allows.",
    }.get(setup["mode"], "")


def _agents(setup: Frozen) -> str:
    return f"After a call an agent has {setup['wrap_up_seconds']} seconds to finish."


def _said(setup: Frozen, names: Names) -> Iterator[str]:
    script = _say(setup, names, "script_version_id")
    read = "Agents have no script" if setup["script_version_id"] is None else f"Agents read {script}"
    yield f"{read} and choose among the results of {_say(setup, names, 'disposition_set_id')}."
    if setup["mode"] != "preview":
        yield f"Whom no agent is free for hears: {_say(setup, names, 'abandoned_message_id')}."
    if setup["voicemail_message_id"]:
        yield f"Left on voicemail: {_say(setup, names, 'voicemail_message_id')}."
    if setup.get("needs_approval"):
        yield "A second person must approve each version."


def days(chosen: str) -> str:
    """Return days as words: "Monday to Friday", "Monday, Wednesday"."""
    numbers = sorted({int(day) for day in chosen})
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{LONG_DAYS[numbers[0]]} to {LONG_DAYS[numbers[-1]]}"
    return ", ".join(LONG_DAYS[day] for day in numbers) or "On no day"


def _say(setup: Frozen, names: Names, name: str) -> str:
    return BY_NAME[name].say(setup[name], names)


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
