"""A script's text with the person's facts in it. Pure."""

import re
from collections.abc import Container, Mapping, Sequence
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

OWN: Final = "own."  # before the key of a field of the house's own: {own.tariff}

_FIELD = re.compile(r"\{([a-z_]+|own\.[a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: plain, merged in (to be highlighted), or missing (shown in brackets, never blank)."""

    kind: Literal["text", "merged", "missing"]
    text: str


def unknown_fields(body: str, own: Container[str] = ()) -> list[str]:
    """Return merge fields in the text that do not exist, in order, each once; `own`: names of fields of the house's own."""
    found = (name for name in _FIELD.findall(body) if name not in MERGE_FIELDS and name not in own)
    return list(dict.fromkeys(found))


def own_words(name: str) -> str:
    """Return how a field of the house's own is called where only its name is known: “own.renewal_day” is “renewal day”."""
    return name.removeprefix(OWN).replace("_", " ")


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
        words = MERGE_FIELDS.get(name, own_words(name)).removeprefix("the ")
        pieces.append(Piece("merged", value) if value else Piece("missing", f"[{words}]"))
        end = match.end()
    if end < len(paragraph):
        pieces.append(Piece("text", paragraph[end:]))
    return pieces
