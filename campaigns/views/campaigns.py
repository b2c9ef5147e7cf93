"""Campaigns: settings, agents, live figures, and the buttons that move them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import roles
from campaigns.forms import AgentsForm, CampaignForm, ModeForm
from campaigns.forms_plan import NameForm
from campaigns.paging import Cursor, pager
from campaigns.selectors import campaigns as read
from campaigns.selectors import overview
from campaigns.selectors import versions as versions_read
from campaigns.selectors.campaigns import Board, CampaignFacts
from campaigns.selectors.versions import PURPOSE_NAMES
from campaigns.services import campaigns as services
from campaigns.services import dispositions, launching, modes, moves, readiness
from campaigns.services.readiness import Missing, Place
from campaigns.views.errors import not_found_is_404
from campaigns.views.making import campaign_form
from compliance.rules.facts import Purpose
from core import clock
from core.access import person_of, requires
from core.errors import AppError, NotFound


@dataclass(frozen=True, slots=True)
class Move:
    """A button that moves the campaign; `consequence` is asked before, empty where nothing is lost."""

    verb: str
    text: str
    style: str
    icon: str
    consequence: str = ""


@dataclass(frozen=True, slots=True)
class Lack:
    """Something the campaign lacks before it may call, and where it is set."""

    text: str
    url: str
    link: str


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
def campaigns(request: HttpRequest) -> HttpResponseBase:
    """Show all campaigns outside the archive, or inside it."""
    archived = request.GET.get("archive") == "1"
    person = person_of(request)
    context = {
        "rows": [
            (row, _purpose_name(row.purpose))
            for row in overview.list_campaigns(now=clock.now(), archived=archived)
        ],
        "archived": archived,
        "in_archive": overview.count_archived(),
        "waiting": versions_read.waiting_for(person.username),
        "drafts": overview.list_drafts(person.id),
    }
    return render(request, "campaigns/campaigns.html", context)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
def campaign_new(request: HttpRequest) -> HttpResponseBase:
    """Show all settings of a new campaign on one page, or store one as a draft."""
    form = campaign_form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        person, now = person_of(request), clock.now()
        try:
            setup = form.setup(disposition_set_id=dispositions.ensure_default_set(now))
            campaign_id = services.create_campaign(
                setup=setup,
                by_id=person.id,
                by_name=person.username,
                now=now,
                note=form.cleaned_data["note"],
            )
        except moves.CampaignRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The campaign is a draft. Assign agents, then start it.")
            return redirect("campaign", campaign_id=campaign_id)
    return render(request, "campaigns/campaign_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def campaign_edit(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Show all settings of a campaign on one page, or store new ones as its next version."""
    facts, top = read.get_campaign(campaign_id), versions_read.newest(campaign_id)
    started = services.thawed(top.setup)
    initial = {**CampaignForm.initial_of(started), "based_on": top.number}
    form = campaign_form(
        request.POST if request.method == "POST" else None, initial=initial, state=facts.state
    )
    context = {"form": form, "facts": facts, "top": top}
    if request.method == "POST" and form.is_valid():
        # The plans are not on this page: as they were in the version it began from.
        seen = services.thawed(
            versions_read.setup_at(campaign_id, form.cleaned_data["based_on"] or top.number)
        )
        setup = form.setup(
            disposition_set_id=started.disposition_set_id,
            attempt_plan=seen.attempt_plan,
            order_plan=seen.order_plan,
        )
        try:
            saved = services.change_campaign(
                campaign_id=campaign_id,
                setup=setup,
                by_name=person_of(request).username,
                now=clock.now(),
                based_on=form.cleaned_data["based_on"],
                note=form.cleaned_data["note"],
            )
        except services.Overtaken:
            based_on = form.cleaned_data["based_on"] or 1
            on_top = versions_read.rebase(campaign_id, based_on=based_on, ours=services.frozen(setup))
            again = {
                **CampaignForm.initial_of(services.thawed(on_top.setup)),
                "based_on": on_top.number,
                "note": form.cleaned_data["note"],
            }
            context |= {"form": campaign_form(initial=again, state=facts.state), "on_top": on_top}
            return render(request, "campaigns/campaign_form.html", context, status=409)
        except moves.CampaignRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, saved_words(saved))
            return redirect("campaign", campaign_id=campaign_id)
    return render(request, "campaigns/campaign_form.html", context, status=422 if form.errors else 200)


def saved_words(saved: services.Saved) -> str:
    """Return what to say of a change that was stored."""
    if not saved.is_new:
        return f"Nothing was changed: version {saved.number} is the same."
    if saved.waits:
        return f"Version {saved.number} is saved and waits for the approval of a second person. Until then nothing changes."
    return f"The settings are saved as version {saved.number}."


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Show one campaign: figures, agents, settings, and whom it did not call and why."""
    facts, now = read.get_campaign(campaign_id), clock.now()
    board = read.get_board(campaign_id, now=now)
    page = read.list_not_called(campaign_id, Cursor.of(request.GET.get))
    context = {
        "facts": facts,
        "board": board,
        "status": overview.status_of(campaign_id, now=now),
        "reached": overview.conversions_of(campaign_id) if facts.goal else 0,
        "newest": versions_read.newest(campaign_id),
        "name_form": NameForm(initial={"name": f"{facts.name[:110]}, copy"}),
        "moves": _moves(facts, board),
        "lacks": _lacks(request, facts),
        "mode_form": ModeForm(initial={"mode": facts.mode}),
        "purpose": _purpose_name(facts.purpose),
        "agents_form": AgentsForm(
            people=read.list_agents(), initial={"agents": [a.user_id for a in board.agents]}
        ),
        "results": read.list_results(facts.disposition_set_id),
        "not_called": page.rows,
        "page": pager(page, path=request.path, word="leads"),
    }
    return render(request, "campaigns/campaign.html", context)


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def campaign_board(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Return the live figures; tell the page to load anew once the state is not the one it shows."""
    board = read.get_board(campaign_id, now=clock.now())
    response = render(request, "campaigns/_board.html", {"board": board, "campaign_id": campaign_id})
    if request.GET.get("state", board.state) != board.state:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def campaign_agents(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Make the people ticked the campaign's agents."""
    form = AgentsForm(request.POST, people=read.list_agents())
    if not form.is_valid():
        messages.error(request, "One of the people ticked cannot take calls any more. Nothing was changed.")
        return redirect("campaign", campaign_id=campaign_id)

    def assign(campaign_id: int, by_name: str, now: datetime) -> str:
        chosen = form.cleaned_data["agents"]
        services.assign_agents(campaign_id=campaign_id, user_ids=chosen, by_name=by_name, now=now)
        return f"{len(chosen)} agent{'' if len(chosen) == 1 else 's'} assigned."

    return _act(request, campaign_id, assign)


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def campaign_mode(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Dial in the mode chosen from now on."""

    def change(campaign_id: int, by_name: str, now: datetime) -> str:
        chosen = request.POST.get("mode", "")
        changed = modes.change_mode(campaign_id=campaign_id, mode=chosen, by_name=by_name, now=now)
        name = read.get_campaign(campaign_id).mode_text
        return f"It dials {'now' if changed else 'already'} in the mode {name.lower()}."

    return _act(request, campaign_id, change)


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def campaign_move(request: HttpRequest, campaign_id: int, verb: str) -> HttpResponseBase:
    """Start, drain, pause, resume or stop the campaign, take it off its schedule, into the archive or back."""
    if verb not in _MOVES:
        raise Http404(f"There is no act “{verb}”.")
    return _act(request, campaign_id, _MOVES[verb])


def _act(
    request: HttpRequest, campaign_id: int, act: Callable[[int, str, datetime], str]
) -> HttpResponseBase:
    try:
        messages.success(request, act(campaign_id, person_of(request).username, clock.now()))
    except NotFound:
        raise
    except AppError as refusal:
        messages.error(request, refusal.public_message)
        if act is _start:
            return redirect("campaign-review", campaign_id=campaign_id)  # where warnings are read
    return redirect("campaign", campaign_id=campaign_id)


def _start(campaign_id: int, by_name: str, now: datetime) -> str:
    leads = launching.start(campaign_id=campaign_id, by_name=by_name, now=now)
    return f"Started with {leads:,} people to call."


def _pause(campaign_id: int, by_name: str, now: datetime) -> str:
    moves.pause(campaign_id=campaign_id, by_name=by_name, now=now)
    return "Paused. Calls that are up go on; no other lead is offered or dialed."


def _resume(campaign_id: int, by_name: str, now: datetime) -> str:
    added = launching.resume(campaign_id=campaign_id, by_name=by_name, now=now)
    return "Running again." + (f" {added:,} people came onto its lists meanwhile." if added else "")


def _stop(campaign_id: int, by_name: str, now: datetime) -> str:
    moves.stop(campaign_id=campaign_id, by_name=by_name, now=now)
    return "Stopped for good. Calls that are up go on to their end."


def _drain(campaign_id: int, by_name: str, now: datetime) -> str:
    moves.drain(campaign_id=campaign_id, by_name=by_name, now=now)
    return "Draining. Cards that agents have, calls and results are finished, then it pauses by itself."


def _unschedule(campaign_id: int, by_name: str, now: datetime) -> str:
    launching.unschedule(campaign_id=campaign_id, by_name=by_name, now=now)
    return "Off the schedule. It is a draft again and does not start by itself."


def _archive(campaign_id: int, by_name: str, now: datetime) -> str:
    launching.archive(campaign_id=campaign_id, by_name=by_name, now=now)
    return "In the archive. Nothing of it is lost; bring it back from its page."


def _restore(campaign_id: int, by_name: str, now: datetime) -> str:
    launching.restore(campaign_id=campaign_id, by_name=by_name, now=now)
    return "Back from the archive, as it was."


_MOVES: dict[str, Callable[[int, str, datetime], str]] = {
    "start": _start,
    "drain": _drain,
    "pause": _pause,
    "resume": _resume,
    "stop": _stop,
    "unschedule": _unschedule,
    "archive": _archive,
    "restore": _restore,
}


def _lacks(request: HttpRequest, facts: CampaignFacts) -> list[Lack]:
    """Return what keeps the campaign from being started or resumed, each with its page, where the reader may open that."""
    if facts.state not in ("draft", "scheduled", "paused") or facts.archived_at:
        return []
    return [_lack(request, facts, one) for one in readiness.list_missing(facts.id, now=clock.now())]


def _lack(request: HttpRequest, facts: CampaignFacts, missing: Missing) -> Lack:
    person, may = person_of(request), roles.MANAGE_CAMPAIGNS
    match missing.place:
        case Place.SETTINGS:
            url, link = reverse("campaign-edit", args=[facts.id]), "The campaign’s settings"
        case Place.VERSIONS:
            url, link = reverse("campaign-versions", args=[facts.id]), "Its versions"
        case Place.AGENTS:
            url, link = "#agents", "Its agents"
        case Place.LISTS:
            url, link, may = reverse("list-import"), "Import people", roles.MANAGE_LISTS
        case Place.MESSAGES:
            url, link = reverse("messages"), "Recorded messages"
        case Place.CALLERS:
            url, link, may = reverse("compliance-callers"), "Caller IDs", roles.VIEW_COMPLIANCE
        case Place.CARRIER:
            url, link, may = reverse("carrier"), "The carrier", roles.WATCH_CARRIER
    return Lack(missing.text, *((url, link) if person.may(may) else ("", "")))


def _moves(facts: CampaignFacts, board: Board) -> list[Move]:
    archive = Move("archive", "Archive", "", "close")
    if facts.archived_at:
        return [Move("restore", "Bring back", "btn-primary", "play")]
    if facts.state == "stopped":
        return [archive]
    left = board.ready + board.waiting
    stop = Move(
        "stop",
        "Stop campaign",
        "btn-danger",
        "close",
        f"{left:,} people still to call are not called any more, {board.callbacks:,} of them promised a call back. "
        f"{board.held:,} with an agent now are finished. A stopped campaign cannot be started again.",
    )
    if facts.state == "draft":
        return [archive, Move("start", "Start campaign", "btn-primary", "play")]
    if facts.state == "scheduled":
        return [
            Move("unschedule", "Do not start by itself", "", "pause"),
            Move("start", "Start now", "btn-primary", "play"),
        ]
    drain, pause = Move("drain", "Drain", "", "check"), Move("pause", "Pause", "", "pause")
    if facts.state == "running":
        return [drain, pause, stop]
    if facts.state == "draining":
        return [Move("resume", "Resume", "btn-primary", "play"), pause, stop]
    if facts.state == "paused":
        return [Move("resume", "Resume", "btn-primary", "play"), stop]
    return []


def _purpose_name(purpose: str) -> str:
    return PURPOSE_NAMES[Purpose(purpose)]
