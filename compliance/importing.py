"""Loads copies of do-not-call registries: counted, kept as files, put in force only when nearly every line was read."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import BytesIO
from typing import Final

import structlog

from compliance.models import DncListImport, RegistryKind
from compliance.registry import cache
from compliance.registry.loading import Loaded, load_changes, load_full
from compliance.registry.plans import NORTH_AMERICA, plan_of
from compliance.registry.snapshot import Snapshot, SnapshotBroken
from compliance.registry.sources import ByteStream, SourceRefused, sha256_of
from compliance.registry_facts import file_problem, folder
from compliance.rules.canada import DNCL
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.registry import NATIONAL
from compliance.rules.united_kingdom import LISTS
from core import audit, db
from core.errors import AppError

log = structlog.get_logger(__name__)

REFUSED_ONE_IN: Final = (
    1000  # above one line in so many (0.1 %) a person decides whether the copy is put in force
)
LIST_NAMES: Final = frozenset({NATIONAL, *STATE_NAMES, DNCL, *LISTS})
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class DncFileRefused(AppError):
    """The registry file or its description cannot be used; nothing was stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryFile:
    """What is told about a registry file. `name` is "national", the USPS code of a state-run list, DNCL (Canada), TPS or CTPS (UK)."""

    name: str
    seller: str
    san: str  # subscription account number
    as_of: date
    area_codes: frozenset[str] = (
        frozenset()
    )  # those the copy covers; empty = all; a change file's are its base's
    kind: str = RegistryKind.FULL
    base_id: int | None = None  # the copy a change file changes; None = the only one in force


def import_registry_file(
    stream: ByteStream,
    told: RegistryFile,
    *,
    actor: str,
    now: datetime,
    report: Callable[[int], None] = lambda rows: None,
) -> DncListImport:
    """Load a registry file of any size and return its row; it replaces the seller's copies it covers.

    Shapes: docs/how-to/registry.md. Plain text, gzip or zip. A change file makes a new copy of its base. A copy of which more than
    0.1 % of rows were refused waits for `activate_registry`. The same file for the same seller and date is not stored twice; if
    the file made of it was lost, it is made again. `report` is told the rows read so far.
    Must run outside a transaction. Raises DncFileRefused for a wrong description, or a file that is no registry file.
    """
    db.refuse_in_atomic("Reading a registry file")
    check_registry_file(told, now)
    try:
        digest = sha256_of(stream)
        standing = _standing(told, digest)
        if standing and not file_problem(standing):
            return standing
        told, base = _based(told, standing)
        loaded = _load(stream, told, base, digest, report)
    except OSError as error:
        raise DncFileRefused(
            f"The file could not be read, or {folder()} not be written: {error.strerror or error}."
        ) from None
    with db.use_case():
        return _store(loaded, told, digest, actor, now)


def import_dnc(
    *,
    lines: Iterable[str],
    name: str,
    seller: str,
    san: str,
    as_of: date,
    file_sha256: str,
    actor: str,
    now: datetime,
    area_codes: frozenset[str] = frozenset(),
) -> DncListImport:
    """Load a short full list in the open transaction and return its row; import_registry_file says the rest.

    `file_sha256` says what the lines are: the same for the same seller and date is not stored twice.
    """
    db.require_atomic()
    told = RegistryFile(name=name, seller=seller, san=san, as_of=as_of, area_codes=area_codes)
    check_registry_file(told, now)
    if not _SHA256.match(file_sha256):
        raise DncFileRefused("The file's SHA-256 must be 64 hexadecimal digits.")
    _lock(told)
    standing = _standing(told, file_sha256)
    if standing and not file_problem(standing):
        return standing
    text = "".join(f"{line.rstrip(chr(10))}\n" for line in lines)
    loaded = _load(BytesIO(text.encode(errors="replace")), told, None, file_sha256, lambda rows: None)
    return _store(loaded, told, file_sha256, actor, now)


def activate_registry(import_id: int, *, actor: str, now: datetime) -> DncListImport:
    """Put a copy in force although too many of its rows were refused; a person answers for it, by name.

    Raises DncFileRefused if the copy waits for nobody, is older than one in force that covers the same, or its file is broken.
    """
    db.require_atomic()
    found = DncListImport.objects.filter(id=import_id).first()
    if found is None:
        raise DncFileRefused("There is no such registry copy.")
    told = _told_of(found)
    _lock(told)
    row = DncListImport.objects.get(id=import_id)
    if not row.needs_person:
        raise DncFileRefused("This copy is not waiting for anybody: it is in force, or was replaced.")
    if problem := file_problem(row):
        raise DncFileRefused(f"It cannot be put in force: {problem}.")
    newer = DncListImport.objects.filter(name=row.name, seller=row.seller, active=True, as_of__gt=row.as_of)
    if any(_covers(other.area_codes, row.area_codes) for other in newer):
        raise DncFileRefused("A newer copy is in force. An older one cannot replace it.")
    _retire_replaced(told)
    row.active, row.needs_person, row.activated_by, row.activated_at = True, False, actor, now
    row.save(update_fields=["active", "needs_person", "activated_by", "activated_at"])
    audit.record(
        actor=actor,
        verb="compliance.registry.activated",
        target=f"registry:{row.id}",
        now=now,
        before={"active": False},
        after={"active": True, "numbers": row.numbers, "refused": row.refused},
    )
    log.info("compliance.registry.activated", id=row.id, numbers=row.numbers, refused=row.refused)
    return row


def check_registry_file(told: RegistryFile, now: datetime) -> None:
    """Raise DncFileRefused for a description that cannot be right, before the file is read."""
    if told.name not in LIST_NAMES:
        raise DncFileRefused(
            f"“{told.name[:20]}” is no list we know: say “national”, the two letters of a state, DNCL, TPS or CTPS."
        )
    if not told.seller.strip():
        raise DncFileRefused(
            "Say for which seller the copy was obtained: a copy is only good for its own subscriber."
        )
    if not told.san.strip():
        raise DncFileRefused("Give the subscription account number (SAN) the copy was obtained with.")
    if told.as_of > now.date():
        raise DncFileRefused(f"The copy cannot be dated {told.as_of:%d %b %Y}, that is in the future.")
    wrong = sorted(code for code in told.area_codes if not re.fullmatch("[2-9][0-9]{2}", code))
    if wrong:
        raise DncFileRefused(f"“{wrong[0][:10]}” is not an area code: give three digits.")
    if told.area_codes and plan_of(told.name) is not NORTH_AMERICA:
        raise DncFileRefused(f"{told.name} covers the whole United Kingdom: leave the area codes empty.")
    if told.kind not in RegistryKind.values:
        raise DncFileRefused(f"“{told.kind[:20]}” is no kind of registry file: say full or change.")
    if told.kind == RegistryKind.FULL and told.base_id is not None:
        raise DncFileRefused("A full list changes no older copy: leave the older copy out.")


def _based(told: RegistryFile, standing: DncListImport | None) -> tuple[RegistryFile, Snapshot | None]:
    """Return the description completed with its base, and the base's file; raises DncFileRefused if a change has none.

    A copy that stands already, whose file was lost, is made again from the base it had, in force or not.
    """
    if told.kind == RegistryKind.FULL:
        return told, None
    bases = DncListImport.objects.filter(name=told.name, seller=told.seller)
    wanted = standing.base_id if standing else told.base_id
    bases = bases.filter(id=wanted) if wanted is not None else bases
    found = list((bases if standing else bases.filter(active=True)).order_by("-as_of", "-id"))
    if not found:
        raise DncFileRefused("No copy is in force that this file could change. Load the full list first.")
    if len(found) > 1:
        ids = ", ".join(f"{row.id} (of {row.as_of:%d %b %Y})" for row in found)
        raise DncFileRefused(f"Several copies are in force: {ids}. Say which one this file changes.")
    base = found[0]
    if told.as_of < base.as_of:
        raise DncFileRefused(
            f"The file is dated {told.as_of:%d %b %Y}, before the copy it changes ({base.as_of:%d %b %Y})."
        )
    try:
        snapshot = cache.snapshot_at(folder() / base.file, base.content_sha256)
    except SnapshotBroken:
        raise DncFileRefused(f"The copy it changes cannot be read: {file_problem(base)}.") from None
    return replace(told, base_id=base.id, area_codes=frozenset(base.area_codes)), snapshot


def _load(
    stream: ByteStream,
    told: RegistryFile,
    base: Snapshot | None,
    digest: str,
    report: Callable[[int], None],
) -> Loaded:
    stem = f"{told.as_of:%Y%m%d}-{told.name}"
    try:
        if base is None:
            return load_full(
                stream,
                folder=folder(),
                stem=stem,
                source_sha256=digest,
                plan=plan_of(told.name),
                report=report,
            )
        return load_changes(stream, base, folder=folder(), stem=stem, source_sha256=digest, report=report)
    except SourceRefused as error:
        raise DncFileRefused(error.public_message) from None
    except SnapshotBroken as error:
        raise DncFileRefused(f"The file of the copy it changes {error}.") from None


def _standing(told: RegistryFile, digest: str) -> DncListImport | None:
    """Return the row of the same file, in force or waiting."""
    same = DncListImport.objects.filter(
        name=told.name, seller=told.seller, as_of=told.as_of, file_sha256=digest
    )
    return (same.filter(active=True) | same.filter(needs_person=True)).order_by("id").first()


def _store(loaded: Loaded, told: RegistryFile, digest: str, actor: str, now: datetime) -> DncListImport:
    _lock(told)
    standing = _standing(told, digest)
    if standing:
        return standing
    if told.base_id is not None and not DncListImport.objects.filter(id=told.base_id, active=True).exists():
        raise DncFileRefused("Another copy came into force meanwhile. Load the change file again.")
    active = loaded.refused * REFUSED_ONE_IN <= loaded.rows
    if active:
        _retire_replaced(told)
    row = DncListImport.objects.create(
        name=told.name,
        seller=told.seller,
        san=told.san,
        area_codes=sorted(told.area_codes),
        as_of=told.as_of,
        kind=told.kind,
        base_id=told.base_id,
        file_sha256=digest,
        file=loaded.file,
        content_sha256=loaded.content_sha256,
        numbers=loaded.numbers,
        accepted=loaded.accepted,
        removed=loaded.removed,
        duplicates=loaded.duplicates,
        refused=loaded.refused,
        refused_lines=[(line.line, line.text, line.reason) for line in loaded.refused_lines],
        refused_file=loaded.refused_file,
        imported_by=actor,
        imported_at=now,
        active=active,
        needs_person=not active,
        activated_by=actor if active else "",
        activated_at=now if active else None,
    )
    _leave_trace(row, now)
    return row


def _leave_trace(row: DncListImport, now: datetime) -> None:
    after = {
        "name": row.name,
        "seller": row.seller,
        "as_of": row.as_of.isoformat(),
        "kind": row.kind,
        "numbers": row.numbers,
        "accepted": row.accepted,
        "refused": row.refused,
        "active": row.active,
    }
    audit.record(
        actor=row.imported_by,
        verb="compliance.registry.imported",
        target=f"registry:{row.id}",
        now=now,
        after=after,
    )
    log.info(
        "compliance.registry.imported", id=row.id, rows=row.accepted, refused=row.refused, active=row.active
    )


def _retire_replaced(told: RegistryFile) -> None:
    """Take older copies out of force, or off the waiting list, whose area codes the new one covers."""
    older = DncListImport.objects.filter(name=told.name, seller=told.seller, as_of__lte=told.as_of)
    for row in (older.filter(active=True) | older.filter(needs_person=True)).order_by("id"):
        if _covers(sorted(told.area_codes), row.area_codes):
            DncListImport.objects.filter(id=row.id).update(active=False, needs_person=False)


def _covers(wide: list[str], narrow: list[str]) -> bool:
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _told_of(row: DncListImport) -> RegistryFile:
    return RegistryFile(
        name=row.name,
        seller=row.seller,
        san=row.san,
        as_of=row.as_of,
        area_codes=frozenset(row.area_codes),
        kind=row.kind,
        base_id=row.base_id,
    )


def _lock(told: RegistryFile) -> None:
    db.advisory_xact_lock(db.lock_key("compliance.registry", told.seller, told.name))
