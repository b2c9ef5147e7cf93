"""Read TwiML: XML text to verbs."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree import ElementTree

LIMIT_BYTES = 64 * 1024


class DocumentError(Exception):
    """TwiML that cannot be fetched or read. `code` is the vendor's error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Verb:
    """One element, with its text and the elements in it."""

    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple["Verb", ...]

    def seconds(self, name: str, default: float) -> float:
        """Return an attribute in seconds; the default when it is absent or no number."""
        try:
            return float(self.attributes[name])
        except (KeyError, ValueError):
            return default

    def flag(self, name: str, default: bool) -> bool:
        """Return a true/false attribute."""
        return self.attributes.get(name, str(default)).strip().lower() == "true"

    def words(self, name: str, default: str = "") -> frozenset[str]:
        """Return an attribute that lists words."""
        return frozenset(self.attributes.get(name, default).split())


def parse(text: str) -> tuple[Verb, ...]:
    """Return the verbs of a document, in order.

    Raises: DocumentError 12100 when not well-formed or its root is not Response, 11750 when above 64 KB.
    """
    if len(text.encode()) > LIMIT_BYTES:
        raise DocumentError(11750, "TwiML response body too large")
    try:
        root = ElementTree.fromstring(text.strip())  # noqa: S314 - written by the product under test
    except ElementTree.ParseError as error:
        raise DocumentError(12100, f"Document parse failure: {error}") from error
    if root.tag != "Response":
        raise DocumentError(12100, f"Document parse failure: the root is {root.tag}, not Response")
    return tuple(_read(each) for each in root)


def is_address(url: str) -> bool:
    """Tell whether the vendor could call this address: http(s) with a host."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _read(element: ElementTree.Element) -> Verb:
    return Verb(
        name=element.tag,
        attributes=dict(element.attrib),
        text=(element.text or "").strip(),
        children=tuple(_read(each) for each in element),
    )
