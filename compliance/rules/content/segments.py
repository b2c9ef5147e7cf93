"""How many parts a text is sent and counted in (A2P-012). The alphabet is that of 3GPP TS 23.038."""

from dataclasses import dataclass
from enum import StrEnum

from compliance.rules.content.numbers import InForce
from compliance.rules.content.problems import Problem

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION = frozenset("\f^{}\\[~]|€")  # each sent as an escape and a character


class Encoding(StrEnum):
    """How the text is sent."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """What carriers count."""

    encoding: Encoding
    units: int  # GSM-7 septets or UCS-2 code units
    parts: int
    forced_by: str = ""  # the first character that GSM-7 does not have


def count(text: str, numbers: InForce) -> Segments:
    """Return encoding, units and parts; an empty text is one part. No character is split across two parts."""
    forced_by = next((each for each in text if each not in _GSM_BASIC and each not in _GSM_EXTENSION), "")
    if forced_by:
        widths = [2 if ord(each) > 0xFFFF else 1 for each in text]
        single, part = numbers.whole("ucs_single"), numbers.whole("ucs_part")
    else:
        widths = [2 if each in _GSM_EXTENSION else 1 for each in text]
        single, part = numbers.whole("gsm_single"), numbers.whole("gsm_part")
    units = sum(widths)
    return Segments(
        encoding=Encoding.UCS_2 if forced_by else Encoding.GSM_7,
        units=units,
        parts=1 if units <= single else _parts(widths, part),
        forced_by=forced_by,
    )


def _parts(widths: list[int], size: int) -> int:
    parts, room = 1, size
    for width in widths:
        if width > room:
            parts, room = parts + 1, size
        room -= width
    return parts


def length_problems(text: str, numbers: InForce) -> tuple[Problem, ...]:
    """Return why the text is too long to send."""
    found, most = count(text, numbers), numbers.whole("most_parts")
    if found.parts <= most:
        return ()
    cause = f" “{found.forced_by}” makes each part shorter: replace it." if found.forced_by else ""
    return (
        Problem(
            rule_id="A2P-012",
            code="TOO_LONG",
            where="body",
            message=f"The text is {found.parts} parts ({found.units} {found.encoding} units), at most {most} are sent. Shorten it or send "
            f"a link to your own site.{cause}",
        ),
    )
