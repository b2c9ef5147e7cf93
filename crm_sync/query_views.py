"""Lists that are queries of ours: written, tried, kept, removed."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from core import clock
from core.access import person_of, requires
from core.errors import AppError, NotFound
from crm_sync import selectors
from crm_sync.forms import QUERY_FORMS
from crm_sync.services import querying


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_LISTS)
def new_query(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Ask for a query, try it in the CRM, and keep it if the CRM answers."""
    try:
        connection = selectors.get_connection(connection_id, clock.now())
    except NotFound as error:
        raise Http404(str(error)) from error
    if connection.kind not in QUERY_FORMS:
        raise Http404("This CRM is not asked by queries.")
    form = QUERY_FORMS[connection.kind](request.POST or None)
    if request.method == "POST" and form.is_valid():
        person, name = person_of(request), form.cleaned_data["name"]
        try:
            kept = querying.save_query(
                connection_id=connection_id,
                name=name,
                text=form.query_text(),
                by_id=person.id,
                by_name=person.username,
                clock=clock.now,
            )
        except AppError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"The query finds {kept.count:,} people. It is kept among the lists.")
            query = {"list_kind": kept.kind, "list_id": kept.id, "crm_list_name": name}
            return redirect(f"{reverse('crm-import', args=[connection_id])}?{urlencode(query)}")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "crm_sync/query.html", {"connection": connection, "form": form}, status=status)


@require_POST
@requires(roles.MANAGE_LISTS)
def remove_query(request: HttpRequest, connection_id: int, query_id: int) -> HttpResponse:
    """Forget a query."""
    try:
        querying.remove_query(
            connection_id=connection_id,
            query_id=query_id,
            by_name=person_of(request).username,
            now=clock.now(),
        )
    except NotFound as error:
        raise Http404(str(error)) from error
    except AppError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, "The query is removed; people imported by it stay.")
    return redirect("crm-lists", connection_id=connection_id)
