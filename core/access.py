"""Who may open what: a view says the permission it needs; accounts says who has it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, cast
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class Person(Protocol):
    """What a view may ask of the signed-in user."""

    is_authenticated: bool
    id: int
    username: str

    def may(self, permission: str) -> bool:
        """Return whether the user's role includes the permission."""
        ...


def person_of(request: HttpRequest) -> Person:
    """Return the signed-in user."""
    return cast(Person, request.user)


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Return the way to the sign-in page; a part of a page that htmx asked for must not get that page swapped into it."""
    if not request.headers.get("HX-Request"):
        return redirect_to_login(request.get_full_path())
    back_to = urlsplit(request.headers.get("HX-Current-URL", "")).path or "/"
    return HttpResponse(
        status=204, headers={"HX-Redirect": f"{reverse('sign-in')}?{urlencode({'next': back_to})}"}
    )


def requires(permission: str) -> Callable[[View[P]], View[P]]:
    """Let only people whose role has `permission` in: others get the sign-in page, or 403 when signed in."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            person = person_of(request)
            if not person.is_authenticated:
                return _to_sign_in(request)
            if not person.may(permission):
                raise PermissionDenied(f"Your role does not include “{permission}”.")
            return view(request, *args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]  # read by the test that every view has one
        return cast(View[P], guarded)

    return decorate
