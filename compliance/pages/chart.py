"""Denials by reason and day as small charts, one a reason on one scale of days: plain bars, labelled, no colour to tell apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from compliance import rule_index
from compliance.pages.tables import NUMBER, SHORT, WIDE, Cell, Table, count, day, table, text, url
from compliance.reads.denials import DeniedDays
from compliance.rules.codes import CODES

WIDTH, HEIGHT, FOOT = 360, 84, 16  # of the drawing; FOOT holds the days' names
GAP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day: the bar, the space that can be pressed, and where it leads."""

    x: float
    y: float
    width: float
    height: float
    hit_x: float
    hit_width: float
    words: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallChart:
    """The refusals of one reason over the days."""

    code: str
    name: str
    total: str
    href: str
    rules: tuple[str, ...]  # that give this refusal
    bars: tuple[Bar, ...]
    peak: str
    peak_x: float
    peak_y: float
    anchor: str  # of the peak's label
    first_day: str
    last_day: str


def small_charts(series: Sequence[DeniedDays]) -> tuple[SmallChart, ...]:
    """Return a chart a reason. Each has its own height, said beside its tallest bar, so that rare reasons can be seen."""
    return tuple(map(_chart, series))


def denials_table(series: Sequence[DeniedDays]) -> Table:
    """Return the same figures as a table: a row a day that had denials, the newest first."""
    columns = [("Day (UTC)", SHORT), *((_name(each.code), NUMBER) for each in series), ("All", NUMBER)]
    days = list(enumerate(series[0].days)) if series else []
    rows = []
    for index, on in reversed(days):
        counts = [each.counts[index] for each in series]
        if sum(counts):
            cells = [
                Cell(text=f"{many:,}", href=_to_verdicts(each.code, on)) if many else Cell(text="0")
                for each, many in zip(series, counts, strict=True)
            ]
            rows.append([text(day(on)), *cells, count(sum(counts))])
    return table("Denials by day and reason", columns, rows, heading="The same as a table")


def totals_table(series: Sequence[DeniedDays]) -> Table:
    """Return how often each reason decided, the most frequent first."""
    columns = [
        ("Refused because", WIDE),
        ("Code", SHORT),
        ("By rules", WIDE),
        ("Denials", NUMBER),
        ("Share", NUMBER),
    ]
    total = sum(each.total for each in series)
    return table(
        "Denials by reason",
        columns,
        (
            [
                Cell(text=_name(each.code), href=_to_verdicts(each.code, each.days[0], each.days[-1])),
                Cell(text=each.code, mono=True),
                Cell(text=", ".join(_rules_of(each.code)) or "–", mono=True),
                count(each.total),
                text(f"{100 * each.total / total:.1f} %"),
            ]
            for each in series
        ),
        heading="By reason",
    )


def _chart(series: DeniedDays) -> SmallChart:
    top = max(series.counts)
    step = WIDTH / len(series.counts)
    room = HEIGHT - FOOT - 14  # the tallest bar leaves a line for its label
    bars = []
    for index, (on, many) in enumerate(zip(series.days, series.counts, strict=True)):
        height = max(1.5, room * many / top) if many else 0.0
        bars.append(
            Bar(
                x=round(index * step + GAP / 2, 2),
                y=round(HEIGHT - FOOT - height, 2),
                width=round(step - GAP, 2),
                height=round(height, 2),
                hit_x=round(index * step, 2),
                hit_width=round(step, 2),
                words=f"{day(on)}: {many:,}",
                href=_to_verdicts(series.code, on) if many else "",
            )
        )
    at = series.counts.index(top)
    return SmallChart(
        code=series.code,
        name=_name(series.code),
        total=f"{series.total:,}",
        href=_to_verdicts(series.code, series.days[0], series.days[-1]),
        rules=_rules_of(series.code),
        bars=tuple(bars),
        peak=f"{top:,}",
        peak_x=round(at * step + step / 2, 2),
        peak_y=round(bars[at].y - 3, 2),
        anchor="start" if at < 3 else "end" if at > len(series.counts) - 4 else "middle",
        first_day=f"{series.days[0].day} {series.days[0]:%b}",
        last_day=f"{series.days[-1].day} {series.days[-1]:%b}",
    )


def _rules_of(code: str) -> tuple[str, ...]:
    return tuple(rule.rule_id for rule in rule_index.indexed().values() if code in rule.codes)


def _name(code: str) -> str:
    return CODES.get(code, code)


def _to_verdicts(code: str, since: date, until: date | None = None) -> str:
    return url("compliance", outcome="deny", code=code, since=since, until=until or since)
