"""The files of a pack: evidence.json line by line, and the archive that holds it with the document and the manifest."""

import hashlib
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evidence.canonical import JSON_NAME, MANIFEST_NAME, PDF_NAME, canonical, sha256_of
from evidence.spool import Spool

READ_AT_ONCE = 1 << 20


def section_list(spool: Spool) -> list[dict[str, Any]]:
    """Return what a pack says of its sections: name, rows, hash, note."""
    return [
        {"name": each.name, "rows": each.rows, "sha256": each.sha256, "note": each.note}
        for each in spool.sections.values()
    ]


def write_json(path: Path, about: Mapping[str, Any], spool: Spool) -> str:
    """Write evidence.json and return the hash of its bytes.

    One row a line and nothing between, so that any changed byte is found, and a pack of any size can be checked line by line.
    """
    written = hashlib.sha256()
    with path.open("wb") as stream:

        def put(piece: bytes) -> None:
            stream.write(piece)
            written.update(piece)

        put(b'{"about":' + canonical(about) + b",\n")
        put(b'"content_sha256":"' + sha256_of(about).encode() + b'",\n"sections":{\n')
        for place, name in enumerate(spool.sections):
            put((b",\n" if place else b"") + canonical(name) + b":[")
            for index, line in enumerate(spool.lines(name)):
                put((b",\n" if index else b"\n") + line)
            put(b"\n]")
        put(b"\n}}\n")
    return written.hexdigest()


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of the file."""
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(READ_AT_ONCE):
            found.update(piece)
    return found.hexdigest()


def archive(path: Path, *, json: Path, pdf: Path) -> None:
    """Write the archive without its manifest, readable by its owner alone."""
    with open(path, "xb", opener=_for_owner) as stream, zipfile.ZipFile(stream, "w") as packed:
        packed.write(json, JSON_NAME, zipfile.ZIP_DEFLATED, compresslevel=6)
        packed.write(pdf, PDF_NAME, zipfile.ZIP_STORED)


def add_manifest(path: Path, manifest: Mapping[str, str]) -> None:
    """Put the manifest into the archive: the last piece, since it holds the hashes of the others and of the pack before."""
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr(MANIFEST_NAME, canonical(manifest) + b"\n")


def _for_owner(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
