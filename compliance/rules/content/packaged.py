"""The content tables that come with the product. They change with a release alone, so they are read once."""

from datetime import date
from functools import cache
from importlib import resources

from compliance.rules.content.numbers import ContentNumbers, InForce, load_all

FILES = (
    "us/content.toml",
    "us/a2p.toml",
    "us/recording.toml",
    "us/retention.toml",
    "uk/content.toml",
    "ca/content.toml",
)


@cache
def tables() -> ContentNumbers:
    """Return all rows. Raises numbers.TableError."""
    folder = resources.files("compliance.rules") / "packs"
    return load_all({name: (folder / name).read_text(encoding="utf-8") for name in FILES})


@cache
def in_force(on: date) -> InForce:
    """Return the rows in force on a day."""
    return tables().on(on)
