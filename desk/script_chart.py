"""How far calls come in a script, drawn: one bar for each step. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dialer.script_reads import VersionFigures

WIDTH: Final = 640
ROW: Final = 26
BEGINS: Final = 190  # where bars begin; names stand before
ROOM: Final = 360
LONGEST_NAME: Final = 26


@dataclass(frozen=True, slots=True)
class ReachBar:
    """One step: how many calls reached it, and how many of those were over there."""

    title: str
    name: str  # the title, cut to what fits
    y: int
    text_y: int
    width: float
    left_x: float
    left_width: float
    words_x: float
    words: str


@dataclass(frozen=True, slots=True)
class ReachChart:
    """All bars."""

    width: int
    height: int
    bars: Sequence[ReachBar]


def chart_of(figures: VersionFigures) -> ReachChart | None:
    """Return the chart of a version; None before the first call."""
    if not figures.calls:
        return None
    bars = []
    for index, node in enumerate(figures.nodes):
        width = round(ROOM * node.reached.part / figures.calls, 1)
        left = round(ROOM * node.left.part / figures.calls, 1)
        name = node.title if len(node.title) <= LONGEST_NAME else node.title[: LONGEST_NAME - 1] + "…"
        bars.append(
            ReachBar(
                title=node.title,
                name=name,
                y=index * ROW + 4,
                text_y=index * ROW + 18,
                width=width,
                left_x=round(BEGINS + width - left, 1),
                left_width=left,
                words_x=round(BEGINS + width + 6, 1),
                words=f"{node.reached.part:,.0f}"
                + (f", {node.left.part:,.0f} over" if node.left.part else ""),
            )
        )
    return ReachChart(WIDTH, len(bars) * ROW + 6, bars)
