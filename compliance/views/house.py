"""What the house decides: lifted denials and emergencies."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from compliance import pages, services
from compliance.forms.house import EmergencyForm, EndForm, OverrideForm
from compliance.pages import house as tables
from compliance.pages.tables import Link, url
from compliance.reads import house as reads
from compliance.rules.codes import CODES
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.views.common import (
    LIFT,
    MANAGE,
    VIEW,
    actor_of,
    before_of,
    found_or_404,
    may,
    pager,
    show_list,
    typed,
    work_form,
)
from core import clock
from core.access import person_of, requires
from core.types import PhoneError, as_phone, format_phone


@require_GET
@requires(VIEW)
def overrides(request: HttpRequest) -> HttpResponse:
    """Show the denials that were lifted, with whom each reaches and until when."""
    now = clock.now()
    found = reads.list_overrides(before=before_of(request))
    standing = sum(row.at <= now < row.until for row in found.rows)
    view = pages.ListPage(
        title="Lifted denials",
        tab=pages.Tab(top="overrides"),
        intro="Never lifted, by anybody: requests not to be called, revocations, hours and days of calling, and what nobody can "
        "know better than the rules.",
        actions=(Link(words="Lift a denial", href=url("compliance-override-add"), key="n"),)
        if may(request, LIFT)
        else (),
        stats=(pages.Stat(value=str(standing), label="count now, on this page"),) if found.rows else (),
        tables=(tables.overrides_table(found.rows, now=now),),
    )
    return show_list(request, view, page=pager(request, len(found.rows), found.next_before))


@require_http_methods(["GET", "POST"])
@requires(LIFT)
def add_override(request: HttpRequest) -> HttpResponse:
    """Lift a denial for a number, person or campaign, with a reason and an end."""
    form = OverrideForm(typed(request), initial=_asked(request))
    view = pages.FormPage(
        title="Lift a denial",
        tab=pages.Tab(top="overrides"),
        intro=(
            "It reaches what you name, all of it where you name several: a number, a person, a campaign.",
        ),
        warning="The gate will let through what a rule refuses. Your name and the reason are kept and reported.",
        button="Lift it until then",
        cancel=reverse("compliance-overrides"),
    )

    def act(given: dict[str, Any]) -> str:
        services.lift_denial(
            code=given["code"],
            reason=given["reason"],
            by=person_of(request),
            until=given["until"],
            number=given["number"],
            person_ref=given["person_ref"],
            campaign_ref=given["campaign_ref"],
            now=clock.now(),
        )
        return f"“{CODES[given['code']]}” is lifted until {given['until']:%Y-%m-%d %H:%M} UTC."

    return work_form(request, view, form, act, then="compliance-overrides")


@require_GET
@requires(VIEW)
def emergencies(request: HttpRequest) -> HttpResponse:
    """Show the areas under an emergency."""
    may_manage = may(request, MANAGE)
    view = pages.ListPage(
        title="Emergencies",
        tab=pages.Tab(top="emergencies"),
        intro="Some states forbid sales contacts to areas under a declared emergency (rule ST-004).",
        actions=(Link(words="Declare an area", href=url("compliance-emergency-add"), key="n"),)
        if may_manage
        else (),
        tables=(tables.emergencies_table(reads.list_emergencies(), now=clock.now(), may_manage=may_manage),),
    )
    return show_list(request, view)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def add_emergency(request: HttpRequest) -> HttpResponse:
    """Store an area under a declared emergency; it holds at once."""
    now = clock.now()
    form = EmergencyForm(typed(request), initial={"since": now})
    view = pages.FormPage(
        title="Declare an area",
        tab=pages.Tab(top="emergencies"),
        intro=(
            "Sales contacts to people who may be there are refused from then on, where the state’s law says so.",
        ),
        button="Declare the area",
        cancel=reverse("compliance-emergencies"),
    )

    def act(given: dict[str, Any]) -> str:
        services.declare_emergency(**given, actor=actor_of(request), now=now)
        return f"{given['area']} is under an emergency."

    return work_form(request, view, form, act, then="compliance-emergencies")


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def end_emergency(request: HttpRequest, emergency_id: int) -> HttpResponse:
    """Say when an emergency ends or ended."""
    row: reads.EmergencyRow = found_or_404(lambda: reads.get_emergency(emergency_id))
    now = clock.now()
    view = pages.FormPage(
        title=f"End the emergency: {row.area}",
        tab=pages.Tab(top="emergencies"),
        facts=(
            ("Area", f"{row.area}, {STATE_NAMES.get(row.state, row.state).removeprefix('the ')}"),
            ("Since", f"{row.since:%Y-%m-%d %H:%M} UTC"),
            ("Declared by", row.declared_by),
        ),
        button="End it then",
        cancel=reverse("compliance-emergencies"),
    )

    def act(given: dict[str, Any]) -> str:
        services.end_emergency(
            emergency_id=emergency_id, until=given["until"], actor=actor_of(request), now=now
        )
        return f"{row.area}: the emergency ends {given['until']:%Y-%m-%d %H:%M} UTC."

    form = EndForm(typed(request), initial={"until": now})
    return work_form(request, view, form, act, then="compliance-emergencies")


def _asked(request: HttpRequest) -> dict[str, str]:
    """What the address says already, from the page of a number or verdict."""
    asked = {name: request.GET.get(name, "")[:80] for name in ("code", "campaign_ref", "person_ref")}
    try:
        return {**asked, "number": format_phone(as_phone(request.GET.get("number", "")))}
    except PhoneError:
        return asked
