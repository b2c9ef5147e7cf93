"""The example mapping files."""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent.parent / "byfile" / "examples"


def get_example(name: str) -> str | None:
    """Return the text of an example, or None for a name that is none."""
    known = {path.stem: path for path in FOLDER.glob("*.yaml")}
    return known[name].read_text(encoding="utf-8") if name in known else None
