"""Sets of results: all of them, one with its results, and the form of a result."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from campaigns.result_forms import ResultForm, SetForm, UseForm
from campaigns.selectors import result_sets as read
from campaigns.services import changes
from campaigns.services import result_sets as services
from campaigns.views.errors import not_found_is_404
from core import clock
from core.access import person_of, requires
from core.errors import AppError, NotFound, Stale


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def result_sets(request: HttpRequest) -> HttpResponseBase:
    """Show all sets, or make one."""
    rows = read.list_sets()
    form = SetForm(request.POST if request.method == "POST" else None, sets=rows)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        by_name = person_of(request).username
        try:
            set_id = services.create_set(
                name=data["name"], copy_of=data["copy_of"], by_name=by_name, now=clock.now()
            )
        except services.ResultRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"The set “{data['name']}” is made. No campaign uses it yet.")
            return redirect("result-set", set_id=set_id)
    return render(
        request,
        "campaigns/result_sets.html",
        {"sets": rows, "form": form},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def result_set(request: HttpRequest, set_id: int) -> HttpResponseBase:
    """Show one set, or have a campaign use it."""
    facts = read.get_set(set_id)
    form = UseForm(request.POST if request.method == "POST" else None, campaigns=facts.could_use)
    if request.method == "POST" and form.is_valid():
        try:
            changes.use_results(
                set_id=set_id,
                campaign_id=form.cleaned_data["campaign"],
                by_name=person_of(request).username,
                now=clock.now(),
            )
        except AppError as refusal:
            form.add_error("campaign", str(refusal))
        else:
            messages.success(request, "The campaign’s agents choose from this set now.")
            return redirect("result-set", set_id=set_id)
    return render(
        request,
        "campaigns/result_set.html",
        {"facts": facts, "form": form},
        status=422 if form.errors else 200,
    )


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def result_set_rename(request: HttpRequest, set_id: int) -> HttpResponseBase:
    """Give the set another name."""
    try:
        services.rename_set(
            set_id=set_id,
            name=request.POST.get("name", "").replace("\x00", ""),
            by_name=person_of(request).username,
            now=clock.now(),
        )
    except services.ResultRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The set has its new name.")
    return redirect("result-set", set_id=set_id)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def result(request: HttpRequest, set_id: int, disposition_id: int | None = None) -> HttpResponseBase:
    """Show the form of a result, or store it."""
    facts = read.get_set(set_id)
    one = None if disposition_id is None else read.get_result(set_id, disposition_id)
    initial = {"revision": facts.revision, **(ResultForm.initial_of(one) if one else {})}
    form = ResultForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_result(
                set_id=set_id,
                disposition_id=disposition_id,
                spec=form.as_spec(),
                revision=form.cleaned_data["revision"],
                by_name=person_of(request).username,
                now=clock.now(),
            )
        except services.ResultRefused as refusal:
            form.add_error(None, str(refusal))
        except Stale as newer:
            # They have been told: the next save is meant to follow what is there now.
            form = ResultForm({**request.POST.dict(), "revision": facts.revision}, initial=initial)
            form.add_error(None, newer.public_message)
        else:
            messages.success(request, f"“{form.cleaned_data['label']}” is saved.")
            return redirect("result-set", set_id=set_id)
    context = {"facts": facts, "one": one, "form": form}
    return render(request, "campaigns/result.html", context, status=422 if form.errors else 200)


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def result_act(request: HttpRequest, set_id: int, disposition_id: int, action: str) -> HttpResponseBase:
    """Move a result, take it out, or bring it back."""
    revision = request.POST.get("revision", "")
    about: dict[str, Any] = {
        "set_id": set_id,
        "disposition_id": disposition_id,
        "revision": int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else -1,
        "by_name": person_of(request).username,
        "now": clock.now(),
    }
    acts: dict[str, Callable[[], object]] = {
        "up": lambda: services.move_result(up=True, **about),
        "down": lambda: services.move_result(up=False, **about),
        "remove": lambda: services.remove_result(**about),
        "bring-back": lambda: services.bring_back(**about),
    }
    if action not in acts:
        raise NotFound("There is no such action.")
    try:
        done = acts[action]()
    except (services.ResultRefused, Stale) as refusal:
        messages.error(request, refusal.public_message)
    else:
        words = {
            "deleted": "The result is gone: no call had it.",
            "retired": "The result is not offered any more. Calls that have it, and the dialer, keep it.",
        }
        messages.success(request, words.get(str(done), "Done."))
    return redirect("result-set", set_id=set_id)
