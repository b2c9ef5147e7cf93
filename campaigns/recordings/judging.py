"""A message before the judge of recorded content. Pure."""

from dataclasses import dataclass
from datetime import date

from campaigns.recordings.declared import Declared, recording_of
from compliance.rules import packfile
from compliance.rules.content import packaged, recordings
from compliance.rules.content.problems import Problem
from compliance.rules.content.sounds import MessageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What stands against a message, and the version of the rules that says so."""

    problems: tuple[Problem, ...]
    rules_version: str


def judge(kind: MessageKind, declared: Declared, *, first_sound_at: float | None, on: date) -> Finding:
    """Return all that keeps the message from being played that day; `first_sound_at` None = the words are read."""
    numbers = packaged.in_force(on)
    recording = recording_of(kind, declared, first_sound_at=first_sound_at, numbers=numbers)
    return Finding(problems=recordings.problems(recording, numbers), rules_version=packfile.shipped().version)
