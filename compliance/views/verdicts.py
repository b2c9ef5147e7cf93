"""Verdicts: the explorer, one verdict, denials by day."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from compliance import pages, selectors
from compliance.forms.verdicts import DecisionFilterForm, filters_of
from compliance.pages import chart
from compliance.pages.failures import alarm
from compliance.pages.tables import url
from compliance.reads import failures
from compliance.reads.denials import DAYS, denials_by_day
from compliance.rules.codes import NEVER_LIFTED
from compliance.views.common import EXPORT, LIFT, VIEW, before_of, found_or_404, may, pager, show_list
from core import clock
from core.access import requires
from core.cells import harmless
from core.types import format_phone

EXPORTED_AT_MOST = 50_000
EXPORTED_AT_ONCE = 1_000
LOOKED_BACK = timedelta(days=90)
COLUMNS = ["id", "decided_at_utc", "number", "outcome", "code", "sentence", "channel", "purpose", "campaign"]


class _Echo:
    """What a CSV writer writes to when each line is to be sent on."""

    def write(self, value: str) -> str:
        return value


@require_GET
@requires(VIEW)
def verdicts(request: HttpRequest) -> HttpResponse:
    """Show the gate's decisions, newest first, narrowed by the filters in the URL."""
    form = DecisionFilterForm(request.GET or None)
    filters = _filters(request, form)
    found = selectors.list_decisions(filters, before=before_of(request))
    is_filtered = filters != selectors.DecisionFilters()
    asked = urlencode([(name, value) for name, value in request.GET.items() if value and name != "before"])
    context = {
        "form": form,
        "alarm": alarm(failures.failed_rules(clock.now()), failures.DAYS),
        "rows": [pages.decision_line(row) for row in found.rows],
        "is_filtered": is_filtered,
        "page": pager(request, len(found.rows), found.next_before),
        "link": f"{request.path}?{asked}" if asked else request.path,
        "query": asked,
        "only_since": _only_since(form, filters),
        "may_export": may(request, EXPORT),
        "limit": EXPORTED_AT_MOST,
    }
    return render(request, "compliance/verdicts.html", context)


@require_GET
@requires(EXPORT)
def verdicts_csv(request: HttpRequest) -> HttpResponseBase:
    """Send what the explorer shows as CSV, all pages of it up to a bound, which the last line says when it was met."""
    filters = _filters(request, DecisionFilterForm(request.GET or None))
    answer = StreamingHttpResponse(_csv_lines(filters), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="verdicts-{clock.now():%Y-%m-%d}.csv"'
    return answer


@require_GET
@requires(VIEW)
def verdict(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Show one decision: the sentence, every rule's answer, and the facts they saw."""
    found = found_or_404(lambda: selectors.get_decision(decision_id))
    earlier = [
        row for row in selectors.decisions_for_number(found.row.number, limit=10) if row.id != decision_id
    ]
    context = {
        "found": found,
        "rules": pages.rule_lines(found.verdicts),
        "zones": pages.zone_lines(found.facts),
        "facts": pages.fact_lines(found.facts),
        "others": earlier,
        "lift_url": _lift_url(found.row) if may(request, LIFT) else "",
    }
    return render(request, "compliance/verdict.html", context)


@require_GET
@requires(VIEW)
def denials(request: HttpRequest) -> HttpResponse:
    """Show the refusals of the last days by reason and day, as charts and as a table."""
    today = clock.now().date()
    series = denials_by_day(today=today)
    is_table = request.GET.get("as") == "table"
    view = pages.ListPage(
        title="Denials by day",
        warning=alarm(failures.failed_rules(clock.now()), failures.DAYS),
        tab=pages.Tab(top="verdicts", sub="denials"),
        intro=f"Refusals of the last {DAYS} days (UTC) by the reason that decided. Each bar is a day and leads to its verdicts; "
        "each chart has its own height, the tallest day is written beside it.",
        tables=(chart.totals_table(series), chart.denials_table(series)) if is_table and series else (),
    )
    more = {"charts": () if is_table else chart.small_charts(series), "is_table": is_table, "has_any": bool(series),
            "width": chart.WIDTH, "height": chart.HEIGHT, "base": chart.HEIGHT - chart.FOOT, "label": chart.HEIGHT - 3}  # fmt: skip
    return show_list(request, view, more=more, template="compliance/denials.html")


def _only_since(form: DecisionFilterForm, filters: selectors.DecisionFilters) -> date | None:
    """Return the day the list was bound to though nobody asked for it."""
    asked = form.cleaned_data.get("since") if form.is_bound else None
    return filters.since if filters.since != asked else None


def _lift_url(row: selectors.DecisionRow) -> str:
    """Return where the denial can be lifted; "" for what was allowed and for what nobody may lift."""
    if not row.code or row.code in NEVER_LIFTED:
        return ""
    return url("compliance-override-add", number=row.number, code=row.code)


def _filters(request: HttpRequest, form: DecisionFilterForm) -> selectors.DecisionFilters:
    filters = selectors.DecisionFilters(**filters_of(form)) if request.GET else selectors.DecisionFilters()
    if not _needs_days(filters):
        return filters
    return replace(filters, since=clock.now().date() - LOOKED_BACK)


def _needs_days(filters: selectors.DecisionFilters) -> bool:
    """Return whether nothing asked for stands in an index: without days, years of verdicts would be read for none."""
    found_by_index = filters.codes or filters.number or filters.campaign_ref or filters.since or filters.until
    return bool(filters.channel or filters.purpose) and not found_by_index


def _csv_lines(filters: selectors.DecisionFilters) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield str(writer.writerow(COLUMNS))
    before: int | None = None
    sent = 0
    while sent < EXPORTED_AT_MOST:
        page = selectors.list_decisions(filters, before=before, limit=EXPORTED_AT_ONCE)
        for row in page.rows:
            yield str(writer.writerow([harmless(cell) for cell in _cells(row)]))
        sent += len(page.rows)
        before = page.next_before
        if before is None:
            return
    yield str(writer.writerow([f"Only the newest {sent:,} verdicts: narrow the filters for the others."]))


def _cells(row: selectors.DecisionRow) -> list[str]:
    return [
        str(row.id),
        f"{row.decided_at:%Y-%m-%d %H:%M:%S}",
        format_phone(row.number),
        row.outcome,
        row.code,
        row.sentence,
        row.channel,
        row.purpose,
        row.campaign_ref,
    ]
