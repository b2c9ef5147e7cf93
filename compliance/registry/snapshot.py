"""A registry copy as an immutable file, and the look-up in it.

The file: a header of 4096 bytes; for each block that has a listed number its 10,000 bits (1250 bytes, lowest bit first); the
blocks' keys (uint32, ascending) and checksums (uint32, CRC-32). Look-ups read the block they need from the file by position:
all processes share the operating system's copy, and a file cut short meanwhile is an error, where a mapping would be a crash.
"""

import hashlib
import json
import os
import weakref
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from compliance.registry.numbering import BLOCK_BYTES, LINES, Indexes, indexes_of
from compliance.registry.plans import NORTH_AMERICA, PLANS
from core.errors import AppError
from core.types import PhoneNumber

MAGIC: Final = b"PARLEY-DNC"
VERSION: Final = 1
HEADER_BYTES: Final = 4096
BATCH: Final = 1024  # blocks read at once when a whole list is scrubbed


class SnapshotBroken(AppError):
    """The registry file is not there or is not what was written; the text says so in a few words, after “the file”."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a file says of itself."""

    numbers: int
    blocks: int
    source_sha256: str  # of the file it was made from, as delivered
    index_sha256: str  # of keys and checksums
    content_sha256: str  # of all after the header: what the copy is
    plan: str = (
        NORTH_AMERICA.name
    )  # whose numbers they are; files from before it was told are of North America

    def as_bytes(self) -> bytes:
        """Return the header as it stands in the file."""
        text = MAGIC + json.dumps({"version": VERSION, **asdict(self)}, sort_keys=True).encode()
        body = text.ljust(HEADER_BYTES - 4, b" ")
        return body + zlib.crc32(body).to_bytes(4, "little")


class Snapshot:
    """An opened registry file. Opening reads the header and the keys; the numbers stay in the file."""

    def __init__(self, path: Path, *, content_sha256: str = "") -> None:
        """Open and check a file; raises SnapshotBroken if it is missing, cut, altered or, given a content, another one."""
        self.path = path
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise SnapshotBroken(_missing(error)) from None
        weakref.finalize(self, os.close, self._file)
        self.header = _read_header(self._read(0, HEADER_BYTES))
        blocks = self.header.blocks
        if os.fstat(self._file).st_size != HEADER_BYTES + blocks * (BLOCK_BYTES + 8):
            raise SnapshotBroken("has not the length it says: it was cut short or altered")
        if content_sha256 and self.header.content_sha256 != content_sha256:
            raise SnapshotBroken("is another copy than the one that was put in force")
        index = self._read(HEADER_BYTES + blocks * BLOCK_BYTES, blocks * 8)
        if hashlib.sha256(index).hexdigest() != self.header.index_sha256:
            raise SnapshotBroken("was altered: its index does not add up")
        self._keys = np.frombuffer(index, np.uint32, blocks)
        self._checks = np.frombuffer(index, np.uint32, blocks, blocks * 4)

    def __len__(self) -> int:
        """Return how many numbers are listed."""
        return self.header.numbers

    def is_listed(self, number: PhoneNumber) -> bool:
        """Return whether the number is listed; one of another plan than the file's never is.

        Raises SnapshotBroken when the file cannot be trusted.
        """
        index = PLANS[self.header.plan].index_of(number)
        if index is None:
            return False
        key, line = divmod(index, LINES)
        place = int(self._keys.searchsorted(np.uint32(key)))
        if place == len(self._keys) or self._keys[place] != key:
            return False
        block = self._read(HEADER_BYTES + place * BLOCK_BYTES, BLOCK_BYTES)
        if zlib.crc32(block) != self._checks[place]:
            raise SnapshotBroken("was altered: a part of it does not add up")
        return bool(block[line >> 3] >> (line & 7) & 1)

    def scrub(self, numbers: Indexes) -> NDArray[np.bool_]:
        """Return for each ten-digit number whether it is listed.

        Raises ValueError if one cannot be a number, SnapshotBroken when the file cannot be trusted.
        """
        return self.listed(indexes_of(numbers))

    def listed(self, indexes: Indexes) -> NDArray[np.bool_]:
        """Return for each place whether its number is listed; raises SnapshotBroken when the file cannot be trusted."""
        if (indexes[1:] >= indexes[:-1]).all():
            return self._listed(indexes)
        order = indexes.argsort()
        answer = np.empty(len(indexes), bool)
        answer[order] = self._listed(indexes[order])
        return answer

    def _listed(self, ascending: Indexes) -> NDArray[np.bool_]:
        of_block = ascending // LINES
        starts = np.flatnonzero(np.r_[True, of_block[1:] != of_block[:-1]][: len(of_block)])
        keys, counts = of_block[starts], np.diff(np.r_[starts, len(of_block)])
        places = self._keys.searchsorted(keys.astype(np.uint32))
        known = self._keys.take(places, mode="clip") == keys if len(self._keys) else np.zeros(len(keys), bool)
        of_known = np.repeat(known, counts)
        found = np.zeros(len(ascending), bool)
        found[of_known] = self._bits_at(places[known], counts[known], ascending[of_known] % LINES)
        return found

    def batches(self) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.uint8]]]:
        """Yield keys and bits of all blocks, some at a time, each checked; raises SnapshotBroken."""
        for start in range(0, len(self._keys), BATCH):
            places = np.arange(start, min(start + BATCH, len(self._keys)))
            yield self._keys[places], self._blocks_at(places)

    def verify(self) -> None:
        """Read all of the file; raises SnapshotBroken unless every byte is as it was written."""
        digest = hashlib.sha256()
        for _, bits in self.batches():
            digest.update(bits.tobytes())
        digest.update(self._keys.tobytes() + self._checks.tobytes())
        if digest.hexdigest() != self.header.content_sha256:
            raise SnapshotBroken("was altered: its content does not add up")

    def _bits_at(
        self, places: NDArray[np.int64], counts: NDArray[np.int64], lines: Indexes
    ) -> NDArray[np.bool_]:
        """Return the bits of `lines`, of which the first counts[0] are of the block at places[0], and so on."""
        found = np.empty(len(lines), bool)
        ends = np.concatenate(([0], counts.cumsum()))
        for start in range(0, len(places), BATCH):
            some = slice(start, start + BATCH)
            bits = self._blocks_at(places[some])
            part = slice(ends[start], ends[min(start + BATCH, len(places))])
            row = np.repeat(np.arange(len(bits)), counts[some])
            line = lines[part]
            found[part] = bits[row, line >> 3] >> (line & 7).astype(np.uint8) & 1
        return found

    def _blocks_at(self, places: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the bits of some blocks, one block a row, in order; raises SnapshotBroken if a checksum is wrong."""
        first, last = int(places[0]), int(places[-1])
        if last - first < 4 * len(places):  # near each other: one read is cheaper than many
            raw = self._read(HEADER_BYTES + first * BLOCK_BYTES, (last - first + 1) * BLOCK_BYTES)
            bits = np.frombuffer(raw, np.uint8).reshape(-1, BLOCK_BYTES)[places - first]
        else:
            raw = b"".join(self._read(HEADER_BYTES + int(at) * BLOCK_BYTES, BLOCK_BYTES) for at in places)
            bits = np.frombuffer(raw, np.uint8).reshape(-1, BLOCK_BYTES)
        if [zlib.crc32(block) for block in bits] != self._checks[places].tolist():
            raise SnapshotBroken("was altered: a part of it does not add up")
        return bits

    def _read(self, offset: int, size: int) -> bytes:
        try:
            data = os.pread(self._file, size, offset)
        except OSError as error:
            raise SnapshotBroken(f"cannot be read ({error.strerror})") from None
        if len(data) != size:
            raise SnapshotBroken("was cut short")
        return data


def _read_header(data: bytes) -> Header:
    if not data.startswith(MAGIC):
        raise SnapshotBroken("is no registry file")
    if zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "little"):
        raise SnapshotBroken("was altered: its header does not add up")
    told: dict[str, Any] = json.loads(data[len(MAGIC) : -4])
    if told.pop("version") != VERSION:
        raise SnapshotBroken("is of a version this program does not know")
    header = Header(**told)
    if header.plan not in PLANS:
        raise SnapshotBroken("is of a version this program does not know")
    return header


def _missing(error: OSError) -> str:
    return "is missing" if isinstance(error, FileNotFoundError) else f"cannot be opened ({error.strerror})"
