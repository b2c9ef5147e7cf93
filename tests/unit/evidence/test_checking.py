"""A pack checked by its own bytes: as made it fits, and no byte can change unseen."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evidence import Section
from evidence import checking, writing
from evidence.canonical import SCHEMA, manifest_of, sha256_of
from evidence.spool import Spool

NUMBER = "+14075550123"


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small pack: two rows, an empty section, a document."""
    return build(tmp_path_factory.mktemp("pack"))


def build(folder: Path) -> Path:
    spool = Spool(folder, NUMBER)
    spool.add(Section(name="consents", rows=[{"id": 1, "text": "yes, “call” me"}, {"id": 2, "text": "é"}]))
    spool.add(Section(name="texts", rows=(), note="None."))
    about: dict[str, Any] = {
        "schema": SCHEMA,
        "number": NUMBER,
        "sections": writing.section_list(spool),
    }
    json_path, pdf_path, path = folder / "evidence.json", folder / "evidence.pdf", folder / "pack.zip"
    json_sha256 = writing.write_json(json_path, about, spool)
    pdf_path.write_bytes(b"%PDF-1.4 a document")
    writing.archive(path, json=json_path, pdf=pdf_path)
    manifest = manifest_of(
        content_sha256=sha256_of(about),
        json_sha256=json_sha256,
        pdf_sha256=writing.sha256_of_file(pdf_path),
        prev_sha256="",
        made_by="nil",
        made_at="2026-11-23T16:00:00.000Z",
    )
    writing.add_manifest(path, manifest)
    return path


def repack(source: Path, target: Path, changes: dict[str, bytes | None]) -> Path:
    """Write the archive anew with members changed, added or (None) left out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        members: dict[str, bytes | None] = {name: old.read(name) for name in old.namelist()}
        for name, content in {**members, **changes}.items():
            if content is not None:
                new.writestr(name, content)
    return target


def test_a_pack_as_it_was_made_has_no_problem(pack: Path) -> None:
    found = checking.check(pack)

    assert (found.problems, found.sections) == ([], {"consents": 2, "texts": 0})


def test_evidence_json_is_plain_json_that_anybody_can_check(pack: Path) -> None:
    found = json.loads((pack.parent / "evidence.json").read_bytes())

    assert [row["id"] for row in found["sections"]["consents"]] == [1, 2]
    assert found["content_sha256"] == sha256_of(found["about"])


def test_any_byte_changed_in_the_data_is_found(pack: Path, tmp_path: Path) -> None:
    good = (pack.parent / "evidence.json").read_bytes()
    path = tmp_path / "changed.json"

    for place in range(len(good)):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert checking.check(path).problems, (place, good[place : place + 20])


def test_data_cut_off_anywhere_is_found(pack: Path, tmp_path: Path) -> None:
    good = (pack.parent / "evidence.json").read_bytes()
    path = tmp_path / "cut.json"

    for end in range(len(good)):
        path.write_bytes(good[:end])
        assert checking.check(path).problems, end


@pytest.mark.parametrize("name", ["evidence.json", "evidence.pdf", "manifest.json"])
def test_any_byte_changed_in_a_member_is_found(pack: Path, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(pack) as packed:
        good = packed.read(name)

    for place in range(0, len(good), 7):
        changed = good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]
        assert checking.check(repack(pack, tmp_path / "changed.zip", {name: changed})).problems, place


@pytest.mark.parametrize(
    "changes", [{"evidence.pdf": None}, {"manifest.json": None}, {"more.txt": b"hello"}, {"../up": b"x"}]
)
def test_a_member_too_many_or_too_few_is_found(
    pack: Path, tmp_path: Path, changes: dict[str, bytes | None]
) -> None:
    [problem] = checking.check(repack(pack, tmp_path / "changed.zip", changes)).problems

    assert "a pack holds evidence.json, evidence.pdf, manifest.json" in problem


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK", b"PK\x03\x04", b'{"about":', b"%PDF-"]))
def test_no_file_makes_the_check_fail_itself(content: bytes, head: bytes) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile() as stream:
        stream.write(head + content)
        stream.flush()
        found = checking.check(Path(stream.name))

    assert found.problems or found.pdf_sha256


@pytest.mark.parametrize(
    "about",
    [
        {"schema": SCHEMA, "sections": "none"},
        {"schema": SCHEMA, "sections": [{"name": 1}]},
        {"schema": SCHEMA, "sections": [{"name": "x", "rows": 10**30, "sha256": ""}]},
        {"schema": SCHEMA},
        {"schema": "other/1", "sections": []},
        [1],
    ],
)
def test_data_that_lies_about_its_sections_is_refused(tmp_path: Path, about: Any) -> None:
    from evidence.canonical import canonical

    path = tmp_path / "lies.json"
    head = b'{"about":' + canonical(about) + b",\n"
    path.write_bytes(head + b'"content_sha256":"' + sha256_of(about).encode() + b'",\n"sections":{\n"x":[\n')

    assert checking.check(path).problems


def test_a_section_stands_once(tmp_path: Path) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield {}

    spool = Spool(tmp_path, NUMBER)
    spool.add(Section(name="texts", rows=rows()))

    with pytest.raises(ValueError, match="already"):
        spool.add(Section(name="texts", rows=rows()))
