"""Segments: their list, the builder, and taking, changing and removing one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import roles
from campaigns.people_query import read_query
from campaigns.segments import builder, tree
from campaigns.segments.builder import DraftGroup
from campaigns.segments.fields import Catalogue
from campaigns.segments.tree import ALL, Group, RuleRefused
from campaigns.selectors import browsing, matching
from campaigns.selectors import segments as read
from campaigns.selectors.browsing import Count, Wanted
from campaigns.selectors.segments import SegmentFacts
from campaigns.services import segments
from campaigns.services.segments import SegmentRefused
from campaigns.views.errors import not_found_is_404
from core import clock
from core.access import person_of, requires
from core.errors import AppError, Stale

PART = "builder"


@require_GET
@requires(roles.MANAGE_LISTS)
def segment_list(request: HttpRequest) -> HttpResponseBase:
    """Show all segments."""
    return render(request, "campaigns/segments.html", {"segments": read.list_segments()})


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
def segment_new(request: HttpRequest) -> HttpResponseBase:
    """Build a segment; from a filtered list of people it begins with their filters."""
    if request.method == "POST":
        return _posted(request, None)
    conditions = read_query(request.GET).conditions
    draft = builder.from_rule(Group(ALL, conditions)) if conditions else builder.empty()
    return _page(request, None, draft, matching.current_catalogue())


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def segment(request: HttpRequest, segment_id: int) -> HttpResponseBase:
    """Show one segment in the builder, and change it."""
    facts = read.get_segment(segment_id)
    if request.method == "POST":
        return _posted(request, facts)
    draft = builder.from_rule(facts.rule) if facts.rule is not None else builder.empty()
    return _page(request, facts, draft, matching.current_catalogue())


@require_POST
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def segment_act(request: HttpRequest, segment_id: int, verb: str) -> HttpResponseBase:
    """Take a snapshot anew, or remove a segment."""
    facts = read.get_segment(segment_id)
    by_name = person_of(request).username
    try:
        if verb == "take":
            people = segments.retake_snapshot(segment_id=segment_id, by_name=by_name, now=clock.now())
            messages.success(request, f"“{facts.name}” was taken anew: {people:,} people.")
        elif verb == "remove":
            segments.remove_segment(segment_id=segment_id, by_name=by_name, now=clock.now())
            messages.success(request, f"“{facts.name}” was removed. Its people are where they were.")
            return redirect("segments")
        else:
            messages.error(request, "There is nothing of this name to do with a segment.")
    except (AppError, RuleRefused) as refused:
        messages.error(request, str(refused))
    return redirect("segment", segment_id=segment_id)


def _posted(request: HttpRequest, facts: SegmentFacts | None) -> HttpResponseBase:
    fields = matching.current_catalogue()
    draft = builder.from_form(request.POST)
    what = request.POST.get("act", "")
    if what != "save":
        focus = builder.act(draft, what) if what else ""
        return _page(request, facts, draft, fields, focus=focus)
    try:
        segment_id = _save(request, facts, draft)
    except RuleRefused as wrong:
        return _page(request, facts, draft, fields, refused=wrong)
    except Stale as stale:
        return _page(request, facts, draft, fields, problem=str(stale), status=409)
    except SegmentRefused as refused:
        return _page(request, facts, draft, fields, problem=str(refused), status=422)
    saved = read.get_segment(segment_id)
    shown = f": {saved.people:,} people" if saved.people is not None else ""
    messages.success(request, f"“{saved.name}” is saved{shown}.")
    return redirect(f"{reverse('all-people')}?segment={segment_id}")


def _save(request: HttpRequest, facts: SegmentFacts | None, draft: DraftGroup) -> int:
    person, told = person_of(request), request.POST
    raw, now = builder.raw_of(draft), clock.now()
    if facts is None:
        return segments.create_segment(
            name=told.get("name", ""), kind=told.get("kind", ""), raw_rule=raw, by_id=person.id,
            by_name=person.username, now=now,
        )  # fmt: skip
    segments.change_segment(
        segment_id=facts.id, name=told.get("name", ""), raw_rule=raw, seen_at=told.get("seen_at", ""),
        by_name=person.username, now=now,
    )  # fmt: skip
    return facts.id


def _page(
    request: HttpRequest,
    facts: SegmentFacts | None,
    draft: DraftGroup,
    fields: Catalogue,
    *,
    focus: str = "",
    refused: RuleRefused | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponseBase:
    rule = builder.complete_part(draft, fields)
    told = request.POST
    groups: dict[str, list[Any]] = {}
    for each in fields.values():
        groups.setdefault(each.group, []).append(each)
    context = {
        "facts": facts,
        "root": builder.show(draft, fields, refused.problems if refused else ()),
        "field_groups": groups.items(),
        "name": told.get("name", facts.name if facts else ""),
        "kind": told.get("kind", facts.kind if facts else "live"),
        "seen_at": told.get("seen_at", facts.changed_at.isoformat() if facts else ""),
        "count": _count(rule),
        "words": tree.words(rule, fields),
        "focus": focus,
        "problem": problem or (str(refused) if refused else ""),
        "part": PART,
    }
    is_part = request.headers.get("HX-Target") == PART
    template = "campaigns/_segment_builder.html" if is_part else "campaigns/segment.html"
    return render(request, template, context, status=422 if refused else status)


def _count(rule: Group) -> Count | None:
    """How many fit what is finished so far; None while nothing is."""
    return browsing.count(Wanted(rule=rule), now=clock.now()) if rule.members else None
