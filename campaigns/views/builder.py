"""The builder: a campaign in steps that can be left and resumed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import roles
from campaigns.selectors import campaigns as read
from campaigns.selectors import legal_hours, overview
from campaigns.selectors import messages as messages_read
from campaigns.selectors import segments as segments_read
from campaigns.selectors import versions as versions_read
from campaigns.services import campaigns as services
from campaigns.services import copying, dispositions, drafts, linting
from campaigns.services.campaigns import Setup
from campaigns.services.drafts import Draft
from campaigns.versions import diff
from campaigns.versions.fields import STEP_NAMES, Step
from campaigns.versions.telling import Crowd, tell
from campaigns.views.campaigns import saved_words
from campaigns.views.drafting import (
    AGENTS,
    FIELDS,
    Both,
    blank,
    forms_of,
    numbers_in,
    plain_numbers,
    sent_in,
    texts_of,
    unbound,
    unbound_agents,
)
from campaigns.views.errors import not_found_is_404
from campaigns.views.versions import finding_line
from core import clock
from core.access import person_of, requires
from core.errors import AppError, NotFound

STEPS = tuple(Step)
AUDIENCE = ("lists", "segments", "excluded_lists", "excluded_segments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A step in the list of steps."""

    step: Step
    name: str
    url: str
    is_current: bool
    wrong: int  # fields to mend, of a step that was sent once
    is_done: bool


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
def build(request: HttpRequest) -> HttpResponseBase:
    """Show what a new campaign can begin from: nothing, a template, another campaign, an unfinished draft."""
    context = {
        "templates": overview.list_templates(),
        "campaigns": read.list_names(),
        "drafts": overview.list_drafts(person_of(request).id),
    }
    return render(request, "campaigns/build.html", context)


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def build_begin(request: HttpRequest) -> HttpResponseBase:
    """Begin a draft from what was chosen, or go on with the one there is of a campaign."""
    person, now = person_of(request), clock.now()
    changed, template, copied = (_id(request, name) for name in ("campaign", "template", "copy"))
    based_on, agents = 0, set[int]()
    if changed:
        top = versions_read.newest(changed)
        values, based_on, agents = (
            texts_of(services.thawed(top.setup)),
            top.number,
            read.assigned_ids(changed),
        )
    elif template or copied:
        values = texts_of(copying.setup_from(template_id=template or None, campaign_id=copied or None))
        agents = read.assigned_ids(copied) if copied else set()
    else:
        values = blank()
    try:
        draft_id = drafts.begin(
            user_id=person.id,
            campaign_id=changed or None,
            based_on=based_on,
            values={**values, AGENTS: [str(one) for one in sorted(agents)]},
            now=now,
        )
    except drafts.TooManyDrafts as refusal:
        messages.error(request, refusal.public_message)
        return redirect("build")
    return redirect("build-step", draft_id=draft_id, step=drafts.get(draft_id, user_id=person.id).step)


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def build_step(request: HttpRequest, draft_id: int, step: str) -> HttpResponseBase:
    """Show one step, or keep what was typed in it and go on."""
    person, here = person_of(request), _step(step)
    draft = drafts.get(draft_id, user_id=person.id)
    if request.method == "GET":
        return _show(request, draft, here, status=200)
    values = sent_in(request.POST, here)
    draft = drafts.save_step(
        draft_id=draft_id,
        user_id=person.id,
        step=here,
        values=values,
        sent=True,
        typed_at=_id(request, "typed_at"),
        now=clock.now(),
    )
    go = request.POST.get("go", "next")
    if go == "leave":
        messages.success(request, "Kept as it is. Go on with it from the list of campaigns.")
        return redirect("campaigns")
    if here is Step.REVIEW:
        return _finish(request, draft)
    if _forms(draft).wrong(here):
        return _show(request, draft, here, status=422)
    return redirect("build-step", draft_id=draft_id, step=STEPS[STEPS.index(here) + 1])


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def build_autosave(request: HttpRequest, draft_id: int, step: str) -> HttpResponseBase:
    """Keep what was typed so far, right or wrong."""
    here = _step(step)
    draft = drafts.save_step(
        draft_id=draft_id,
        user_id=person_of(request).id,
        step=here,
        values=sent_in(request.POST, here),
        sent=False,
        typed_at=_id(request, "typed_at"),
        now=clock.now(),
    )
    return JsonResponse({"saved_at": draft.saved_at.isoformat()})


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def build_count(request: HttpRequest, draft_id: int) -> HttpResponseBase:
    """Count the people ticked in the step about the audience, saved or not."""
    drafts.get(draft_id, user_id=person_of(request).id)
    ticked = (plain_numbers(request.POST.getlist(name)) for name in AUDIENCE)
    return render(request, "campaigns/_audience_count.html", _counted(*ticked, now=clock.now()))


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def build_discard(request: HttpRequest, draft_id: int) -> HttpResponseBase:
    """Forget what was typed; a campaign it was to change stays as it is."""
    drafts.discard(draft_id=draft_id, user_id=person_of(request).id)
    messages.success(request, "The draft is discarded. No campaign was changed.")
    return redirect("campaigns")


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def template_remove(request: HttpRequest, template_id: int) -> HttpResponseBase:
    """Take a template away."""
    copying.remove_template(template_id=template_id, by_name=person_of(request).username, now=clock.now())
    messages.success(request, "The template is removed. Campaigns made from it stay.")
    return redirect("build")


def _show(
    request: HttpRequest, draft: Draft, here: Step, *, status: int, extra: dict[str, Any] | None = None
) -> HttpResponseBase:
    forms = _forms(draft)
    shows_errors = here.value in draft.seen and here is not Step.REVIEW
    context = {
        "draft": draft,
        "step": here,
        "step_name": STEP_NAMES[here],
        "stages": _stages(draft, forms, here),
        "form": forms.settings if shows_errors else unbound(draft),
        "agents_form": forms.agents if shows_errors else unbound_agents(draft),
        "fields": FIELDS[here],
        "tries_form": forms.tries,
        "order_form": forms.order,
        "wrong": forms.mend(here) if shows_errors else [],
        "title": (draft.values.get("name") or [""])[0] or "New campaign",
        "facts": read.get_campaign(draft.campaign_id) if draft.campaign_id else None,
        "before": STEPS[STEPS.index(here) - 1] if here is not STEPS[0] else None,
        **_about(draft, forms, here),
        **(extra or {}),
    }
    return render(request, "campaigns/build_step.html", context, status=status)


def _about(draft: Draft, forms: Both, here: Step) -> dict[str, Any]:
    """What a step shows beside its fields."""
    now = clock.now()
    if here is Step.AUDIENCE:
        return _counted(*(numbers_in(draft, name) for name in AUDIENCE), now=now)
    if here is Step.SCHEDULE:
        purpose = (draft.values.get("purpose") or [""])[0]
        law = linting.purpose_in_law(purpose, answers_never_sell=bool(draft.values.get("answers_never_sell")))
        ahead = (draft.values.get("mode") or [""])[0] in linting.AHEAD
        states = legal_hours.table(law, ahead=ahead, now=now) if law else []
        return {"states": states, "is_free": bool(states) and all(one.is_free for one in states)}
    if here is Step.DIALING:
        return {"sounds": messages_read.list_choices()}
    if here is Step.REVIEW:
        return _review(draft, forms)
    return {}


def _counted(
    lists: list[int], segments: list[int], but_lists: list[int], but_segments: list[int], *, now: datetime
) -> dict[str, Any]:
    """How many people a choice is, and how many it leaves out of them."""
    chosen = segments_read.audience(lists, segments, but_lists=but_lists, but_segments=but_segments, now=now)
    people, reachable = legal_hours.count_people(chosen)
    left_out = 0
    if but_lists or but_segments:
        everybody = segments_read.audience(lists, segments, now=now)
        left_out = everybody.count() - people
    return {"people": people, "reachable": reachable, "left_out": left_out}


def _review(draft: Draft, forms: Both) -> dict[str, Any]:
    setup, now = _setup(forms), clock.now()
    wrong = [(step, STEP_NAMES[step], forms.mend(step)) for step in STEPS if forms.wrong(step)]
    if setup is None:
        return {"wrong_steps": wrong}
    agents = forms.agents.cleaned_data[AGENTS] if forms.agents.is_valid() else []
    found = linting.findings(setup, campaign_id=draft.campaign_id, agent_ids=agents, now=now)
    people, reachable = legal_hours.count_people(
        segments_read.audience(
            setup.list_ids,
            setup.segment_ids,
            but_lists=setup.excluded_list_ids,
            but_segments=setup.excluded_segment_ids,
            now=now,
        )
    )
    known, frozen = versions_read.names(), services.frozen(setup)
    changes: Sequence[diff.Change] = []
    if draft.campaign_id:
        top = versions_read.newest(draft.campaign_id)
        changes = diff.changes(top.setup, frozen, known)
    return {
        "wrong_steps": wrong,
        "is_complete": not wrong,
        "sentences": tell(frozen, known, Crowd(people=people, reachable=reachable, agents=len(agents))),
        "findings": [finding_line(one) for one in found],
        "changes": changes,
    }


def _finish(request: HttpRequest, draft: Draft) -> HttpResponseBase:
    """Save the draft as a campaign, or as the next version of one."""
    person, now, forms = person_of(request), clock.now(), _forms(draft)
    setup = _setup(forms)
    if setup is None or not forms.agents.is_valid():
        return _show(request, draft, Step.REVIEW, status=422)
    note = (draft.values.get("note") or [""])[0]
    try:
        if draft.campaign_id is None:
            campaign_id = services.create_campaign(
                setup=setup, by_id=person.id, by_name=person.username, now=now, note=note
            )
            said = "The campaign is saved as version 1. Look it over below, then start it."
        else:
            campaign_id = draft.campaign_id
            saved = services.change_campaign(
                campaign_id=campaign_id,
                setup=setup,
                by_name=person.username,
                now=now,
                based_on=draft.based_on,
                note=note,
            )
            said = saved_words(saved)
    except services.Overtaken:
        return _overtaken(request, draft, setup)
    except NotFound:
        raise
    except AppError as refusal:
        return _show(request, draft, Step.REVIEW, status=422, extra={"refusal": refusal.public_message})
    drafts.discard(draft_id=draft.id, user_id=person.id)
    messages.success(request, said)
    _assign(request, campaign_id, forms.agents.cleaned_data[AGENTS])
    return redirect("campaign-review", campaign_id=campaign_id)


def _assign(request: HttpRequest, campaign_id: int, agents: Sequence[int]) -> None:
    """Assign who was ticked, where that differs; the settings are saved already."""
    if set(agents) == read.assigned_ids(campaign_id):
        return
    by_name = person_of(request).username
    try:
        services.assign_agents(campaign_id=campaign_id, user_ids=agents, by_name=by_name, now=clock.now())
    except AppError as refusal:
        messages.error(request, f"The settings are saved, the agents are not: {refusal.public_message}")


def _overtaken(request: HttpRequest, draft: Draft, setup: Setup) -> HttpResponseBase:
    """Put the draft on top of what somebody saved meanwhile, and say what that was."""
    assert draft.campaign_id is not None
    on_top = versions_read.rebase(draft.campaign_id, based_on=draft.based_on, ours=services.frozen(setup))
    draft = drafts.rebase(
        draft_id=draft.id,
        user_id=person_of(request).id,
        based_on=on_top.number,
        values=texts_of(services.thawed(on_top.setup)),
        now=clock.now(),
    )
    return _show(request, draft, Step.REVIEW, status=409, extra={"on_top": on_top})


def _setup(forms: Both) -> Setup | None:
    """Return the setup typed, None while a field needs mending."""
    return forms.setup(disposition_set_id=dispositions.ensure_default_set(clock.now()))


def _forms(draft: Draft) -> Both:
    return forms_of(draft, usual_set=dispositions.ensure_default_set(clock.now()))


def _stages(draft: Draft, forms: Both, here: Step) -> list[Stage]:
    return [
        Stage(
            step=step,
            name=STEP_NAMES[step],
            url=reverse("build-step", args=[draft.id, step]),
            is_current=step is here,
            wrong=len(forms.wrong(step)) if step.value in draft.seen else 0,
            is_done=step.value in draft.seen and not forms.wrong(step),
        )
        for step in STEPS
    ]


def _step(text: str) -> Step:
    try:
        return Step(text)
    except ValueError:
        raise Http404(f"There is no step “{text}”.") from None


def _id(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
