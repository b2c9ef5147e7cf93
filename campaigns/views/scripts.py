"""Scripts: a list, and a builder with the outline, one step, and what the agent will see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import roles
from campaigns.script_forms import NewScriptForm, NodeForm, SettingsForm
from campaigns.scripting import checking, running
from campaigns.scripting.flow import KIND_NAMES, Kind, Node
from campaigns.scripting.render import MERGE_FIELDS, Piece
from campaigns.scripting.render import render as render_text
from campaigns.selectors import customfields
from campaigns.selectors import scripts as read
from campaigns.services import scripts as services
from campaigns.views.errors import not_found_is_404
from core import clock
from core.access import person_of, requires
from core.errors import NotFound, Stale

_BUILT_IN = [(f"{{{name}}}", meaning) for name, meaning in MERGE_FIELDS.items()]


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """One step in the outline: its name, what it does, and how many things are wrong with it."""

    code: str
    title: str
    kind: str
    wrong: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """A step as the agent will see it: its ways on lead to (words, step)."""

    title: str
    paragraphs: Sequence[Sequence[Piece]]
    ways: Sequence[tuple[str, str]]
    ends: bool


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
def scripts(request: HttpRequest) -> HttpResponseBase:
    """Show all scripts."""
    return render(request, "campaigns/scripts.html", {"scripts": read.list_scripts()})


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
def script_new(request: HttpRequest) -> HttpResponseBase:
    """Ask what a new script is for, or begin its draft."""
    form = NewScriptForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        by_name = person_of(request).username
        try:
            script_id = services.create_script(**form.cleaned_data, by_name=by_name, now=clock.now())
        except services.ScriptRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "A draft is begun: it says who calls. Nobody reads it before it is published."
            )
            return redirect("script", script_id=script_id)
    return render(request, "campaigns/script_new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def script(request: HttpRequest, script_id: int) -> HttpResponseBase:
    """Show the builder at one step, or store that step; without a draft, what was published."""
    facts, draft = read.get_script(script_id), read.get_draft(script_id)
    if draft is None:
        return render(request, "campaigns/script.html", {"facts": facts})
    own = customfields.names()
    node = draft.flow.node(request.GET.get("node", "")) or draft.flow.nodes[0]
    asked: dict[str, Any] = {
        "flow": draft.flow,
        "code": node.code,
        "results": read.list_result_codes(),
        "own": own,
    }
    initial = {**NodeForm.initial_of(node), "revision": draft.revision}
    form = NodeForm(request.POST if request.method == "POST" else None, initial=initial, **asked)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_node(
                script_id=script_id,
                revision=form.cleaned_data["revision"],
                node=form.as_node(),
                by_name=person_of(request).username,
                now=clock.now(),
            )
        except services.ScriptRefused as refusal:
            form.add_error(None, refusal.public_message)
        except Stale as newer:
            # The writer has been told: the next save is meant to follow what they are told of.
            typed = request.POST.copy()
            typed["revision"] = str(draft.revision)
            form = NodeForm(typed, initial=initial, **asked)
            form.add_error(None, newer.public_message)
        else:
            messages.success(request, f"“{form.cleaned_data['title']}” is saved in the draft.")
            return redirect(_at(script_id, node.code, request.GET.get("lead", "")))
    context = {
        "facts": facts,
        "draft": draft,
        "node": node,
        "form": form,
        **_around(request, draft, node, own),
    }
    return render(request, "campaigns/script.html", context, status=422 if form.errors else 200)


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def script_act(request: HttpRequest, script_id: int, action: str) -> HttpResponseBase:
    """Open a draft, add, move or take out a step, keep what the script is for, or publish."""
    code = request.POST.get("node", "")
    about: dict[str, Any] = {
        "script_id": script_id,
        "by_name": person_of(request).username,
        "now": clock.now(),
    }
    seen = {**about, "revision": _number(request.POST.get("revision", ""))}
    acts: dict[str, Callable[[], object]] = {
        "open": lambda: services.open_draft(**about),
        "add": lambda: services.add_node(kind=request.POST.get("kind", ""), after=code, **seen),
        "up": lambda: services.move_node(code=code, up=True, **seen),
        "down": lambda: services.move_node(code=code, up=False, **seen),
        "remove": lambda: services.remove_node(code=code, **seen),
        "settings": lambda: services.save_settings(
            purpose=request.POST.get("purpose", ""), states=request.POST.getlist("states"), **seen
        ),
        "publish": lambda: services.publish(**seen),
    }
    if action not in acts:
        raise NotFound("There is no such action.")
    try:
        done = acts[action]()
    except (services.ScriptRefused, Stale) as refusal:
        messages.error(request, refusal.public_message)
    else:
        if action == "publish":
            messages.success(request, "The version is published. Campaigns keep the version they chose.")
        code = str(done) if action == "add" else code
    return redirect(_at(script_id, code, request.POST.get("lead", "")))


def _around(
    request: HttpRequest, draft: read.DraftFacts, node: Node, own: Mapping[str, str]
) -> Mapping[str, object]:
    """Return what stands around the form: outline, preview, findings, paths."""
    found = checking.problems(draft.flow, own)
    judged = services.judge(draft.flow, purpose=draft.purpose, states=draft.states, now=clock.now())
    ways, is_all = checking.paths(draft.flow)
    samples = read.list_samples()
    sample = next((one for one in samples if one.key == request.GET.get("lead")), samples[0])
    outline = [
        OutlineRow(
            one.code,
            one.title,
            one.kind.value,
            sum(problem.node == one.code for problem in found)
            + sum(problem.where == f"node {one.title}" for problem in judged),
            one.code == node.code,
        )
        for one in draft.flow.nodes
    ]
    return {
        "outline": outline,
        "problems": found,
        "judged": judged,
        "blocking": len(found) + sum(not problem.needs_review for problem in judged),
        "paths": ways,
        "all_paths": is_all,
        "samples": samples,
        "sample": sample,
        "preview": _preview(draft, node, read.facts_of(sample, seller=settings.SELLER_NAME)),
        "fields": [*_BUILT_IN, *((f"{{{name}}}", label) for name, label in own.items())],
        "kinds": KIND_NAMES.items(),
        "settings_form": SettingsForm(
            initial={"purpose": draft.purpose, "states": draft.states, "revision": draft.revision}
        ),
    }


def _preview(draft: read.DraftFacts, node: Node, facts: Mapping[str, str]) -> Preview:
    """Return the step as an agent with this lead would see it; a condition shows what it leads to."""
    shown = running.shown(draft.flow, node.code, facts)
    if shown is None:
        return Preview("Nothing", [], [], ends=False)
    return Preview(shown.title, render_text(shown.text, facts), shown.ways, ends=shown.kind is Kind.END)


def _at(script_id: int, code: str, lead: str) -> str:
    place = {name: value for name, value in (("node", code), ("lead", lead)) if value}
    return reverse("script", args=[script_id]) + (f"?{urlencode(place)}" if place else "")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
