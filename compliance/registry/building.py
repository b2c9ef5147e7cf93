"""Makes registry files: from a full list, or from an older copy and a change file. Nothing is seen before it is complete.

Work is done in a folder of its own beside the files (".part-…"), held by a lock of the operating system that ends with the
process: what a killed import left is removed by the next one.
"""

import fcntl
import hashlib
import mmap
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from compliance.registry.numbering import BLOCK_BYTES, BLOCKS, LINES, Indexes
from compliance.registry.plans import NORTH_AMERICA, Plan
from compliance.registry.snapshot import BATCH, HEADER_BYTES, Header, Snapshot

PART: Final = ".part-"
HELD: Final = "held"  # the file a living import holds the lock of
FORGET_EVERY: Final = 16  # turns after which the pages are given back to the system, which keeps them for us


class Bits:
    """One bit for each possible number, in a file full of holes: only what is used takes space, and little of it memory."""

    def __init__(self, path: Path) -> None:
        """Make the file; `path` must not exist."""
        with path.open("x+b") as file:
            file.truncate(BLOCKS * BLOCK_BYTES)
            self._map = mmap.mmap(file.fileno(), 0)
        self._bytes = np.frombuffer(self._map, np.uint8)
        self._used = np.zeros(BLOCKS, bool)
        self._turns = 0

    def add(self, indexes: Indexes) -> int:
        """List numbers and return how many of them were not listed before; each counts once."""
        if not len(indexes):
            return 0
        ascending = np.sort(indexes)
        places = ascending >> 3
        bits = np.left_shift(np.uint8(1), (ascending & 7).astype(np.uint8))
        starts = np.flatnonzero(np.concatenate(([True], places[1:] != places[:-1])))
        places, bits = places[starts], np.bitwise_or.reduceat(bits, starts)
        before = self._bytes[places]
        self._bytes[places] = before | bits
        self._used[ascending // LINES] = True
        self._forget_now_and_then()
        return int(np.bitwise_count(bits & ~before).sum())

    def set_one(self, index: int, listed: bool) -> bool:
        """List or unlist one number; returns whether that changed anything."""
        place, mask = index >> 3, 1 << (index & 7)
        before = self._map[place]
        if bool(before & mask) == listed:
            return False
        self._map[place] = before ^ mask
        self._used[index // LINES] = True
        return True

    def copy(self, base: Snapshot) -> None:
        """Take over all numbers of an older copy; raises SnapshotBroken."""
        blocks = self._bytes.reshape(BLOCKS, BLOCK_BYTES)
        for keys, bits in base.batches():
            blocks[keys] = bits
            self._used[keys] = True
            self._forget_now_and_then()

    def batches(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint8]]]:
        """Yield keys and bits of the blocks that list a number."""
        blocks = self._bytes.reshape(BLOCKS, BLOCK_BYTES)
        used = np.flatnonzero(self._used)
        for start in range(0, len(used), BATCH):
            keys = used[start : start + BATCH]
            bits = blocks[keys]
            full = bits.any(axis=1)
            if full.any():
                yield keys[full], bits[full]
            self._forget_now_and_then()

    def _forget_now_and_then(self) -> None:
        self._turns += 1
        if self._turns % FORGET_EVERY == 0:
            self._map.madvise(mmap.MADV_DONTNEED)


def write(bits: Bits, path: Path, *, source_sha256: str, plan: Plan = NORTH_AMERICA) -> Header:
    """Write the registry file of the bits, down to the disk, and return its header."""
    keys: list[NDArray[np.uint32]] = []
    checks: list[int] = []
    numbers = 0
    digest = hashlib.sha256()
    with path.open("xb") as file:
        file.write(bytes(HEADER_BYTES))
        for some, blocks in bits.batches():
            keys.append(some.astype(np.uint32))
            checks.extend(zlib.crc32(block) for block in blocks)
            numbers += int(np.bitwise_count(blocks).sum())
            raw = blocks.tobytes()
            digest.update(raw)
            file.write(raw)
        index = b"".join(part.tobytes() for part in keys) + np.array(checks, np.uint32).tobytes()
        digest.update(index)
        file.write(index)
        header = Header(
            numbers=numbers,
            blocks=len(checks),
            source_sha256=source_sha256,
            index_sha256=hashlib.sha256(index).hexdigest(),
            content_sha256=digest.hexdigest(),
            plan=plan.name,
        )
        file.seek(0)
        file.write(header.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    return header


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """Yield an empty folder to work in, gone afterwards; removes those whose process died."""
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(folder / ".lock"):
        for part in folder.glob(PART + "*"):
            _remove_if_abandoned(part)
        part = Path(tempfile.mkdtemp(prefix=PART, dir=folder))
        held = (part / HELD).open("w")
        fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield part
    finally:
        held.close()
        shutil.rmtree(part, ignore_errors=True)


def publish(part: Path, final: Path) -> None:
    """Put a complete file in its place, in one step that survives a power cut."""
    final.parent.mkdir(parents=True, exist_ok=True)
    part.replace(final)
    held = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _remove_if_abandoned(part: Path) -> None:
    try:
        # Opened for writing: over NFS such a lock is only given to who may write.
        with (part / HELD).open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    except FileNotFoundError:
        pass  # it died before it could take the lock, or has just finished
    shutil.rmtree(part, ignore_errors=True)
