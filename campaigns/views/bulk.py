"""Doing one thing to many people: whom and what, a preview in numbers, the work under way, and undoing it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import roles
from campaigns import jobs
from campaigns.people_query import PeopleQuery, read_query
from campaigns.segments import tree
from campaigns.segments.tree import ALL, Group
from campaigns.selectors import browsing, lists, matching
from campaigns.selectors import bulk as read
from campaigns.selectors import segments as segments_read
from campaigns.services import bulk
from campaigns.services.bulk import VERB, BulkRefused, Order
from campaigns.views import jobpages
from campaigns.views.errors import not_found_is_404
from campaigns.views.people import wanted_of
from core import background, clock
from core.access import person_of, requires
from core.errors import AppError

PART = "bulk-part"
CHOSEN = {VERB.ADD_TO_LIST: "list", VERB.REMOVE_FROM_LIST: "list", VERB.UNTAG: "tag"}
TYPED = {
    VERB.TAG: ("Tag", "One that is not there yet is made.", 60),
    VERB.ASSIGN_OWNER: ("Owner", "The name as it stands in the CRM. The CRM itself is not changed.", 120),
    VERB.DO_NOT_CALL: ("Why", "Kept as evidence with each number, and shown to compliance officers.", 200),
}


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def people_bulk(request: HttpRequest, list_id: int | None = None) -> HttpResponseBase:
    """Choose what is done to the people the address means, see how many it would change, and start it."""
    query = read_query(request.GET)
    now = clock.now()
    wanted = wanted_of(query, list_id=list_id)
    told = request.POST
    order = Order(verb=told.get("verb", ""), argument=told.get("argument", ""), wanted=wanted)
    problem, changed = "", None
    if told.get("act") == "start" and order.verb == VERB.DO_NOT_CALL and told.get("agreed") != "yes":
        problem = "Tick that their numbers are refused for good, or choose something else to do."
    elif told.get("act") == "start":
        try:
            job_id = bulk.start(order, by=person_of(request).username, now=now)
        except BulkRefused as refused:
            problem = str(refused)
        else:
            return redirect("bulk-job", job_id=job_id)
    if order.verb and order.argument.strip() and not problem:
        try:
            changed = bulk.count_changed(order, now=now)
        except BulkRefused as refused:
            problem = str(refused)
    context = {
        "query": query,
        "people": browsing.exact_count(wanted, now=now),
        "whom": _whom(query, list_id),
        "order": order,
        "verbs": VERB.choices,
        **_argument(order.verb),
        "changed": changed,
        "problem": problem,
        "part": PART,
        "back_url": _back(query.encoded, list_id),
        "recent": read.recent_actions(),
    }
    is_part = request.headers.get("HX-Target") == PART
    template = "campaigns/_bulk_part.html" if is_part else "campaigns/bulk.html"
    return render(request, template, context, status=422 if problem and told.get("act") else 200)


@require_GET
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def job(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """Show how far an action is, and once it is done the way back."""
    return render(request, "campaigns/job.html", _job_context(job_id))


@require_GET
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def job_progress(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """Return the part of the page that moves; at its end, tell the page to load anew."""
    return jobpages.progress(request, _job_context(job_id))


@require_POST
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def stop_job(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """Ask that it be stopped."""
    jobpages.stop(request, job_id, tasks=jobs.LONG_WORK)
    return redirect("bulk-job", job_id=job_id)


@require_POST
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def undo(request: HttpRequest, action_id: int) -> HttpResponseBase:
    """Put back what an action changed."""
    facts = read.get_action(action_id)
    try:
        people = bulk.undo(action_id=action_id, by=person_of(request).username, now=clock.now())
        messages.success(request, f"“{facts.said}” is undone for {people:,} people.")
    except AppError as refused:
        messages.error(request, str(refused))
    return redirect("bulk-job", job_id=facts.job_id) if facts.job_id else redirect("all-people")


def _argument(verb: str) -> dict[str, Any]:
    """What the form asks for beside the verb."""
    if verb in TYPED:
        label, help_text, most = TYPED[VERB(verb)]
        return {"label": label, "help_text": help_text, "most": most, "choices": None}
    if verb in CHOSEN:
        kind = CHOSEN[VERB(verb)]
        found = matching.current_catalogue()[kind].choices
        return {"label": kind.capitalize(), "choices": list(found.items())}
    return {"label": "", "choices": None}


def _whom(query: PeopleQuery, list_id: int | None) -> str:
    parts = [f"on the list “{lists.get_list(list_id).name}”"] if list_id is not None else []
    if query.segment_id is not None:
        parts.append(f"in the segment “{segments_read.get_segment(query.segment_id).name}”")
    if query.search:
        parts.append(f"found by “{query.search}”")
    if query.conditions:
        parts.append(f"of whom: {tree.words(Group(ALL, query.conditions), matching.current_catalogue())}")
    return "; ".join(parts) if parts else "everybody there is"


def _back(encoded: str, list_id: int | None) -> str:
    path = reverse("all-people") if list_id is None else reverse("list", args=[list_id])
    return f"{path}?{encoded}" if encoded else path


def _job_context(job_id: int) -> dict[str, Any]:
    found = background.get_job(job_id, tasks=jobs.LONG_WORK)
    action = read.action_of_job(job_id)
    return {
        "job": found,
        "action": action,
        "links": [{"href": reverse("all-people"), "words": "All people", "key": "o"}],
        "progress_url": reverse("bulk-job-progress", args=[job_id]),
        "stop_url": reverse("bulk-job-stop", args=[job_id]),
    }
