"""Excel workbooks, good and hostile."""

import io
import time
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import csvfile, sheets
from campaigns.csvfile import CsvRefused

TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    "</Types>"
)
RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>'
)
BOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="People" sheetId="1" r:id="r1"/>'
    "</sheets></workbook>"
)
SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData>'
    "</worksheet>"
)


def cell(name: str, value: object) -> str:
    if isinstance(value, int | float):
        return f'<c r="{name}"><v>{value}</v></c>'
    return f'<c r="{name}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def workbook(rows: Sequence[Sequence[object]], *, sheet: str = "") -> bytes:
    lines = "".join(
        f'<row r="{number}">{"".join(cell(f"{chr(65 + at)}{number}", value) for at, value in enumerate(row))}</row>'
        for number, row in enumerate(rows, start=1)
        if row
    )
    return packed(sheet or SHEET.format(rows=lines))


def packed(sheet: str | bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELS.format(kind="officeDocument", target="xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", BOOK)
        archive.writestr(
            "xl/_rels/workbook.xml.rels", RELS.format(kind="worksheet", target="worksheets/sheet1.xml")
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return file.getvalue()


def lines(data: bytes, *, max_rows: int = 1000) -> tuple[list[str], Sequence[str]]:
    found = sheets.as_text(io.BytesIO(data), max_rows=max_rows)
    with found.text as text:
        return text.read().decode().splitlines(), found.notes


def test_a_sheet_becomes_text_a_row_a_line() -> None:
    data = workbook([["Name", "Phone"], ["Ida, the first", 2015550100], [], ["two\nlines", 1.5]])

    assert lines(data)[0] == ["Name,Phone", '"Ida, the first",2015550100', "", "two lines,1.5"]


def test_of_formulas_the_last_value_is_read_and_it_is_said() -> None:
    sheet = SHEET.format(rows='<row r="1"><c r="A1"><f>HYPERLINK("http://x")</f><v>7</v></c></row>')

    found, notes = lines(packed(sheet))

    assert found == ["7"]
    assert notes == ("1 cells hold formulas: what they last gave is read, the formulas are not.",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04", "damaged or protected"),
        (packed(SHEET.format(rows="")), "no visible sheet with rows"),
        (
            packed(SHEET.format(rows='<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>')),
            "column XFD",
        ),
        (packed(SHEET.format(rows='<row r="1048576"><c r="A1048576"><v>1</v></c></row>')), "row 1,048,576"),
        (packed("<!DOCTYPE x [<!ENTITY a 'aa'>]>" + SHEET.format(rows="")), "XML that Excel does not write"),
        (packed(SHEET.format(rows="<row>" + " " * 50_000_000 + "</row>")), "unpacks to"),
        (packed(SHEET.format(rows="x").encode("utf-16")), "XML that Excel does not write"),
    ],
)
def test_a_hostile_workbook_is_refused_with_the_reason_and_at_once(data: bytes, words: str) -> None:
    began = time.process_time()

    with pytest.raises(CsvRefused, match=words):
        lines(data)

    assert time.process_time() - began < 5


def test_a_zip_of_something_else_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("people.csv", "Phone\n1\n")

    with pytest.raises(CsvRefused, match="Unpack it"):
        lines(file.getvalue())


GOOD = workbook([["Name", "Phone"], ["Ida", 2015550100]])


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8))
def test_any_damage_to_a_workbook_is_rows_or_a_refusal(at: int, put: bytes) -> None:
    try:
        found = sheets.as_text(io.BytesIO(GOOD[:at] + put + GOOD[at + len(put) :]), max_rows=100)
        with found.text as text:
            csvfile.inspect(text, max_rows=100)
    except CsvRefused as refusal:
        assert str(refusal)  # noqa: PT017 - it must say why


@given(st.text(max_size=300))
def test_any_sheet_is_rows_or_a_refusal(text: str) -> None:
    try:
        sheets.as_text(io.BytesIO(packed(text)), max_rows=100).text.close()
    except CsvRefused as refusal:
        assert str(refusal)  # noqa: PT017 - it must say why
