"""Everything that happened to a person as one list, newest first, a page at a time."""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts import roles
from campaigns.selectors import timeline as campaigns
from compliance.reads import timeline as compliance
from core.access import person_of, requires
from core.errors import NotFound
from core.timeline import KINDS, Border, Happening, Subject, newest
from crm_sync import timeline_reads as crm
from dialer import timeline_reads as dialer

SIZE = 30
Source = Callable[[Subject, Border | None, int], list[Happening]]
SOURCES: Final[Mapping[str, Source]] = {
    "call": dialer.calls,
    "text": compliance.texts,
    "permission": compliance.permissions,
    "verdict": compliance.verdicts,
    "crm": crm.pushes,
    "import": campaigns.imports,
    "note": campaigns.notes,
    "change": campaigns.changes,
}


@require_GET
@requires(roles.MANAGE_LISTS)
def contact_timeline(request: HttpRequest, contact_id: int) -> HttpResponse:
    """One page of a person's timeline, as a part of their page; ?kind= shows one kind alone."""
    try:
        subject = campaigns.subject_of(contact_id)
    except NotFound as missing:
        raise Http404(missing.public_message) from None
    kind = request.GET.get("kind", "")
    chosen = {kind: SOURCES[kind]} if kind in SOURCES else SOURCES
    border = Border.read(request.GET.get("before", ""))
    found = newest((read(subject, border, SIZE + 1) for read in chosen.values()), SIZE + 1)
    shown = found[:SIZE]
    may_verdict = person_of(request).may(roles.VIEW_COMPLIANCE)
    path = reverse("contact-timeline", args=[contact_id])
    context = {
        "rows": [(each, KINDS[each.kind], _link(each, may_verdict=may_verdict)) for each in shown],
        "kind": kind if kind in SOURCES else "",
        "kinds": KINDS.items(),
        "path": path,
        "first_url": f"{path}?{urlencode({'kind': kind})}" if border else "",
        "next_url": f"{path}?{urlencode({'kind': kind, 'before': shown[-1].key})}"
        if len(found) > SIZE
        else "",
    }
    return render(request, "desk/_timeline.html", context)


def _link(each: Happening, *, may_verdict: bool) -> str:
    if each.link is None or (each.kind == "verdict" and not may_verdict):
        return ""
    name, pk = each.link
    return reverse(name, args=[pk])
