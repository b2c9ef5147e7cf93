"""What the chance of an answer is fitted to, and whether it is better than the plain average."""

import math

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import roles
from campaigns.besttime import FACTORS
from core.access import requires
from dialer import best_time_reads
from dialer.best_time_reads import FitRow

NAMES = {
    "hour": "Hour",
    "weekday": "Weekday",
    "area": "State",
    "line": "Kind of number",
    "tries": "Earlier tries",
}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHOWN = 8  # of the states and hours that add or take most


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
def page(request: HttpRequest) -> HttpResponse:
    """Show the newest fit, what it says, and every fit before it."""
    fits = best_time_reads.list_fits()
    context = {
        "newest": fits[0] if fits else None,
        "fits": fits,
        "factors": _factors(fits[0]) if fits else [],
    }
    return render(request, "desk/best_time.html", context)


def _factors(fit: FitRow) -> list[tuple[str, list[tuple[str, float]]]]:
    """Return each factor with its strongest levels, as percent by which they change the odds of an answer."""
    found = []
    for factor in FACTORS:
        terms = fit.model.terms.get(factor, {})
        strongest = sorted(terms, key=lambda level: (-abs(terms[level]), level))[:SHOWN]
        ordered = sorted(strongest, key=lambda level: -terms[level])
        found.append(
            (NAMES[factor], [(_words(factor, level), _percent(fit, factor, level)) for level in ordered])
        )
    return found


def _percent(fit: FitRow, factor: str, level: str) -> float:
    return 100 * (math.exp(fit.model.term(factor, level)) - 1)


def _words(factor: str, level: str) -> str:
    match factor:
        case "hour":
            return f"{int(level):02d}:00 to {(int(level) + 1) % 24:02d}:00"
        case "weekday":
            return DAYS[int(level)]
        case _:
            return level or "not known"
