"""Whatever the bytes: rows that were counted, or one clear sentence. The long run of this is in docs/measurements.md."""

import io

from hypothesis import given
from hypothesis import strategies as st

from campaigns import csvfile

FILES = (
    b"name,phone\nAna,+14075550123\n",
    "nàme;phone\r\nJosé;407\r\n".encode("cp1252"),
    "name\tphone\nA\t1\n".encode("utf-16"),
    b'\xef\xbb\xbfname,phone\n"A\nB",1\n',
    b"sep=;\nname;phone\n1;2\n",
    "名前,phone\n山田,1\n".encode("shift_jis"),
)
PIECES = (
    b"\x00", b'"', b'""', b",", b"\n", b"\r", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"=cmd|' /C calc'!A0", b"\x85",
    "\u2028".encode(), b"\x1a", b"a" * 500, b"," * 300, b'"' * 99, b"sep=\t", b"\xc3", b"\xed\xa0\x80", b"\x1c", b"\x0b",
)  # fmt: skip


@given(
    begun=st.sampled_from(FILES),
    edits=st.lists(
        st.tuples(
            st.integers(0, 60), st.integers(0, 9), st.sampled_from(PIECES) | st.binary(min_size=1, max_size=8)
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_a_broken_file_is_read_as_counted_or_refused_in_words(
    begun: bytes, edits: list[tuple[int, int, bytes]]
) -> None:
    data = begun
    for at, gone, put in edits:
        data = data[:at] + put + data[at + gone :]

    said, table = "", None
    try:
        table = csvfile.check(io.BytesIO(data), max_rows=100)
    except csvfile.CsvRefused as refusal:
        said = str(refusal)

    assert "\x00" not in said
    if table is None:
        assert 0 < len(said) < 2_000
    else:
        assert sum(1 for _ in csvfile.read(io.BytesIO(data), table)) == table.row_count
