"""Words for what a setup refers to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Words for what a setup refers to: of things by id, and of the choices of each field."""

    things: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # kind → id as text → name
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # field → value → words
    zone: str = "UTC"  # in which instants are said

    def of(self, kind: str, found: object) -> str:
        """Return the name of one thing; what is gone is said to be."""
        return self.things.get(kind, {}).get(str(found), f"one that is gone ({kind} {found})")
