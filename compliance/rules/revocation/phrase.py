"""A phrase: one way of saying something about being contacted, as a pattern over a line of evened words (wording.py).

Words are apart by one space, “|” stands between sentences, “,” between clauses. Every pattern begins with the space before its
first word. Gaps are counted in words and bounded, so every pattern takes time in proportion to the line.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One way of saying it."""

    name: str  # for the audit trail
    language: str
    words: frozenset[str]  # at least one of them is in every text the pattern finds
    pattern: re.Pattern[str]


def gap(most: int) -> str:
    """Return the pattern of up to so many words of the same clause, each with the space after it."""
    return rf"(?:[^ |,]+ ){{0,{most}}}"


def phrases(language: str, rows: tuple[tuple[str, str, str], ...]) -> tuple[Phrase, ...]:
    """Return the phrases of rows of (name, words, pattern).

    `words`, apart by spaces, are those of which at least one is in every text the pattern finds: without any of them the pattern
    is not tried, which is what keeps the reading of a message fast.
    """
    return tuple(
        Phrase(
            name=name,
            language=language,
            words=frozenset(words.split()),
            pattern=re.compile(rf" (?:{pattern})"),
        )
        for name, words, pattern in rows
    )
