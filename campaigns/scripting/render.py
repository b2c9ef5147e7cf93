"""A script's text with the person's facts in it. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

MERGE_FIELDS: Final[Mapping[str, str]] = {
    "first_name": "the person's first name",
    "last_name": "the person's last name",
    "full_name": "first and last name",
    "company": "the person's company",
    "title": "the person's job title",
    "city": "the person's city",
    "agent_name": "the agent's own name",
    "seller": "the business on whose behalf we call",
    "caller_id": "the number shown to the person",
}

_FIELD = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: plain, merged in (to be highlighted), or missing (shown in brackets, never blank)."""

    kind: Literal["text", "merged", "missing"]
    text: str


def unknown_fields(body: str) -> list[str]:
    """Return merge fields in the text that do not exist, in order, each once."""
    return list(dict.fromkeys(name for name in _FIELD.findall(body) if name not in MERGE_FIELDS))


def render(body: str, facts: Mapping[str, str]) -> list[Sequence[Piece]]:
    """Return the text's paragraphs, each as pieces."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", body) if part.strip()]
    return [_pieces(paragraph, facts) for paragraph in paragraphs]


def _pieces(paragraph: str, facts: Mapping[str, str]) -> Sequence[Piece]:
    pieces: list[Piece] = []
    end = 0
    for match in _FIELD.finditer(paragraph):
        if match.start() > end:
            pieces.append(Piece("text", paragraph[end : match.start()]))
        name = match.group(1)
        value = facts.get(name, "").strip()
        words = MERGE_FIELDS.get(name, name).removeprefix("the ")
        pieces.append(Piece("merged", value) if value else Piece("missing", f"[{words}]"))
        end = match.end()
    if end < len(paragraph):
        pieces.append(Piece("text", paragraph[end:]))
    return pieces
