"""What if: replays of stored facts under changed rules; and whether the verdicts they read are intact."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from compliance import jobs, pages
from compliance.forms.replays import ReplayForm
from compliance.pages import replays as tables
from compliance.pages.tables import Link, url
from compliance.replay import reading
from compliance.services import long_work
from compliance.store.status import chain_status
from compliance.store.verifying import verify_seals
from compliance.views.common import MANAGE, VIEW, actor_of, found_or_404, may, show_form, show_list, typed
from core import background, clock, db
from core.access import requires

TAB = pages.Tab(top="rules", sub="replays")
IF_BROKEN = (
    "Somebody or something changed verdicts after the gate wrote them. Change and delete nothing. Have the database copied as it "
    "is, run “python manage.py verify_decisions --day” for each day below, compare the last seal with the copy kept elsewhere (the "
    "log has each one as compliance.day.sealed), and tell counsel. A month with a broken day is never dropped."
)


@require_GET
@requires(VIEW)
def replays(request: HttpRequest) -> HttpResponse:
    """Show the replays made, and those under way."""
    under_way = background.open_jobs(tasks=frozenset({jobs.RUN_REPLAY}))
    view = pages.ListPage(
        title="Replays",
        tab=TAB,
        intro="What if a rule had been another? The facts of past verdicts are kept as the gate saw them; a replay decides them again "
        "under changed rules. It changes no verdict and no rule.",
        actions=(Link(words="Start a replay", href=url("compliance-replay-add"), key="n"),)
        if may(request, MANAGE)
        else (),
        tables=((tables.under_way_table(under_way),) if under_way else ())
        + (tables.replays_table(reading.list_replays()),),
    )
    return show_list(request, view)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def add_replay(request: HttpRequest) -> HttpResponse:
    """Ask for the period and the change, and have a worker replay it."""
    now = clock.now()
    today = now.date()
    form = ReplayForm(typed(request), on=today, initial={"since": today.replace(day=1), "last": today})
    view = pages.FormPage(
        title="Start a replay",
        tab=TAB,
        intro=("It changes nothing. Millions of verdicts take minutes; the next page shows how far it is.",),
        button="Start it",
        cancel=reverse("compliance-replays"),
    )
    if request.method != "POST":
        return show_form(request, view, form)
    if form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        order = long_work.ReplayOrder(
            since=given["since"], last=given["last"], edits=given["edits"], campaign_ref=given["campaign_ref"]
        )
        try:
            with db.use_case():
                job_id = long_work.start_replay(order, by=actor_of(request), now=now)
        except long_work.ReplayRefused as error:
            form.add_error(None, error.public_message)
        else:
            return redirect("compliance-job", job_id)
    return show_form(request, view, form, status=422)


@require_GET
@requires(VIEW)
def replay(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show what one replay says, and each verdict that would have been another."""
    found: reading.ReplayChangePage = found_or_404(
        lambda: reading.replay_changes(run_id, after=_after(request))
    )
    run = found.run
    unreadable = len(run.unreadable)
    view = pages.ListPage(
        title=f"Replay {run.id}",
        tab=TAB,
        intro=tables.sentence(run),
        warning=f"{unreadable:,} verdicts could not be read and are in no count; the first is verdict {run.unreadable[0]}."
        if unreadable
        else "",
        stats=(
            pages.Stat(value=f"{run.refused:,}", label="were allowed and would be refused"),
            pages.Stat(value=f"{run.freed:,}", label="were refused and would be allowed"),
            pages.Stat(value=f"{run.changed:,}", label="verdicts would be others"),
            pages.Stat(value=f"{run.verdicts:,}", label=f"verdicts of {tables.period(run)}"),
        ),
        tables=(tables.counts_table(run), *((tables.changes_table(found.rows),) if found.rows else ())),
    )
    page = pages.Pager(
        shown=f"{len(found.rows)} shown" if found.rows else "",
        next_url=f"{request.path}?after={found.next_after}" if found.next_after is not None else "",
        previous_url=request.path if "after" in request.GET else "",
    )
    facts = (
        ("What was otherwise", "; ".join(run.changes)),
        ("Campaign", run.campaign_ref or "all"),
        ("Made by", run.started_by),
    )
    return show_list(request, view, page=page, more={"facts": facts}, template="compliance/replay.html")


@require_GET
@requires(VIEW)
def chain(request: HttpRequest) -> HttpResponse:
    """Show whether the verdicts are intact, how far they are verified and sealed, and what to do about a break."""
    found = chain_status()
    seals = verify_seals()
    is_intact = found.is_intact and not seals
    view = pages.ListPage(
        title="Are the verdicts intact?",
        tab=pages.Tab(top="verdicts", sub="chain"),
        intro="Each verdict is bound by a hash to the one before it, and each day is verified and sealed soon after midnight UTC. Keep "
        "a copy of the last seal’s hash elsewhere: it proves everything before it.",
        warning="" if is_intact else IF_BROKEN,
        stats=(
            pages.Stat(value=_state(found.checked_day is not None, is_intact), label="state of the verdicts"),
            pages.Stat(value=str(len(found.broken_days)), label="days with findings"),
            pages.Stat(value=str(len(found.unsealed_days)), label="days not sealed yet"),
        ),
        tables=(
            *((tables.broken_table(found),) if found.findings else ()),
            tables.months_table(found),
        ),
    )
    facts = tables.chain_facts(found) + tuple(("Seals", problem) for problem in seals)
    return show_list(request, view, more={"facts": facts}, template="compliance/replay.html")


def _state(is_checked: bool, is_intact: bool) -> str:
    if not is_intact:
        return "Broken"
    return "Intact" if is_checked else "Not checked yet"


def _after(request: HttpRequest) -> int | None:
    text = request.GET.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
