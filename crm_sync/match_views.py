"""Pages of people who are not known in a CRM: one decision after the other, one key each; and the rules that decide the rest."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import roles
from core import clock
from core.access import person_of, requires
from core.errors import AppError, NotFound
from crm_sync.mapping_forms import DecisionForm, MatchRulesForm
from crm_sync.protocol import SyncError
from crm_sync.selectors import matches as reads
from crm_sync.services import mapped, matches


@require_GET
@requires(roles.VIEW_CRM)
def people(request: HttpRequest) -> HttpResponse:
    """Show the next person to decide, and what was decided lately."""
    after = request.GET.get("after", "")
    context = {
        "one": reads.next_undecided(
            after=int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
        ),
        "recent": reads.list_recent(),
        "may_manage": person_of(request).may(roles.MANAGE_CRM),
    }
    return render(request, "crm_sync/people.html", context)


@require_POST
@requires(roles.MANAGE_CRM)
def decide(request: HttpRequest, match_id: int) -> HttpResponse:
    """Take a decision, then show the next person."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.warning(request, "Choose one of the people found, create a new one, or leave it.")
        return redirect("crm-people")
    try:
        matches.decide(
            match_id=match_id,
            choice=form.cleaned_data["choice"],
            by_name=person_of(request).username,
            clock=clock.now,
        )
    except NotFound as error:
        raise Http404(str(error)) from error
    except (SyncError, AppError) as error:
        messages.warning(request, str(error))
        return redirect(f"{reverse('crm-people')}?after={match_id}")
    messages.success(request, "Decided; what waited for it goes on.")
    return redirect("crm-people")


@require_POST
@requires(roles.MANAGE_CRM)
def seek(request: HttpRequest, match_id: int) -> HttpResponse:
    """Look for somebody once more."""
    try:
        matches.seek_again(match_id=match_id, by_name=person_of(request).username, now=clock.now())
    except NotFound as error:
        raise Http404(str(error)) from error
    except AppError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, "They are looked for again.")
    return redirect("crm-people")


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CRM)
def rules(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Say whom a connection is asked for, and what happens then."""
    found = reads.rules_of(connection_id)
    if found is None:
        raise Http404("This connection cannot be searched for people.")
    try:
        there = mapped.keys_of_people(connection_id, now=clock.now())
    except AppError as error:
        messages.warning(request, str(error))
        return redirect("crm-mappings", connection_id=connection_id)
    form = MatchRulesForm(
        request.POST or None,
        initial=found.values,
        objects=there.objects,
        ours=there.ours,
        theirs=_with_kept(there.theirs, found.values["id_theirs"]),
    )
    if request.method == "POST" and form.is_valid():
        try:
            matches.set_rules(
                connection_id=connection_id,
                by_name=person_of(request).username,
                now=clock.now(),
                **form.cleaned_data,
            )
        except AppError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved; people are looked for by these rules from now on.")
            return redirect("crm-mappings", connection_id=connection_id)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "crm_sync/match_rules.html", {"found": found, "form": form}, status=status)


def _with_kept(choices: Sequence[tuple[str, str]], kept: str) -> Sequence[tuple[str, str]]:
    """Return the CRM's fields with the one chosen before, should the CRM not have it (or not answer) now."""
    if not kept or kept in dict(choices):
        return choices
    return [*choices, (kept, f"{kept} (not in the CRM now)")]
