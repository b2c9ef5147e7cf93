"""People who are there twice: the list of them, some side by side, merging them and parting them again."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import roles
from campaigns import jobs
from campaigns.merging import GROUNDS, MOST, Order
from campaigns.paging import Cursor, pager
from campaigns.selectors import comparing
from campaigns.selectors import duplicates as read
from campaigns.services import duplicates, merging
from campaigns.services.merging import MergeRefused
from campaigns.views import jobpages
from campaigns.views.errors import not_found_is_404
from core import background, clock
from core.access import person_of, requires
from core.errors import AppError, NotFound

SURE_SHOWN = 100


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
def duplicate_list(request: HttpRequest) -> HttpResponseBase:
    """Show who looks alike, the strongest ground first; or look for them anew."""
    if request.method == "POST":
        job_id = duplicates.start_search(by=person_of(request).username, now=clock.now())
        return redirect("duplicates-job", job_id=job_id)
    ground = request.GET.get("ground", "")
    ground = ground if ground in dict(GROUNDS) else ""
    page = read.list_groups(Cursor.of(request.GET.get), ground=ground)
    context = {
        "found": read.found(),
        "groups": page.rows,
        "page": pager(page, path=request.path, word="groups", ground=ground),
        "ground": ground,
        "recent": read.recent_merges(),
    }
    return render(request, "campaigns/duplicates.html", context)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
def duplicate_group(request: HttpRequest) -> HttpResponseBase:
    """Show some people side by side (?group= of the list, or ?id= twice and more), and merge them or say that they differ."""
    told = request.POST if request.method == "POST" else request.GET
    problem = ""
    try:
        ids, ground = _whom(told)
        if request.method == "POST" and (answer := _acted(request, ids, ground)) is not None:
            return answer
    except NotFound as missing:
        messages.error(request, str(missing))
        return redirect("duplicates")
    except AppError as refused:
        problem = str(refused)
    try:
        comparison = comparing.compare(ids, survivor=_number(told.get("survivor", "")))
    except NotFound as missing:
        messages.error(request, problem or str(missing))
        return redirect("duplicates")
    context = {"it": comparison, "ground": ground, "problem": problem, "group": told.get("group", "")}
    return render(request, "campaigns/duplicate.html", context, status=422 if problem else 200)


def _acted(request: HttpRequest, ids: list[int], ground: str) -> HttpResponseBase | None:
    """Do what was asked for; None where nothing was."""
    by, now = person_of(request).username, clock.now()
    ticked = {_number(text) for text in request.POST.getlist("with")}
    chosen = ids if len(ids) == 2 else [pk for pk in ids if pk in ticked]
    act = request.POST.get("act", "")
    if act == "differ":
        duplicates.say_different(ids=chosen, by=by, now=now)
        messages.success(
            request, "It is kept that they are not the same. They are not shown together any more."
        )
        return _next(request)
    if act != "merge":
        return None
    survivor = _number(request.POST.get("survivor", ""))
    if survivor not in chosen:
        raise MergeRefused("Choose which record stays, one of those that are merged.")
    values = {
        name.removeprefix("take:"): source
        for name, told in request.POST.items()
        if name.startswith("take:") and (source := _number(str(told))) in chosen
    }
    order = Order(
        survivor=survivor,
        merged=[pk for pk in chosen if pk != survivor],
        values=values,
        ground=ground,
        seen=request.POST.get("seen", "") if len(chosen) == len(ids) else "",
    )
    merging.merge(order, by=by, now=now)
    name = read.names_of([survivor])[survivor]
    messages.success(
        request, f"{len(chosen)} records are one person now: {name}. It can be undone under “Merged lately”."
    )
    return _next(request)


def _next(request: HttpRequest) -> HttpResponseBase:
    """Go on with the list where they came from it; else to the person."""
    if request.POST.get("group"):
        return redirect("duplicates")
    there = read.names_of([_number(request.POST.get("survivor", "")) or 0])
    return redirect("contact", contact_id=next(iter(there))) if there else redirect("duplicates")


@require_POST
@requires(roles.MANAGE_LISTS)
def merge_undo(request: HttpRequest, merge_id: int) -> HttpResponseBase:
    """Part the records of a merge again."""
    try:
        merging.undo(merge_id=merge_id, by=person_of(request).username, now=clock.now())
        messages.success(request, "The records are parted again, as they were before.")
    except AppError as refused:
        messages.error(request, str(refused))
    return redirect("duplicates")


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
def duplicates_sure(request: HttpRequest) -> HttpResponseBase:
    """Show about whom there is no doubt, and have them merged."""
    if request.method == "POST":
        try:
            seen = _number(request.POST.get("seen", "")) or 0
            job_id = duplicates.start_sure(seen=seen, by=person_of(request).username, now=clock.now())
        except AppError as refused:
            messages.error(request, str(refused))
            return redirect("duplicates-sure")
        return redirect("duplicates-job", job_id=job_id)
    page = read.list_groups(Cursor.of(request.GET.get), sure=True)
    facts = read.found()
    context = {
        "found": facts,
        "groups": page.rows,
        "page": pager(page, path=request.path, word="groups"),
        "last": read.last_group(),
    }
    return render(request, "campaigns/duplicates_sure.html", context)


@require_GET
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def job(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """Show how far the search, or the merging of many, is."""
    return render(request, "campaigns/duplicates_job.html", _job_context(job_id))


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
    jobpages.stop(request, job_id, tasks=jobs.LONG_DUPLICATES)
    return redirect("duplicates-job", job_id=job_id)


def _job_context(job_id: int) -> dict[str, Any]:
    return {
        "job": background.get_job(job_id, tasks=jobs.LONG_DUPLICATES),
        "links": [{"href": reverse("duplicates"), "words": "Duplicates", "key": "o"}],
        "progress_url": reverse("duplicates-job-progress", args=[job_id]),
        "stop_url": reverse("duplicates-job-stop", args=[job_id]),
    }


def _whom(told: QueryDict) -> tuple[list[int], str]:
    """Whom the page is about, and on what ground they look alike."""
    if group := _number(told.get("group", "")):
        if told.getlist("id"):  # as they were shown, whatever was found since
            return _ids(told), told.get("ground", "")[:12]
        return read.get_group(group)
    if alike := _number(told.get("like", "")):
        return [alike, *read.like(alike)], ""
    return _ids(told), ""


def _ids(told: QueryDict) -> list[int]:
    ids = list(dict.fromkeys(pk for text in told.getlist("id")[: MOST + 1] if (pk := _number(text))))
    return ids[:MOST]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
