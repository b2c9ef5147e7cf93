"""People whose records were merged: whom a row of a store is about now, and for which of their numbers it may speak."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from compliance.rules.facts import ContactRequest

# All names of the persons asked about, for the parts of the statement that look for people.
KNOWN = """
known AS MATERIALIZED (
    SELECT %(persons)s || ARRAY(SELECT a.person_ref::text FROM compliance_personalias a WHERE a.survivor_ref = ANY(%(persons)s)) AS refs
)
"""
PERSONS = "(SELECT refs FROM known)::text[]"
ALIASES = """
SELECT a.person_ref, a.survivor_ref, a.numbers, a.since FROM compliance_personalias a
WHERE a.survivor_ref = ANY(%(persons)s) ORDER BY a.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A record that was merged, and the numbers it brought."""

    person_ref: str
    survivor_ref: str
    numbers: tuple[str, ...]
    since: datetime


class Merged:
    """The merged records of the people of a batch."""

    def __init__(self, aliases: Iterable[Alias] = ()) -> None:
        self._of = {alias.person_ref: alias for alias in aliases}
        self._brought = {
            (alias.survivor_ref, number): alias for alias in self._of.values() for number in alias.numbers
        }

    @property
    def refs(self) -> Sequence[str]:
        """Return the names of the merged records."""
        return tuple(self._of)

    def survivor(self, person_ref: str) -> str:
        """Return the name the person has now."""
        alias = self._of.get(person_ref)
        return alias.survivor_ref if alias else person_ref

    def may_speak(self, person_ref: str, request: ContactRequest, said_at: datetime) -> bool:
        """Return whether what permits, said under a name at an instant, counts for the request's number.

        For a number that a merged record brought, its own record speaks, and what the survivor said since the merge; for the
        survivor's own numbers, the survivor alone. So a merge makes nobody callable who was not.
        """
        if person_ref == request.person_ref:
            brought = self._brought.get((person_ref, request.number))
            return brought is None or said_at >= brought.since
        alias = self._of.get(person_ref)
        return (
            alias is not None and alias.survivor_ref == request.person_ref and request.number in alias.numbers
        )
