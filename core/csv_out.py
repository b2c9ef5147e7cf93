"""Tables for spreadsheets: CSV that Excel reads as UTF-8 and no cell of which is run as a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from django.http import StreamingHttpResponse

from core.cells import harmless


class _Echo:
    """What csv.writer writes to: it hands the line back."""

    def write(self, line: str) -> str:
        return line


def lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Give the file line by line."""
    writer = csv.writer(_Echo())
    yield "\ufeff"  # without the mark, Excel reads UTF-8 as Windows-1252
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def download(rows: Iterable[Sequence[str]], *, name: str, plain: str) -> StreamingHttpResponse:
    """Return the answer that a browser saves under `name`; `plain` is the name for browsers that know ASCII only."""
    response = StreamingHttpResponse(lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return response
