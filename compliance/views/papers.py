"""The seller's papers: registrations, caller IDs, messaging senders."""

from dataclasses import fields
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from compliance import pages, services
from compliance.forms.papers import CallerForm, RegistrationForm, SenderForm
from compliance.pages import papers as tables
from compliance.pages.tables import Link, url
from compliance.reads import papers as reads
from compliance.rules.policy import in_force
from compliance.views.common import MANAGE, VIEW, actor_of, found_or_404, may, show_list, typed, work_form
from core import clock
from core.access import requires

DANGEROUS = ("missing", "expired", "not yet")


@require_GET
@requires(VIEW)
def registrations(request: HttpRequest) -> HttpResponse:
    """Show all states with what the law asks and which paper answers it."""
    seller = settings.SELLER_NAME
    rows = tables.papers_by_state(reads.registrations_by_state(seller), clock.now().date())
    refused = [row.name for row in rows if row.standing in DANGEROUS]
    soon = [row.name for row in rows if row.standing == "soon"]
    may_manage = may(request, MANAGE)
    view = pages.ListPage(
        title="Registrations",
        tab=pages.Tab(top="papers", sub="registrations"),
        intro=f"Papers of {seller}. The gate refuses sales contacts to a state that asks for a paper the seller does not hold.",
        warning=_warning(refused, soon),
        actions=(Link(words="Record a paper", href=url("compliance-registration-add"), key="n"),)
        if may_manage
        else (),
        stats=(
            pages.Stat(value=str(sum(bool(row.laws) for row in rows)), label="states ask for one"),
            pages.Stat(value=str(len(refused)), label="refused for want of one"),
            pages.Stat(value=str(len(soon)), label="end within 30 days"),
        ),
        tables=(tables.registrations_table(rows, may_manage=may_manage),),
    )
    return show_list(request, view)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def add_registration(request: HttpRequest) -> HttpResponse:
    """Record a registration, licence or filed exemption."""
    form = RegistrationForm(typed(request), initial={"state": request.GET.get("state", "")[:2]})
    view = pages.FormPage(
        title="Record a paper",
        tab=pages.Tab(top="papers", sub="registrations"),
        intro=(f"A registration, licence or filed exemption of {settings.SELLER_NAME}.",),
        button="Record the paper",
        cancel=reverse("compliance-registrations"),
    )

    def act(given: dict[str, Any]) -> str:
        services.record_registration(
            **given, seller=settings.SELLER_NAME, actor=actor_of(request), now=clock.now()
        )
        return "The paper is recorded."

    return work_form(request, view, form, act, then="compliance-registrations")


@require_GET
@requires(VIEW)
def callers(request: HttpRequest) -> HttpResponse:
    """Show the inventory of caller IDs."""
    now = clock.now()
    may_manage = may(request, MANAGE)
    view = pages.ListPage(
        title="Caller IDs",
        tab=pages.Tab(top="papers", sub="callers"),
        intro="A number may be shown only if the right to it is proven and calling it back reaches somebody who takes requests.",
        actions=(Link(words="Add a caller ID", href=url("compliance-caller-add"), key="n"),) if may_manage else (),
        tables=(
            tables.callers_table(
                reads.list_callers(),
                on=now.date(),
                max_age_days=in_force(now).caller_test_max_age_days,
                may_manage=may_manage,
            ),
        ),
    )  # fmt: skip
    return show_list(request, view)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def add_caller(request: HttpRequest) -> HttpResponse:
    """Record the right to show a number."""
    return _caller_form(request, "Add a caller ID", {"active": True})


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def change_caller(request: HttpRequest, caller_id: int) -> HttpResponse:
    """Change what is known of a caller ID."""
    row: reads.CallerRow = found_or_404(lambda: reads.get_caller(caller_id))
    initial = {**_values(row), "for_all": not row.seller}
    return _caller_form(request, "Change a caller ID", initial)


def _caller_form(request: HttpRequest, title: str, initial: dict[str, Any]) -> HttpResponse:
    view = pages.FormPage(
        title=title,
        tab=pages.Tab(top="papers", sub="callers"),
        button="Keep it",
        cancel=reverse("compliance-callers"),
    )

    def act(given: dict[str, Any]) -> str:
        services.set_caller_authority(
            number=given["number"],
            seller="" if given["for_all"] else settings.SELLER_NAME,
            authority=given["authority"],
            takes_requests=given["takes_requests"],
            tested_on=given["tested_on"],
            active=given["active"],
            actor=actor_of(request),
            now=clock.now(),
        )
        return "The caller ID is kept."

    return work_form(
        request, view, CallerForm(typed(request), initial=initial), act, then="compliance-callers"
    )


@require_GET
@requires(VIEW)
def senders(request: HttpRequest) -> HttpResponse:
    """Show the messaging senders and what each still lacks."""
    may_manage = may(request, MANAGE)
    view = pages.ListPage(
        title="Messaging senders",
        tab=pages.Tab(top="papers", sub="senders"),
        intro="Carriers take texts from registered senders only. What is not recorded as done counts as not done.",
        actions=(Link(words="Add a sender", href=url("compliance-sender-add"), key="n"),) if may_manage else (),
        tables=(tables.senders_table(reads.list_senders(), may_manage=may_manage),),
    )  # fmt: skip
    return show_list(request, view)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def add_sender(request: HttpRequest) -> HttpResponse:
    """Record a messaging sender's registration."""
    return _sender_form(request, "Add a sender", {})


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def change_sender(request: HttpRequest, sender_id: int) -> HttpResponse:
    """Change a messaging sender's registration; the form says its whole state."""
    row: reads.SenderRow = found_or_404(lambda: reads.get_sender(sender_id))
    return _sender_form(request, "Change a sender", _values(row))


def _sender_form(request: HttpRequest, title: str, initial: dict[str, Any]) -> HttpResponse:
    view = pages.FormPage(
        title=title,
        tab=pages.Tab(top="papers", sub="senders"),
        button="Keep it",
        cancel=reverse("compliance-senders"),
    )

    def act(given: dict[str, Any]) -> str:
        services.set_sender_registration(**given, actor=actor_of(request), now=clock.now())
        return "The sender is kept."

    return work_form(
        request, view, SenderForm(typed(request), initial=initial), act, then="compliance-senders"
    )


def _values(row: Any) -> dict[str, Any]:
    return {each.name: getattr(row, each.name) for each in fields(row)}


def _warning(refused: list[str], soon: list[str]) -> str:
    parts = []
    if refused:
        parts.append(f"Refused for want of a paper: {', '.join(refused)}.")
    if soon:
        parts.append(f"Ends within 30 days: {', '.join(soon)}.")
    return " ".join(parts)
