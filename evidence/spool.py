"""The rows of a pack on their way into it: one file a section, so that a pack may be larger than memory."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.evidence import Row, Section
from evidence.canonical import canonical, sha256_of_rows
from evidence.withholding import only_about


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """A section as it was written down: how many rows, and their hash."""

    name: str
    note: str
    rows: int
    sha256: str


class Spool:
    """The sections of one pack, each a file of canonical rows, in the order they were added."""

    def __init__(self, folder: Path, number: str) -> None:
        self._folder = folder
        self._number = number
        self.sections: dict[str, Spooled] = {}

    def add(self, section: Section) -> Spooled:
        """Write the section's rows, other people's numbers withheld; raises ValueError for a name that is there already."""
        if section.name in self.sections:
            raise ValueError(f"The pack has a section {section.name} already.")
        counted = 0
        with self._path(section.name).open("wb") as stream:

            def written() -> Iterator[bytes]:
                nonlocal counted
                for row in section.rows:
                    line = canonical(only_about(row, self._number))
                    stream.write(line + b"\n")
                    counted += 1
                    yield line

            found = sha256_of_rows(written())
        spooled = Spooled(name=section.name, note=section.note, rows=counted, sha256=found)
        self.sections[section.name] = spooled
        return spooled

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield a section's rows as they were written, without their line feeds."""
        with self._path(name).open("rb") as stream:
            for line in stream:
                yield line.rstrip(b"\n")

    def rows(self, name: str) -> Iterator[Row]:
        """Yield a section's rows."""
        for line in self.lines(name):
            yield json.loads(line)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.jsonl"
