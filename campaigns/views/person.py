"""What a manager does on a person's own page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import roles
from campaigns.services import person
from campaigns.services.person import PersonRefused
from campaigns.views.errors import not_found_is_404
from compliance.forms.people import HEARD_ON
from core import clock
from core.access import person_of, requires
from core.errors import NotFound


@require_POST
@requires(roles.MANAGE_LISTS)
@not_found_is_404
def contact_act(request: HttpRequest, contact_id: int, verb: str) -> HttpResponseBase:
    """Add a note or a tag, take a tag off, or record that they asked not to be called."""
    told = request.POST
    by, now = person_of(request).username, clock.now()
    try:
        if verb == "note":
            person.add_note(contact_id=contact_id, text=told.get("text", ""), by=by, now=now)
            messages.success(request, "The note is kept.")
        elif verb == "tag":
            is_new = person.add_tag(contact_id=contact_id, name=told.get("name", ""), by=by, now=now)
            messages.success(request, "The tag is set." if is_new else "They have this tag already.")
        elif verb == "untag":
            person.remove_tag(contact_id=contact_id, tag_id=_number(told.get("tag", "")), by=by, now=now)
            messages.success(request, "The tag is taken off.")
        elif verb == "refuse":
            messages.success(request, f"Refused at once on {_refuse(request, contact_id)} numbers.")
        else:
            raise NotFound("There is nothing of this name to do with a person.")
    except PersonRefused as refused:
        messages.error(request, str(refused))
    return redirect("contact", contact_id=contact_id)


def _refuse(request: HttpRequest, contact_id: int) -> int:
    told = request.POST
    heard_on = told.get("heard_on", "")
    if heard_on not in HEARD_ON:
        raise PersonRefused("Choose how they asked.")
    return person.refuse_calls(
        contact_id=contact_id,
        numbers=told.getlist("number"),
        heard_on=heard_on,
        words=told.get("words", ""),
        proof=told.get("proof", "").strip(),
        by=person_of(request).username,
        now=clock.now(),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
