"""The versions of a campaign: its history, back to an old one, a second person's word; the review before it starts."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts import roles
from campaigns.forms_plan import DecisionForm, NameForm, ScheduleForm
from campaigns.linter.base import Finding, Severity
from campaigns.selectors import campaigns as read
from campaigns.selectors import legal_hours
from campaigns.selectors import segments as segments_read
from campaigns.selectors import versions as versions_read
from campaigns.services import changes, copying, launching, linting, readiness
from campaigns.services import versions as versions_kept
from campaigns.services.campaigns import Overtaken, thawed
from campaigns.versions import diff
from campaigns.versions.fields import BY_FORM, STEP_NAMES, Step
from campaigns.versions.telling import Crowd, tell
from campaigns.views.errors import not_found_is_404
from core import clock
from core.access import person_of, requires
from core.errors import AppError, NotFound, Stale

TONES = {Severity.ERROR: "is-bad", Severity.WARNING: "is-warn", Severity.NOTE: "is-info"}
WORDS = {Severity.ERROR: "Must be mended", Severity.WARNING: "Warning", Severity.NOTE: "Note"}


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def campaign_versions(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Show who changed what and when, and what waits for a second person."""
    text = request.GET.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    context = {
        "facts": read.get_campaign(campaign_id),
        "rows": versions_read.list_versions(campaign_id, before=before),
        "top": versions_read.newest(campaign_id),
        "me": person_of(request).username,
        "form": DecisionForm(),
    }
    return render(request, "campaigns/versions.html", context)


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def campaign_review(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Say the whole campaign in plain words, what the checks find, and what is left to do before it starts."""
    facts, now = read.get_campaign(campaign_id), clock.now()
    top, known = versions_read.newest(campaign_id), versions_read.names()
    setup = thawed(top.setup)
    agents = sorted(read.assigned_ids(campaign_id))
    found = linting.findings(setup, campaign_id=campaign_id, agent_ids=agents, now=now)
    people, reachable = legal_hours.count_people(
        segments_read.audience(
            setup.list_ids,
            setup.segment_ids,
            but_lists=setup.excluded_list_ids,
            but_segments=setup.excluded_segment_ids,
            now=now,
        )
    )
    in_force = versions_read.setup_at(campaign_id, top.in_force)
    rows = versions_read.list_versions(campaign_id, limit=1)
    context = {
        "facts": facts,
        "top": top,
        "sentences": tell(top.setup, known, Crowd(people=people, reachable=reachable, agents=len(agents))),
        "findings": [finding_line(one) for one in found],
        "read": versions_kept.read_codes(campaign_id, top.number),
        "is_blocked": any(one.severity is Severity.ERROR for one in found),
        "pending": diff.changes(in_force, top.setup, known) if top.begun_from != top.in_force else [],
        "newest": rows[0],
        "me": person_of(request).username,
        "decision_form": DecisionForm(),
        "schedule_form": ScheduleForm(initial={"starts_at": facts.starts_at}),
        "lacks": readiness.list_missing(campaign_id, now=now)
        if facts.state in ("draft", "scheduled")
        else [],
    }
    return render(request, "campaigns/review.html", context)


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def campaign_launch(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Keep which warnings were read; then start the campaign, now or at the time given."""
    person, now = person_of(request), clock.now()
    codes = sorted(
        {
            code
            for code in request.POST.getlist("read")
            if code.isascii() and code.isidentifier() and len(code) <= 60
        }
    )[:50]
    at = request.POST.get("how") == "later"
    form = ScheduleForm(request.POST)
    if at and not form.is_valid():
        messages.error(request, "Give the day and time at which it shall start.")
        return redirect("campaign-review", campaign_id=campaign_id)

    def launch() -> str:
        if codes:
            number = versions_read.newest(campaign_id).number
            changes.mark_read(
                campaign_id=campaign_id, number=number, codes=codes, by_name=person.username, now=now
            )
        if at:
            when = form.cleaned_data["starts_at"]
            launching.schedule(campaign_id=campaign_id, starts_at=when, by_name=person.username, now=now)
            return "Scheduled. It starts by itself; until then it can be changed like a draft."
        leads = launching.start(campaign_id=campaign_id, by_name=person.username, now=now)
        return f"Started with {leads:,} people to call."

    return _act(request, campaign_id, launch, then="campaign", otherwise="campaign-review")


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def campaign_roll_back(request: HttpRequest, campaign_id: int, number: int) -> HttpResponseBase:
    """Make an old version the newest one again."""
    text = request.POST.get("based_on", "")
    based_on = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def roll_back() -> str:
        try:
            saved = changes.roll_back(
                campaign_id=campaign_id,
                number=number,
                based_on=based_on,
                by_name=person_of(request).username,
                now=clock.now(),
            )
        except Overtaken as overtaken:
            raise Stale(
                f"Version {overtaken.newest} was saved meanwhile. Look at it, then go back."
            ) from None
        if not saved.is_new:
            return f"Nothing changed: version {saved.number} is the same."
        waits = " It waits for the approval of a second person." if saved.waits else ""
        return f"Version {saved.number} is as version {number} was.{waits}"

    return _act(request, campaign_id, roll_back)


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def campaign_decide(request: HttpRequest, campaign_id: int, number: int) -> HttpResponseBase:
    """Approve or refuse a version that somebody else saved."""
    person, now, form = person_of(request), clock.now(), DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was decided: give a reason of at most 500 characters.")
        return redirect("campaign-versions", campaign_id=campaign_id)
    reason, by_name = form.cleaned_data["reason"], person.username

    def decide() -> str:
        if request.POST.get("decision") == "approve":
            linting.refuse_version(campaign_id, number, now=now)
            is_news = changes.approve(
                campaign_id=campaign_id, number=number, by_name=by_name, reason=reason, now=now
            )
            return f"Version {number} is approved{' and in force' if is_news else ''}."
        changes.refuse(campaign_id=campaign_id, number=number, by_name=by_name, reason=reason, now=now)
        return f"Version {number} is refused. Its author reads your reason here."

    return _act(request, campaign_id, decide)


@require_POST
@requires(roles.MANAGE_CAMPAIGNS)
@not_found_is_404
def campaign_copy(request: HttpRequest, campaign_id: int, kind: str) -> HttpResponseBase:
    """Make a draft of the same settings, or a template."""
    person, form = person_of(request), NameForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give it a name of at most 120 characters.")
        return redirect("campaign", campaign_id=campaign_id)
    name, now = form.cleaned_data["name"], clock.now()
    try:
        if kind == "template":
            copying.save_template(campaign_id=campaign_id, name=name, by_name=person.username, now=now)
            messages.success(request, f"The template “{name}” is offered for new campaigns.")
            return redirect("campaign", campaign_id=campaign_id)
        made = copying.copy_campaign(
            campaign_id=campaign_id, name=name, by_id=person.id, by_name=person.username, now=now
        )
    except NotFound:
        raise
    except AppError as refusal:
        messages.error(request, refusal.public_message)
        return redirect("campaign", campaign_id=campaign_id)
    messages.success(
        request, "The copy is a draft, with the same agents. Nothing of the calls made is in it."
    )
    return redirect("campaign", campaign_id=made)


def finding_line(finding: Finding) -> dict[str, object]:
    """Return a finding as the pages show it, with the step it is mended in."""
    step = BY_FORM[finding.field].step if finding.field in BY_FORM else Step.AGENTS
    return {
        "finding": finding,
        "tone": TONES[finding.severity],
        "word": WORDS[finding.severity],
        "is_warning": finding.severity is Severity.WARNING,
        "step": step,
        "step_name": STEP_NAMES[step],
    }


def _act(
    request: HttpRequest,
    campaign_id: int,
    act: Callable[[], str],
    *,
    then: str = "campaign-versions",
    otherwise: str = "campaign-versions",
) -> HttpResponseBase:
    try:
        messages.success(request, act())
    except NotFound:
        raise
    except AppError as refusal:
        messages.error(request, refusal.public_message)
        return redirect(otherwise, campaign_id=campaign_id)
    return redirect(reverse(then, args=[campaign_id]))
