"""Card data out of texts on their way into storage, with a trace that it was there (PCI-001, PCI-014).

The audit row says how much was found and where, never what.
"""

from dataclasses import dataclass
from datetime import datetime

from compliance.rules import card_data
from core import audit


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A text as it may be kept; `found` says that card data was taken out of it that was not taken out before."""

    text: str
    found: bool


def without_card_data(text: str, *, stored: str = "", actor: str, target: str, now: datetime) -> Kept:
    """Return the text without card data, and record in the open transaction that there was some.

    `stored` is the text as it was kept before: what was taken out of that is not recorded again, so a note that is saved while
    it is typed leaves one row for each card. `target` is kind:id.
    """
    redaction = card_data.redact(text)
    found = redaction.alert and _marks(redaction.text) > _marks(stored)
    if found:
        record_redaction(cards=redaction.cards, codes=redaction.codes, actor=actor, target=target, now=now)
    return Kept(text=redaction.text, found=found)


def record_redaction(*, cards: int, codes: int, actor: str, target: str, now: datetime) -> None:
    """Append the audit row of a redaction: how many card numbers and codes, no digits."""
    audit.record(
        actor=actor,
        verb="card_data.redacted",
        target=target,
        now=now,
        after={"cards": cards, "codes": codes},
    )


def _marks(text: str) -> int:
    return text.count(card_data.MASK) + text.count(card_data.REMOVED)
