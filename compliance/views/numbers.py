"""One number: all that is known about it, and what may be done."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from compliance import pages, selectors, services
from compliance.forms.base import GroupedForm, PhoneField
from compliance.forms.papers import LineForm, ReassignedForm
from compliance.pages import numbers as tables
from compliance.pages.tables import url
from compliance.reads.numbers import know_number
from compliance.reads.people import SuppressionRow
from compliance.rules.facts import LineType, ReassignedAnswer
from compliance.views.common import (
    APPROVE,
    LIFT,
    MANAGE,
    TAKE,
    VIEW,
    actor_of,
    may,
    number_or_404,
    show_list,
    typed,
    work_form,
)
from core import clock
from core.access import requires
from core.types import format_phone

VERDICTS = 20


class NumberForm(GroupedForm):
    """Asks for a number."""

    q = PhoneField(label="Phone number", help_text="Any way of writing it: (407) 555-0123.")


@require_GET
@requires(VIEW)
def numbers(request: HttpRequest) -> HttpResponse:
    """Ask for a number and go to all that is known about it."""
    form = NumberForm(request.GET if "q" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("compliance-number", form.cleaned_data["q"])
    view = pages.ListPage(
        title="One number",
        tab=pages.Tab(top="verdicts", sub="number"),
        intro="All that the gate knows about a number on one page: requests, consents, line, registries, verdicts and contacts.",
    )
    return show_list(request, view, filter_form=form, status=422 if form.is_bound else 200)


@require_GET
@requires(VIEW)
def number(request: HttpRequest, text: str) -> HttpResponse:
    """Show all that the gate knows about one number."""
    asked = number_or_404(text)
    if asked != text:
        return redirect("compliance-number", asked)
    now = clock.now()
    known = know_number(asked, seller=settings.SELLER_NAME)
    verdicts = selectors.decisions_for_number(asked, limit=VERDICTS)
    may_manage = may(request, MANAGE)
    view = pages.ListPage(
        title=format_phone(asked),
        tab=pages.Tab(top="verdicts", sub="number"),
        warning=_warning(len(known.standing)),
        actions=tables.number_actions(asked, may_manage=may_manage),
        stats=tables.number_stats(known),
        tables=tables.number_tables(
            known,
            verdicts,
            now=now,
            may_manage=may_manage,
            may_approve=may(request, APPROVE),
            person=actor_of(request),
        ),
    )
    more = {
        "facts": tables.line_facts(known),
        "further": tables.further_actions(
            asked, may_manage=may_manage, may_lift=may(request, LIFT), may_take=may(request, TAKE)
        ),
        "verdicts_url": url("compliance", number=asked),
        "evidence": _evidence(known.standing, verdicts),
    }
    return show_list(request, view, more=more, template="compliance/number.html")


def _evidence(
    standing: Sequence[SuppressionRow], verdicts: Sequence[selectors.DecisionRow]
) -> tuple[str, int] | None:
    """What an evidence pack about the number starts from: a row of its own, so that no address holds the number."""
    if standing:
        return "suppression", standing[0].id
    return ("verdict", verdicts[0].id) if verdicts else None


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def line(request: HttpRequest, text: str) -> HttpResponse:
    """Record what a look-up said of the number's line."""
    asked = number_or_404(text)
    form = LineForm(typed(request), initial={"checked_at": clock.now()})
    view = _form_page(
        "Record the line",
        asked,
        "Keep the look-up",
        "An older look-up than the one that stands changes nothing.",
    )

    def act(given: dict[str, Any]) -> str:
        services.record_line(
            number=asked,
            type=LineType(given["type"]),
            source=given["source"],
            checked_at=given["checked_at"],
            ported_at=given["ported_at"],
            actor=actor_of(request),
            now=clock.now(),
        )
        return "The look-up is kept."

    return work_form(request, view, form, act, then=url("compliance-number", asked))


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def reassigned(request: HttpRequest, text: str) -> HttpResponse:
    """Record an answer of the Reassigned Numbers Database."""
    asked = number_or_404(text)
    now = clock.now()
    form = ReassignedForm(typed(request), initial={"checked_at": now})
    view = _form_page(
        "Record a reassigned answer",
        asked,
        "Keep the answer",
        "The answer protects a contact on consent only if it was asked about the day of the consent or an earlier one.",
    )

    def act(given: dict[str, Any]) -> str:
        services.record_reassigned_check(
            number=asked,
            since=given["since"],
            answer=ReassignedAnswer(given["answer"]),
            checked_at=given["checked_at"],
            database_version=given["database_version"],
            actor=actor_of(request),
            now=now,
        )
        return "The answer is kept."

    return work_form(request, view, form, act, then=url("compliance-number", asked))


def _form_page(title: str, number: str, button: str, intro: str) -> pages.FormPage:
    return pages.FormPage(
        title=title,
        tab=pages.Tab(top="verdicts", sub="number"),
        intro=(intro,),
        facts=(("Number", format_phone(number)),),
        button=button,
        cancel=url("compliance-number", number),
    )


def _warning(standing: int) -> str:
    if not standing:
        return ""
    return (
        f"This number is not contacted: {standing} {'request stands' if standing == 1 else 'requests stand'}."
    )
