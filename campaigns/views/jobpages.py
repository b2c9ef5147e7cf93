"""What the pages of background work share: the part that moves, and the button that stops it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from core import background, clock, db
from core.access import person_of
from core.errors import AppError, NotFound


def progress(request: HttpRequest, context: dict[str, Any]) -> HttpResponseBase:
    """Return the part of the page that moves; at its end, tell the page to load anew. `context` has the `job`."""
    response = render(request, "_job.html", context)
    if context["job"].is_final:
        response["HX-Refresh"] = "true"
    return response


def stop(request: HttpRequest, job_id: int, *, tasks: frozenset[str]) -> None:
    """Ask that a job of these tasks be stopped, and leave a message on what came of it. Raises NotFound for any other."""
    background.get_job(job_id, tasks=tasks)
    try:
        with db.use_case():
            background.stop(job_id, by=person_of(request).username, now=clock.now())
        messages.success(request, "It is being stopped.")
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, str(refused))
