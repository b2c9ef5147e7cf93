"""The bytes that are hashed: the one way a value of a pack is written. Pure."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

SCHEMA = "parley.evidence/1"
MANIFEST_SCHEMA = "parley.evidence.manifest/1"
JSON_NAME = "evidence.json"  # the files of a pack, as its archive names them
PDF_NAME = "evidence.pdf"
MANIFEST_NAME = "manifest.json"


def canonical(value: Any) -> bytes:
    """Return the value as JSON in UTF-8: keys sorted, no space, nothing escaped that need not be."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def sha256_of(value: Any) -> str:
    """Return the SHA-256 of the value's canonical bytes, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def sha256_of_rows(rows: Iterable[bytes]) -> str:
    """Return the SHA-256 of a section: of each row's canonical bytes followed by a line feed."""
    found = hashlib.sha256()
    for row in rows:
        found.update(row)
        found.update(b"\n")
    return found.hexdigest()


def manifest_of(
    *,
    content_sha256: str,
    json_sha256: str,
    pdf_sha256: str,
    prev_sha256: str,
    made_by: str,
    made_at: str,
) -> dict[str, str]:
    """Return the manifest that links a pack to the one before it, with its own hash as `sha256`."""
    told = {
        "schema": MANIFEST_SCHEMA,
        "content_sha256": content_sha256,
        "json_sha256": json_sha256,
        "pdf_sha256": pdf_sha256,
        "prev_sha256": prev_sha256,
        "made_by": made_by,
        "made_at": made_at,
    }
    return told | {"sha256": sha256_of(told)}
