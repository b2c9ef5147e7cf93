"""Recorded messages: the library, one message, recording it, approving and retiring it."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts import roles
from campaigns.message_form import DecisionForm, MessageForm
from campaigns.selectors import message_pages as read
from campaigns.selectors import messages as recorded
from campaigns.selectors.message_pages import MessageView, Viewer
from campaigns.services import messages as services
from campaigns.views.errors import not_found_is_404
from campaigns.views.media import served
from carriers import selectors as carriers
from compliance import selectors as compliance
from compliance.rules.content.sounds import MessageKind
from compliance.rules.facts import Purpose
from core import clock
from core.access import Person, person_of, requires
from core.errors import AppError, NotFound, Stale
from core.types import format_phone

KEPT_BY_BROWSER = "private, max-age=3600"


@require_GET
@requires(roles.RECORD_MESSAGES)
def messages(request: HttpRequest) -> HttpResponseBase:
    """Show the library; a rep sees their own voicemail messages."""
    person = person_of(request)
    viewer = _viewer(person)
    found = read.list_messages(viewer)
    waiting = [each for each in found if each.latest.state == "draft" and not each.is_standard]
    is_filtered = request.GET.get("show") == "waiting"
    context = {
        "rows": waiting if is_filtered else found,
        "viewer": viewer,
        "waiting": len(waiting),
        "is_filtered": is_filtered,
        "may_make": _may_make(person),
    }
    return render(request, "campaigns/messages.html", context)


@require_http_methods(["GET", "POST"])
@requires(roles.RECORD_MESSAGES)
def message_new(request: HttpRequest) -> HttpResponseBase:
    """Show the form of a new message, or store one: a rep's own is for voicemail, a campaign manager's is shared."""
    person = person_of(request)
    if not _may_make(person):
        raise PermissionDenied("Your role listens to messages and approves them; it does not record any.")
    is_shared = person.may(roles.MANAGE_CAMPAIGNS)
    initial = {**_usual_facts(), "kind": request.GET.get("kind", MessageKind.VOICEMAIL)}
    form = MessageForm(
        request.POST or None,
        request.FILES or None,
        initial=initial if is_shared else {**initial, "kind": MessageKind.VOICEMAIL},
        fixed=() if is_shared else ("kind",),
    )
    if request.method == "POST" and form.is_valid():
        try:
            message_id = services.create_message(
                name=form.cleaned_data["name"],
                kind=MessageKind(form.cleaned_data["kind"]),
                owner_id=None if is_shared else person.id,
                version=form.new_version(),
                by_name=person.username,
                now=clock.now(),
            )
        except services.MessageRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _stored(request, message_id, 1)
    return _form_page(request, form, {"is_shared": is_shared})


@require_GET
@requires(roles.RECORD_MESSAGES)
@not_found_is_404
def message(request: HttpRequest, message_id: int) -> HttpResponseBase:
    """Show one message: its versions with what is heard, measured, declared and judged."""
    person = person_of(request)
    facts = read.get_message(message_id, _viewer(person))
    context = {
        "facts": facts,
        "may_edit": _may_edit(person, facts),
        "may_approve": person.may(roles.APPROVE_MESSAGES),
        "may_accept": person.may(roles.APPROVE_EXCEPTIONS),
        "may_retire": [version.id for version in facts.versions if _may_retire(person, facts, version.id)],
        "person": person,
    }
    return render(request, "campaigns/message.html", context)


@require_http_methods(["GET", "POST"])
@requires(roles.RECORD_MESSAGES)
@not_found_is_404
def message_version(request: HttpRequest, message_id: int) -> HttpResponseBase:
    """Show the form over the newest version, or store the next one."""
    person = person_of(request)
    facts = read.get_message(message_id, _viewer(person))
    if not _may_edit(person, facts):
        raise PermissionDenied("Only who owns this message may make a new version of it.")
    latest = facts.latest
    form = MessageForm(
        request.POST or None,
        request.FILES or None,
        initial={
            **MessageForm.initial_of(latest.declared),
            "name": facts.name,
            "kind": facts.kind,
            "sound": "text" if latest.is_text else "keep",
            "based_on": latest.number,
        },
        fixed=("name", "kind"),
        can_keep=not latest.is_text,
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.add_version(
                message_id=message_id,
                based_on=form.cleaned_data["based_on"],
                version=form.new_version(),
                by_name=person.username,
                now=clock.now(),
            )
        except (services.MessageRefused, Stale) as refusal:
            form.add_error(None, refusal.public_message)
        else:
            return _stored(request, message_id, latest.number + 1)
    return _form_page(request, form, {"facts": facts, "is_shared": facts.owner_id is None})


@require_safe
@requires(roles.RECORD_MESSAGES)
@not_found_is_404
def message_audio(request: HttpRequest, version_id: UUID) -> HttpResponseBase:
    """Give a person who may see the message its sound, in any state."""
    read.message_of(version_id, _viewer(person_of(request)))
    return served(request, recorded.get_media(version_id, only_approved=False), kept=KEPT_BY_BROWSER)


@require_POST
@requires(roles.APPROVE_MESSAGES)
@not_found_is_404
def message_approve(request: HttpRequest, version_id: UUID) -> HttpResponseBase:
    """Let a version be played to people."""
    person = person_of(request)

    def approve(note: str) -> str:
        services.approve(
            version_id=version_id,
            by_name=person.username,
            may_accept=person.may(roles.APPROVE_EXCEPTIONS),
            note=note,
            now=clock.now(),
        )
        return "Approved: it may be played from now on."

    return _decide(request, version_id, approve)


@require_POST
@requires(roles.RECORD_MESSAGES)
@not_found_is_404
def message_retire(request: HttpRequest, version_id: UUID) -> HttpResponseBase:
    """Never play a version again."""
    person = person_of(request)
    facts = read.message_of(version_id, _viewer(person))
    if not _may_retire(person, facts, version_id):
        raise PermissionDenied("Only who approves messages, or made this one, may retire it.")

    def retire(note: str) -> str:
        services.retire(version_id=version_id, by_name=person.username, note=note, now=clock.now())
        return "Retired. It is not played any more and stays on record."

    return _decide(request, version_id, retire)


def _decide(request: HttpRequest, version_id: UUID, act: Callable[[str], str]) -> HttpResponseBase:
    facts = read.message_of(version_id, _viewer(person_of(request)))
    form = DecisionForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else request.POST.get("note", "")[:400]
    try:
        notices.success(request, act(note))
    except NotFound:
        raise
    except AppError as refusal:
        notices.error(request, refusal.public_message)
    return redirect("message", message_id=facts.id)


def _form_page(request: HttpRequest, form: MessageForm, context: Mapping[str, Any]) -> HttpResponseBase:
    page = {"form": form, "seller": settings.SELLER_NAME, **context}
    return render(request, "campaigns/message_form.html", page, status=422 if form.errors else 200)


def _stored(request: HttpRequest, message_id: int, number: int) -> HttpResponseBase:
    """Go to the message; a form sent in the background, which keeps a fresh recording over mistakes, is told where."""
    notices.success(request, f"Version {number} is stored. Somebody else has to listen to it and approve it.")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("message", args=[message_id])})
    return redirect("message", message_id=message_id)


def _usual_facts() -> dict[str, Any]:
    """Return what most messages of this house declare."""
    numbers = carriers.active_caller_numbers()
    usual: dict[str, Any] = {"business_name": settings.SELLER_NAME, "purpose": Purpose.TELEMARKETING}
    if numbers:
        is_tested = compliance.takes_requests(numbers[0], seller=settings.SELLER_NAME)
        usual |= {"callback_number": format_phone(numbers[0]), "callback_takes_requests": is_tested}
    return usual


def _viewer(person: Person) -> Viewer:
    sees_all = person.may(roles.MANAGE_CAMPAIGNS) or person.may(roles.APPROVE_MESSAGES)
    return Viewer(user_id=person.id, username=person.username, sees_all=sees_all)


def _may_make(person: Person) -> bool:
    return person.may(roles.MANAGE_CAMPAIGNS) or person.may(roles.WORK_DESK)


def _may_edit(person: Person, facts: MessageView) -> bool:
    if facts.is_standard:
        return False
    return person.may(roles.MANAGE_CAMPAIGNS) if facts.owner_id is None else facts.owner_id == person.id


def _may_retire(person: Person, facts: MessageView, version_id: UUID) -> bool:
    version = next(each for each in facts.versions if each.id == version_id)
    return version.state != "retired" and (
        person.may(roles.APPROVE_MESSAGES)
        or facts.owner_id == person.id
        or (version.state == "draft" and version.created_by == person.username)
    )
