"""An e-mail as its writer meant it: who wrote, what, and what they want. Pure; hostile input is read as far as it goes.

Nothing makes it fail: an e-mail that cannot be understood is one that a person must read, never one that is lost.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime

from compliance.mail.markup import text_of_html
from compliance.rules.revocation import Meaning, Reading, read_message

READ_AT_MOST = 32 * 1024 * 1024  # bytes: what lies beyond is an attachment, or an attack
TEXT_AT_MOST = 200_000  # letters of a body that are read
WORDS_KEPT = 20_000
HEADER_AT_MOST = 2_000
HEADERS_READ = 100_000
NESTED_AT_MOST = 40
PARTS_AT_MOST = 200
ACTED_ON = frozenset({Meaning.REVOKED, Meaning.WRONG_NUMBER})
NOBODY = ""
NOTHING = read_message("")
_ADDRESS = re.compile(r"[^@\s<>\"(),:;]{1,120}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_BRACKETS = re.compile(r"<([^<>]*)>")
_ANSWER = re.compile(r"\s*(?:re|aw|rv|fw|fwd|wg|tr)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_HEAD = re.compile(
    rb"\s*(?:from|to|subject|date|received|return-path|delivered-to|message-id)\s*:", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What was read of an e-mail. What it does not say is empty."""

    address: str  # of the writer, lower case
    subject: str
    texts: tuple[str, ...]  # the body; where it comes in two forms, the plain one first
    message_ref: str  # the Message-ID
    sent_at: datetime | None
    is_automatic: bool  # a bounce or an answer that no person wrote

    @property
    def words(self) -> str:
        """Return subject and body as they are kept for evidence."""
        body = next((text for text in self.texts if text.strip()), "")
        said = "\n\n".join(part for part in (self.subject, body) if part.strip())[:WORDS_KEPT]
        return said.encode("utf-8", "replace").decode()  # no halves of surrogate pairs: they cannot be stored

    @property
    def reading(self) -> Reading:
        """Return what the writer wants, by their own words: neither what they quote, nor the subject of an answer, is theirs.

        What a program wrote wants nothing.
        """
        if self.is_automatic:
            return NOTHING
        own = [*self.texts, *([] if _ANSWER.match(self.subject) else [self.subject])]
        readings = [read_message(text) for text in own]
        acted_on = next((each for each in readings if each.meaning in ACTED_ON), None)
        return acted_on or next((each for each in readings if each.meaning is not Meaning.NONE), NOTHING)


def read_mail(data: bytes) -> Mail:
    """Return what an e-mail says, as it came over the wire (RFC 5322); of a text without headers, the text."""
    data = data[:READ_AT_MOST].replace(b"\x00", b"")
    if not _HEAD.search(data[:20_000]):
        return _bare(data)
    try:
        message = message_from_bytes(data)
        texts = tuple(_texts(message))
    except (RecursionError, ValueError, LookupError):  # nested or broken beyond what the library reads
        message = BytesHeaderParser().parsebytes(data[:HEADERS_READ])
        texts = (_text(data, "utf-8"),)
    return Mail(
        address=_address(message),
        subject=_decoded(message, "Subject"),
        texts=texts,
        message_ref=_decoded(message, "Message-ID").strip("<> ")[:200],
        sent_at=_sent_at(message),
        is_automatic=_is_automatic(message),
    )


def address_in(text: str) -> str:
    """Return the first e-mail address in a text, lower case; empty when there is none."""
    found = _ADDRESS.search(text[:HEADER_AT_MOST])
    return found[0].lower()[:254] if found else NOBODY


def _bare(data: bytes) -> Mail:
    text = _text(data, "utf-8")
    return Mail(address="", subject="", texts=(text,), message_ref="", sent_at=None, is_automatic=False)


def _address(message: Message) -> str:
    """The writer's address: From, else who else the mail names as its writer."""
    for name in ("From", "Reply-To", "Sender", "Return-Path"):
        header = _decoded(message, name)
        inside = _BRACKETS.findall(header)  # a name before them may look like an address
        if found := address_in(inside[-1] if inside else header):
            return found
    return NOBODY


def _decoded(message: Message, name: str) -> str:
    raw = str(message.get(name, ""))[:HEADER_AT_MOST]
    try:
        text = str(make_header(decode_header(raw)))
    except (HeaderParseError, LookupError, ValueError):  # an unknown or wrong encoding
        text = raw
    return " ".join(text.encode("utf-8", "replace").decode().split())


def _sent_at(message: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(_decoded(message, "Date"))
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _is_automatic(message: Message) -> bool:
    """Say whether a program wrote it (RFC 3834): a bounce, an answer from somebody's holiday."""
    told = _decoded(message, "Auto-Submitted").lower()
    if (told and not told.startswith("no")) or message.get_content_type() == "multipart/report":
        return True
    return _decoded(message, "Precedence").lower() in ("auto_reply", "auto-reply") or bool(
        message.get("X-Autoreply") or message.get("X-Autorespond")
    )


def _texts(message: Message) -> Iterator[str]:
    """The bodies: of plain text, and of HTML without what it quotes. Attachments and messages inside are not the writer's words."""
    found: dict[str, list[str]] = {"plain": [], "html": []}
    for part in list(_leaves(message, 0))[:PARTS_AT_MOST]:
        if part.get_content_maintype() != "text" or part.get_content_disposition() == "attachment":
            continue
        data = part.get_payload(decode=True)
        if not isinstance(data, bytes):
            continue
        text = _text(data, part.get_content_charset() or "utf-8")
        if part.get_content_subtype() == "html":
            found["html"].append(text_of_html(text))
        else:
            found["plain"].append(text)
    for kind in ("plain", "html"):
        if body := "\n".join(found[kind]).strip():
            yield body[:TEXT_AT_MOST]


def _leaves(part: Message, depth: int) -> Iterator[Message]:
    if depth > NESTED_AT_MOST or part.get_content_maintype() == "message":
        return
    payload = part.get_payload()
    if not part.is_multipart():
        yield part
    elif isinstance(payload, list):
        for inner in payload:
            if isinstance(inner, Message):
                yield from _leaves(inner, depth + 1)


def _text(data: bytes, charset: str) -> str:
    data = data[: 4 * TEXT_AT_MOST]
    for name in (charset, "utf-8"):
        try:
            return data.decode(name).replace("\x00", "")[:TEXT_AT_MOST]
        except (LookupError, ValueError):  # no such encoding, or not of it
            continue
    return data.decode("cp1252", "replace").replace("\x00", "")[:TEXT_AT_MOST]
