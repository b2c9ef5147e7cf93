"""Long work that was started on these pages: how far it is, what came of it, and stopping it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from compliance import jobs, pages
from compliance.pages.tables import Link, url
from compliance.views.common import MANAGE, VIEW, decide, found_or_404
from core import background, clock
from core.access import requires
from core.background import JobFacts

# Where the page stands, its heading, and where what was made is seen.
PLACES = {
    jobs.RUN_REPLAY: (pages.Tab(top="rules", sub="replays"), "Replay"),
    jobs.IMPORT_REGISTRY: (pages.Tab(top="registry", sub="copies"), "Registry copy"),
}


@require_GET
@requires(VIEW)
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Show one piece of long work."""
    found = _job(job_id)
    tab, heading = PLACES[found.task]
    return render(request, "compliance/job.html", {**_context(found), "tab": tab, "heading": heading})


@require_GET
@requires(VIEW)
def job_progress(request: HttpRequest, job_id: int) -> HttpResponse:
    """Return the part of the page that moves; at its end, tell the page to load anew."""
    found = _job(job_id)
    response = render(request, "_job.html", _context(found))
    if found.is_final:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@requires(MANAGE)
def stop_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Ask that it be stopped."""
    found = _job(job_id)

    def act() -> str:
        background.stop(found.id, by=request.user.get_username(), now=clock.now())
        return "It is being stopped."

    return decide(request, act, then=reverse("compliance-job", args=[found.id]))


def _job(job_id: int) -> JobFacts:
    found: JobFacts = found_or_404(lambda: background.get_job(job_id, tasks=jobs.LONG_WORK))
    return found


def _context(found: JobFacts) -> dict[str, Any]:
    return {
        "job": found,
        "links": _links(found),
        "progress_url": reverse("compliance-job-progress", args=[found.id]),
        "stop_url": reverse("compliance-job-stop", args=[found.id]),
    }


def _links(found: JobFacts) -> tuple[Link, ...]:
    """The ways on: what was made, and the list it stands in."""
    if found.task == jobs.RUN_REPLAY:
        listed = Link(words="All replays", href=url("compliance-replays"))
        if found.result_ref:
            return (
                Link(
                    words="See what would change",
                    href=url("compliance-replay", found.result_ref),
                    key="o",
                ),
                listed,
            )
        return (listed,)
    if found.task == jobs.IMPORT_REGISTRY:
        return (Link(words="All copies", href=url("compliance-registry"), key="o"),)
    raise Http404("There is no such work.")
