"""Bytes of import files, kept in the database: every worker on every machine sees them, and they go with their row.

Packed and encrypted, since a file may hold card numbers until its rows are read and masked (PCI-001).
"""

import tempfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO, cast

from campaigns.models import ImportFilePart
from core import crypto, db
from core.errors import NotFound

PART_BYTES = 2 << 20
OF = ImportFilePart.Of


def keep(file_id: int, pieces: Iterable[bytes], *, of: str = OF.SOURCE) -> int:
    """Store the bytes in the open transaction, in place of what was kept before; return how many."""
    db.require_atomic()
    ImportFilePart.objects.filter(file_id=file_id, of=of).delete()
    size = 0
    for position, piece in enumerate(_of_one_size(pieces)):
        packed = crypto.seal_bytes(zlib.compress(piece, 1))
        ImportFilePart.objects.create(file_id=file_id, of=of, position=position, data=packed)
        size += len(piece)
    return size


def pieces(file_id: int, *, of: str = OF.SOURCE) -> Iterator[bytes]:
    """Yield the bytes, piece by piece. Raises NotFound when nothing is kept."""
    parts = ImportFilePart.objects.filter(file_id=file_id, of=of).order_by("position")
    ids = list(parts.values_list("id", flat=True))
    if not ids:
        raise NotFound("This file is not kept any more. Upload it again.")
    for part_id in ids:
        data = ImportFilePart.objects.values_list("data", flat=True).get(id=part_id)
        yield zlib.decompress(crypto.unseal_bytes(bytes(data)))


def opened(file_id: int, *, of: str = OF.SOURCE) -> BinaryIO:
    """Return a copy of the bytes to read and seek in; on disk where they are many. The caller closes it."""
    copy = tempfile.SpooledTemporaryFile(max_size=8 << 20)  # noqa: SIM115 - the caller closes it
    for piece in pieces(file_id, of=of):
        copy.write(piece)
    copy.seek(0)
    return cast(BinaryIO, copy)


def begun(given: Iterator[bytes]) -> Iterator[bytes]:
    """Return the pieces with the first one fetched, so that what is not kept is found before an answer begins."""
    return chain([next(given)], given)


def in_pieces(stream: BinaryIO) -> Iterator[bytes]:
    """Yield a stream from its beginning."""
    stream.seek(0)
    while piece := stream.read(PART_BYTES):
        yield piece


def _of_one_size(given: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for piece in given:
        held += piece
        while len(held) >= PART_BYTES:
            yield bytes(held[:PART_BYTES])
            del held[:PART_BYTES]
    if held:
        yield bytes(held)
