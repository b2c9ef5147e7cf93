"""Files people upload, good and hostile."""

import io
import time

import pytest

from campaigns import csvfile
from campaigns.csvfile import CsvRefused, CsvRow, CsvTable

GOOD = "First name,Last name,Phone,Company\nIda,Wells,(407) 555-0123,Acme\nBo,Diddley,4075550124,\n"


def check(data: bytes | str, max_rows: int = 100) -> CsvTable:
    return csvfile.check(io.BytesIO(data.encode() if isinstance(data, str) else data), max_rows=max_rows)


def rows(data: bytes | str) -> list[CsvRow]:
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return list(csvfile.read(stream, csvfile.check(stream, max_rows=100)))


def test_rows_come_with_their_line_their_cells_and_the_person() -> None:
    first, second = rows(GOOD)

    assert (first.line, second.line) == (2, 3)
    assert first.cells == ["Ida", "Wells", "(407) 555-0123", "Acme"]
    assert first.person.phones == (("main", "(407) 555-0123"),)
    assert (first.person.first_name, first.person.last_name, first.person.company) == ("Ida", "Wells", "Acme")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(separator: str) -> None:
    table = check(GOOD.replace(",", separator))

    assert (table.separator, table.row_count, len(table.header)) == (separator, 2, 4)


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("cp1252", "cp1252")],
)
def test_accepted_encodings_read_the_same(encoding: str, found: str) -> None:
    data = "Phone,Name\n4075550123,José Peña\n".encode(encoding)

    assert check(data).encoding == found
    assert rows(data)[0].person.last_name == "Peña"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_of_all_systems_are_read(ending: str) -> None:
    assert [row.line for row in rows(GOOD.replace("\n", ending))] == [2, 3]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        (b"PK\x03\x04rest", "Excel file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "Excel file"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"\x89PNG\r\n", "picture"),
        (b"\n <!DOCTYPE html><html>", "web page"),
        (b"Name,Company\nIda,Acme\n", "No column for phone numbers.*“Name”, “Company”.*Phone, Telephone"),
        (b"4075550123\n4075550124\n", "No column for phone numbers"),
        (b"Phone,Name\n", "no rows"),
        (b"Phone,Name\n4075550123,a\x00b\n", "Line 2 contains NUL"),
        (
            b"Phone,Name\n1,a\n4075550123,\x81\x8d\n",
            r"Line 3 has bytes that are not text \(byte 12 of the line\)",
        ),
        (b"Phone,Name\n4075550123,\xe9\x01\n", "Line 2 has bytes that are not text"),
        ("Phone,Name\n1,a\n".encode("utf-16-le"), "NUL bytes"),
        ("Phone,Name\n1,a\n".encode("utf-16") + b"\x00\xd8", "not text"),
        (b"Phone,Name\n4075550123,Ida\n4075550124\n", "Line 3 has 1 columns, the header has 2"),
        (b"Phone,Name\n4075550123,Ida,x\n", "Line 2 has 3 columns"),
        (b"Phone,phone\n1,2\n", "there twice .columns 1 and 2"),
        (b'Phone,Name\n1,"a\nb\nc\n', "opened on line 2 is never closed"),
        (b'Phone,Name\n1,"a"b\n', "Line 2 has a quotation mark"),
        (b"Phone," + b"x" * 1_000_001 + b"\n1,2\n", "Line 1 is longer"),
        (b"Phone,Name\n1," + b"x" * 200_000 + b"\n", "Line 2"),
        (b"Phone" + b"".join(b",c%d" % n for n in range(200)) + b"\n", "201 columns"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(data: bytes, words: str) -> None:
    with pytest.raises(CsvRefused, match=words):
        check(data)


def test_one_row_too_many_is_refused_and_the_limit_itself_is_not() -> None:
    body = "Phone\n" + "4075550123\n" * 3

    assert check(body, max_rows=3).row_count == 3
    with pytest.raises(CsvRefused, match="more than 2 rows"):
        check(body, max_rows=2)


class Endless(io.RawIOBase):
    """A file of ten million rows that exists only as far as it is read."""

    def __init__(self) -> None:
        self.at = 0
        self.served = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset
        return offset

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # RawIOBase takes any buffer
        row, header = b"4075550123,Ida\n", b"Phone     ,Ida\n"
        start, size = self.at, len(buffer)
        text = (header if start == 0 else b"") + row * (size // len(row) + 2)
        buffer[:] = text[start % len(row) :][:size]
        self.at += size
        self.served += size
        return size


def test_ten_million_rows_are_refused_without_being_read() -> None:
    stream = Endless()
    began = time.perf_counter()

    with pytest.raises(CsvRefused, match="more than 100,000 rows"):
        csvfile.check(io.BufferedReader(stream), max_rows=100_000)

    assert time.perf_counter() - began < 5
    assert stream.served < 3_000_000


def test_cells_may_hold_line_breaks_and_rows_keep_the_line_they_begin_on() -> None:
    found = rows('Phone,Company\n4075550123,"Acme\nand Sons"\n4075550124,Bolt\n')

    assert [(row.line, row.person.company) for row in found] == [(2, "Acme\nand Sons"), (4, "Bolt")]


def test_empty_lines_are_no_rows_and_spare_separators_no_columns() -> None:
    found = rows("\nPhone,Name\n\n4075550123,Ida,,\n,\n\n")

    assert [(row.line, list(row.cells)) for row in found] == [(4, ["4075550123", "Ida"]), (5, ["", ""])]


def test_excels_separator_line_is_obeyed() -> None:
    found = rows("sep=;\nPhone;Name\n4075550123;Ida\n")

    assert [(row.line, row.person.first_name) for row in found] == [(3, "Ida")]


def test_several_phone_columns_keep_their_kind_and_order() -> None:
    row = rows("Cell,Work Phone,E-mail Address\n1,2,a@b.c\n")[0]

    assert row.person.phones == (("mobile", "1"), ("work", "2"))
    assert row.person.email == "a@b.c"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ida B. Wells", ("Ida B.", "Wells")),
        ("Wells, Ida", ("Ida", "Wells")),
        ("Prince", ("Prince", "")),
        ("", ("", "")),
    ],
)
def test_a_whole_name_is_split(name: str, parts: tuple[str, str]) -> None:
    row = rows(f'Phone,Full name\n1,"{name}"\n')[0]

    assert (row.person.first_name, row.person.last_name) == parts


@pytest.mark.parametrize(
    ("word", "meant"), [("", False), ("No", False), ("0", False), ("yes", True), ("X", True), ("maybe", True)]
)
def test_any_doubt_about_do_not_call_means_yes(word: str, meant: bool) -> None:
    assert rows(f"Phone,DNC\n4075550123,{word}\n")[0].person.do_not_call is meant


def test_the_callers_file_stays_open() -> None:
    stream = io.BytesIO(GOOD.encode())

    csvfile.check(stream, max_rows=10)

    assert not stream.closed


@pytest.mark.parametrize("name", ["phone_number", "PHONE-NUMBER", " Telephone ", "Cell Phone", "mobile"])
def test_names_are_recognised_however_they_are_written(name: str) -> None:
    assert check(f"{name},x\n4075550123,y\n").row_count == 1
