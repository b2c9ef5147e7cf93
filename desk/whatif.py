"""What if: a campaign's forecast before its launch, two scenarios side by side. Everything asked for stands in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import roles
from campaigns.selectors import campaigns as campaigns_read
from campaigns.views.errors import not_found_is_404
from core import clock
from core.access import requires
from core.errors import AppError, NotFound
from desk import whatif_charts
from dialer.forecasts import answer, asking, running
from dialer.forecasts.asking import AGAINST, Ask, B, Side, Wrong
from dialer.forecasts.held import Standing, standing
from dialer.forecasts.running import Progress
from dialer.whatif.fields import FIELDS, MODES
from dialer.whatif.inputs import Field
from dialer.whatif.plan import ORDERS, hours_of
from dialer.whatif.words import differences, remarks
from dialer.why import counting

GROUPS: Mapping[str, Sequence[str]] = {
    "Team and days": (
        "agents", "opens", "closes", "days", "breaks", "works_from", "works_until", "break_rate", "begins", "finish_by",
    ),
    "Dialing": (
        "mode", "ratio", "cap", "detection", "ring_seconds", "attempts", "per_number", "per_day", "per_person", "order", "cps",
    ),
    "People": (
        "leads", "zones", "answer_rate", "machine_rate", "busy_rate", "failed_rate", "talk_seconds", "wrap_seconds",
        "reading_seconds", "callback_rate", "callback_days",
    ),
}  # fmt: skip
CHOICES: Mapping[str, Sequence[tuple[str, str]]] = {
    "mode": [(mode, mode.capitalize()) for mode in MODES],
    "detection": [("on", "On"), ("off", "Off")],
    "order": list(
        zip(ORDERS, ("Who is due longest", "Where the hours end soonest", "From east to west"), strict=True)
    ),
}
OF = "b_of"  # the campaign whose values stood in B's column
CANCELLED = "The forecast was cancelled before it was done. Ask again to have it made."
AGAIN = 1  # seconds after which to ask again


class _Counting(AppError):
    """The list is being counted; the text says how it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One cell of the form."""

    name: str
    value: str
    problem: str
    choices: Sequence[tuple[str, str]]  # what is sent, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the form: an input for each scenario, and where their figures come from."""

    field: Field
    a: Input
    b: Input
    source: str
    source_b: str  # where it is another


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def what_if(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Show the form with everything filled in, and under it what comes of it."""
    facts = campaigns_read.get_campaign(campaign_id)
    given = _given(request)
    context: dict[str, object] = {
        "facts": facts,
        "against": given.get(AGAINST, ""),
        "others": [one for one in campaigns_read.list_names() if one.id != campaign_id],
    }
    try:
        ask, wrong = asking.ask(campaign_id, given, standing_of=_standing_of, now=clock.now())
    except NotFound:
        raise
    except AppError as why:
        context |= {"is_counting": isinstance(why, _Counting), "trouble": why.public_message}
        return render(request, "desk/what_if.html", context)
    rates = [_row(field, ask, wrong, given) for field in _hours(ask, wrong)]
    context |= {
        "groups": [(name, [_row(field, ask, wrong, given) for field in names]) for name, names in GROUPS.items()],
        "rates": rates,
        "has_rates": any(each.value or each.problem for row in rates for each in (row.a, row.b)),
        "wrong": wrong,
        "hours": whatif_charts.hours(ask.a.own.hours),
        "as_of": ask.a.own.standing.as_of,
    }  # fmt: skip
    if not wrong:
        context |= _result(ask, running.begin(ask))
    return render(request, "desk/what_if.html", context, status=422 if wrong else 200)


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
def what_if_result(request: HttpRequest, campaign_id: int, key: str) -> HttpResponse:
    """Return how far a question is, and once it is done the figures in place of the whole part that waits for them."""
    ask = _kept(campaign_id, key)
    made = running.progress(ask)
    if not made.is_done and not made.is_cancelled:
        # Only the count is drawn anew, so that the button beside it keeps the focus.
        context = {"made": made, "campaign_id": campaign_id, "key": running.keep(ask)}
        return render(request, "desk/_what_if_runs.html", context)
    response = render(request, "desk/_what_if.html", _result(ask, made))
    response["HX-Retarget"] = "#what-if-result"
    return response


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
def what_if_cancel(request: HttpRequest, campaign_id: int, key: str) -> HttpResponse:
    """Stop what is being made of a question, and return what is known of it, as a part of the page."""
    ask = _kept(campaign_id, key)
    running.cancel(ask)
    return render(request, "desk/_what_if.html", _result(ask, running.progress(ask)))


@require_http_methods(["GET", "DELETE"])
@requires(roles.MANAGE_CAMPAIGNS)
def what_if_api(request: HttpRequest, campaign_id: int) -> JsonResponse:
    """Answer as the command does: 200 done, 202 with `next` to ask again while it is made, 400 with everything wrong, 404.

    DELETE of a `next` cancels what is being made; who asks for it then is told so, with 410.
    """
    if request.method == "DELETE":
        return _cancelled(request, campaign_id)
    try:
        ask, wrong = _asked(request, campaign_id)
    except NotFound as missing:
        return JsonResponse({"state": "missing", "text": missing.public_message}, status=404)
    except _Counting as why:
        body = {"state": "counting", "text": why.public_message, "next": request.get_full_path()}
        return _again(body)
    except AppError as why:
        return JsonResponse({"state": "impossible", "text": why.public_message}, status=409)
    if wrong:
        return JsonResponse(answer.problems(wrong), status=400)
    made = running.progress(ask) if "key" in request.GET else running.begin(ask)
    if made.is_done:
        return JsonResponse(answer.answer(ask, made))
    if made.is_cancelled:
        return JsonResponse({"state": "cancelled", "text": CANCELLED}, status=410)
    address = f"{reverse('campaign-what-if-json', args=[campaign_id])}?key={running.keep(ask)}"
    return _again({"state": "playing", "done": made.done, "of": made.of, "next": address})


def _kept(campaign_id: int, key: str) -> Ask:
    """Return a question of a campaign by its key. Raises Http404."""
    ask = running.kept(key)
    if ask is None or ask.a.own.campaign_id != campaign_id:
        raise Http404("This question is not kept any more. Load the page again.")
    return ask


def _cancelled(request: HttpRequest, campaign_id: int) -> JsonResponse:
    ask = running.kept(request.GET.get("key", ""))
    if ask is None or ask.a.own.campaign_id != campaign_id:
        text = "No forecast is kept under this key: cancel by the address told as “next”."
        return JsonResponse({"state": "missing", "text": text}, status=404)
    if not running.cancel(ask):
        text = "Nothing is being made of this question: its forecast is done, or was cancelled already."
        return JsonResponse({"state": "idle", "text": text}, status=409)
    return JsonResponse({"state": "cancelled", "text": CANCELLED})


def _asked(request: HttpRequest, campaign_id: int) -> tuple[Ask, list[Wrong]]:
    """Return the question of the address: the kept one of its key, so that it stays the same while it is made, or a new one."""
    ask = running.kept(request.GET.get("key", ""))
    if ask is not None and ask.a.own.campaign_id == campaign_id:
        return ask, []
    return asking.ask(campaign_id, _texts(request, without="key"), standing_of=_standing_of, now=clock.now())


def _texts(request: HttpRequest, *, without: str) -> dict[str, str]:
    return {name: str(text) for name, text in request.GET.items() if name != without}


def _again(body: Mapping[str, object]) -> JsonResponse:
    response = JsonResponse(body, status=202)
    response["Retry-After"] = str(AGAIN)
    return response


def _given(request: HttpRequest) -> dict[str, str]:
    """Return what the form sent; of B nothing where its column still shows another campaign's values."""
    given = _texts(request, without=OF)
    if OF in request.GET and request.GET[OF] != given.get(AGAINST, ""):
        given = {name: text for name, text in given.items() if not name.startswith(B)}
    return given


def _standing_of(campaign_id: int) -> Standing:
    """Return the list as the gate sees it. Raises NotFound, _Counting, AppError with what makes counting impossible."""
    count = counting.latest(campaign_id, now=clock.now())
    if count.problem:
        raise AppError(count.problem)
    if count.found is None:
        raise _Counting(
            "The people on its lists are being asked about by every rule; a large list takes some seconds."
        )
    return standing(count.found)


def _hours(ask: Ask, wrong: Sequence[Wrong]) -> list[str]:
    """Return the inputs of the hours in which a team is at work, and of those with something wrong."""
    sides = [ask.a, *([ask.b] if ask.b else [])]
    hours = {f"answer_rate_{hour:02}" for side in sides for hour in hours_of(side.plan)}
    hours |= {f"answer_rate_{hour:02}" for side in sides for hour, _ in side.plan.entered_hours}
    told = {each.problem.field for each in wrong}
    return [
        each.name for each in FIELDS if each.name.startswith("answer_rate_") and each.name in hours | told
    ]


def _row(name: str, ask: Ask, wrong: Sequence[Wrong], given: Mapping[str, str]) -> Row:
    [field] = [each for each in FIELDS if each.name == name]
    b = ask.b or ask.a

    def cell(side: Side, scenario: str, prefix: str) -> Input:
        problem = next(
            (e.problem.text for e in wrong if e.scenario == scenario and e.problem.field == name), ""
        )
        # What nobody could read stays as it was typed.
        value = given.get(prefix + name, field.show(side.plan)) if problem else field.show(side.plan)
        return Input(name=prefix + name, value=value, problem=problem, choices=CHOICES.get(name, ()))

    source, source_b = ask.a.source(name), b.source(name)
    return Row(
        field=field,
        a=cell(ask.a, "a", ""),
        b=cell(b, "b", B),
        source=source,
        source_b="" if source_b == source else source_b,
    )


def _result(ask: Ask, made: Progress) -> dict[str, object]:
    sides = [(ask.a, made.a), *([(ask.b, made.b)] if ask.b else [])]
    context: dict[str, object] = {
        "campaign_id": ask.a.own.campaign_id,
        "key": running.keep(ask),
        "made": made,
        "two": ask.b is not None,
        "nobody": [(letter, side.nobody) for letter, (side, _) in zip("AB", sides, strict=False) if side.nobody],
        "held": [
            (letter, side.own, whatif_charts.held(side.own.standing))
            for letter, (side, _) in zip("AB", sides, strict=False)
            if letter == "A" or side.own.campaign_id != ask.a.own.campaign_id
        ],
    }  # fmt: skip
    if not made.is_done:
        return context
    played = [each for _, each in sides if each]
    return context | {
        "sides": [
            (letter, side, each, remarks(side.plan, each) if each else [])
            for letter, (side, each) in zip("AB", sides, strict=False)
        ],
        "figures": whatif_charts.figures(sides),
        "left": whatif_charts.left(sides),
        "differences": differences(played[0], played[1]) if len(played) == 2 else [],
    }
