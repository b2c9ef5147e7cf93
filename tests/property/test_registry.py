"""Whatever a registry file holds: its sums are exact, and the store answers as a plain set would."""

import io
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.registry.changes import read_change
from compliance.registry.loading import load_changes, load_full
from compliance.registry.numbering import read_number
from compliance.registry.snapshot import Snapshot
from tests.examples import examples

# Few different numbers, so that repeats, neighbours and block borders happen.
NUMBERS = st.sampled_from(
    [
        f"{area}{rest:07d}"
        for area in (200, 407, 999)
        for rest in (2000000, 2009999, 2010000, 5550123, 9999999)
    ]
)
SPELLINGS = st.sampled_from(["{0}", "{1},{2}", "+1{0}", "({1}) {2}", '"{1}","{2}"', "{0}\r"])
ROWS = st.builds(lambda number, how: how.format(number, number[:3], number[3:]), NUMBERS, SPELLINGS)
JUNK = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=30)
BYTES = st.binary(max_size=30).map(lambda data: data.replace(b"\n", b""))
LINES = st.lists(
    st.one_of(ROWS.map(str.encode), ROWS.map(str.encode), JUNK.map(str.encode), BYTES), max_size=60
)
CHANGES = st.lists(
    st.one_of(
        st.builds(
            lambda number, verb: f"{number[:3]},{number[3:]},2026-11-13,{verb}".encode(),
            NUMBERS,
            st.sampled_from("AD"),
        ),
        JUNK.map(str.encode),
    ),
    max_size=40,
)


@settings(max_examples=examples(60), deadline=None)
@given(lines=LINES, repeats=st.sampled_from([1, 1, 400]), query=st.lists(NUMBERS, max_size=20))
def test_a_full_list_is_what_a_set_of_its_numbers_is(
    lines: list[bytes], repeats: int, query: list[str]
) -> None:
    # A heading no number can be in, so that line 1 needs no rule here; repeats make pieces of one shape.
    data = b"4075550100\n" + b"\n".join([*lines, *[b"4075550101"] * repeats])
    rows = [line for line in data.split(b"\n") if line.strip()]
    found = [read_number(line) for line in rows]
    expected = {number for number in found if number is not None}

    with tempfile.TemporaryDirectory() as name:
        loaded = load_full(io.BytesIO(data), folder=Path(name), stem="p", source_sha256="0" * 64)
        snapshot = Snapshot(Path(name) / loaded.file, content_sha256=loaded.content_sha256)
        snapshot.verify()
        answers = snapshot.listed(np.array([read_number(number.encode()) for number in query], np.int64))

    assert loaded.rows == len(rows)
    assert loaded.accepted == loaded.numbers == len(expected)
    assert loaded.refused == found.count(None)
    assert loaded.duplicates == len(found) - found.count(None) - len(expected)
    assert answers.tolist() == [read_number(number.encode()) in expected for number in query]


@settings(max_examples=examples(60), deadline=None)
@given(listed=st.sets(NUMBERS, min_size=1), lines=CHANGES)
def test_a_changed_copy_is_what_a_set_changed_in_order_is(listed: set[str], lines: list[bytes]) -> None:
    lines = [b"407,5550100,2026-11-13,A", *lines]
    numbers = {read_number(number.encode()) for number in listed}
    changed = 0
    for change in filter(None, map(read_change, lines)):
        changed += (change.index in numbers) != change.added
        (numbers.add if change.added else numbers.discard)(change.index)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = load_full(
            io.BytesIO("\n".join(listed).encode()), folder=folder, stem="b", source_sha256="0" * 64
        )
        loaded = load_changes(
            io.BytesIO(b"\n".join(lines)),
            Snapshot(folder / base.file),
            folder=folder,
            stem="c",
            source_sha256="1" * 64,
        )
        snapshot = Snapshot(folder / loaded.file)
        snapshot.verify()
        everywhere = np.array(sorted(number for number in numbers if number is not None), np.int64)
        assert snapshot.listed(everywhere).all()

    assert loaded.numbers == len(numbers)
    assert loaded.accepted == changed
    assert loaded.rows == sum(1 for line in lines if line.strip())
