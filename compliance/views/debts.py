"""What people rule out for calls about a debt: recorded by who spoke to them, taken back by a compliance officer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from compliance import pages, services
from compliance.forms.debts import DebtWishEndForm, DebtWishForm
from compliance.pages.debts import ruled_out
from compliance.pages.tables import url
from compliance.reads import debts as reads
from compliance.views.common import (
    MANAGE,
    TAKE,
    VIEW,
    actor_of,
    found_or_404,
    may,
    number_or_404,
    typed,
    work_form,
)
from core import clock
from core.access import requires
from core.types import format_phone

TAB = pages.Tab(top="verdicts", sub="number")


@require_http_methods(["GET", "POST"])
@requires(TAKE)
def add_debt_wish(request: HttpRequest, text: str) -> HttpResponse:
    """Record the hours, days or place somebody ruled out."""
    number = number_or_404(text)
    here = url("compliance-debt-wish-add", number)
    back = url("compliance-number", number) if may(request, VIEW) else here
    person = request.GET.get("person", "")[:80] or reads.person_called_on(number)
    form = DebtWishForm(typed(request), initial={"person_ref": person})
    view = pages.FormPage(
        title="Times and places ruled out",
        tab=TAB,
        intro=(
            "For calls, texts and messages about a debt. It holds at once, in all campaigns about debts, until the person says "
            "otherwise. Who wants no calls at all asks not to be called: that is a result of the call, or an entry under Do not call.",
        ),
        facts=(("Number", format_phone(number)),),
        button="Keep what they ruled out",
        cancel=back,
    )

    def act(given: dict[str, Any]) -> str:
        wish = services.NewDebtWish(number=number, **given)
        row = services.record_debt_wish(wish, actor=actor_of(request), now=clock.now())
        return f"Kept: not {ruled_out(reads.get_debt_wish(row.pk))}."

    return work_form(request, view, form, act, then=back)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def end_debt_wish(request: HttpRequest, wish_id: int) -> HttpResponse:
    """Record that the person said otherwise."""
    row: reads.DebtWishRow = found_or_404(lambda: reads.get_debt_wish(wish_id))
    back = url("compliance-number", row.number)
    view = pages.FormPage(
        title="Take back what they ruled out",
        tab=TAB,
        facts=(
            ("Number", format_phone(row.number)),
            ("Ruled out", ruled_out(row)),
            ("They said", row.raw_words),
            ("When and how", f"{row.at:%Y-%m-%d %H:%M} UTC, {row.heard_on}"),
        ),
        warning="Only the person can take it back. Without their words it stands.",
        button="They said otherwise",
        cancel=back,
    )

    def act(given: dict[str, Any]) -> str:
        services.end_debt_wish(
            wish_id=wish_id, raw_words=given["raw_words"], actor=actor_of(request), now=clock.now()
        )
        return "It counts no more."

    return work_form(request, view, DebtWishEndForm(typed(request)), act, then=back)
