"""Scripts, their versions and drafts, as the pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Campaign, Contact, Disposition, Script, ScriptDraft, ScriptVersion
from campaigns.scripting.flow import Flow
from campaigns.selectors import customfields
from core.errors import NotFound

SAMPLES = 10


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """One version of a script."""

    id: int
    number: int
    body: str
    steps: int
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class ScriptFacts:
    """A script; versions newest first, none while it was never published."""

    id: int
    name: str
    versions: Sequence[VersionFacts]
    campaigns: Sequence[str]
    purposes: frozenset[str]  # of those campaigns

    @property
    def latest(self) -> VersionFacts | None:
        """Return the newest version."""
        return self.versions[0] if self.versions else None


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """The next version of a script, as far as it is written."""

    flow: Flow
    purpose: str
    states: Sequence[str]
    revision: int
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Somebody to look at a script with."""

    key: str
    name: str
    facts: Mapping[str, str]


_ABOUT_US = {"agent_name": "Ana", "seller": "the seller", "caller_id": "(407) 555-0100"}
FULL = Sample(
    "full",
    "Maria Alvarez, everything known",
    {
        "first_name": "Maria",
        "last_name": "Alvarez",
        "full_name": "Maria Alvarez",
        "company": "Alvarez Roofing",
        "title": "Owner",
        "city": "Orlando",
        "state": "FL",
        "postal_code": "32801",
        "owner": "Sol",
        "lists": "Spring",
        "last_result": "No answer",
    },
)
BARE = Sample("bare", "Nobody knows more than the number", {})


def list_scripts() -> list[ScriptFacts]:
    """Return all scripts by name with all versions, in three queries."""
    return _facts(list(Script.objects.order_by("name", "id")))


def get_script(script_id: int) -> ScriptFacts:
    """Return one script, in three queries. Raises NotFound."""
    found = _facts(list(Script.objects.filter(id=script_id)))
    if not found:
        raise NotFound("This script does not exist.")
    return found[0]


def get_draft(script_id: int) -> DraftFacts | None:
    """Return the script's draft; one query."""
    row = ScriptDraft.objects.filter(script_id=script_id).first()
    if row is None:
        return None
    return DraftFacts(row.flow, row.purpose, row.states, row.revision, row.changed_at, row.changed_by)


def list_samples() -> list[Sample]:
    """Return whom a script may be looked at with: two who are made up, then the newest people; one query."""
    people = [
        Sample(
            str(row.pk),
            row.full_name or "No name",
            {
                **customfields.facts_of(row.custom),
                "first_name": row.first_name,
                "last_name": row.last_name,
                "full_name": row.full_name,
                "company": row.company,
                "title": row.title,
                "city": row.city,
                "state": row.state,
                "postal_code": row.postal_code,
                "owner": row.owner_name,
            },
        )
        for row in Contact.objects.order_by("-id")[:SAMPLES]
    ]
    return [FULL, BARE, *people]


def list_result_codes() -> list[tuple[str, str]]:
    """Return the codes of results that agents can choose, of all sets, each with a label; one query."""
    rows = (
        Disposition.objects.filter(automatic=False, retired_at__isnull=True)
        .order_by("code", "id")
        .values_list("code", "label")
    )
    return sorted(dict(rows).items(), key=lambda pair: pair[1])


def facts_of(sample: Sample, *, seller: str) -> dict[str, str]:
    """Return what a script may say and look at, of the sample."""
    return {**_ABOUT_US, **sample.facts, "seller": seller}


def _facts(rows: Sequence[Script]) -> list[ScriptFacts]:
    ids = [row.id for row in rows]
    versions: dict[int, list[VersionFacts]] = {}
    for version in ScriptVersion.objects.filter(script_id__in=ids).order_by("script_id", "-number"):
        facts = VersionFacts(
            version.id,
            version.number,
            version.body,
            len(version.nodes or [1]),
            version.created_at,
            version.created_by,
        )
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
    ]
