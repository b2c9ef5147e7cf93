"""Registry files as they are delivered: plain text, gzip, or a zip with one text file in it; never more than a bound."""

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, Protocol

from core.errors import AppError

CHUNK: Final = 4 * 1024 * 1024
EXPANDED_LIMIT: Final = 8 * 1024**3  # the whole US registry is about 3 GB of text
# Digits pack to a third or, in unbroken sequences, to a thirtieth; what packs better is no list of numbers.
PACKED_RATIO_LIMIT: Final = 100
RATIO_COUNTS_FROM: Final = 16 * 1024**2
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class SourceRefused(AppError):
    """The file cannot be read as a registry file at all."""


class ByteStream(Protocol):
    """A file opened in binary, or an upload; it can be read twice."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place."""
        ...

    def tell(self) -> int:
        """Return the place."""
        ...


class Reader(Protocol):
    """What only needs to be read once, from the beginning."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


class _Bounded:
    """Reads expanded text and refuses what is damaged, or grows beyond all measure."""

    def __init__(self, inner: Reader, packed_bytes: int, limit: int) -> None:
        self._inner = inner
        self._limit = min(limit, max(RATIO_COUNTS_FROM, packed_bytes * PACKED_RATIO_LIMIT))
        self._read = 0

    def read(self, size: int) -> bytes:
        try:
            data = self._inner.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise SourceRefused(
                f"The archive is damaged and cannot be unpacked ({error}). Download it again."
            ) from None
        self._read += len(data)
        if self._read > self._limit:
            raise SourceRefused(
                f"The archive unpacks to more than {self._limit // 1024**2:,} MB, which no registry file of its size does."
            )
        return data


class _WithHead:
    """A stream of which the beginning was read already."""

    def __init__(self, head: bytes, inner: Reader) -> None:
        self._head = head
        self._inner = inner

    def read(self, size: int) -> bytes:
        if self._head:
            head, self._head = self._head[:size], self._head[size:]
            return head
        return self._inner.read(size)


def sha256_of(stream: ByteStream) -> str:
    """Return the SHA-256 of the file as delivered, and go back to its beginning."""
    stream.seek(0)
    digest = hashlib.sha256()
    while data := stream.read(CHUNK):
        digest.update(data)
    stream.seek(0)
    return digest.hexdigest()


@contextmanager
def opened(stream: ByteStream, *, limit: int = EXPANDED_LIMIT) -> Iterator[Reader]:
    """Yield the text of a registry file, unpacked; raises SourceRefused, with what to do, for what is no text or too large."""
    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(0)
    magic = stream.read(4)
    stream.seek(0)
    with ExitStack() as stack:
        if magic in (b"PK\x03\x04", b"PK\x05\x06"):
            inner: Reader = stack.enter_context(_member(stream))
        elif magic.startswith(b"\x1f\x8b"):
            inner = stack.enter_context(gzip.GzipFile(fileobj=stream, mode="rb"))
        else:
            inner = stream
        packed = inner is not stream
        text: Reader = _Bounded(inner, size, limit) if packed else stream
        head = text.read(4096)
        _require_text(head)
        yield _WithHead(head, text)


@contextmanager
def _member(stream: ByteStream) -> Iterator[Reader]:
    try:
        with zipfile.ZipFile(stream) as archive:  # type: ignore[call-overload]  # read, seek, tell suffice
            members = [
                info
                for info in archive.infolist()
                if not info.is_dir() and not info.filename.startswith("__MACOSX/")
            ]
            if len(members) != 1:
                raise SourceRefused(
                    f"The archive holds {len(members)} files. Unpack it and load the text files one at a time."
                )
            if members[0].flag_bits & 1:
                raise SourceRefused("The archive needs a password. Unpack it and load the text file in it.")
            with archive.open(members[0]) as member:
                yield member
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise SourceRefused(
            f"The archive is damaged and cannot be unpacked ({error}). Download it again."
        ) from None


def _require_text(head: bytes) -> None:
    if head.startswith(_UTF16):
        raise SourceRefused(
            "The file is text in UTF-16. Save it as plain text (ASCII or UTF-8) and load it again."
        )
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        raise SourceRefused("This is the XML download. Download the flat text file and load that.")
