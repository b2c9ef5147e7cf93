"""Loads a copy of a do-not-call registry: streamed, counted, and put in force only when nearly every line was read."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Protocol

import structlog
from django.db import connection

from compliance.models import DncListImport
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.registry import NATIONAL
from core import audit, db
from core.errors import AppError

log = structlog.get_logger(__name__)

REFUSED_KEPT: Final = 1000  # refused lines kept with their text; all are counted
REFUSED_SHARE_PERCENT: Final = 0.1  # above it the copy is not put in force
LINE_LIMIT: Final = 200
PIECE: Final = 4096
LIST_NAMES: Final = frozenset({NATIONAL, *STATE_NAMES})
_NANP = re.compile(r"(?:\+?1)?([2-9][0-9]{2}[2-9][0-9]{6})\Z")
_SPACING = re.compile(r"[\s,;\t().\-\"]+")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class DncFileRefused(AppError):
    """The registry file or its description cannot be used; nothing was stored."""


class ByteSource(Protocol):
    """A file opened in binary, or an upload."""

    def readline(self, limit: int, /) -> bytes:
        """Return the next line, at most `limit` bytes of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the importer was told about the copy."""

    name: str
    seller: str
    san: str
    as_of: date
    file_sha256: str
    area_codes: frozenset[str]
    actor: str
    now: datetime


@dataclass
class _Counts:
    accepted: int = 0
    refused: int = 0
    refused_lines: list[tuple[int, str, str]] = field(default_factory=list)


def read_lines(stream: ByteSource) -> Iterator[str]:
    """Yield the lines of a file opened in binary; bytes that are no text become marks that no number can hold.

    A line longer than a page comes in pieces, so that a file without line ends cannot fill the memory.
    """
    while line := stream.readline(PIECE):
        yield line.decode("utf-8", errors="replace")


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
    """Store a registry copy in the open transaction and return its row; it replaces the seller's copies it covers.

    Shapes: one number a line, as 10 digits, "area code,number" or E.164; a first line without digits is a heading.
    `name` is "national" or the USPS code of a state-run list. `area_codes` are those the copy covers; empty = all.
    A copy of which more than 0.1 % of lines were refused is kept for its counts alone: not active, without numbers.
    The same file for the same seller and date is not stored twice: the standing row is returned.
    Raises DncFileRefused for a wrong description, or a file without a single number.
    """
    db.require_atomic()
    told = _Told(
        name=name,
        seller=seller,
        san=san,
        as_of=as_of,
        file_sha256=file_sha256,
        area_codes=area_codes,
        actor=actor,
        now=now,
    )
    _check(told)
    db.advisory_xact_lock(db.lock_key("compliance.registry", seller, name))
    standing = DncListImport.objects.filter(
        name=name, seller=seller, as_of=as_of, file_sha256=file_sha256, active=True
    ).first()
    return standing or _load(lines, told)


def _load(lines: Iterable[str], told: _Told) -> DncListImport:
    counts = _Counts()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE dnc_incoming (number varchar(16)) ON COMMIT DROP")
        with cursor.copy("COPY dnc_incoming (number) FROM STDIN") as copy:
            for number in _numbers(lines, counts):
                copy.write_row((number,))
        cursor.execute("SELECT count(DISTINCT number) FROM dnc_incoming")
        distinct = int(cursor.fetchone()[0])
        if not distinct:
            raise DncFileRefused(_empty_message(counts))
        row = _store(counts, distinct, told)
        if row.active:
            cursor.execute(
                "INSERT INTO compliance_dncentry (snapshot_id, number) SELECT DISTINCT %s::bigint, number FROM dnc_incoming",
                [row.id],
            )
        cursor.execute("DROP TABLE dnc_incoming")
    log.info(
        "compliance.registry.imported", id=row.id, accepted=distinct, refused=row.refused, active=row.active
    )
    return row


def _check(told: _Told) -> None:
    if told.name not in LIST_NAMES:
        raise DncFileRefused(
            f"“{told.name[:20]}” is no list we know: say “national”, or the two letters of a state."
        )
    if not told.seller.strip():
        raise DncFileRefused(
            "Say for which seller the copy was obtained: a copy is only good for its own subscriber."
        )
    if not told.san.strip():
        raise DncFileRefused("Give the subscription account number (SAN) the copy was obtained with.")
    if told.as_of > told.now.date():
        raise DncFileRefused(f"The copy cannot be dated {told.as_of:%d %b %Y}, that is in the future.")
    if not _SHA256.match(told.file_sha256):
        raise DncFileRefused("The file's SHA-256 must be 64 hexadecimal digits.")
    wrong = sorted(code for code in told.area_codes if not re.fullmatch("[2-9][0-9]{2}", code))
    if wrong:
        raise DncFileRefused(f"“{wrong[0][:10]}” is not an area code: give three digits.")


def _numbers(lines: Iterable[str], counts: _Counts) -> Iterator[str]:
    for line_number, line in enumerate(lines, start=1):
        text = line.strip().lstrip("\ufeff")
        if not text or (line_number == 1 and not any(letter.isdigit() for letter in text)):
            continue
        found = _NANP.match(_SPACING.sub("", text)) if len(text) <= LINE_LIMIT else None
        if found:
            counts.accepted += 1
            yield f"+1{found.group(1)}"
            continue
        counts.refused += 1
        if len(counts.refused_lines) < REFUSED_KEPT:
            shown = text[:60].replace("\x00", "�")
            counts.refused_lines.append((line_number, shown, "not a ten-digit US or Canadian number"))


def _empty_message(counts: _Counts) -> str:
    if not counts.refused_lines:
        return "The file is empty. A registry copy has one number a line."
    line_number, text, reason = counts.refused_lines[0]
    return f"The file holds no number. Line {line_number}, “{text[:30]}”, is {reason}."


def _store(counts: _Counts, distinct: int, told: _Told) -> DncListImport:
    total = counts.accepted + counts.refused
    active = counts.refused * 100 <= REFUSED_SHARE_PERCENT * total
    if active:
        _retire_replaced(told)
    row = DncListImport.objects.create(
        name=told.name,
        seller=told.seller,
        san=told.san,
        area_codes=sorted(told.area_codes),
        as_of=told.as_of,
        file_sha256=told.file_sha256,
        accepted=distinct,
        duplicates=counts.accepted - distinct,
        refused=counts.refused,
        refused_lines=counts.refused_lines,
        imported_by=told.actor,
        imported_at=told.now,
        active=active,
    )
    audit.record(
        actor=told.actor,
        verb="compliance.registry.imported",
        target=f"registry:{row.id}",
        now=told.now,
        after={
            "name": told.name,
            "seller": told.seller,
            "as_of": told.as_of.isoformat(),
            "accepted": distinct,
            "active": active,
        },
    )
    return row


def _retire_replaced(told: _Told) -> None:
    """Take older copies out of force whose area codes the new one covers."""
    older = DncListImport.objects.filter(
        name=told.name, seller=told.seller, active=True, as_of__lte=told.as_of
    )
    for row in older.order_by("id"):
        if not told.area_codes or (row.area_codes and set(row.area_codes) <= told.area_codes):
            DncListImport.objects.filter(id=row.id).update(active=False)
