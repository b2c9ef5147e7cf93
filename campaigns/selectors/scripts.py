"""Scripts and their versions, as the pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Campaign, Script, ScriptVersion
from compliance.rules.facts import Purpose
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """One version of a script."""

    id: int
    number: int
    body: str
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class ScriptFacts:
    """A script; versions newest first."""

    id: int
    name: str
    versions: Sequence[VersionFacts]
    campaigns: Sequence[str]
    purposes: frozenset[str]  # of those campaigns

    @property
    def latest(self) -> VersionFacts:
        """Return the newest version."""
        return self.versions[0]

    @property
    def may_sell(self) -> bool:
        """Return whether a sales campaign uses the script, or none uses it yet."""
        return not self.purposes or Purpose.TELEMARKETING.value in self.purposes


def list_scripts() -> list[ScriptFacts]:
    """Return all scripts by name with all versions, in three queries."""
    return _facts(list(Script.objects.order_by("name", "id")))


def get_script(script_id: int) -> ScriptFacts:
    """Return one script, in three queries. Raises NotFound."""
    found = _facts(list(Script.objects.filter(id=script_id)))
    if not found:
        raise NotFound("This script does not exist.")
    return found[0]


def _facts(rows: Sequence[Script]) -> list[ScriptFacts]:
    ids = [row.id for row in rows]
    versions: dict[int, list[VersionFacts]] = {}
    for version in ScriptVersion.objects.filter(script_id__in=ids).order_by("script_id", "-number"):
        facts = VersionFacts(version.id, version.number, version.body, version.created_at, version.created_by)
        versions.setdefault(version.script_id, []).append(facts)
    used: dict[int, list[str]] = {}
    purposes: dict[int, set[str]] = {}
    campaigns = Campaign.objects.filter(script_version__script_id__in=ids).order_by("name", "id")
    for script_id, name, purpose in campaigns.values_list("script_version__script_id", "name", "purpose"):
        used.setdefault(script_id, []).append(name)
        purposes.setdefault(script_id, set()).add(purpose)
    return [
        ScriptFacts(
            row.id,
            row.name,
            versions.get(row.id, []),
            used.get(row.id, []),
            frozenset(purposes.get(row.id, set())),
        )
        for row in rows
        if row.id in versions
    ]
