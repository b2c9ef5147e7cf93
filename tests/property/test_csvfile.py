"""Whatever is uploaded: rows, or a refusal; never another exception."""

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns import csvfile, importing
from campaigns.csvfile import CsvRefused
from tests.examples import examples

cells = st.text(alphabet=st.characters(codec="utf-8"), max_size=12)
lines = st.lists(cells, min_size=0, max_size=4)
pieces = st.sampled_from(
    [
        b"Phone",
        b",",
        b";",
        b"\t",
        b"\n",
        b"\r",
        b'"',
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xe9",
        b"1",
        b"sep=",
    ]
)


def outcome(data: bytes) -> None:
    stream = io.BytesIO(data)
    try:
        table = csvfile.check(stream, max_rows=50)
    except CsvRefused as refusal:
        if not str(refusal):
            raise AssertionError("a refusal must say why") from refusal
        return
    found = list(csvfile.read(stream, table))
    assert len(found) == table.row_count
    numbers = [row.line for row in found]
    assert numbers == sorted(set(numbers))
    for row in found:
        assert len(row.cells) == len(table.header)
        importing.clean(row.person)


@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_a_refusal(data: bytes) -> None:
    outcome(data)


@given(st.binary(max_size=200))
def test_any_bytes_after_a_good_header_are_rows_or_a_refusal(data: bytes) -> None:
    outcome(b"Phone,Name\n4075550123,Ida\n" + data)


@settings(max_examples=examples(300))
@given(st.lists(pieces, max_size=40))
def test_any_mix_of_awkward_bytes_is_rows_or_a_refusal(parts: list[bytes]) -> None:
    outcome(b"".join(parts))


@given(
    st.lists(lines, max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
)
def test_any_text_in_cells_is_rows_or_a_refusal(
    table: list[list[str]], separator: str, encoding: str
) -> None:
    text = (
        separator.join(["Phone", "Name", "City", "ZIP"])
        + "\n"
        + "\n".join(separator.join(row) for row in table)
    )

    outcome(text.encode(encoding))
