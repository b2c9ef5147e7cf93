"""Measures do-not-call registries of real size: `python -m tests.load.bench_registry --numbers 250000000`.

Numbers are generated below a temporary folder, which is removed afterwards (about 4 GB for the whole US registry). Two structures
are measured: our files of bits (compliance/registry) and roaring bitmaps (pyroaring). Prints one line of JSON.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap64

from compliance.registry import loading, scrubbing, sources
from compliance.registry.lines import segments
from compliance.registry.numbering import index_of
from compliance.registry.snapshot import Snapshot
from core.types import PhoneNumber

AREA_CODES = 345  # about as many geographic area codes as the United States has
PER_CODE = 8_000_000  # possible numbers of an area code: prefixes begin with 2 to 9
LOOK_UPS = 100_000
MB = 1_000_000


def main() -> None:
    """Measure both structures and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--numbers", type=int, default=250_000_000)
    parser.add_argument("--list-rows", type=int, default=10_000_000)
    parser.add_argument("--ask", nargs=2, help="used by itself: STRUCTURE FILE, in a fresh process")
    options = parser.parse_args()
    if options.ask:
        print(json.dumps(_ask(options.ask[0], Path(options.ask[1]))))
        return
    with tempfile.TemporaryDirectory(prefix="bench-registry-") as name:
        folder = Path(name)
        numbers = generate(folder / "registry.txt", options.numbers)
        _write_list(folder / "list.txt", options.list_rows)
        found = {
            "numbers": numbers,
            "registry_text_mb": round((folder / "registry.txt").stat().st_size / MB),
            "bits": _bits(folder, numbers, options.list_rows),
            "roaring": _roaring(folder, numbers, options.list_rows),
        }
    print(json.dumps(found))


def generate(path: Path, count: int) -> int:
    """Write about `count` different numbers, ascending, one a line, over the area codes; return how many."""
    rng = np.random.default_rng(20261121)
    written = 0
    with path.open("wb") as file:
        for area in range(AREA_CODES):
            lines = np.flatnonzero(rng.random(PER_CODE, np.float32) < count / AREA_CODES / PER_CODE)
            file.write(_text((201 + area * 2) * 10_000_000 + 2_000_000 + lines))
            written += len(lines)
    return written


def _text(numbers: NDArray[np.int64]) -> bytes:
    rows = np.empty((len(numbers), 11), np.uint8)
    rest = numbers.copy()
    for place in range(9, -1, -1):
        rest, digit = np.divmod(rest, 10)
        rows[:, place] = digit + 48
    rows[:, 10] = 10
    return rows.tobytes()


def _some(count: int, seed: int) -> NDArray[np.int64]:
    """Return numbers of those area codes in no order, listed or not."""
    rng = np.random.default_rng(seed)
    area = 201 + rng.integers(0, AREA_CODES, count) * 2
    return area * 10_000_000 + 2_000_000 + rng.integers(0, PER_CODE, count)


def _write_list(path: Path, rows: int) -> None:
    with path.open("wb") as file:
        for start in range(0, rows, MB):
            file.write(_text(_some(min(MB, rows - start), start)))


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    answer = work()
    return time.perf_counter() - started, answer


def _bits(folder: Path, numbers: int, rows: int) -> dict[str, Any]:
    def load() -> loading.Loaded:
        with (folder / "registry.txt").open("rb") as stream:
            digest = sources.sha256_of(stream)
            return loading.load_full(stream, folder=folder / "store", stem="bench", source_sha256=digest)

    seconds, loaded = _timed(load)
    peak = _memory()["peak_rss"]
    assert loaded.accepted == loaded.numbers == numbers
    file = folder / "store" / loaded.file
    snapshot = Snapshot(file)

    def scrub() -> scrubbing.Scrubbed:
        with (folder / "list.txt").open("rb") as stream, (folder / "out").open("wb") as out:
            outputs = scrubbing.Outputs(listed=io.BytesIO(), clean=out, refused=io.BytesIO())
            return scrubbing.scrub_file(
                stream, lambda some: (snapshot.listed(some), np.ones(len(some), bool)), outputs
            )

    scrub_seconds, scrubbed = _timed(scrub)
    assert scrubbed.rows == rows
    return {
        "import_seconds": round(seconds, 1),
        "numbers_per_second": round(numbers / seconds),
        "import_peak_rss_mb": round(peak, 1),
        "disk_mb": round(file.stat().st_size / MB, 1),
        "scrub_seconds": round(scrub_seconds, 2),
        "scrub_listed": scrubbed.listed,
        **_fresh("bits", file),
    }


def _roaring(folder: Path, numbers: int, rows: int) -> dict[str, Any]:
    def load() -> BitMap64:
        bitmap = BitMap64()
        with (folder / "registry.txt").open("rb") as stream:
            sources.sha256_of(stream)
            for segment in segments(stream):
                bitmap |= BitMap64(segment.indexes.astype(np.uint64))
        bitmap.run_optimize()
        (folder / "roaring").write_bytes(bitmap.serialize())
        return bitmap

    seconds, bitmap = _timed(load)
    assert len(bitmap) == numbers

    def scrub() -> int:
        listed = 0
        with (folder / "list.txt").open("rb") as stream, (folder / "out").open("wb") as out:
            for segment in segments(stream):
                mask = np.fromiter(
                    map(bitmap.__contains__, segment.indexes.tolist()), bool, len(segment.indexes)
                )
                out.write(segment.take(~mask))
                listed += int(mask.sum())
        return listed

    scrub_seconds, listed = _timed(scrub)
    return {
        "import_seconds": round(seconds, 1),
        "numbers_per_second": round(numbers / seconds),
        "disk_mb": round((folder / "roaring").stat().st_size / MB, 1),
        "scrub_seconds": round(scrub_seconds, 2),
        "scrub_listed": listed,
        **_fresh("roaring", folder / "roaring"),
    }


def _fresh(structure: str, file: Path) -> dict[str, Any]:
    """Return what a new process measures."""
    line = [sys.executable, "-m", "tests.load.bench_registry", "--ask", structure, str(file)]
    done = subprocess.run(line, capture_output=True, check=True, text=True, env=dict(os.environ))
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _ask(structure: str, file: Path) -> dict[str, Any]:
    before = _memory()
    asked = _some(LOOK_UPS, 7)
    phones = [PhoneNumber(f"+1{number}") for number in asked.tolist()]
    if structure == "bits":
        ready, snapshot = _timed(lambda: Snapshot(file))
        seconds, _ = _timed(lambda: [snapshot.is_listed(phone) for phone in phones])
        once = [_timed(partial(snapshot.is_listed, phone))[0] for phone in phones[:20_000]]
    else:
        ready, bitmap = _timed(lambda: BitMap64.deserialize(file.read_bytes()))
        seconds, _ = _timed(lambda: [_holds(bitmap, phone) for phone in phones])
        once = [_timed(partial(_holds, bitmap, phone))[0] for phone in phones[:20_000]]
    after = _memory()
    return {
        "ready_ms": round(ready * 1000, 1),
        "look_up_us": round(seconds / LOOK_UPS * 1e6, 2),
        "look_up_p99_us": round(float(np.percentile(once, 99)) * 1e6, 2),
        "rss_mb": round(after["rss"], 1),
        "pss_mb": round(after["pss"], 1),
        "anonymous_mb": round(after["anonymous"], 1),
        "anonymous_before_mb": round(before["anonymous"], 1),
    }


def _holds(bitmap: BitMap64, phone: str) -> bool:
    index = index_of(phone)
    return index is not None and index in bitmap


def _memory() -> dict[str, float]:
    """Return this process's memory in MB, as the kernel counts it."""
    found: dict[str, float] = {}
    for name in ("/proc/self/smaps_rollup", "/proc/self/status"):
        for line in Path(name).read_text(encoding="ascii").splitlines():
            words = line.split()
            if len(words) == 3 and words[2] == "kB":
                found[words[0].rstrip(":")] = int(words[1]) * 1024 / MB
    return {
        "rss": found["Rss"],
        "pss": found["Pss"],
        "anonymous": found["Anonymous"],
        "peak_rss": found["VmHWM"],
    }


if __name__ == "__main__":
    main()
