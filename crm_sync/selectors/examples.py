"""The example mapping files."""

from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent.parent / "byfile" / "examples"
STAND_IN: Final = "plain-crm"


def get_example(name: str) -> str | None:
    """Return the text of an example, or None for a name that is none."""
    known = {path.stem: path for path in FOLDER.glob("*.yaml")}
    return known[name].read_text(encoding="utf-8") if name in known else None


@cache
def list_examples() -> tuple[tuple[str, str], ...]:
    """Return each example's file and the name of its CRM, by name; the stand-in comes last."""
    found = []
    for path in FOLDER.glob("*.yaml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        found.append((path.stem, next(line for line in lines if line.startswith("name: "))[6:]))
    return tuple(sorted(found, key=lambda each: (each[0] == STAND_IN, each[1].lower())))
