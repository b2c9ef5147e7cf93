"""E-mails: taking one in, and settling whose numbers it is about."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from compliance import pages, services
from compliance.directory import Addressee, find_by_email
from compliance.forms.mail import MailForm, NoFieldsForm, SettleForm
from compliance.pages import mail as tables
from compliance.pages.tables import Link, url
from compliance.reads import mail as reads
from compliance.views.common import (
    MANAGE,
    TAKE,
    VIEW,
    actor_of,
    before_of,
    found_or_404,
    may,
    pager,
    show_form,
    show_list,
    typed,
    work_form,
)
from core import clock, db
from core.access import requires

TAB = pages.Tab(top="people", sub="mail")


@require_GET
@requires(VIEW)
def mails(request: HttpRequest) -> HttpResponse:
    """Show the e-mails that wait for a person, and those settled last."""
    before = before_of(request)
    settled = reads.list_mail(waiting=False, before=before)
    waiting = reads.list_mail(waiting=True)
    view = pages.ListPage(
        title="E-mails",
        tab=TAB,
        intro="A request by e-mail names an address and no number. Where somebody is known under it, all their numbers are revoked "
        "together; where nobody is, the e-mail waits here and is never dropped.",
        actions=(Link(words="Take in an e-mail", href=url("compliance-mail-add"), key="n"),)
        if may(request, TAKE)
        else (),
        stats=(pages.Stat(value=f"{reads.count_waiting():,}", label="wait for a person"),),
        tables=(
            tables.waiting_table(waiting.rows, may_settle=may(request, MANAGE)),
            tables.settled_table(settled.rows),
        ),
    )
    return show_list(request, view, page=pager(request, len(settled.rows), settled.next_before))


@require_http_methods(["GET", "POST"])
@requires(TAKE)
def add_mail(request: HttpRequest) -> HttpResponse:
    """Keep an e-mail somebody has in hand; what is to be revoked is shown next. It is kept even if nobody goes on."""
    form = MailForm(typed(request), request.FILES or None)
    view = pages.FormPage(
        title="Take in an e-mail",
        tab=TAB,
        intro=("Next you see whose numbers would be revoked. The message is kept as soon as you go on.",),
        button="Find the person",
        cancel=_back(request),
        is_upload=True,
    )
    if request.method != "POST":
        return show_form(request, view, form)
    if not form.is_valid():
        return show_form(request, view, form, status=422)
    with db.use_case():
        row = services.record_mail(form.cleaned_data["mail"], actor=actor_of(request), now=clock.now())
    return redirect("compliance-mail", row.pk)


@require_http_methods(["GET", "POST"])
@requires(TAKE)
def settle(request: HttpRequest, request_id: int) -> HttpResponse:
    """Show whose numbers an e-mail is about and revoke them all; an officer may also add numbers, or say why there is none."""
    row: reads.MailRow = found_or_404(lambda: reads.get_mail(request_id))
    if row.outcome:
        messages.warning(request, f"{row.settled_by} has settled this e-mail already.")
        return redirect(_back(request))
    is_officer = may(request, MANAGE)
    if not is_officer and row.recorded_by != actor_of(request):
        raise PermissionDenied("Somebody else took this e-mail in.")
    people = find_by_email(row.address)
    numbers = services.numbers_of(people)
    if not is_officer and not numbers:
        messages.warning(
            request, "The e-mail is kept. Nobody here has the address: a compliance officer finds out whose it is."
        )  # fmt: skip
        return redirect("compliance-mail-add")
    does = _does(people, len(numbers))
    form = (
        SettleForm(typed(request), revokes=does, initial={"decision": "revoked"})
        if is_officer
        else NoFieldsForm(typed(request))
    )
    view = pages.FormPage(
        title="Settle an e-mail",
        tab=TAB,
        facts=(
            ("From", row.address or "not said"),
            ("They wrote", row.raw_words),
            ("Received", f"{row.received_at:%Y-%m-%d %H:%M} UTC"),
            ("Read as", tables.read_as(row)),
        ),
        warning="" if numbers else "Nobody with a number is known under this address.",
        button="Settle it" if is_officer else does,
        cancel=_back(request),
        tables=(tables.addressees_table(people, with_links=may(request, VIEW)),),
    )

    def act(given: dict[str, Any]) -> str:
        return _settle(request, request_id, given)

    return work_form(request, view, form, act, then=_back(request))


def _settle(request: HttpRequest, request_id: int, given: dict[str, Any]) -> str:
    told: dict[str, Any] = {"request_id": request_id, "settled_by": actor_of(request), "now": clock.now()}
    note = given.get("note", "")
    decision = given.get("decision", "revoked")
    if decision != "revoked":
        services.close_mail(**told, is_request=decision == "nobody", note=note)
        return "The e-mail is settled; nothing was revoked."
    settlement = services.settle_mail(
        **told, seller=settings.SELLER_NAME, further=given.get("further", ()), note=note
    )
    return f"{_counted(len(settlement.numbers), 'number')} revoked, on every channel, from now on."


def _does(people: Sequence[Addressee], numbers: int) -> str:
    if not numbers:
        return "Revoke the numbers given below"
    return f"Revoke {_counted(numbers, 'number')} of {_counted(len(people), 'person', 'people')}"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _back(request: HttpRequest) -> str:
    """Where to go afterwards: people who may not see the list take in the next one."""
    return reverse("compliance-mails" if may(request, VIEW) else "compliance-mail-add")
