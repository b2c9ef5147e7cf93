"""Pages that fill from the top: headings, paragraphs, pairs and tables of any length, in bounded memory.

Drawn line by line instead of through the library's layout engine, which keeps all rows in memory and takes minutes for ten
thousand attempts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from evidence.pdf import fonts
from evidence.pdf.wrapping import wrap

WIDTH, HEIGHT = letter
LEFT, RIGHT, TOP, BOTTOM = 50.0, WIDTH - 50.0, HEIGHT - 54.0, 64.0
BODY = RIGHT - LEFT
INK, GREY, RULE, SHADE = HexColor("#16202b"), HexColor("#4d5a68"), HexColor("#b9c2cc"), HexColor("#eef1f4")
SIZES = {1: 15.0, 2: 11.0}
TEXT, SMALL = 9.0, 7.5
KEEP_LINES = 14  # a row of no more lines is never split; of a longer one no fewer stand at the foot of a page
TOTAL = "total-pages"


@dataclass(frozen=True, slots=True)
class Say:
    """A paragraph of a cell."""

    text: str
    bold: bool = False
    muted: bool = False


Cell = str | Sequence[Say]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; widths are parts of the page's."""

    title: str
    part: float


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    font: str
    muted: bool


class Sheet:
    """A document that is written from beginning to end."""

    def __init__(self, stream: IO[bytes], *, title: str, subject: str, author: str, footer: str) -> None:
        fonts.register()
        self._canvas = Canvas(stream, pagesize=letter, pageCompression=1, initialFontName=fonts.PLAIN)  # type: ignore[arg-type]  # a name; the stub says a number
        self._canvas.setTitle(title)
        self._canvas.setSubject(subject)
        self._canvas.setAuthor(author)
        self._canvas.setCreator("Parley")
        self._canvas.setKeywords("evidence, consent, do not call")
        self._canvas.setViewerPreference("DisplayDocTitle", "true")
        self._canvas.showOutline()
        self._stream = stream
        self._footer = fonts.printable(footer)
        self._title = fonts.printable(title)
        self._headings = 0
        self.hidden = False  # whether something could not be printed
        self._pen: object = None  # the font, size and colour in hand; none on a new page
        self._y = TOP

    def heading(self, text: str, *, level: int = 1, new_page: bool = False) -> None:
        """Begin a part; level 1 and 2 stand in the document's outline."""
        size = SIZES[level]
        if new_page and self._y < TOP:
            self._next_page()
        self._room(size * 2 + 40)
        if self._y < TOP:
            self._y -= size * 0.9
        self._headings += 1
        key = f"part-{self._headings}"
        self._canvas.bookmarkHorizontal(key, 0, self._y + size)
        self._canvas.addOutlineEntry(fonts.printable(text), key, level=level - 1, closed=level == 1)
        for line in wrap(self._printable(text), fonts.BOLD, size, BODY):
            self._draw(line, LEFT, fonts.BOLD, size, INK)
            self._y -= size * 1.35
        self._y -= 2

    def text(self, text: str, *, size: float = TEXT, bold: bool = False, muted: bool = False) -> None:
        """Write a paragraph over the page's width."""
        font = fonts.BOLD if bold else fonts.PLAIN
        for line in wrap(self._printable(text), font, size, BODY):
            self._room(size * 1.4)
            self._draw(line, LEFT, font, size, GREY if muted else INK)
            self._y -= size * 1.4
        self._y -= size * 0.5

    def pairs(self, rows: Iterable[tuple[str, str]], *, label_part: float = 0.24) -> None:
        """Write names and values in two columns without rules; pairs without a value are left out."""
        shown = [(name, value) for name, value in rows if value]
        indent = BODY * label_part
        for name, value in shown:
            names = wrap(self._printable(name), fonts.PLAIN, TEXT, indent - 8)
            values = wrap(self._printable(value), fonts.PLAIN, TEXT, BODY - indent)
            for index in range(max(len(names), len(values))):
                self._room(TEXT * 1.45)
                if index < len(names):
                    self._draw(names[index], LEFT, fonts.PLAIN, TEXT, GREY)
                if index < len(values):
                    self._draw(values[index], LEFT + indent, fonts.PLAIN, TEXT, INK)
                self._y -= TEXT * 1.45
        self._y -= 4

    def table(
        self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, empty: str = "None."
    ) -> int:
        """Write a table with its head on each page and return how many rows; a row may go over several pages."""
        whole = sum(column.part for column in columns)
        widths = [BODY * column.part / whole for column in columns]
        written = 0
        for row in rows:
            if not written:
                self._room(60)
                self._table_head(columns, widths)
            self._table_row(columns, widths, [self._lines(cell, wide) for cell, wide in zip(row, widths, strict=True)])  # fmt: skip
            written += 1
        if not written:
            self.text(empty, muted=True)
        self._y -= 6
        return written

    def gap(self, points: float) -> None:
        """Leave room."""
        self._y -= points

    def finish(self) -> int:
        """Write the last page and the file; return how many pages it has."""
        self._foot()
        pages = self._canvas.getPageNumber()
        self._canvas.beginForm(TOTAL)
        self._canvas.setFillColor(GREY)
        self._canvas.setFont(fonts.PLAIN, SMALL)
        self._canvas.drawString(0, 0, str(pages))
        self._canvas.endForm()
        self._canvas.showPage()
        self._stream.write(self._canvas.getpdfdata())  # type: ignore[no-untyped-call]  # the stub leaves it out
        return pages

    def _lines(self, cell: Cell, wide: float) -> list[_Line]:
        parts = [Say(cell)] if isinstance(cell, str) else cell
        return [
            _Line(line, fonts.BOLD if part.bold else fonts.PLAIN, part.muted)
            for part in parts
            if part.text
            for line in wrap(
                self._printable(part.text), fonts.BOLD if part.bold else fonts.PLAIN, SMALL, wide - 8
            )
        ]

    def _table_head(self, columns: Sequence[Column], widths: Sequence[float]) -> None:
        titles = [wrap(column.title, fonts.BOLD, SMALL, wide - 8) for column, wide in zip(columns, widths, strict=True)]  # fmt: skip
        tall = max(len(lines) for lines in titles) * SMALL * 1.3 + 5
        self._pen = None
        self._canvas.setFillColor(SHADE)
        self._canvas.rect(LEFT, self._y - tall + SMALL, BODY, tall, stroke=0, fill=1)
        x = LEFT
        for lines, wide in zip(titles, widths, strict=True):
            for index, line in enumerate(lines):
                self._draw(line, x + 4, fonts.BOLD, SMALL, INK, down=index * SMALL * 1.3 + 2)
            x += wide
        self._y -= tall + 2

    def _table_row(
        self, columns: Sequence[Column], widths: Sequence[float], cells: Sequence[Sequence[_Line]]
    ) -> None:
        step = SMALL * 1.32
        tall = max((len(lines) for lines in cells), default=0)
        done = 0
        while done < tall:
            room = int((self._y - BOTTOM) / step)
            if room < min(tall - done, KEEP_LINES):
                self._next_page()
                self._table_head(columns, widths)
                continue
            taken = min(room, tall - done)
            x = LEFT
            for lines, wide in zip(cells, widths, strict=True):
                for index, line in enumerate(lines[done : done + taken]):
                    colour = GREY if line.muted else INK
                    self._draw(line.text, x + 4, line.font, SMALL, colour, down=index * step)
                x += wide
            self._y -= taken * step
            done += taken
        self._canvas.setStrokeColor(RULE)
        self._canvas.setLineWidth(0.4)
        self._canvas.line(LEFT, self._y + SMALL - 2, RIGHT, self._y + SMALL - 2)
        self._y -= 4

    def _printable(self, text: str) -> str:
        shown = fonts.printable(text)
        self.hidden = self.hidden or (shown is not text and "[not printable:" in shown)
        return shown

    def _draw(self, text: str, x: float, font: str, size: float, colour: Color, *, down: float = 0.0) -> None:
        pen = (font, size, colour)
        if pen != self._pen:  # said again only when it changes: half of a long table's time
            self._canvas.setFont(font, size)
            self._canvas.setFillColor(colour)
            self._pen = pen
        self._canvas.drawString(x, self._y - down, text)

    def _room(self, points: float) -> None:
        if self._y - points < BOTTOM - TEXT:
            self._next_page()

    def _next_page(self) -> None:
        self._foot()
        self._canvas.showPage()
        self._pen = None
        self._y = TOP

    def _foot(self) -> None:
        page = f"Page {self._canvas.getPageNumber()} of "
        self._canvas.setStrokeColor(RULE)
        self._canvas.setLineWidth(0.5)
        self._canvas.line(LEFT, 44, RIGHT, 44)
        self._canvas.setFillColor(GREY)
        self._canvas.setFont(fonts.PLAIN, SMALL)
        self._canvas.drawString(LEFT, 33, self._title)
        room = fonts.width(page, fonts.PLAIN, SMALL) + 24
        self._canvas.drawString(RIGHT - room, 33, page)
        self._canvas.saveState()
        self._canvas.translate(RIGHT - 24, 33)
        self._canvas.doForm(TOTAL)
        self._canvas.restoreState()
        self._canvas.setFont(fonts.PLAIN, 6.5)
        self._canvas.drawString(LEFT, 23, self._footer)
