"""How two setups differ, field by field in words, and what becomes of two people's changes at once. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.versions.fields import FIELDS, LATE, Field, Moment, Names

Frozen = Mapping[str, Any]  # a setup as JSON, by the names of FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One setting that differs."""

    field: Field
    before: str  # in words
    after: str
    part: str = ""  # of a setting that has parts, which one

    @property
    def label(self) -> str:
        """Return what differs, in words."""
        return f"{self.field.label}: {self.part}" if self.part else self.field.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Two people's changes of one setup, put together."""

    setup: Frozen
    taken: Sequence[str]  # names of fields only the other changed
    clashes: Sequence[str]  # of fields both changed, differently: ours stand in `setup`


def changed(before: Frozen, after: Frozen) -> list[Field]:
    """Return the settings that differ. One that either setup does not know of, being older than it, does not."""
    return [
        one
        for one in FIELDS
        if one.name in before and one.name in after and before[one.name] != after[one.name]
    ]


def changes(before: Frozen, after: Frozen, names: Names) -> list[Change]:
    """Return how the setups differ, in words: part by part where a setting has parts and both have it."""
    return [
        change
        for one in changed(before, after)
        for change in _changes(one, before[one.name], after[one.name], names)
    ]


def new_to(before: Frozen, after: Frozen, names: Names) -> list[Change]:
    """Return the settings chosen in `after` that versions did not keep yet when `before` was saved."""
    return [
        Change(field=one, before="not kept with versions then", after=one.say(after[one.name], names))
        for one in FIELDS
        if one.name in LATE and one.name not in before and after.get(one.name, one.usual) != one.usual
    ]


def complete(setup: Frozen, in_force: Frozen) -> Frozen:
    """Return a setup that says of every setting what holds: of those younger than it, what is in force."""
    return {**{name: in_force[name] for name in LATE if name not in setup}, **setup}


def _changes(one: Field, before: Any, after: Any, names: Names) -> list[Change]:
    if one.parts is None or not before or not after:
        return [Change(field=one, before=one.say(before, names), after=one.say(after, names))]
    old, new = one.parts(before, names), one.parts(after, names)
    return [
        Change(field=one, before=old.get(part, "nothing"), after=new.get(part, "nothing"), part=part)
        for part in {**old, **new}
        if old.get(part) != new.get(part)
    ]


def merge(base: Frozen, ours: Frozen, theirs: Frozen) -> Merged:
    """Return `theirs` with what we changed since `base`."""
    mine = {one.name for one in changed(base, ours)}
    other = {one.name for one in changed(base, theirs)}
    clashes = [name for name in mine & other if ours[name] != theirs[name]]
    return Merged(
        setup={**theirs, **{name: ours[name] for name in mine}},
        taken=sorted(other - mine),
        clashes=sorted(clashes),
    )


def held_back(before: Frozen, after: Frozen) -> list[Field]:
    """Return the settings changed that a campaign that dials cannot take."""
    return [one for one in changed(before, after) if one.moment is Moment.PAUSED]


def summary(found: Sequence[Change], most: int = 3) -> str:
    """Return the changes in one line: "Ring for, Wrap-up and 2 more"."""
    labels = list(dict.fromkeys(one.field.label for one in found))
    if len(labels) <= most:
        return ", ".join(labels) or "nothing"
    return f"{', '.join(labels[:most])} and {len(labels) - most} more"
