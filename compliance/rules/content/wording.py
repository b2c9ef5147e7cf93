"""Finding words, names and numbers in what is said or written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[^a-z])|\n+")
_NUMBER = re.compile(r"(?<![\w+])\+?\(?\d[\d\s().-]{5,}\d(?!\w)")
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of a text, [start, end)."""

    start: int
    end: int
    text: str

    def __str__(self) -> str:
        return f"{self.start}-{self.end}"


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    def one(word: str) -> str:
        stem = r"[\s-]+".join(re.escape(part) for part in word.rstrip("*").split())
        before = r"(?<!\w)" if word[0].isalnum() else ""  # "% off" follows a digit
        return before + stem + (r"\w*" if word.endswith("*") else "")

    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(one, longest_first))})(?!\w)", re.IGNORECASE)


def find(text: str, words: Sequence[str]) -> tuple[Span, ...]:
    """Return where the words stand as whole words; case counts for nothing, a line break or hyphen as a space."""
    if not words:
        return ()
    found = _pattern(tuple(words)).finditer(text.replace("’", "'"))
    return tuple(Span(start=hit.start(), end=hit.end(), text=hit.group()) for hit in found)


def has(text: str, words: Sequence[str]) -> bool:
    """Return whether one of the words stands in the text."""
    return bool(find(text, words))


def find_name(text: str, name: str) -> Span | None:
    """Return where a business or person is named; punctuation and case count for nothing."""
    parts = re.findall(r"\w+", name)
    if not parts:
        return None
    pattern = r"(?<!\w)" + r"[^\w]*".join(re.escape(part) for part in parts) + r"(?!\w)"
    hit = re.search(pattern, text, re.IGNORECASE)
    return Span(start=hit.start(), end=hit.end(), text=hit.group()) if hit else None


def sentences(text: str) -> tuple[Span, ...]:
    """Return the sentences in order, empty ones left out."""
    spans: list[Span] = []
    start = 0
    for end, following in [
        *((hit.start(), hit.end()) for hit in _SENTENCE_END.finditer(text)),
        (len(text),) * 2,
    ]:
        if re.search(r"\w", text[start:end]):
            spans.append(Span(start=start, end=end, text=text[start:end].strip()))
        start = following
    return tuple(spans)


def phone_numbers(text: str) -> tuple[Span, ...]:
    """Return what looks like a telephone number: seven digits or more."""
    found = (Span(start=hit.start(), end=hit.end(), text=hit.group()) for hit in _NUMBER.finditer(text))
    return tuple(span for span in found if len(digits(span.text)) >= 7)


def digits(text: str) -> str:
    """Return the digits 0 to 9 alone."""
    return re.sub(r"[^0-9]", "", text)


def says_number(text: str, number: str) -> bool:
    """Return whether the text holds this telephone number, with or without country code, however it is grouped."""
    wanted = digits(number)
    forms = {wanted, wanted.removeprefix("1")} if len(wanted) == 11 else {wanted, "0" + wanted[2:]}
    return len(wanted) >= 7 and any(digits(span.text) in forms for span in phone_numbers(text))


def card_numbers(text: str) -> tuple[Span, ...]:
    """Return runs of 13 to 19 digits that pass the check digit of payment cards."""
    found = (Span(start=hit.start(), end=hit.end(), text=hit.group()) for hit in _CARD.finditer(text))
    return tuple(span for span in found if _passes_luhn(digits(span.text)))


def _passes_luhn(number: str) -> bool:
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(number))]
    return bool(doubled) and sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def quoted(spans: Sequence[Span], *, most: int = 3) -> str:
    """Return the pieces for a sentence: “this”, “that” and 2 more."""
    texts = list(dict.fromkeys(span.text for span in spans))
    shown = ", ".join(f"“{text}”" for text in texts[:most])
    return shown + (f" and {len(texts) - most} more" if len(texts) > most else "")
