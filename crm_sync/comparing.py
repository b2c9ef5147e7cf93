"""Whether what stands in a CRM is what was sent, and what to do where it is not. Pure."""

import html
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

_TAG: Final = re.compile(r"<[^>]*>")
COMPARED: Final = 1000  # characters of a note: a CRM cuts what is too long for it
Verdict = Literal["same", "changed there", "lost"]


@dataclass
class Count:
    """A day's records of one kind, counted on both sides."""

    ours: int = 0
    theirs: int = 0
    open: int = 0
    deleted: int = 0
    extra: int = 0
    changed: int = 0
    again: list[int] = field(default_factory=list)  # items
    examples: list[str] = field(default_factory=list)

    def is_empty(self) -> bool:
        """Return whether neither side has anything of it."""
        return not (self.ours or self.theirs or self.open or self.extra)


def judge(*, is_same: bool, changed_at: str, told_at: datetime | None, behind: timedelta) -> Verdict:
    """Return what became of a value that was confirmed to us at `told_at`. `behind`: so far is the CRM's clock behind ours.

    Where the record was changed since, or nobody can say, it is somebody's own and stays; otherwise what we wrote was lost there.
    """
    if is_same:
        return "same"
    try:
        at = datetime.fromisoformat(changed_at)
    except ValueError:
        return "changed there"
    if told_at is None or at.tzinfo is None or at + behind > told_at:
        return "changed there"
    return "lost"


def has_words(standing: str, note: str) -> bool:
    """Return whether a body has the beginning of a note, however the CRM spaces, escapes and marks it up."""
    return plain(note)[:COMPARED] in plain(standing)


def plain(text: str) -> str:
    """Return a text without markup, escaped or not, its white space as single blanks."""
    return " ".join(_TAG.sub(" ", html.unescape(_TAG.sub(" ", text))).split())
