"""What a file is by its first bytes, before a decoder sees it. Pure."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

MAX_BYTES = (
    10 * 1024 * 1024
)  # a minute of uncompressed stereo at 48 kHz is 11 MB; nobody needs that for a telephone
OGG_HEAD = 64 * 1024  # where the streams of an Ogg file name their codecs


class SoundRefused(ValueError):
    """The file cannot be played to anybody; `code` is stable, the message says what was found and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Format(StrEnum):
    """What we decode, in the words people know."""

    WAV = "WAV"
    FLAC = "FLAC"
    OGG = "Ogg"
    MP3 = "MP3"


VIDEO: Final = (
    (4, b"ftypqt", "QuickTime video"),
    (0, b"\x1a\x45\xdf\xa3", "WebM or Matroska file"),
    (0, b"\x00\x00\x01\xba", "MPEG video"),
    (0, b"\x00\x00\x01\xb3", "MPEG video"),
    (0, b"FLV\x01", "Flash video"),
    (0, b"\x30\x26\xb2\x75", "Windows Media file"),
    (8, b"AVI ", "AVI video"),
)
OTHER: Final = (
    (0, b"%PDF", "PDF document"),
    (0, b"PK\x03\x04", "ZIP archive or Office document"),
    (0, b"\x89PNG", "picture (PNG)"),
    (0, b"\xff\xd8\xff", "picture (JPEG)"),
    (0, b"GIF8", "picture (GIF)"),
    (0, b"\x1f\x8b", "compressed archive (gzip)"),
    (0, b"MZ", "program"),
    (0, b"\x7fELF", "program"),
)
ADVICE = "Save the recording as WAV, MP3, FLAC or Ogg, or record it here."


def sniff(data: bytes) -> Format:
    """Return the format the bytes say they are, which the decoder has yet to confirm. Raises SoundRefused."""
    if not data:
        raise SoundRefused(
            "empty", "The file is empty (0 bytes). Save the recording again, or record it here."
        )
    if len(data) > MAX_BYTES:
        raise SoundRefused(
            "too_large",
            f"The file has {len(data) / 1024 / 1024:.1f} MB, more than the {MAX_BYTES // 1024 // 1024} MB a message of one minute "
            "needs. Save it as MP3 or FLAC, or in mono.",
        )
    _refuse_what_is_known(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        _check_wav(data)
        return Format.WAV
    if data[:4] == b"fLaC":
        return Format.FLAC
    if data[:4] == b"OggS":
        return Format.OGG
    if data[:3] == b"ID3" or (
        len(data) > 3 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2
    ):  # layer III's frame sync
        return Format.MP3
    raise SoundRefused("not_audio", f"The file is no recording this page can read. {ADVICE}")


def _refuse_what_is_known(data: bytes) -> None:
    for offset, mark, name in VIDEO:
        if data[offset : offset + len(mark)] == mark:
            raise SoundRefused("video", f"The file is a {name}, not a recording of a voice alone. {ADVICE}")
    if data[4:8] == b"ftyp":
        is_sound = data[8:11] in (b"M4A", b"M4B")
        what = "an M4A file, which this page cannot read" if is_sound else "a video (MP4)"
        raise SoundRefused("not_audio" if is_sound else "video", f"The file is {what}. {ADVICE}")
    if data[:4] == b"OggS" and any(
        mark in data[:OGG_HEAD] for mark in (b"\x80theora", b"BBCD\x00", b"\x01video")
    ):
        raise SoundRefused("video", f"The file is a video (Ogg). {ADVICE}")
    for offset, mark, name in OTHER:
        if data[offset : offset + len(mark)] == mark:
            raise SoundRefused("not_audio", f"The file is a {name}, not a recording. {ADVICE}")


def _check_wav(data: bytes) -> None:
    """Refuse a file whose header promises more than is there: it was cut off, or made to mislead.

    Source: Microsoft, "Multimedia Programming Interface and Data Specifications 1.0", RIFF chunks.
    """
    for name, start, length in _chunks(data):
        if name != b"data":
            continue
        held = len(data) - start
        if length == 0:
            raise SoundRefused("empty", "The WAV file has a header and no sound. Save the recording again.")
        if length > held:
            raise SoundRefused(
                "cut_off",
                f"The WAV file says it holds {length:,} bytes of sound, but there are {held:,}. It was cut off, or its header is "
                "wrong: save the recording again.",
            )
        return
    raise SoundRefused("empty", "The WAV file holds no sound at all. Save the recording again.")


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, first byte and promised length of each chunk; chunks begin at even bytes."""
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], at + 8, length
        at += 8 + length + length % 2
