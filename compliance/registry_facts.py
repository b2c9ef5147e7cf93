"""What the registry copies in force say about numbers. PostgreSQL says which copies count, the files say which numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.conf import settings

from compliance.models import DncListImport
from compliance.registry import cache
from compliance.registry.plans import plan_of
from compliance.registry.snapshot import Snapshot, SnapshotBroken
from compliance.rules.facts import ContactRequest, RegistryFacts, RegistryListing
from compliance.rules.registry import NATIONAL

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A registry copy in force, its file opened; or why it cannot be asked."""

    row: DncListImport
    snapshot: Snapshot | None
    problem: str

    def covers(self, number: str) -> bool:
        """Return whether the copy speaks for the E.164 number: its plan, and its area code."""
        return number.startswith(plan_of(self.row.name).prefix) and (
            not self.row.area_codes or number[2:5] in self.row.area_codes
        )


def folder() -> Path:
    """Return where registry files are; all processes of all machines see the same files there."""
    return Path(settings.REGISTRY_DIR)


def copies_in_force(sellers: set[str]) -> list[Copy]:
    """Return the sellers' copies in force, newest first, their files opened. Hidden SQL: one query."""
    rows = DncListImport.objects.raw(
        """
        SELECT * FROM compliance_dnclistimport
        WHERE active AND seller = ANY(%(sellers)s) ORDER BY as_of DESC, id DESC
        """,
        {"sellers": list(sellers)},
    )
    return [_opened(row) for row in rows]


def registry_facts(requests: Sequence[ContactRequest]) -> list[RegistryFacts]:
    """Return what each request's seller's own copies say about its number, in order. Hidden SQL: one query."""
    copies = copies_in_force({request.seller for request in requests})
    return [
        _facts(request, [copy for copy in copies if copy.row.seller == request.seller])
        for request in requests
    ]


def file_problem(row: DncListImport) -> str:
    """Return why the copy's file cannot be used, as a sentence's part; empty when it can."""
    return _opened(row).problem


def _facts(request: ContactRequest, own: Sequence[Copy]) -> RegistryFacts:
    national = [copy for copy in own if copy.row.name == NATIONAL]
    covering = [copy.row.as_of for copy in national if copy.covers(request.number)]
    listings: list[RegistryListing] = []
    problem = ""
    for copy in own:
        listed, trouble = _ask(copy, request)
        if listed:
            listings.append(RegistryListing(name=copy.row.name, as_of=copy.row.as_of))
        if copy.covers(request.number):
            problem = problem or trouble
    return RegistryFacts(
        seller_has_snapshot=bool(national),
        covers_number=bool(covering),
        as_of=max(covering, default=None),
        listings=tuple(listings),
        own_lists=_own_lists(own, request.number),
        problem=problem,
    )


def _own_lists(own: Sequence[Copy], number: str) -> tuple[RegistryListing, ...]:
    """The newest copy of each state-run list that speaks for the number and can be asked."""
    newest: dict[str, RegistryListing] = {}
    for copy in own:  # newest first
        if copy.row.name != NATIONAL and copy.snapshot is not None and copy.covers(number):
            newest.setdefault(copy.row.name, RegistryListing(name=copy.row.name, as_of=copy.row.as_of))
    return tuple(newest[name] for name in sorted(newest))


def _ask(copy: Copy, request: ContactRequest) -> tuple[bool, str]:
    if copy.snapshot is None:
        return False, copy.problem
    try:
        return copy.snapshot.is_listed(request.number), ""
    except SnapshotBroken as error:
        return False, _problem(copy.row, error)


def _opened(row: DncListImport) -> Copy:
    try:
        snapshot = cache.snapshot_at(folder() / row.file, row.content_sha256)
    except SnapshotBroken as error:
        return Copy(row=row, snapshot=None, problem=_problem(row, error))
    return Copy(row=row, snapshot=snapshot, problem="")


def _problem(row: DncListImport, error: SnapshotBroken) -> str:
    log.error("compliance.registry.broken", id=row.id, file=row.file, problem=str(error))
    which = "national" if row.name == NATIONAL else row.name
    return (
        f"the {which} do-not-call registry file of {row.as_of.day} {row.as_of:%b %Y} {error};"
        " load the same registry file again"
    )
