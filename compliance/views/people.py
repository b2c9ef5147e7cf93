"""People: the do-not-call list, consents, messages to read, lifts."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from compliance import pages, services
from compliance.forms.people import (
    ConsentFilterForm,
    ConsentForm,
    LiftForm,
    ReviewForm,
    SuppressionFilterForm,
    SuppressionForm,
)
from compliance.pages import people as tables
from compliance.pages.tables import Link, url
from compliance.pages.words import SOURCE_WORDS
from compliance.reads import people
from compliance.rules.facts import Channel, ConsentKind, Purpose, SuppressionKind, SuppressionScope
from compliance.views.common import (
    APPROVE,
    MANAGE,
    VIEW,
    actor_of,
    before_of,
    decide,
    digits_of,
    found_or_404,
    may,
    pager,
    show_confirm,
    show_list,
    typed,
    work_form,
)
from core import clock
from core.access import requires
from core.types import PhoneError, format_phone, parse_phone


@require_GET
@requires(VIEW)
def do_not_call(request: HttpRequest) -> HttpResponse:
    """Show the internal do-not-call list, searched by digits."""
    form = SuppressionFilterForm(request.GET or None)
    asked = _asked(form)
    found = people.list_suppressions(
        number_contains=digits_of(asked.get("q", "")), kind=asked.get("kind", ""), before=before_of(request)
    )
    may_manage = may(request, MANAGE)
    table = tables.suppressions_table(found.rows, may_manage=may_manage)
    if asked and not found.rows:
        table = _nothing_fits(table, "No such number on the list")
    view = pages.ListPage(
        title="Do not call",
        tab=pages.Tab(top="people", sub="do-not-call"),
        actions=(
            Link(words="Add a number", href=url("compliance-do-not-call-add"), key="n"),
            Link(words="Upload a list", href=url("compliance-do-not-call-upload"), key="u"),
        )
        if may_manage
        else (),
        tables=(table,),
        is_filtered=bool(asked),
    )
    return show_list(
        request,
        view,
        page=pager(request, len(found.rows), found.next_before),
        filter_form=form,
        more={"rows": found.rows},
    )


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def add_do_not_call(request: HttpRequest) -> HttpResponse:
    """Put a number on the internal do-not-call list."""
    form = SuppressionForm(typed(request), initial={"number": _number_asked(request)})
    view = pages.FormPage(
        title="Add a number to do-not-call",
        tab=pages.Tab(top="people", sub="do-not-call"),
        intro=(
            "It holds at once, on every channel, and stops calls that were about to be placed. It never expires.",
        ),
        button="Put on the list",
        cancel=reverse("compliance-do-not-call"),
    )

    def act(given: dict[str, Any]) -> str:
        services.revoke(
            number=given["number"],
            seller=settings.SELLER_NAME,
            raw_words=given["raw_words"],
            heard_on=given["heard_on"],
            actor=actor_of(request),
            now=clock.now(),
            kind=SuppressionKind.DO_NOT_CALL,
            scope=SuppressionScope(given["scope"]),
        )
        return "The number is on the do-not-call list. It holds from now on, in all campaigns."

    return work_form(request, view, form, act, then="compliance-do-not-call")


@require_GET
@requires(VIEW)
def consents(request: HttpRequest) -> HttpResponse:
    """Show the consent ledger, searched by number, kind, source and seller named."""
    form = ConsentFilterForm(request.GET or None)
    asked = _asked(form)
    found = people.list_consents(
        number_contains=digits_of(asked.get("q", "")),
        kind=asked.get("kind", ""),
        source=asked.get("source", ""),
        seller=asked.get("seller", ""),
        before=before_of(request),
    )
    may_manage = may(request, MANAGE)
    table = tables.consents_table(found.rows, may_manage=may_manage)
    if asked and not found.rows:
        table = _nothing_fits(table, "No consent fits these filters")
    view = pages.ListPage(
        title="Consents",
        tab=pages.Tab(top="people", sub="consents"),
        intro="Each consent stands once, with the words it was given on, in a chain of hashes for its number. A consent lifts no "
        "do-not-call request by itself: two people do, on one the person asked for.",
        actions=(
            (
                Link(words="Record a consent", href=url("compliance-consent-add"), key="n"),
                Link(words="Upload consents", href=url("compliance-consents-upload"), key="u"),
            )
            if may_manage
            else ()
        )
        + (Link(words="Check a form’s words", href=url("compliance-consent-check")),),
        tables=(table,),
        is_filtered=bool(asked),
    )
    return show_list(request, view, page=pager(request, len(found.rows), found.next_before), filter_form=form)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def add_consent(request: HttpRequest) -> HttpResponse:
    """Record a consent with its evidence."""
    initial = {
        "number": _number_asked(request),
        "obtained_by": settings.SELLER_NAME,
        "sellers": settings.SELLER_NAME,
    }
    form = ConsentForm(typed(request), initial=initial)
    view = pages.FormPage(
        title="Record a consent",
        tab=pages.Tab(top="people", sub="consents"),
        intro=("Enter what the evidence says and nothing else: what stays empty counts as missing.",),
        button="Record the consent",
        cancel=reverse("compliance-consents"),
    )  # fmt: skip

    def act(given: dict[str, Any]) -> str:
        known = {
            **given,
            "kind": ConsentKind(given["kind"]),
            "source": services.Source(given["source"]),
            "channels": frozenset(Channel(word) for word in given["channels"]),
            "purposes": frozenset(Purpose(word) for word in given["purposes"]),
            "ip": given["ip"] or "",
        }
        now = clock.now()
        row = services.grant_consent(services.NewConsent(**known), recorded_by=actor_of(request), now=now)
        return (
            "The consent is kept." if row.recorded_at == now else "This very consent was kept already; nothing changed."
        )  # fmt: skip

    return work_form(request, view, form, act, then="compliance-consents")


@require_GET
@requires(VIEW)
def reviews(request: HttpRequest) -> HttpResponse:
    """Show the messages that were honoured and that a person is still to read, and those read last."""
    found = people.list_to_read(before=before_of(request))
    waiting = people.count_to_read()
    view = pages.ListPage(
        title="Messages to read",
        tab=pages.Tab(top="people", sub="reviews"),
        intro="A message that may mean “do not contact me” is honoured at once and read by a person later. The finding changes "
        "nothing by itself: the way back is a lift, with a new consent.",
        stats=(pages.Stat(value=_at_most(waiting), label="messages wait to be read"),),
        tables=(
            tables.messages_table(found.rows, may_manage=may(request, MANAGE)),
            tables.read_table(people.list_read()),
        ),
    )
    return show_list(request, view, page=pager(request, len(found.rows), found.next_before))


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def review(request: HttpRequest, revocation_id: int) -> HttpResponse:
    """Keep what a person found on reading a message."""
    row: people.RevocationRow = found_or_404(lambda: people.get_revocation(revocation_id))
    if row.finding:
        messages.warning(request, f"{row.reviewed_by} has read this message already; their finding stands.")
        return redirect("compliance-reviews")
    view = pages.FormPage(
        title="Read a message",
        tab=pages.Tab(top="people", sub="reviews"),
        facts=(
            ("Number", format_phone(row.number)),
            ("They wrote", row.raw_words),
            ("Received", f"{row.received_at:%Y-%m-%d %H:%M} UTC, {row.heard_on}"),
            ("Read as", f"{'phrase' if row.tier == 2 else 'keyword'} “{row.matched_by}”"),
        ),
        button="Keep the finding",
        cancel=reverse("compliance-reviews"),
    )

    def act(given: dict[str, Any]) -> str:
        services.review_revocation(
            revocation_id=revocation_id,
            is_revocation=given["finding"] == "confirmed",
            note=given["note"],
            reviewed_by=actor_of(request),
            now=clock.now(),
        )
        return "The finding is kept."

    return work_form(request, view, ReviewForm(typed(request)), act, then="compliance-reviews")


@require_GET
@requires(VIEW)
def lifts(request: HttpRequest) -> HttpResponse:
    """Show the requests to lift, waiting and done."""
    found = people.list_lifts(before=before_of(request))
    view = pages.ListPage(
        title="Lifts",
        tab=pages.Tab(top="people", sub="lifts"),
        intro="A request not to be called is lifted by two people, on the strength of a documented consent that the person came to "
        "us for after it. Litigators, requests about debts and requests to everybody are never lifted.",
        tables=(tables.lifts_table(found.rows, may_approve=may(request, APPROVE), person=actor_of(request)),),
    )
    return show_list(request, view, page=pager(request, len(found.rows), found.next_before))


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def request_lift(request: HttpRequest, suppression_id: int) -> HttpResponse:
    """Ask that a request not to be called be lifted; a second person approves it."""
    row: people.SuppressionRow = found_or_404(lambda: people.get_suppression(suppression_id))
    newer = [each for each in people.consents_of(row.number) if each.given_at > row.at]
    choices = [
        (
            str(each.id),
            f"{each.given_at:%Y-%m-%d %H:%M} UTC, {SOURCE_WORDS.get(each.source, each.source)}: "
            f"{(each.text_shown or each.evidence_file or 'no words kept')[:120]} · "
            f"{tables.asked_again(each.asked_how, each.asked_words[:120], each.asked_at) or 'nothing says that they asked for it'}",
        )
        for each in newer
    ]
    form = LiftForm(typed(request), consents=choices)
    view = pages.FormPage(
        title="Ask for a lift",
        tab=pages.Tab(top="people", sub="lifts"),
        intro=("Another person must approve it. Until then nothing changes.",),
        facts=_said(row),
        warning=""
        if newer
        else "No consent of this number is newer than the request. Record the person’s new consent first, with its words.",
        button="Ask for the lift",
        cancel=url("compliance-number", row.number),
    )

    def act(given: dict[str, Any]) -> str:
        services.request_lift(
            suppression_id=suppression_id,
            consent_id=int(given["consent"]),
            reason=given["reason"],
            requested_by=actor_of(request),
            now=clock.now(),
        )
        return "The lift is asked for. Another person must approve it under Lifts."

    return work_form(request, view, form, act, then="compliance-lifts")


@require_http_methods(["GET", "POST"])
@requires(APPROVE)
def approve_lift(request: HttpRequest, request_id: int) -> HttpResponse:
    """Approve a lift, as the second person."""
    row: people.LiftRow = found_or_404(lambda: people.get_lift(request_id))
    if request.method == "POST":

        def act() -> str:
            services.approve_lift(request_id=request_id, approved_by=actor_of(request), now=clock.now())
            return f"{format_phone(row.number)} may be called again, as far as the other rules allow."

        return decide(request, act, then="compliance-lifts")
    view = pages.ConfirmPage(
        title="Approve a lift",
        tab=pages.Tab(top="people", sub="lifts"),
        facts=(
            ("Number", format_phone(row.number)),
            ("They said then", row.said or "no words kept"),
            ("They came back", tables.asked_again(row.asked_how, row.asked_words, row.asked_at)),
            ("They agreed since", f"{row.consent_given_at:%Y-%m-%d %H:%M} UTC: {row.consented}"),
            ("Why", row.reason),
            ("Asked by", f"{row.requested_by}, {row.requested_at:%Y-%m-%d %H:%M} UTC"),
        ),
        warning="With your name the request not to be called counts no more for what the new consent covers, as long as that holds.",
        button="Lift the request",
        cancel=reverse("compliance-lifts"),
    )
    return show_confirm(request, view)


def _said(row: people.SuppressionRow) -> tuple[tuple[str, str], ...]:
    return (
        ("Number", format_phone(row.number)),
        ("They said", row.raw_words or row.reason),
        ("When and how", f"{row.at:%Y-%m-%d %H:%M} UTC, {row.heard_on or 'not said'}"),
        ("Holds for", row.seller or "everybody"),
        ("May be lifted by", tables.who_may_lift(row)),
    )


def _asked(form: Any) -> dict[str, str]:
    """The filters that could be read and say something."""
    if not form.is_bound:
        return {}
    form.is_valid()
    return {name: value for name, value in form.cleaned_data.items() if value}


def _nothing_fits(table: pages.Table, title: str) -> pages.Table:
    return pages.Table(
        caption=table.caption,
        columns=table.columns,
        rows=(),
        empty_title=title,
        empty_text="Search with any part of the number, digits only count.",
    )


def _number_asked(request: HttpRequest) -> str:
    try:
        return format_phone(parse_phone(request.GET.get("number", "")))
    except PhoneError:
        return ""


def _at_most(many: int) -> str:
    return f"over {people.BUSIEST:,}" if many > people.BUSIEST else f"{many:,}"
