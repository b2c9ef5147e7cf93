"""The page that gives an administrator what the CRM needs to show our phone."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts import roles
from core.access import requires
from core.errors import NotFound
from crm_sync import phone_setup
from crm_sync.phone_setup import Setup
from crm_sync.selectors import phones


@require_GET
@requires(roles.MANAGE_CRM)
def phone(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Show the phone's address, the file for the CRM, and the steps there."""
    try:
        found = phones.get_phone(connection_id)
    except NotFound as error:
        name = phones.name_of(connection_id)
        if name is None:
            raise Http404(str(error)) from error
        return render(request, "crm_sync/phone.html", {"name": name, "missing": str(error)})
    address = _address(connection_id)
    context = {
        "phone": found,
        "name": found.name,
        "address": address,
        "setup": _setup(found, address),
        "width": phone_setup.WIDTH,
        "height": phone_setup.HEIGHT,
        "is_taken": phone_setup.is_taken_as_it_is(found.kind, address),
    }
    return render(request, "crm_sync/phone.html", context)


@require_GET
@requires(roles.MANAGE_CRM)
def phone_file(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Give the file out."""
    try:
        made = _setup(phones.get_phone(connection_id), _address(connection_id))
    except NotFound as error:
        raise Http404(str(error)) from error
    response = HttpResponse(made.text, content_type=f"{made.content_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
    return response


def _setup(found: phones.Phone, address: str) -> Setup:
    return phone_setup.setup(found.kind, connection_id=found.connection_id, name=found.name, address=address)


def _address(connection_id: int) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse("crm-phone", args=[connection_id])
