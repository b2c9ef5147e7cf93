"""The word for how a campaign is: its state, or what that comes to now. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

TONES: Final = {
    "draft": "",
    "scheduled": "is-info",
    "running": "is-good",
    "draining": "is-warn",
    "paused": "is-warn",
    "stopped": "is-bad",
    "resting": "is-info",
    "exhausted": "is-warn",
    "archived": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is shown of a campaign's state."""

    code: str
    word: str
    why: str = ""  # a sentence, where it is not what a person chose

    @property
    def tone(self) -> str:
        """Return the class of its badge."""
        return TONES[self.code]


def status(
    state: str, word: str, *, is_archived: bool = False, left: int, opens_at: datetime | None
) -> Status:
    """Return the status of a campaign in a state; `left` are its leads not finished, `opens_at` None while it is open somewhere."""
    if is_archived:
        return Status(code="archived", word="Archived", why=f"It was {word.lower()} when it was archived.")
    if state == "running" and not left:
        return Status(
            code="exhausted",
            word="Exhausted",
            why="Everybody on its lists is finished. It goes on by itself when people are added.",
        )
    if state == "running" and opens_at is not None:
        return Status(
            code="resting",
            word="Resting",
            why="It is outside its calling hours everywhere, and goes on by itself.",
        )
    return Status(code=state, word=word)
