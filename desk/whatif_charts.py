"""The figures of a forecast as rows of words with intervals drawn, and the charts of its days, hours and rules."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dialer.forecasts.asking import Side
from dialer.forecasts.held import Held, Standing
from dialer.whatif.forecast import Band, DayAhead, Finish, Forecast
from dialer.whatif.plan import OVER_DIALS

Sides = Sequence[tuple[Side, Forecast | None]]
WIDTH, HEIGHT = 300.0, 100.0  # of a chart's own units
LANES = (7.0, 19.0)  # where the intervals of A and B are drawn
MOST_ROWS = 60  # days listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One interval: from, to, and the middle; in the chart's units."""

    scenario: str
    y: str
    low: str
    mid: str
    high: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A figure with its band, in words."""

    mid: str
    band: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of both scenarios."""

    label: str
    unit: str
    meaning: str
    cells: Sequence[Cell | None]
    marks: Sequence[Mark]
    limit: str = ""  # where the cap is


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Leads left by day: the middle as a line, the band as an area."""

    scenario: str
    line: str
    area: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The chart of leads left, and its table."""

    curves: Sequence[Curve]
    top: int
    first: date
    last: date
    rows: Sequence[tuple[date, Sequence[DayAhead | None]]]
    more: int  # days not listed


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBar:
    """Leads that one reason holds, and their share of the largest."""

    row: Held
    percent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HourBar:
    """People who answered in one hour of the day."""

    hour: int
    calls: int
    persons: int
    share: float
    percent: str


def figures(sides: Sides) -> list[Figure]:
    """Return the rows, in the order a manager asks."""
    made = [each for _, each in sides]
    rows = [_finish(made), *_needed(sides)]
    rows.append(
        _row(
            "Talk", "minutes an hour", "Talk with people of one agent in an hour at the desk, breaks not counted.",
            [each.talk_minutes if each else None for each in made],
        )
    )  # fmt: skip
    rows.append(
        _row(
            "Wait", "seconds", "What an agent waits from being free to the next call that somebody answers.",
            [each.idle_wait if each else None for each in made],
        )
    )  # fmt: skip
    shares = [_times(each.abandonment, 100) if each and each.abandonment else None for each in made]
    caps = [side.plan.cap * 100 for side, _ in sides if side.plan.mode in OVER_DIALS]
    if any(shares):
        rows.append(
            _row(
                "Abandoned", "% of answers", "Calls people answer and no agent is free for, over the campaign. The line is the cap.",
                shares, limit=max(caps, default=None), digits=1,
            )
        )  # fmt: skip
    rows.append(
        _row(
            "Calls started", "an hour", "By the whole team, while leads are ready.",
            [each.calls_an_hour if each else None for each in made],
        )
    )  # fmt: skip
    rows.append(
        _row(
            "People reached", "in all", "Those who talk with an agent until the list is done.",
            [each.reached if each else None for each in made],
        )
    )  # fmt: skip
    return rows


def left(sides: Sides) -> Left | None:
    """Return the chart of leads left by day, None where there is none."""
    made = [(letter, each) for letter, (_, each) in zip("AB", sides, strict=False) if each and each.days]
    if not made:
        return None
    first = min(each.days[0].on for _, each in made)
    last = max(max(each.days[-1].on for _, each in made), first + timedelta(days=1))
    wholes = [side.plan.leads + side.plan.later for side, _ in sides]
    top = max(1, *wholes)
    span = (last - first).days + 1

    def x(day: date) -> float:
        return WIDTH * ((day - first).days + 1) / span

    def y(leads: float) -> float:
        return HEIGHT * (1 - min(1.0, leads / top))

    curves = [
        _curve(letter, each, x, y, WIDTH * (each.days[0].on - first).days / span, wholes["AB".index(letter)])
        for letter, each in made
    ]
    by_day = [{day.on: day for day in each.days} if each else {} for _, each in sides]
    days = sorted({on for each in by_day for on in each})
    rows = [(on, [each.get(on) for each in by_day]) for on in days[:MOST_ROWS]]
    return Left(curves=curves, top=top, first=first, last=last, rows=rows, more=max(0, len(days) - MOST_ROWS))


def held(found: Standing) -> list[HeldBar]:
    """Return what holds leads, each with its share of the whole."""
    whole = max(1, found.to_do)
    return [HeldBar(row=row, percent=f"{100 * row.leads / whole:.2f}") for row in found.held if row.leads]


def hours(found: Mapping[int, tuple[int, int]]) -> list[HourBar]:
    """Return the share of people who answered by hour of the day, where it was measured."""
    shares = {hour: persons / calls for hour, (calls, persons) in found.items() if calls}
    top = max(shares.values(), default=0.0) or 1.0
    return [
        HourBar(
            hour=hour, calls=found[hour][0], persons=found[hour][1], share=share, percent=f"{100 * share / top:.1f}"
        )
        for hour, share in sorted(shares.items())
    ]  # fmt: skip


def _curve(
    scenario: str,
    made: Forecast,
    x: Callable[[date], float],
    y: Callable[[float], float],
    start: float,
    whole: int,
) -> Curve:
    points = [(start, y(whole), y(whole), y(whole))]
    points += [(x(day.on), y(day.left.mid), y(day.left.low), y(day.left.high)) for day in made.days]
    upper = [f"{at:.1f},{high:.1f}" for at, _, _, high in points]
    lower = [f"{at:.1f},{low:.1f}" for at, _, low, _ in reversed(points)]
    return Curve(
        scenario=scenario,
        line=" ".join(f"{at:.1f},{mid:.1f}" for at, mid, _, _ in points),
        area=" ".join(upper + lower),
    )


def _finish(made: Sequence[Forecast | None]) -> Figure:
    finishes = [each.finish if each else None for each in made]
    known = [day for each in finishes if each for day in (each.early, each.mid, each.late) if day is not None]
    marks: list[Mark] = []
    if known:
        first, span = min(known) - timedelta(days=1), (max(known) - min(known)).days + 2
        for index, each in enumerate(finishes):
            if each and each.early and each.mid and each.late:
                days = [(day - first).days for day in (each.early, each.mid, each.late)]
                marks.append(_mark(index, *(float(day) for day in days), top=float(span)))
    return Figure(
        label="Done",
        unit="",
        meaning="The day on which the last lead is answered or tried as often as allowed.",
        cells=[_days(each) if each else None for each in finishes],
        marks=marks,
    )


def _needed(sides: Sides) -> list[Figure]:
    """Return the row of the staff needed, where a day was wished."""
    if not any(side.plan.finish_by for side, _ in sides):
        return []
    cells: list[Cell | None] = []
    for side, each in sides:
        by = side.plan.finish_by
        if by is None or each is None:
            cells.append(None)
        else:
            band = f"to be done by {_short(by)}, in the middle of the runs"
            cells.append(Cell(mid=f"{each.needed:,}" if each.needed else "no team", band=band))
    meaning = "The fewest agents that finish by the wished day, played again at the size found."
    return [Figure(label="Agents needed", unit="", meaning=meaning, cells=cells, marks=())]


def _row(
    label: str,
    unit: str,
    meaning: str,
    bands: Sequence[Band | None],
    *,
    limit: float | None = None,
    digits: int = 0,
) -> Figure:
    top = max([each.high for each in bands if each] + [limit or 0.0, 1e-9]) * 1.08
    return Figure(
        label=label,
        unit=unit,
        meaning=meaning,
        cells=[_cell(each, digits) if each else None for each in bands],
        marks=[
            _mark(index, each.low, each.mid, each.high, top=top) for index, each in enumerate(bands) if each
        ],
        limit=f"{WIDTH * limit / top:.1f}" if limit is not None else "",
    )


def _mark(index: int, low: float, mid: float, high: float, *, top: float) -> Mark:
    def x(value: float) -> str:
        return f"{WIDTH * value / top:.1f}"

    return Mark(scenario="ab"[index], y=f"{LANES[index]:.0f}", low=x(low), mid=x(mid), high=x(high))


def _cell(each: Band, digits: int) -> Cell:
    return Cell(
        mid=f"{each.mid:,.{digits}f}", band=f"{each.low:,.{digits}f} to {each.high:,.{digits}f}"
    )  # fmt: skip


def _days(each: Finish) -> Cell:
    if each.early is None:
        return Cell(mid="not within two years", band="")
    middle = _day(each.mid) if each.mid else "open"
    if each.early == each.late:
        return Cell(mid=middle, band="in every run")
    return Cell(mid=middle, band=f"{_short(each.early)} to {_short(each.late) if each.late else 'open'}")


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def _short(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _times(each: Band, factor: float) -> Band:
    return Band(low=each.low * factor, mid=each.mid * factor, high=each.high * factor)
