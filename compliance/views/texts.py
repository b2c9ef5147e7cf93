"""Texts people sent us."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from compliance import pages
from compliance.forms.people import NumberSearchForm
from compliance.pages.texts import texts_table
from compliance.reads.texts import list_texts
from compliance.views.common import MANAGE, VIEW, before_of, digits_of, may, pager, show_list
from core.access import requires


@require_GET
@requires(VIEW)
def texts(request: HttpRequest) -> HttpResponse:
    """Show the texts that came in, searched by digits."""
    form = NumberSearchForm(request.GET or None)
    digits = digits_of(request.GET.get("q", ""))
    found = list_texts(number_contains=digits, before=before_of(request))
    view = pages.ListPage(
        title="Texts",
        tab=pages.Tab(top="people", sub="texts"),
        intro="Every text to your numbers, with how rules read it and what it was answered with. A no holds at once on every channel; one "
        "that was read from a phrase also stands under Messages to read. A wish to hear from you again lifts nothing by itself.",
        tables=(texts_table(found.rows, may_manage=may(request, MANAGE)),),
        is_filtered=bool(digits),
    )
    return show_list(request, view, page=pager(request, len(found.rows), found.next_before), filter_form=form)
