"""Checks a pack by its own bytes: every section, the whole, the document, the manifest. Pure; needs no database."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from evidence.canonical import (
    JSON_NAME,
    MANIFEST_NAME,
    MANIFEST_SCHEMA,
    PDF_NAME,
    SCHEMA,
    canonical,
    sha256_of,
)

NAMES = {JSON_NAME, PDF_NAME, MANIFEST_NAME}
READ_AT_ONCE = 1 << 20
LONGEST_LINE = 64 << 20
LONGEST_MANIFEST = 1 << 16


class Broken(Exception):
    """The file is not what was made; the text says what differs."""


@dataclass(slots=True, kw_only=True)
class Checked:
    """What was found: hashes that hold, and what does not."""

    problems: list[str] = field(default_factory=list)
    content_sha256: str = ""
    json_sha256: str = ""
    pdf_sha256: str = ""
    manifest: dict[str, Any] | None = None
    sections: dict[str, int] = field(default_factory=dict)  # rows of each


def check(path: Path) -> Checked:
    """Check a pack's archive, its evidence.json, or its document, told by the first bytes; raises OSError."""
    with path.open("rb") as stream:
        head = stream.read(5)
        stream.seek(0)
        if head.startswith(b"PK"):
            return _check_archive(stream)
        found = Checked()
        if head == b"%PDF-":
            found.pdf_sha256 = _hash(stream)
        else:
            _check_json(stream, found)
        return found


def _check_archive(stream: IO[bytes]) -> Checked:
    found = Checked()
    try:
        with zipfile.ZipFile(stream) as packed:
            names = packed.namelist()
            if sorted(names) != sorted(NAMES):
                raise Broken(
                    f"The archive holds {', '.join(names) or 'nothing'}; a pack holds {', '.join(sorted(NAMES))}."
                )
            with packed.open(JSON_NAME) as part:
                _check_json(part, found)
            with packed.open(PDF_NAME) as part:
                found.pdf_sha256 = _hash(part)
            with packed.open(MANIFEST_NAME) as part:
                _check_manifest(part.read(LONGEST_MANIFEST), found)
    except Broken as error:
        found.problems.append(str(error))
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        found.problems.append(f"The archive cannot be read: {error}.")
    return found


def _check_manifest(text: bytes, found: Checked) -> None:
    try:
        manifest = json.loads(text)
    except ValueError:
        raise Broken("The manifest is no JSON.") from None
    if not isinstance(manifest, dict) or canonical(manifest) + b"\n" != text:
        raise Broken("The manifest is not as it was written.")
    found.manifest = manifest
    told = {key: value for key, value in manifest.items() if key != "sha256"}
    if manifest.get("schema") != MANIFEST_SCHEMA:
        found.problems.append(f"The manifest is of the kind {manifest.get('schema')}, not {MANIFEST_SCHEMA}.")
    if manifest.get("sha256") != sha256_of(told):
        found.problems.append("The manifest's own hash does not fit it.")
    for name, mine in (
        ("content_sha256", found.content_sha256),
        ("json_sha256", found.json_sha256),
        ("pdf_sha256", found.pdf_sha256),
    ):
        if manifest.get(name) != mine:
            found.problems.append(f"The manifest names another {name} than the file has.")


def _hash(stream: IO[bytes]) -> str:
    found = hashlib.sha256()
    while piece := stream.read(READ_AT_ONCE):
        found.update(piece)
    return found.hexdigest()


def _check_json(stream: IO[bytes], found: Checked) -> None:
    whole = hashlib.sha256()
    try:
        _read_json(_lines(stream, whole), found)
    except Broken as error:
        found.problems.append(str(error))
    while piece := stream.read(READ_AT_ONCE):
        whole.update(piece)
    found.json_sha256 = whole.hexdigest()


def _lines(stream: IO[bytes], whole: "hashlib._Hash") -> Iterator[bytes]:
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        whole.update(line)
        if not line.endswith(b"\n"):
            raise Broken(f"Line {number} does not end: the file was cut off.")
        yield line[:-1]


def _read_json(lines: Iterator[bytes], found: Checked) -> None:
    about = _about(next(lines, b""))
    found.content_sha256 = sha256_of(about)
    if next(lines, b"") != b'"content_sha256":"' + found.content_sha256.encode() + b'",':
        found.problems.append("The content's hash does not fit what the pack says about itself.")
    _expect(next(lines, b""), b'"sections":{', "the sections begin")
    sections = about.get("sections")
    if not isinstance(sections, list) or not all(_is_section(each) for each in sections):
        raise Broken("The pack's list of sections cannot be read.")
    for place, told in enumerate(sections):
        _read_section(lines, told, found, is_last=place == len(sections) - 1)
    _expect(next(lines, b""), b"}}", "the file ends")
    if next(lines, None) is not None:
        raise Broken("Something follows the end of the pack.")


def _is_section(told: Any) -> bool:
    return (
        isinstance(told, dict)
        and isinstance(told.get("name"), str)
        and isinstance(told.get("rows"), int)
        and isinstance(told.get("sha256"), str)
    )


def _about(line: bytes) -> dict[str, Any]:
    begins, ends = b'{"about":', b","
    try:
        about = json.loads(line[len(begins) : -len(ends)])
    except ValueError:
        raise Broken("This is no evidence pack: it does not begin with what it is about.") from None
    if not isinstance(about, dict) or begins + canonical(about) + ends != line:
        raise Broken("What the pack says about itself is not as it was written.")
    if about.get("schema") != SCHEMA:
        raise Broken(f"The pack is of the kind {about.get('schema')}, not {SCHEMA}.")
    return about


def _read_section(lines: Iterator[bytes], told: dict[str, Any], found: Checked, *, is_last: bool) -> None:
    name = told["name"]
    _expect(next(lines, b""), canonical(name) + b":[", f"section {name} begins")
    end = b"]" if is_last else b"],"
    hashed = hashlib.sha256()
    for number in range(1, told["rows"] + 1):
        line = next(lines, b"")
        if number < told["rows"]:
            if not line.endswith(b","):
                raise Broken(f"Section {name}, row {number}, is not as it was written.")
            line = line[:-1]
        hashed.update(line + b"\n")
    _expect(next(lines, b""), end, f"section {name} ends after {told['rows']} rows")
    if hashed.hexdigest() != told["sha256"]:
        found.problems.append(f"Section {name} is not what was recorded: its rows have another hash.")
    found.sections[name] = told["rows"]


def _expect(line: bytes, wanted: bytes, where: str) -> None:
    if line != wanted:
        raise Broken(f"The file is not as it was written where {where}.")
