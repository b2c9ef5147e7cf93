"""Registry files: what is read, what is refused, what a look-up answers, and what a damaged file never says."""

import fcntl
import gzip
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from compliance.registry import building, cache
from compliance.registry.changes import read_change
from compliance.registry.lines import pieces
from compliance.registry.loading import Loaded, load_changes, load_full
from compliance.registry.numbering import index_of, read_number
from compliance.registry.scrubbing import Outputs, Scrubbed, scrub_file
from compliance.registry.snapshot import HEADER_BYTES, Snapshot, SnapshotBroken
from compliance.registry.sources import SourceRefused, opened, sha256_of
from core.types import PhoneNumber

SHA = "a" * 64


def load(data: bytes, folder: Path) -> Loaded:
    return load_full(io.BytesIO(data), folder=folder, stem="test", source_sha256=SHA)


def opened_copy(data: bytes, folder: Path) -> Snapshot:
    return Snapshot(folder / load(data, folder).file)


def sums(loaded: Loaded) -> tuple[int, int, int]:
    assert loaded.rows == loaded.accepted + loaded.duplicates + loaded.refused
    return loaded.accepted, loaded.duplicates, loaded.refused


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    "line",
    [
        b"4075550123",
        b"407,5550123",
        b'"407","5550123"',
        b"+14075550123",
        b"14075550123",
        b"1-407-555-0123",
        b"(407) 555-0123",
        b"407.555.0123",
        b" 407\t5550123 \r",
        b"407;5550123",
    ],
)
def test_every_usual_spelling_is_the_same_number(line: bytes) -> None:
    assert read_number(line) == index_of("+14075550123")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello", "not a ten-digit US or Canadian number"),
        (b"40755501234567", "14 digits long, a number has 10"),
        (b"407555012", "9 digits long, a number has 10"),
        (b"24075550123", "11 digits long, a number has 10"),
        (b"1234567890", "of an area code that cannot be"),
        (b"4071550123", "of a prefix that cannot be"),
        (b"+442071838750", "not a US or Canadian number"),
        (b"4075550\x00123", "not plain text: it holds a NUL byte"),
        (b"407,5550123,2026-11-01,A", "a line of a change file: load the file as one"),
        (b"4" * 201, "longer than 200 characters"),
        ("٤٠٧٥٥٥٠١٢٣".encode(), "not a ten-digit US or Canadian number"),
    ],
)
def test_a_refused_line_says_why_and_where(tmp_path: Path, line: bytes, reason: str) -> None:
    loaded = load(b"4075550123\n\n" + line + b"\n4075550124\n", tmp_path)

    assert sums(loaded) == (2, 0, 1)
    assert [(each.line, each.reason) for each in loaded.refused_lines] == [(3, reason)]
    assert (tmp_path / loaded.refused_file).read_text(encoding="utf-8").splitlines()[1].startswith("3\t")


def test_a_long_uniform_file_with_one_bad_line_names_that_line(tmp_path: Path) -> None:
    lines = [f"407{number:07d}" for number in range(2_000_000, 2_600_000)]
    lines[444_444] = "4070000000"

    loaded = load("\r\n".join(lines).encode(), tmp_path)

    assert sums(loaded) == (599_999, 0, 1)
    assert loaded.refused_lines[0].line == 444_445


def test_mixed_formats_headings_and_marks_are_read(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbfPhone Number\r\n4075550123\n407,5550124\r\n+14075550125\n\n4075550123"

    loaded = load(data, tmp_path)

    assert sums(loaded) == (3, 1, 0)
    assert loaded.refused_file == ""


def test_a_mark_before_the_first_number_is_no_part_of_it(tmp_path: Path) -> None:
    assert sums(load(b"\xef\xbb\xbf4075550123\n", tmp_path)) == (1, 0, 0)


def test_a_line_of_five_megabytes_is_one_refused_row(tmp_path: Path) -> None:
    loaded = load(b"4075550123\n" + b"9" * 5_000_000 + b"\n4075550124\n" + b"8" * 9_000_000, tmp_path)

    assert sums(loaded) == (2, 0, 2)
    assert [line.line for line in loaded.refused_lines] == [2, 4]
    assert all(len(line.text) <= 60 for line in loaded.refused_lines)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\n\r\n  \n", "empty"),
        (b"heading only", "empty"),
        (bytes(range(128, 256)) * 50, "holds no number"),
        ("4075550123\n".encode("utf-16"), "UTF-16"),
        ("4075550123\n".encode("utf-16-le"), "holds no number"),
        (b"<?xml version='1.0'?><list/>", "XML"),
        (b"5" * 5_000_000, "holds no number"),
        (b"407,5550123,2026-11-01,A\n", "change file"),
        (zipped(), "holds 0 files"),
        (zipped(a=b"4075550123", b=b"4075550123"), "holds 2 files"),
        (zipped(a=b"4075550123" * 1000)[:-60], "damaged"),
        (gzip.compress(b"4075550123\n" * 1000)[:-20], "damaged"),
        (b"\x1f\x8bnonsense", "damaged"),
    ],
    ids=lambda value: (
        value if isinstance(value, str) else "bytes"
    ),  # not the bytes: packed ones hold the time of packing, and every worker must collect the same names
)
def test_a_file_that_is_no_registry_file_leaves_nothing(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(SourceRefused, match=message):
        load(data, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


@pytest.mark.parametrize("packed", [gzip.compress, lambda data: zipped(**{"all.txt": data})])
def test_packed_files_are_read_as_delivered(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    assert sums(load(packed(b"4075550123\n4075550124\n"), tmp_path)) == (2, 0, 0)


@pytest.mark.parametrize("packed", [gzip.compress, lambda data: zipped(bomb=data)])
def test_an_archive_that_grows_beyond_measure_is_refused(
    tmp_path: Path, packed: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(SourceRefused, match="unpacks to more than"):
        load(packed(b"4075550123\n" + bytes(40_000_000)), tmp_path)


def test_the_bound_on_unpacked_size_holds() -> None:
    packed = io.BytesIO(gzip.compress(os.urandom(1_000_000).hex().encode()))

    with opened(packed, limit=1_000_000) as reader, pytest.raises(SourceRefused, match="more than 0 MB"):
        list(pieces(reader))


def test_the_same_numbers_make_the_same_file(tmp_path: Path) -> None:
    first = load(b"4075550123\n4075550124\n", tmp_path)
    second = load(b"407,5550124\n407,5550123\n", tmp_path)

    assert first.file == second.file


def test_the_hash_is_of_the_file_as_delivered() -> None:
    stream = io.BytesIO(b"4075550123")

    assert sha256_of(stream) == sha256_of(stream)
    assert stream.tell() == 0


def test_look_ups_agree_with_the_list(tmp_path: Path) -> None:
    snapshot = opened_copy(b"4075550123\n9999999999\n2002000000\n", tmp_path)

    listed = [
        snapshot.is_listed(PhoneNumber(number))
        for number in ("+14075550123", "+19999999999", "+12002000000", "+14075550124", "+442071838750")
    ]

    assert listed == [True, True, True, False, False]
    assert snapshot.scrub(np.array([4075550124, 2002000000, 4075550123, 4075550123])).tolist() == [
        False,
        True,
        True,
        True,
    ]
    assert snapshot.scrub(np.array([], np.int64)).tolist() == []


@pytest.mark.parametrize("number", [0, -4075550123, 407555012, 1234567890, 4071550123, 40755501234])
def test_an_impossible_number_is_never_called_unlisted(tmp_path: Path, number: int) -> None:
    snapshot = opened_copy(b"4075550123\n", tmp_path)

    with pytest.raises(ValueError, match="not a ten-digit"):
        snapshot.scrub(np.array([number]))


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda data: b"", "cut short"),
        (lambda data: data[:100], "cut short"),
        (lambda data: data[:-1], "length"),
        (lambda data: data + b"x", "length"),
        (lambda data: b"X" + data[1:], "no registry file"),
        (lambda data: data[:40] + b"9" + data[41:], "header"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "index"),
    ],
)
def test_a_damaged_file_is_not_opened(tmp_path: Path, damage: Callable[[bytes], bytes], problem: str) -> None:
    path = tmp_path / load(b"4075550123\n", tmp_path).file
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(SnapshotBroken, match=problem):
        Snapshot(path)


def test_an_altered_bit_is_an_error_in_every_way_of_asking(tmp_path: Path) -> None:
    path = tmp_path / load(b"4075550123\n", tmp_path).file
    data = bytearray(path.read_bytes())
    data[HEADER_BYTES + 123 // 8] ^= 1 << (123 % 8)
    path.write_bytes(data)

    snapshot = Snapshot(path)

    for ask in (
        lambda: snapshot.is_listed(PhoneNumber("+14075550123")),
        lambda: snapshot.scrub(np.array([4075550123])),
        snapshot.verify,
    ):
        with pytest.raises(SnapshotBroken, match="altered"):
            ask()


def test_a_file_cut_while_it_is_open_is_an_error_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / load(b"4075550123\n", tmp_path).file
    snapshot = Snapshot(path)
    os.truncate(path, HEADER_BYTES + 10)

    with pytest.raises(SnapshotBroken, match="cut short"):
        snapshot.is_listed(PhoneNumber("+14075550123"))


def test_the_cache_sees_that_a_file_went_or_was_replaced(tmp_path: Path) -> None:
    one, other = load(b"4075550123\n", tmp_path), load(b"4075550124\n", tmp_path)
    path = tmp_path / one.file

    assert cache.snapshot_at(path, one.content_sha256) is cache.snapshot_at(path, one.content_sha256)
    (tmp_path / other.file).replace(path)
    with pytest.raises(SnapshotBroken, match="another copy"):
        cache.snapshot_at(path, one.content_sha256)
    path.unlink()
    with pytest.raises(SnapshotBroken, match="missing"):
        cache.snapshot_at(path, one.content_sha256)


def test_the_cache_forgets_the_least_used(tmp_path: Path) -> None:
    made = [load(f"40755501{number:02d}".encode(), tmp_path) for number in range(cache.KEPT + 1)]
    first = cache.snapshot_at(tmp_path / made[0].file, made[0].content_sha256)

    for each in made[1:]:
        cache.snapshot_at(tmp_path / each.file, each.content_sha256)

    assert cache.snapshot_at(tmp_path / made[0].file, made[0].content_sha256) is not first
    assert first.is_listed(PhoneNumber("+14075550100"))  # whoever still holds it may go on asking


def test_what_a_killed_import_left_is_removed_by_the_next(tmp_path: Path) -> None:
    abandoned, held = tmp_path / ".part-dead", tmp_path / ".part-alive"
    for part in (abandoned, held):
        part.mkdir()
        (part / "bits").write_bytes(b"half")
        (part / "held").touch()
    (tmp_path / ".part-stillborn").mkdir()

    with (held / "held").open("w") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        loaded = load(b"4075550123\n", tmp_path)

    assert not (tmp_path / ".part-stillborn").exists()
    assert not abandoned.exists()
    assert (held / "bits").exists()
    assert Snapshot(tmp_path / loaded.file).header.numbers == 1


def test_half_a_copy_is_never_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def power_cut(part: Path, final: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(building, "publish", power_cut)

    with pytest.raises(OSError, match="No space"):
        load(b"4075550123\n", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("line", "added"),
    [
        (b"407,5550123,2026-11-01,A", True),
        (b"407,5550123,2026-11-01,D\r", False),
        (b'"407","5550123","11/01/2026 10:15:00","D"', False),
        (b"407,5550123,D,2026-11-01", False),
        (b"4075550123,2026-11-01T00:00:00Z,a", True),
        (b"407,5550123,A", True),
        (b"+14075550123,A", True),
        (b"407,5550123,2026-11-01,X", None),
        (b"407,5550123,2026-11-01,A,D", None),
        (b"407,5550123,2026-11-01,A,more,fields", None),
        (b"A,407,5550123,2026-11-01", None),
        (b"407,5550123,yesterday,A", None),
        (b"407,5550123", None),
        (b"107,5550123,2026-11-01,A", None),
        (b"A", None),
        (b"", None),
        (b"4" * 300 + b",A", None),
    ],
)
def test_a_line_of_a_change_file(line: bytes, added: bool | None) -> None:
    change = read_change(line)

    assert (change.added if change else None) is added
    assert change is None or change.index == index_of("+14075550123")


def test_changes_are_applied_in_the_order_of_the_file(tmp_path: Path) -> None:
    base = opened_copy(b"4075550123\n4075550124\n", tmp_path)
    lines = [
        b"area,number,date,type",
        b"407,5550123,2026-11-13,D",
        b"407,5550123,2026-11-13,A",  # back again
        b"407,5550124,2026-11-13,D",
        b"407,5550199,2026-11-13,D",  # was not there
        b"407,5550125,2026-11-13,A",
        b"407,5550125,2026-11-13,A",  # a second time
        b"4075550126",  # neither added nor deleted
    ]

    loaded = load_changes(
        io.BytesIO(b"\n".join(lines)), base, folder=tmp_path, stem="change", source_sha256=SHA
    )

    assert sums(loaded) == (4, 2, 1)
    assert (loaded.removed, loaded.numbers) == (2, 2)
    assert loaded.refused_lines[0].reason == "without A (added) or D (deleted)"
    changed = Snapshot(tmp_path / loaded.file)
    assert changed.scrub(np.array([4075550123, 4075550124, 4075550125])).tolist() == [True, False, True]
    assert base.scrub(np.array([4075550123, 4075550124, 4075550125])).tolist() == [True, True, False]


def test_a_change_file_for_a_damaged_copy_is_refused(tmp_path: Path) -> None:
    path = tmp_path / load(b"4075550123\n", tmp_path).file
    data = bytearray(path.read_bytes())
    data[HEADER_BYTES] ^= 1
    path.write_bytes(data)

    with pytest.raises(SnapshotBroken, match="altered"):
        load_changes(
            io.BytesIO(b"407,5550123,D\n"), Snapshot(path), folder=tmp_path, stem="x", source_sha256=SHA
        )


def scrub(data: bytes, folder: Path, *, column: str = "") -> tuple[Scrubbed, list[bytes]]:
    snapshot = opened_copy(b"4075550123\n4075550124\n", folder)
    files = [io.BytesIO() for _ in range(3)]
    found = scrub_file(
        io.BytesIO(data),
        lambda indexes: (snapshot.listed(indexes), indexes < index_of("+19002000000")),  # type: ignore[operator]
        Outputs(listed=files[0], clean=files[1], refused=files[2]),
        column=column,
    )
    return found, [file.getvalue() for file in files]


def test_every_row_of_a_list_goes_somewhere_as_it_was(tmp_path: Path) -> None:
    data = b"phone\n4075550123\n(407) 555-0125\r\nnobody\n\n4075550123\n9005550100\n"

    found, (listed, clean, refused) = scrub(data, tmp_path)

    assert (found.listed, found.clean, found.refused, found.rows) == (2, 1, 2, 5)
    assert listed == b"4075550123\n4075550123\n"
    assert clean == b"(407) 555-0125\r\n"
    assert refused.splitlines() == [
        b"line\ttext\treason",
        b"4\tnobody\tnot a ten-digit US or Canadian number",
        b"7\t9005550100\tof an area code no registry copy covers",
    ]


def test_a_long_uniform_list_is_sorted_too(tmp_path: Path) -> None:
    data = "".join(f"407555{number:04d}\n" for number in range(10_000)).encode()

    found, (listed, clean, _) = scrub(data * 10, tmp_path)

    assert (found.listed, found.clean, found.refused) == (20, 99_980, 0)
    assert listed == b"4075550123\n4075550124\n" * 10
    assert len(clean) == 99_980 * 11


@pytest.mark.parametrize("column", ["Phone", "phone", "2"])
def test_the_number_may_stand_in_a_column(tmp_path: Path, column: str) -> None:
    data = 'name,phone\n"Alvarez, M.",(407) 555-0123\nBeck\x80,4075550125\nCruz\n'.encode("latin-1")

    found, (listed, clean, refused) = scrub(data, tmp_path, column=column)

    assert (found.listed, found.clean, found.refused) == (1, 1, 1)
    assert listed == b'name,phone\n"Alvarez, M.",(407) 555-0123\n'
    assert clean == b"name,phone\nBeck\x80,4075550125\n"
    assert b"4\t" in refused


def test_a_column_without_heading_is_counted(tmp_path: Path) -> None:
    found, _ = scrub(b"4075550123,x\n4075550125,y\n", tmp_path, column="1")

    assert (found.listed, found.clean, found.rows) == (1, 1, 2)


@pytest.mark.parametrize(
    ("data", "column", "message"),
    [
        (b"name,phone\n", "mobile", "no column “mobile”. Its columns are: name, phone"),
        (b"phone\n" + b'"' + b"x" * 200_000, "phone", "cannot be read as CSV"),
    ],
)
def test_a_list_that_cannot_be_read_says_why(tmp_path: Path, data: bytes, column: str, message: str) -> None:
    with pytest.raises(SourceRefused, match=message):
        scrub(data, tmp_path, column=column)
