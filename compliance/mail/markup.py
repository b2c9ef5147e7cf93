"""The text of an HTML body as its writer wrote it: without what programs mark as quoted, with a line for each block. Pure."""

from html.parser import HTMLParser
from typing import Final

LOOKED_AT: Final = 2_000_000  # letters
# Of these at most so many go to the library's parser, whose time grows with the square of what hostile markup makes it look back on.
READ_AT_MOST: Final = 60_000
_NO_TEXT: Final = (("<!--", "-->"), ("<style", "</style"), ("<script", "</script"), ("<![cdata[", "]]>"))
_UNSEEN: Final = frozenset({"script", "style", "head", "title", "template", "blockquote"})
_LINES: Final = frozenset(
    {"p", "div", "br", "hr", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "body", "section", "pre"}
)  # fmt: skip
_VOID: Final = frozenset({"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "wbr", "source"})
# Who marks “On … wrote:” and what they quote without a blockquote around it: Gmail, Yahoo, Thunderbird, Proton.
_QUOTING: Final = frozenset(
    {"gmail_attr", "yahoo_quoted", "yahoo_quoted_begin", "moz-cite-prefix", "protonmail_quote"}
)


class _Reader(HTMLParser):
    """Collects text. Inside a part that is not the writer's it counts tags until that part ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._skipping: list[str] = []  # the tags open inside a part that is not read, the part's own first

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipping:
            if tag not in _VOID:
                self._skipping.append(tag)
            return
        classes = {word.lower() for name, value in attrs if name == "class" for word in (value or "").split()}
        if tag not in _VOID and (tag in _UNSEEN or not classes.isdisjoint(_QUOTING)):
            self._skipping.append(tag)
        if tag in _LINES or tag == "blockquote":
            self.pieces.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._skipping and tag in _LINES:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._skipping:
            # Tags that were never closed end with the one around them.
            last = len(self._skipping) - 1 - self._skipping[::-1].index(tag)
            del self._skipping[last:]
        elif not self._skipping and tag in _LINES:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.pieces.append(" ".join(data.split(" ")).replace("\r", " ").replace("\n", " "))


def text_of_html(html: str) -> str:
    """Return the text; of broken HTML, what can be read."""
    html = html[:LOOKED_AT]
    for opening, closing in _NO_TEXT:
        html = _without(html, opening, closing)
    reader = _Reader()
    reader.feed(html[:READ_AT_MOST])
    reader.close()
    lines = ("".join(reader.pieces)).replace("\xa0", " ").split("\n")
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())


def _without(html: str, opening: str, closing: str) -> str:
    """Return the markup without parts between the two, in one pass; one that is never closed takes the rest with it."""
    lower, kept, start = html.lower(), [], 0
    if len(lower) != len(html):  # a letter that has no lower case of one letter: places would differ
        return html
    while (found := lower.find(opening, start)) >= 0:
        kept.append(html[start:found])
        end = lower.find(closing, found)
        if end < 0:
            return "".join(kept)
        start = end + len(closing)
        if not closing.endswith(">"):
            start = (lower.find(">", start) + 1) or len(html)
    return "".join(kept) + html[start:]
