"""Pages of a connection's mappings: what can be mapped, the editor with its test, versions, and conflicts."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import roles
from core import clock
from core.access import person_of, requires
from core.errors import AppError, NotFound
from crm_sync import fieldmap, mapping_forms, selectors
from crm_sync.capabilities import CrmObject
from crm_sync.fieldmap import Problem, Row
from crm_sync.protocol import SyncError
from crm_sync.selectors import mappings
from crm_sync.selectors import matches as match_reads
from crm_sync.services import mapped


@require_GET
@requires(roles.VIEW_CRM)
def overview(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Show what can be mapped of a CRM, and what is."""
    item = _connection(connection_id)
    in_force, problem = mappings.in_force(connection_id), ""
    objects: Sequence[CrmObject] = ()
    try:
        objects = mapped.objects_of(connection_id, now=clock.now())
    except AppError as error:
        problem = str(error)
    context = {
        "item": item,
        "problem": problem,
        "objects": [
            {
                "name": each.name,
                "label": each.label,
                "rows": len(in_force.get(each.name, ())),
                "version": mappings.latest_number(connection_id, each.name),
            }
            for each in objects
        ],
        "matching": match_reads.rules_of(connection_id),
        "counts": match_reads.counts(connection_id),
        "may_manage": person_of(request).may(roles.MANAGE_CRM),
    }
    return render(request, "crm_sync/mappings.html", context)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CRM)
def edit(request: HttpRequest, connection_id: int, object_name: str) -> HttpResponse:
    """Show a mapping's rows; add to them, try them on a record, or save them as the next version."""
    act = request.POST.get("act", "") if request.method == "POST" else ""
    try:
        found = mapped.open_object(
            connection_id=connection_id, object_name=object_name, anew=act == "read", now=clock.now()
        )
    except NotFound as error:
        raise Http404(str(error)) from error
    except AppError as error:
        messages.warning(request, str(error))
        return redirect("crm-mappings", connection_id=connection_id)
    if not act:
        rows = list(mappings.in_force(connection_id).get(object_name, ()))
        return _page(request, found, rows, mappings.latest_number(connection_id, object_name))
    rows = mapping_forms.rows_from(request.POST.dict(), found.sources, found.fields)
    based_on = _number(request.POST.get("based_on", ""))
    if act == "save":
        return _save(request, found, rows, based_on)
    if act == "test":
        return _test(request, found, rows, based_on)
    if act == "read" and not found.unread:
        messages.success(request, "The fields were read again; the rows are as you had them.")
    return _page(request, found, rows, based_on, blank=act == "add")


@require_GET
@requires(roles.VIEW_CRM)
def versions(request: HttpRequest, connection_id: int, object_name: str) -> HttpResponse:
    """Show who changed a mapping when, and what."""
    found = _open(connection_id, object_name)
    labels = {key: source.label for key, source in found.sources.items()}
    context = {
        "found": found,
        "rows": mappings.list_versions(connection_id, object_name, labels),
        "may_manage": person_of(request).may(roles.MANAGE_CRM),
    }
    return render(request, "crm_sync/mapping_versions.html", context)


@require_POST
@requires(roles.MANAGE_CRM)
def roll_back(request: HttpRequest, connection_id: int, object_name: str, number: int) -> HttpResponse:
    """Put an earlier version in force again."""
    found = _open(connection_id, object_name)
    try:
        made = mapped.roll_back(
            mappable=found, number=number, by_name=person_of(request).username, now=clock.now()
        )
    except NotFound as error:
        raise Http404(str(error)) from error
    except mapped.MappingRefused as refused:
        why = " ".join(each.text for each in refused.problems[:3])
        messages.warning(
            request, f"Version {number} does not fit the CRM as it is now; nothing was changed. {why}"
        )
    except AppError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, f"Version {number} is in force again, as version {made}.")
    return redirect("crm-mapping-versions", connection_id=connection_id, object_name=object_name)


@require_GET
@requires(roles.VIEW_CRM)
def conflicts(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Show where both sides had another value, and which rule decided."""
    item = _connection(connection_id)
    context = {"item": item, "rows": mappings.list_conflicts(connection_id)}
    return render(request, "crm_sync/conflicts.html", context)


def _save(request: HttpRequest, found: mapped.Mappable, rows: Sequence[Row], based_on: int) -> HttpResponse:
    try:
        number = mapped.save(
            mappable=found,
            rows=rows,
            based_on=based_on,
            note=request.POST.get("note", "").replace("\x00", ""),
            by_name=person_of(request).username,
            now=clock.now(),
        )
    except mapped.MappingRefused as refused:
        return _page(request, found, rows, based_on, problems=refused.problems, said=str(refused))
    except AppError as error:
        return _page(request, found, rows, based_on, said=str(error))
    messages.success(request, f"Saved as version {number}; what waited for it is sent now.")
    return redirect("crm-mapping", connection_id=found.connection_id, object_name=found.object.name)


def _test(request: HttpRequest, found: mapped.Mappable, rows: Sequence[Row], based_on: int) -> HttpResponse:
    record_id = request.POST.get("record_id", "").replace("\x00", "")[:60]
    try:
        tried = mapped.try_on(mappable=found, rows=rows, record_id=record_id, now=clock.now())
    except (SyncError, AppError) as error:
        return _page(request, found, rows, based_on, said=str(error), record_id=record_id)
    return _page(request, found, rows, based_on, tried=tried, record_id=record_id, status=200)


def _page(
    request: HttpRequest,
    found: mapped.Mappable,
    rows: Sequence[Row],
    based_on: int,
    *,
    problems: Sequence[Problem] | None = None,
    said: str = "",
    tried: mapped.Tried | None = None,
    record_id: str = "",
    blank: bool = False,
    status: int | None = None,
) -> HttpResponse:
    if problems is None:
        problems = fieldmap.problems(rows, found.sources, found.fields, holds=found.object.holds)
    shown = mapping_forms.shown(rows, found.sources, found.fields, problems, blank=blank)
    context = {
        "found": found,
        "rows": shown,
        "count": len(shown),
        "broken": [row for row in shown if row.problems],
        "overall": [each.text for each in problems if each.row >= len(rows)],
        "based_on": based_on,
        "said": said,
        "tried": tried,
        "record_id": record_id,
        "note": request.POST.get("note", "")[:200],
        "is_person": found.object.holds == "person",
        "source_choices": mapping_forms.source_choices(found.sources),
        "field_choices": mapping_forms.field_choices(found.fields),
        "way_choices": mapping_forms.way_choices(),
        "mode_choices": mapping_forms.mode_choices(),
    }
    return render(request, "crm_sync/mapping.html", context, status=status or (422 if said else 200))


def _open(connection_id: int, object_name: str) -> mapped.Mappable:
    try:
        return mapped.open_object(
            connection_id=connection_id, object_name=object_name, anew=False, now=clock.now()
        )
    except AppError as error:
        raise Http404(str(error)) from error


def _connection(connection_id: int) -> selectors.ConnectionRow:
    try:
        return selectors.get_connection(connection_id, clock.now())
    except NotFound as error:
        raise Http404(str(error)) from error


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
