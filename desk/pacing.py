"""How campaigns dial: "should be dialing, is not, because ...", and why so many lines an agent now."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts import roles
from core import clock
from core.access import person_of, requires
from dialer import standing_reads
from dialer.standing import Standing
from dialer.standing_reads import CampaignStanding

WORDS = {
    Standing.DIALING: ("Dialing", "good"),
    Standing.CARRIER_DOWN: ("Carrier down", "bad"),
    Standing.SET_UP_MISSING: ("Set-up missing", "bad"),
    Standing.OUTSIDE_HOURS: ("Outside hours", "info"),
    Standing.NO_AGENTS: ("No agents", "warn"),
    Standing.NOBODY_READY: ("Nobody ready", "warn"),
    Standing.LIST_SHORT: ("List too short", "warn"),
    Standing.LIST_DONE: ("List done", "info"),
    Standing.HELD_BY_RULES: ("Held by rules", "bad"),
    Standing.LINES_FULL: ("Lines full", "warn"),
    Standing.CAP_REACHED: ("Cap reached", "bad"),
    Standing.CONTRADICTION: ("Contradiction", "bad"),
    Standing.CAP_NEAR: ("Cap near", "warn"),
    Standing.FEW_AGENTS: ("Few agents", "warn"),
    Standing.DRAINING: ("Draining", "warn"),
    Standing.NO_PACER: ("No pacing process", "bad"),
}
HELD = {
    "nothing": "nothing",
    "one_to_one": "the guard: one to one",
    "bound": "the guard: more could cost more than the budget",
}
WIDTH, HEIGHT = 300, 60  # of the chart's own units


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One running campaign as a page shows it."""

    row: CampaignStanding
    word: str
    tone: str
    has_dropped: bool  # it dials otherwise than was chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The lines an agent of the last minutes, as points of an SVG."""

    points: str
    last_x: str
    last_y: str
    top: float  # lines an agent at its upper edge
    one_y: str  # where one line an agent is


def lines(rows: Sequence[CampaignStanding]) -> list[Line]:
    """Return campaigns with the words and tones of their standing."""
    return [
        Line(
            row=row,
            word=WORDS[row.standing][0],
            tone=WORDS[row.standing][1],
            has_dropped=row.mode != row.chosen,
        )
        for row in rows
    ]


@require_GET
@requires(roles.WATCH_FLOOR)
def floor_campaigns(request: HttpRequest) -> HttpResponse:
    """Return how every running campaign stands, as a part of the floor."""
    now = clock.now()
    context = {"campaigns": lines(standing_reads.standings(now=now)), "now": now}
    return render(request, "desk/_standings.html", context)


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
def campaign_pacing(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Return the part of one campaign's page; empty where it does not run."""
    now = clock.now()
    found = lines(standing_reads.standings(now=now, campaign_id=campaign_id))
    if not found:
        return HttpResponse("")
    [one] = found
    url, link = _mend(request, one.row)
    context = {
        "line": one,
        "decision": one.row.decision,
        "held": HELD[one.row.decision.held] if one.row.decision else "",
        "chart": chart(standing_reads.line(campaign_id, now=now)),
        "minutes": int(standing_reads.SHOWN.total_seconds() / 60),
        "mend_url": url,
        "mend_link": link,
        "now": now,
    }
    return render(request, "desk/_campaign_pacing.html", context)


def chart(points: Sequence[tuple[float, float]]) -> Chart | None:
    """Return the drawing of a line, None where there is nothing to draw."""
    if len(points) < 2:
        return None
    top = max(2.0, *(value for _, value in points)) * 1.1

    def y(value: float) -> str:
        return f"{HEIGHT * (1 - value / top):.1f}"

    return Chart(
        points=" ".join(f"{WIDTH * share:.1f},{y(value)}" for share, value in points),
        last_x=f"{WIDTH * points[-1][0]:.1f}",
        last_y=y(points[-1][1]),
        top=top,
        one_y=y(1.0),
    )


def _mend(request: HttpRequest, row: CampaignStanding) -> tuple[str, str]:
    """Return where what keeps it from dialing is mended, and the words of the link; nothing where there is no such page."""
    person = person_of(request)
    match row.standing:
        case Standing.SET_UP_MISSING:
            return reverse("campaign-edit", args=[row.campaign_id]), "The campaign’s settings"
        case Standing.NO_AGENTS:
            return "#agents", "Its agents"
        case Standing.NOBODY_READY | Standing.FEW_AGENTS if person.may(roles.WATCH_FLOOR):
            return reverse("floor"), "The floor"
        case Standing.LIST_SHORT | Standing.LIST_DONE if person.may(roles.MANAGE_LISTS):
            return reverse("list-import"), "Import people"
        case Standing.HELD_BY_RULES:
            return "#waterfall", "Who can be called now, and what holds the rest"
        case Standing.CARRIER_DOWN | Standing.LINES_FULL if person.may(roles.WATCH_CARRIER):
            return reverse("carrier"), "The carrier"
        case _:
            return "", ""
