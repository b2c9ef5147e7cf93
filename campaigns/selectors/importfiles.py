"""Files on their way to an import, as the pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns import csvfile, importplan
from campaigns.importplan import Plan
from campaigns.models import ImportFile, ListImport
from core.errors import NotFound

TRIAL = ImportFile.Trial
REASONS = {
    "created": "New people", "kept_both": "New people beside known ones, as asked", "added_to_list": "Known, added to this list",
    "updated": "Known, changed", "duplicate_in_file": "Twice in the file", "duplicate_in_list": "On this list already, nothing new",
    "skipped_in_list": "On this list already, left as they are", "skipped_in_campaign": "In a campaign under way, left out",
    "skipped_in_system": "Known from elsewhere, left out", "missing_phone": "No phone number", "not_a_number": "Not a phone number",
    "wrong_length": "Wrong length", "not_valid": "Not a number in use", "never_dialed": "Never dialed (premium rate and the like)",
    "own_number": "One of your own caller numbers", "debt_ref": "Debt reference too long", "external_id": "ID too long",
    "bad_date": "Not a date, or in the future", "bad_number": "Not a number", "unknown_choice": "Not a value of the field",
    "unknown_field": "Unknown field", "consent_source": "Consent without its source",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """One kind of result of a dry run, with examples: (line, as it came, reason)."""

    outcome: str
    name: str
    rows: int
    examples: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A kept file, what was chosen for it, and what a dry run found."""

    id: int
    name: str
    kind: str
    list_name: str
    row_count: int
    size: int
    header: Sequence[str]
    notes: str
    plan: Plan
    created_at: datetime
    created_by: str
    trial: str
    trial_at: datetime | None
    trial_said: str
    samples: Sequence[Sequence[str]]  # the first rows
    sums: dict[str, int]
    found: Sequence[Found]

    @property
    def is_trying(self) -> bool:
        """Return whether a dry run is under way."""
        return self.trial in (TRIAL.WAITING, TRIAL.RUNNING)

    @property
    def encoding(self) -> str:
        """Return the encoding for people."""
        return csvfile.ENCODINGS.get(self.plan.encoding, self.plan.encoding)

    @property
    def has_consent(self) -> bool:
        """Return whether a column tells of consents."""
        return any(target.startswith("consent_") for target in self.plan.targets)


def get_file(file_id: int) -> FileFacts:
    """Return one file, in one query. Raises NotFound, also once it is being imported."""
    found = ImportFile.objects.select_related("created_by").filter(pk=file_id).first()
    if found is None or ListImport.objects.filter(file_id=file_id).exists():
        raise NotFound("This file is not kept any more: it is imported, or was thrown away.")
    return _as_facts(found)


def list_files(limit: int = 10) -> list[FileFacts]:
    """Return the latest files that are not imported, newest first, in one query."""
    busy = ListImport.objects.filter(file__isnull=False).values("file_id")
    rows = ImportFile.objects.select_related("created_by").exclude(pk__in=busy).order_by("-id")[:limit]
    return [_as_facts(row) for row in rows]


def _as_facts(row: ImportFile) -> FileFacts:
    found = row.trial_found or {}
    return FileFacts(
        id=row.pk,
        name=row.name,
        kind=row.kind,
        list_name=row.list_name,
        row_count=row.row_count,
        size=row.size,
        header=row.header,
        notes=row.notes,
        plan=importplan.from_json(row.plan),
        created_at=row.created_at,
        created_by=row.created_by.display_name if row.created_by else "",
        trial=row.trial,
        trial_at=row.trial_at,
        trial_said=row.trial_said,
        samples=row.samples,
        sums={name: found.get(name, 0) for name in ("rows_in", "created", "updated", "duplicate", "refused")},
        found=[
            Found(each["outcome"], REASONS.get(each["code"], each["code"]), each["rows"], each["examples"])
            for each in found.get("classes", ())
        ],
    )
