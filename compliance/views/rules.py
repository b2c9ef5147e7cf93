"""Rules: all of them with their cases, the tables of states, and the numbers with the house's limits."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from compliance import pages, services
from compliance.forms.house import LimitForm
from compliance.pages import house as tables
from compliance.pages import rules as rule_pages
from compliance.pages.failures import alarm, failures_table
from compliance.reads import failures
from compliance.reads import house as reads
from compliance.rules.engine import rules_hash
from compliance.rules.pack import UNKNOWN_STATE, LegalNumber
from compliance.rules.packfile import shipped
from compliance.rules.policy import why_too_loose
from compliance.views.common import (
    APPROVE,
    MANAGE,
    VIEW,
    actor_of,
    decide,
    found_or_404,
    may,
    show_confirm,
    show_list,
    typed,
    work_form,
)
from core import clock
from core.access import requires

NOT_ADVICE = "Confidence says how sure the source is; this is not legal advice."


@require_GET
@requires(VIEW)
def rules(request: HttpRequest) -> HttpResponse:
    """Show every rule with what it does, its refusals and how many cases hold it."""
    table = rule_pages.rules_table()
    failed = failures.failed_rules(clock.now())
    view = pages.ListPage(
        title="Rules",
        warning=alarm(failed, failures.DAYS),
        tab=pages.Tab(top="rules", sub="rules"),
        intro=f"Rules version {shipped().version}, hash {rules_hash(shipped())}: every verdict names both. {NOT_ADVICE}",
        stats=(
            pages.Stat(value=str(len(table.rows)), label="rules"),
            pages.Stat(value=str(_cases()), label="cases of the rule book that are tests"),
            pages.Stat(value=shipped().version, label="version"),
        ),
        tables=((failures_table(failed),) if failed else ()) + (table,),
    )
    return show_list(request, view)


@require_GET
@requires(VIEW)
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Show one rule: its refusals, numbers, laws and test cases."""
    found = rule_pages.known_rules().get(rule_id)
    if found is None:
        raise Http404("There is no such rule.")
    view = pages.ListPage(
        title=f"Rule {rule_id}",
        tab=pages.Tab(top="rules", sub="rules"),
        intro=found.says,
        tables=rule_pages.rule_tables(found, clock.now().date()),
    )
    return show_list(request, view)


@require_GET
@requires(VIEW)
def states(request: HttpRequest) -> HttpResponse:
    """Show the state table in force today, the strictest row last."""
    today = clock.now().date()
    known = [row for row in shipped().state_rows if row.is_in_force(today) and row.state != UNKNOWN_STATE]
    rows = sorted(known, key=lambda row: (row.name.removeprefix("the "), len(row.channels)))
    view = pages.ListPage(
        title="State hours",
        tab=pages.Tab(top="rules", sub="states"),
        intro="Hours are those of the person called. A sales call must fit the federal hours, the hours of every state the person "
        f"may be in, and the campaign’s own. {NOT_ADVICE}",
        tables=(rule_pages.hours_table([*rows, shipped().strictest(today)]),),
    )
    return show_list(request, view)


@require_GET
@requires(VIEW)
def laws(request: HttpRequest) -> HttpResponse:
    """Show what single states ask beyond hours and days."""
    found = [law for pack in shipped().packs for law in pack.laws]
    view = pages.ListPage(
        title="Further state laws",
        tab=pages.Tab(top="rules", sub="laws"),
        intro=f"Registrations, consent, emergencies, lists of their own and caps, with the days each is in force. {NOT_ADVICE}",
        tables=(rule_pages.laws_table(sorted(found, key=lambda law: (law.state, law.kind, law.citation))),),
    )
    return show_list(request, view)


@require_GET
@requires(VIEW)
def limits(request: HttpRequest) -> HttpResponse:
    """Show the numbers of the rule book in force, the house's own beside them, and what waits for a second person."""
    today = clock.now().date()
    waiting = reads.list_limit_requests()
    requests = tables.limit_requests_table(
        waiting, may_approve=may(request, APPROVE), person=actor_of(request)
    )
    numbers = tables.limits_table(
        [row for row in shipped().numbers if row.is_in_force(today)],
        reads.limits_by_name(),
        on=today,
        may_manage=may(request, MANAGE),
    )
    view = pages.ListPage(
        title="Numbers and house limits",
        tab=pages.Tab(top="rules", sub="limits"),
        intro="The house may be stricter than the law at any time. What is a policy of ours, and no law, may be loosened by two people. "
        f"{NOT_ADVICE}",
        tables=((requests,) if waiting else ()) + (numbers,),
    )
    return show_list(request, view)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def limit(request: HttpRequest, name: str) -> HttpResponse:
    """Set the house's own value of a number: stricter at once, looser (of a policy) after another person's approval."""
    now = clock.now()
    law = _law(name, now.date())
    rows = reads.limits_by_name().get(name, ())
    standing = reads.standing_limit(rows, now.date())
    initial = {"value": tables.value_words(standing.value if standing else law.value), "since": now.date()}
    form = LimitForm(typed(request), law=law, initial=initial)
    view = pages.FormPage(
        title=f"House limit: {tables.name_words(name)}",
        tab=pages.Tab(top="rules", sub="limits"),
        facts=_about(law),
        button="Set the limit",
        cancel=reverse("compliance-limits"),
        tables=(
            tables.limit_requests_table(
                reads.list_limit_requests(name=name),
                may_approve=may(request, APPROVE),
                person=actor_of(request),
            ),
            tables.limit_history(rows, now.date()),
        ),
    )

    def act(given: dict[str, Any]) -> str:
        told = {
            "name": name,
            "value": given["value"],
            "since": given["since"],
            "until": given["until"],
            "reason": given["reason"],
            "now": now,
        }
        is_policy = law.basis == "policy"
        if (
            is_policy
            and why_too_loose(law, given["value"])
            and not why_too_loose(law, given["value"], is_override=True)
        ):
            services.request_house_limit(**told, requested_by=actor_of(request))
            return "This is looser than our policy: it waits for another person’s approval."
        services.set_house_limit(**told, set_by=actor_of(request))
        return "The limit is set."

    return work_form(request, view, form, act, then="compliance-limits")


@require_http_methods(["GET", "POST"])
@requires(APPROVE)
def decide_limit(request: HttpRequest, request_id: int) -> HttpResponse:
    """Approve or refuse a looser limit, as the second person; who asked may withdraw it."""
    row: reads.LimitRequestRow = found_or_404(lambda: reads.get_limit_request(request_id))
    is_own = row.requested_by == actor_of(request)
    if request.method == "POST":
        is_approved = request.POST.get("decision") == "approve"

        def act() -> str:
            services.decide_house_limit(
                request_id=request_id, approve=is_approved, decided_by=actor_of(request), now=clock.now()
            )
            return (
                "The limit is set, by two people."
                if is_approved
                else "The request is refused; nothing changed."
            )

        return decide(request, act, then="compliance-limits")
    if row.decided_at is not None:
        return redirect("compliance-limits")
    law = _law(row.name, row.since)
    view = pages.ConfirmPage(
        title=f"Loosen “{tables.name_words(row.name)}”",
        tab=pages.Tab(top="rules", sub="limits"),
        facts=(
            *_about(law),
            ("Asked value", tables.value_words(row.value)),
            ("In force", tables.in_force_words(row.since, row.until)),
            ("Why", row.reason),
            ("Asked by", f"{row.requested_by}, {row.requested_at:%Y-%m-%d %H:%M} UTC"),
        ),
        warning="You asked for it yourself: another person must approve it. You may withdraw it."
        if is_own
        else "With your name the gate allows more than our policy does.",
        button="Approve",
        refuse="Withdraw" if is_own else "Refuse",
        cancel=reverse("compliance-limits"),
    )
    return show_confirm(request, view)


def _law(name: str, on: date) -> LegalNumber:
    law = next((row for row in shipped().numbers if row.name == name and row.is_in_force(on)), None)
    if law is None:
        raise Http404("There is no such number in the rule book.")
    return law


def _about(law: LegalNumber) -> tuple[tuple[str, str], ...]:
    return (
        ("The rule book’s value", f"{tables.value_words(law.value)} ({law.unit})"),
        ("Direction", tables.direction_words(law)),
        (
            "Basis",
            "law: the house may only be stricter"
            if law.basis == "law"
            else "a policy of ours: looser values take a second person’s approval",
        ),
        ("Source", f"{law.rule_id}, {law.citation}"),
    )


def _cases() -> int:
    return sum(len(rule.cases) for rule in rule_pages.known_rules().values())
