"""From a registry file as delivered to a registry file of ours: counted, every refused line kept."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from compliance.registry import building, changes
from compliance.registry.lines import Refused, segments
from compliance.registry.plans import NORTH_AMERICA, PLANS, Plan
from compliance.registry.snapshot import Snapshot
from compliance.registry.sources import ByteStream, SourceRefused, opened

REFUSED_KEPT: Final = 1000  # refused lines kept in memory; all are written to the side file
SUFFIX: Final = ".dnc"
REFUSED_SUFFIX: Final = ".refused.txt"
Report = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What came of a file: rows = accepted + duplicates + refused. The names are of files in the folder."""

    file: str
    content_sha256: str
    numbers: int  # in the copy
    rows: int  # blank lines and the heading are none
    accepted: int  # rows that changed the copy
    removed: int  # of the accepted ones, those that took a number out
    duplicates: int  # rows that changed nothing: the number was there, or was not there to be deleted
    refused: int
    refused_lines: tuple[Refused, ...]  # the first of them
    refused_file: str  # all of them; empty when there is none


class _Tally:
    """Counts rows and writes refused ones to the side file."""

    def __init__(self, path: Path, report: Report) -> None:
        self.accepted = self.removed = self.duplicates = self.refused = 0
        self.first: list[Refused] = []
        self.path = path
        self._file: TextIO | None = None
        self._report = report

    def close(self) -> None:
        if self._file:
            self._file.close()

    @property
    def rows(self) -> int:
        return self.accepted + self.duplicates + self.refused

    def refuse(self, lines: Iterable[Refused]) -> None:
        for line in lines:
            if self._file is None:
                self._file = self.path.open("x", encoding="utf-8")
                self._file.write("line\ttext\treason\n")
            self._file.write(f"{line.line}\t{line.text}\t{line.reason}\n")
            self.refused += 1
            if len(self.first) < REFUSED_KEPT:
                self.first.append(line)

    def tell(self) -> None:
        self._report(self.rows)


def load_full(
    stream: ByteStream,
    *,
    folder: Path,
    stem: str,
    source_sha256: str,
    plan: Plan = NORTH_AMERICA,
    report: Report = lambda rows: None,
) -> Loaded:
    """Make the registry file of a full list. `report` is told the rows read so far, now and then.

    Raises SourceRefused for what is no registry file, or has no number in it; nothing is left then.
    """
    with _work(folder, report) as (part, bits, tally):
        with opened(stream) as reader:
            for segment in segments(reader, plan):
                new = bits.add(segment.indexes)
                tally.accepted += new
                tally.duplicates += len(segment.indexes) - new
                tally.refuse(segment.refused)
                tally.tell()
        if not tally.accepted:
            raise SourceRefused(_empty(tally.first, "A registry copy has one number a line."))
        return _finish(part, bits, tally, folder, stem, source_sha256, plan)


def load_changes(
    stream: ByteStream,
    base: Snapshot,
    *,
    folder: Path,
    stem: str,
    source_sha256: str,
    report: Report = lambda rows: None,
) -> Loaded:
    """Make the registry file of an older copy with a change file's additions and deletions, in the order of its lines.

    Raises SourceRefused as load_full does, SnapshotBroken if the older copy cannot be trusted.
    """
    plan = PLANS[base.header.plan]
    with _work(folder, report) as (part, bits, tally):
        bits.copy(base)
        with opened(stream) as reader:
            for change in changes.changes(reader, plan):
                if isinstance(change, Refused):
                    tally.refuse([change])
                elif bits.set_one(change.index, change.added):
                    tally.accepted += 1
                    tally.removed += not change.added
                else:
                    tally.duplicates += 1
                if tally.rows % 100_000 == 0:
                    tally.tell()
        if not tally.accepted + tally.duplicates:
            raise SourceRefused(_empty(tally.first, "A change file has area code, number, date, A or D."))
        return _finish(part, bits, tally, folder, stem, source_sha256, plan)


@contextmanager
def _work(folder: Path, report: Report) -> Iterator[tuple[Path, building.Bits, _Tally]]:
    with building.workplace(folder) as part, closing(_Tally(part / "refused", report)) as tally:
        yield part, building.Bits(part / "bits"), tally


def _finish(
    part: Path,
    bits: building.Bits,
    tally: _Tally,
    folder: Path,
    stem: str,
    source_sha256: str,
    plan: Plan,
) -> Loaded:
    header = building.write(bits, part / "copy", source_sha256=source_sha256, plan=plan)
    file = f"{stem}-{header.content_sha256[:16]}{SUFFIX}"
    building.publish(part / "copy", folder / file)
    refused_file = ""
    if tally.refused:
        refused_file = f"{stem}-{source_sha256[:16]}{REFUSED_SUFFIX}"
        tally.close()
        building.publish(tally.path, folder / refused_file)
    return Loaded(
        file=file,
        content_sha256=header.content_sha256,
        numbers=header.numbers,
        rows=tally.rows,
        accepted=tally.accepted,
        removed=tally.removed,
        duplicates=tally.duplicates,
        refused=tally.refused,
        refused_lines=tuple(tally.first),
        refused_file=refused_file,
    )


def _empty(first: list[Refused], advice: str) -> str:
    if not first:
        return f"The file is empty. {advice}"
    line = first[0]
    return f"The file holds no number. Line {line.line}, “{line.text[:30]}”, is {line.reason}."
