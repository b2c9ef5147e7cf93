"""The registry files this process has opened: few at a time, the least used forgotten, none trusted after it changed on disk."""

import os
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Final

from compliance.registry.snapshot import Snapshot, SnapshotBroken

KEPT: Final = 16  # of 2 MB each, for a registry of 250 million numbers
_Stamp = tuple[int, int, int, int]
_open: OrderedDict[tuple[Path, str], tuple[_Stamp, Snapshot]] = OrderedDict()
_lock = Lock()


def snapshot_at(path: Path, content_sha256: str) -> Snapshot:
    """Return the opened registry file at the path; raises SnapshotBroken if it is missing, or is not that content."""
    stamp = _stamp(path)
    key = (path, content_sha256)
    with _lock:
        known = _open.get(key)
        if known and known[0] == stamp:
            _open.move_to_end(key)
            return known[1]
    snapshot = Snapshot(path, content_sha256=content_sha256)
    with _lock:
        _open[key] = (stamp, snapshot)
        _open.move_to_end(key)
        while len(_open) > KEPT:
            _open.popitem(last=False)
    return snapshot


def _stamp(path: Path) -> _Stamp:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        raise SnapshotBroken("is missing") from None
    except OSError as error:
        raise SnapshotBroken(f"cannot be opened ({error.strerror})") from None
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
