"""The addresses the CRM pages lead to, for view tests alone."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def _elsewhere(request: HttpRequest, **_: object) -> HttpResponse:
    return HttpResponse("elsewhere")


urlpatterns = [
    path("crm/", include("crm_sync.urls")),
    path("lists/imports/<int:import_id>/", _elsewhere, name="import"),
    path("lists/<int:list_id>/", _elsewhere, name="list"),
    path("sign-in/", _elsewhere, name="sign-in"),
]
