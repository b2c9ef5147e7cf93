"""What came of a list, as figures and charts, with the table one click away."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import roles
from campaigns.selectors import lists
from compliance.rules.codes import CODES
from core import clock
from core.access import requires
from core.errors import NotFound
from dialer import list_reads
from dialer.list_reads import OutcomeDay

WIDTH, HEIGHT, FOOT = 360, 96, 16  # of a drawing; FOOT holds the days' names
GAP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day: its bar, and the line of its interval where there is a sample."""

    x: float
    middle: float
    y: float
    width: float
    height: float
    low: float | None
    high: float | None
    words: str


@require_GET
@requires(roles.MANAGE_LISTS)
def list_outcomes(request: HttpRequest, list_id: int) -> HttpResponse:
    """Show what came of the list's people in the campaigns over it."""
    try:
        facts = lists.get_list(list_id)
    except NotFound as missing:
        raise Http404(missing.public_message) from None
    told = list_reads.list_outcomes(list_id, now=clock.now())
    most = max((day.calls for day in told.days), default=0)
    context = {
        "facts": facts,
        "told": told,
        "shares": [
            ("called", "of the list’s people", told.called),
            ("reached", "of those called: an agent spoke with them", told.reached),
            ("goal reached", "of those reached", told.converted),
        ],
        "refused": [(CODES.get(code, code), code, number) for code, number in told.refused],
        "calls_bars": calls_bars(told.days, most),
        "reached_bars": reached_bars(told.days),
        "most": most,
        "width": WIDTH,
        "height": HEIGHT,
        "base": HEIGHT - FOOT,
        "label": HEIGHT - 3,
        "first_day": f"{told.days[0].day:%b} {told.days[0].day.day}",
        "last_day": f"{told.days[-1].day:%b} {told.days[-1].day.day}",
        "with_calls": [day for day in reversed(told.days) if day.calls],
    }
    return render(request, "desk/list_outcomes.html", context)


def calls_bars(days: Sequence[OutcomeDay], most: int) -> list[Bar]:
    """Return a bar for each day with calls, the tallest as high as the drawing."""
    return [
        _bar(days, index, day.calls / most, None, None, f"{day.day}: {day.calls:,} calls")
        for index, day in enumerate(days)
        if day.calls
    ]


def reached_bars(days: Sequence[OutcomeDay]) -> list[Bar]:
    """Return for each day with calls the share on which a person was reached, with its 95 % interval; the drawing is 100 %."""
    found = []
    for index, day in enumerate(days):
        if not day.calls:
            continue
        value = day.reached.value or 0.0
        words = (
            f"{day.day}: {value:.0%} of {day.calls:,} calls, {day.reached.low:.0%} to {day.reached.high:.0%}"
        )
        found.append(_bar(days, index, value, day.reached.low, day.reached.high, words))
    return found


def _bar(
    days: Sequence[OutcomeDay], index: int, part: float, low: float | None, high: float | None, words: str
) -> Bar:
    step, full = WIDTH / len(days), HEIGHT - FOOT
    height = max(part * (full - 10), 1.0)

    def at(share: float | None) -> float | None:
        return None if share is None else round(full - share * (full - 10), 1)

    x = index * step
    return Bar(
        x=round(x + GAP / 2, 1),
        middle=round(x + step / 2, 1),
        y=round(full - height, 1),
        width=round(step - GAP, 1),
        height=round(height, 1),
        low=at(low),
        high=at(high),
        words=words,
    )
