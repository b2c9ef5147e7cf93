"""The script on the desk: one step at a time, and how a version fared on its page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts import roles
from campaigns import cards
from campaigns.scripting import running
from campaigns.scripting.flow import Kind, Node
from campaigns.scripting.render import Piece
from campaigns.scripting.render import render as render_text
from core import clock
from core.access import person_of, requires
from core.errors import AppError, NotFound, Stale
from desk.script_chart import chart_of
from dialer import script_reads
from dialer import selectors as dialer
from dialer.services import agents, script_runs


@dataclass(frozen=True, slots=True)
class ScriptPart:
    """One step as the desk shows it."""

    number: int  # its place on this call; what an answer refers to
    title: str
    paragraphs: Sequence[Sequence[Piece]]
    ways: Sequence[str]
    can_go_back: bool
    is_end: bool
    is_stepwise: bool
    trail: Sequence[tuple[str, str]]


def part_of(card: cards.LeadCard, agent_name: str, call_id: int | None, *, caller_id: str = "") -> ScriptPart:
    """Return the step the card's script stands at. One query where a call is there and the script has steps."""
    facts = card.facts(agent_name, caller_id=caller_id)
    run = script_reads.run_of(call_id) if call_id and card.is_stepwise else None
    if run is None:
        return _part(
            running.begin(card.script, facts), facts, number=1, trail=(), is_stepwise=card.is_stepwise
        )
    return _part(run.flow.node(run.node), facts, number=run.number, trail=run.trail, is_stepwise=True)


def _part(
    node: Node | None,
    facts: Mapping[str, str],
    *,
    number: int,
    trail: Sequence[tuple[str, str]],
    is_stepwise: bool,
) -> ScriptPart:
    return ScriptPart(
        number=number,
        title=node.title if node else "",
        paragraphs=render_text(node.text, facts) if node else (),
        ways=[words for words, _ in node.ways] if node and is_stepwise else (),
        can_go_back=bool(trail),
        is_end=node is not None and node.kind is Kind.END,
        is_stepwise=is_stepwise,
        trail=trail,
    )


@require_http_methods(["GET", "POST"])
@requires(roles.WORK_DESK)
def script_part(request: HttpRequest) -> HttpResponse:
    """Take a way on from the step shown, and return the step that follows; a refusal comes with the step as it stands."""
    user = request.user
    name = user.display_name  # type: ignore[union-attr]  # our user
    said, suggests = "", ""
    if request.method == "POST":
        tab = request.headers.get("X-Desk-Tab", "")[:32]
        try:
            agents.require_tab(user_id=person_of(request).id, tab=tab)
            suggests = script_runs.go(
                user_id=person_of(request).id,
                number=_number(request.POST.get("number", "")),
                way="back" if request.POST.get("way") == "back" else _number(request.POST.get("way", "")),
                agent_name=name,
                now=clock.now(),
            )
        except (Stale, AppError, running.NoWay) as refusal:
            said = str(refusal)
    response = render(request, "desk/_script.html", {"part": _present(person_of(request).id, name)})
    triggers: dict[str, object] = {}
    if said:
        triggers["parley:say"] = {"text": said, "tone": "warn"}
    if suggests:
        triggers["desk:suggest"] = {"code": suggests}
    if triggers:
        response["HX-Trigger"] = json.dumps(triggers)
    return response


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
def script_figures(request: HttpRequest, version_id: int) -> HttpResponse:
    """How one version of a script fared: a part of its page."""
    try:
        figures = script_reads.figures_of(version_id)
    except NotFound as missing:
        return HttpResponse(missing.public_message, status=404, content_type="text/plain; charset=utf-8")
    return render(request, "desk/_script_figures.html", {"figures": figures, "chart": chart_of(figures)})


def _present(user_id: int, agent_name: str) -> ScriptPart | None:
    session = dialer.live_session(user_id)
    if session is None or session.campaign_lead_id is None:
        return None
    call = dialer.get_call(session.call_id) if session.call_id else None
    return part_of(
        cards.lead_card(session.campaign_lead_id),
        agent_name,
        session.call_id,
        caller_id=call.caller_id if call else "",
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
