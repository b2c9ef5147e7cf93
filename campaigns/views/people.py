"""The list of people, of one list or of all: filters, orders and columns in the address, a part of the page redrawn while one types."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts import roles
from campaigns.paging import Cursor, pager
from campaigns.people_query import CALLED, DO_NOT_CALL, PeopleQuery, read_query
from campaigns.selectors import browsing
from campaigns.selectors import lists as lists_read
from campaigns.selectors import segments as segments_read
from campaigns.selectors.browsing import Count, Wanted
from campaigns.selectors.lists import ListFacts
from campaigns.services import exports
from campaigns.views.errors import not_found_is_404
from core import clock, csv_out
from core.access import person_of, requires

PART = "people-part"


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one column: its words, and the address that sorts by it, if any does."""

    key: str
    words: str
    query: str
    sorted: str  # for aria-sort


@require_GET
@requires(roles.MANAGE_LISTS)
@not_found_is_404
@vary_on_headers("HX-Request")
def people(request: HttpRequest) -> HttpResponseBase:
    """Show everybody, filtered as the address says."""
    return _shown(request, "campaigns/people.html", {}, list_id=None)


@require_GET
@requires(roles.MANAGE_LISTS)
@not_found_is_404
@vary_on_headers("HX-Request")
def list_detail(request: HttpRequest, list_id: int) -> HttpResponseBase:
    """Show the people on a list, filtered as the address says."""
    context = {} if _is_part(request) else {"facts": lists_read.get_list(list_id)}
    return _shown(request, "campaigns/list.html", context, list_id=list_id)


@require_GET
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def people_csv(request: HttpRequest, list_id: int | None = None) -> HttpResponseBase:
    """Stream everybody the address means, in its order and with its columns."""
    query = read_query(request.GET)
    name = "people" if list_id is None else lists_read.get_list(list_id).name
    now = clock.now()
    wanted = wanted_of(query, list_id=list_id)
    exports.record_export(list_id=list_id, query=query.encoded, by=person_of(request).username, now=now)
    rows = browsing.every_row(wanted, query.columns, now=now)
    return csv_out.download(rows, name=f"{name}.csv", plain="people.csv")


def wanted_of(query: PeopleQuery, *, list_id: int | None) -> Wanted:
    """Return whom the address means; raises NotFound for a segment that is not there."""
    if query.segment_id is None:
        return query.wanted(list_id=list_id)
    return query.wanted(list_id=list_id, **segments_read.get_segment(query.segment_id).as_wanted)


def _is_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Target") == PART


def _shown(
    request: HttpRequest, template: str, context: dict[str, Any], *, list_id: int | None
) -> HttpResponseBase:
    query = read_query(request.GET)
    now = clock.now()
    wanted = wanted_of(query, list_id=list_id)
    page = browsing.browse(wanted, Cursor.of(request.GET.get), query.columns, now=now)
    facts = context.get("facts")
    if isinstance(facts, ListFacts) and not query.is_filtered:
        count = Count(facts.people, is_exact=True)  # counted for the head of the page already
    else:
        count = browsing.count(wanted, page, now=now)
    told = query.as_query()
    labels = browsing.all_columns()
    shown = replace(pager(page, path=request.path, word="people", **told), total_text=count.words)
    context |= {
        "query": query,
        "people": page.rows,
        "count": count,
        "page": shown,
        "heads": [_head(key, query, labels) for key in query.columns],
        "name_head": _head("name", query, labels),
        "order_words": browsing.order_of(query.order).label + (", turned round" if query.descending else ""),
        "part": PART,
        "list_id": list_id,
        "csv_url": _linked("csv", list_id, query),
        "bulk_url": _linked("bulk", list_id, query),
        "may_why": person_of(request).may(roles.VIEW_COMPLIANCE),
    }
    if _is_part(request):
        return render(request, "campaigns/_people_part.html", context)
    context |= {
        "columns": [(key, words, key in query.columns) for key, (words, _) in labels.items()],
        "called_choices": CALLED.items(),
        "dnc_choices": DO_NOT_CALL.items(),
        "tags": segments_read.tag_choices(),
        "segments": segments_read.segment_choices(),
    }
    return render(request, template, context)


def _head(key: str, query: PeopleQuery, labels: Mapping[str, tuple[str, str]]) -> Head:
    words, order = ("Person", "name") if key == "name" else labels.get(key, (key, ""))
    if not order:
        return Head(key, words, "", "")
    direction = "descending" if query.descending else "ascending"
    return Head(key, words, query.sorted_by(order), direction if query.order == order else "")


def _linked(what: str, list_id: int | None, query: PeopleQuery) -> str:
    path = reverse(f"people-{what}") if list_id is None else reverse(f"list-{what}", args=[list_id])
    return f"{path}?{query.encoded}" if query.encoded else path
