"""Scripts: a list, and an editor whose every save is a new version."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts import roles
from campaigns.forms import ScriptForm
from campaigns.scripting.render import MERGE_FIELDS
from campaigns.selectors import scripts as read
from campaigns.services import scripts as services
from campaigns.views.errors import not_found_is_404
from compliance.rules.content import packaged
from compliance.rules.content.problems import Problem
from compliance.rules.content.scripts import text_problems
from core import clock
from core.access import person_of, requires
from core.errors import Stale

_FIELDS = [(f"{{{name}}}", meaning) for name, meaning in MERGE_FIELDS.items()]


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
def scripts(request: HttpRequest) -> HttpResponseBase:
    """Show all scripts."""
    return render(request, "campaigns/scripts.html", {"scripts": read.list_scripts()})


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
def script_new(request: HttpRequest) -> HttpResponseBase:
    """Show an empty editor, or store a new script."""
    form = ScriptForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            services.create_script(
                name=values["name"], body=values["body"], by_name=person_of(request).username, now=clock.now()
            )
        except services.ScriptRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"“{values['name']}” is saved as version 1.")
            return redirect("scripts")
    context = {"form": form, "fields": _FIELDS}
    return render(request, "campaigns/script.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def script(request: HttpRequest, script_id: int) -> HttpResponseBase:
    """Show a script's newest text for editing, or store a new version."""
    facts = read.get_script(script_id)
    initial = {"name": facts.name, "body": facts.latest.body, "based_on": facts.latest.number}
    form = _form_over(request.POST if request.method == "POST" else None, initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        by_name = person_of(request).username
        try:
            services.save_version(
                script_id=script_id,
                based_on=values["based_on"],
                body=values["body"],
                by_name=by_name,
                now=clock.now(),
            )
        except services.ScriptRefused as refusal:
            form.add_error("body", refusal.public_message)
        except Stale as newer:
            # The writer has been told: the next save is meant to follow the version they are told of.
            form = _form_over({**values, "based_on": facts.latest.number}, initial)
            form.add_error("body", newer.public_message)
        else:
            messages.success(
                request, f"Version {values['based_on'] + 1} is saved. Campaigns keep the version they chose."
            )
            return redirect("script", script_id=script_id)
    context = {"form": form, "fields": _FIELDS, "facts": facts, "problems": _problems(facts)}
    return render(request, "campaigns/script.html", context, status=422 if form.errors else 200)


def _problems(facts: read.ScriptFacts) -> tuple[Problem, ...]:
    """What the newest version lacks for a sales call; a warning, for it may be saved and used as it is."""
    if not facts.may_sell:
        return ()
    numbers = packaged.in_force(clock.now().date())
    return text_problems(facts.latest.body, seller=settings.SELLER_NAME, numbers=numbers)


def _form_over(data: Mapping[str, Any] | None, initial: Mapping[str, Any]) -> ScriptForm:
    form = ScriptForm(data, initial=dict(initial))
    form.fields["name"].disabled = True
    return form
