"""A text as words, groups of written digits, and digits that were spoken, in the order in which they stand.

Spoken digits come from transcripts and from agents who type as they hear: “four one one one”, “double four”, “oh”,
“forty one eleven”, “cuatro uno uno uno”, “treinta y uno”.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import Enum

MASK = "************"


class Kind(Enum):
    """What stands there."""

    DIGITS = "digits"
    FILLER = "filler"  # a word that may stand between the digits of one number
    WORD = "word"
    MASK = "mask"  # a card number that was masked before, with its last four
    PLUS = "plus"  # the beginning of an international phone number
    BREAK = "break"  # a character that separates numbers


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, or digits that stand together."""

    kind: Kind
    start: int
    end: int
    digits: str = ""
    written: bool = True  # each digit has its own character
    open_tens: bool = False  # “forty”, which takes a following “one”

    def place(self, index: int) -> tuple[int, int]:
        """Return where the digit stands in the text: a spoken one is its whole word."""
        return (self.start + index, self.start + index + 1) if self.written else (self.start, self.end)


_TOKENS = re.compile(
    r"(?P<mask>\*{12}\d{4}(?!\d))|(?P<plus>\+(?=\d))|(?P<digits>\d+)|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)"
    r"|(?P<gap>[\s\-‐‑‒–—−.,;:/\\|_()'\"·•~>\u00ad\u200b-\u200f\u2060\ufeff\ufe0f\u20e3]+)|(?P<break>.)",
    re.DOTALL,
)


def _spoken(words: str, first: int) -> dict[str, str]:
    return {word: str(first + index) for index, word in enumerate(words.split())}


_ONES = {
    **_spoken("zero one two three four five six seven eight nine", 0),
    **_spoken("cero uno dos tres cuatro cinco seis siete ocho nueve", 0),
    **dict.fromkeys(("oh", "o", "ou", "nought", "naught"), "0"),
    **dict.fromkeys(("un", "una"), "1"),
    "niner": "9",
}
_TEENS = {
    **_spoken("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 10),
    **_spoken("diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve", 10),
    **_spoken(
        "veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho", 21
    ),
    "veintinueve": "29",
}
_TENS = {
    word: f"{index}0"
    for words in (
        "twenty thirty forty fifty sixty seventy eighty ninety",
        "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    )
    for index, word in enumerate(words.split(), start=2)
} | {"fourty": "40", "hundred": "00", "cien": "00"}
_TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4, "doble": 2}
_FILLERS = frozenset(
    word
    for words in (
        "and then um uh er erm ah hmm dash hyphen space slash comma dot period okay ok yes yeah yep right next followed by its "
        "it's is the number numbers digits card agent customer caller rep mhm huh got it go ahead sure perfect so like again",
        "y luego despues guion espacio coma punto si bueno este eh ah cliente agente numero numeros sigue entonces",
    )
    for word in words.split()
)


_SPOKEN = re.compile(r"\b(?:" + "|".join([*_ONES, *_TEENS, *_TENS, *_TIMES]) + r")\b", re.IGNORECASE)
_FEWEST_DIGITS = 13


def may_hold_number(text: str) -> bool:
    """Return False where there are too few digits, written and spoken, for a card number: the quick way out.

    A spoken word is worth two digits at most; with accents about, words are not counted.
    """
    return (
        not text.isascii() or len(re.findall(r"\d", text)) + 2 * len(_SPOKEN.findall(text)) >= _FEWEST_DIGITS
    )


def units_of(text: str) -> list[Unit]:
    """Return the text's words and digits in order; separators are left out. Takes time in proportion to the text."""
    units: list[Unit] = []
    for match in _TOKENS.finditer(text):
        kind = match.lastgroup
        if kind == "digits":
            digits = "".join(str(int(digit)) for digit in match[0])
            _add(units, Unit(Kind.DIGITS, match.start(), match.end(), digits))
        elif kind == "word":
            _add(units, _word(match))
        elif kind != "gap":
            units.append(Unit(Kind(kind), match.start(), match.end()))
    return units


def _word(match: re.Match[str]) -> Unit:
    word = match[0].lower()
    if len(word) > 16:
        return Unit(Kind.WORD, match.start(), match.end())
    if not word.isascii():
        word = "".join(
            letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter)
        )
    digits = _ONES.get(word) or _TEENS.get(word) or _TENS.get(word)
    if digits:
        return Unit(Kind.DIGITS, match.start(), match.end(), digits, written=False, open_tens=word in _TENS)
    kind = Kind.FILLER if word in _FILLERS or word in _TIMES else Kind.WORD
    return Unit(kind, match.start(), match.end(), word if word in _TIMES or word == "y" else "")


def _add(units: list[Unit], new: Unit) -> None:
    """Append the unit; digits join a “double” or a “forty” before them."""
    if new.kind is Kind.DIGITS and len(new.digits) == 1 and units:
        if units[-1].kind is Kind.FILLER and units[-1].digits in _TIMES:
            said = units.pop()
            new = replace(new, start=said.start, digits=new.digits * _TIMES[said.digits], written=False)
        elif not new.written and new.digits != "0":
            linked = units[-1].kind is Kind.FILLER and units[-1].digits == "y" and len(units) > 1
            tens = units[-2] if linked else units[-1]
            if tens.open_tens:
                del units[-2 if linked else -1 :]
                new = replace(new, start=tens.start, digits=tens.digits[:-1] + new.digits)
    units.append(new)
