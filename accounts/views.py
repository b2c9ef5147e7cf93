"""Sign-in, sign-out, and the administrator's page of people."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from accounts import roles, selectors, services
from accounts.forms import NewPerson, PersonChange
from core import clock
from core.access import person_of, requires
from core.errors import AppError


class SignIn(auth_views.LoginView):
    """The sign-in page; in demo mode it names the demo logins."""

    template_name = "registration/sign_in.html"
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the window that a phone inside a CRM opened in touch with it, across the sign-in."""
        response = super().dispatch(request, *args, **kwargs)
        if self.get_redirect_url().startswith("/phone/"):
            response["Cross-Origin-Opener-Policy"] = "unsafe-none"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demo logins."""
        logins = settings.DEMO_LOGINS if settings.DEMO_MODE else []
        return super().get_context_data(demo_logins=logins, **kwargs)


@requires(roles.MANAGE_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, with role and team."""
    return render(request, "accounts/people.html", {"people": selectors.list_people()})


@requires(roles.MANAGE_PEOPLE)
def add_person(request: HttpRequest) -> HttpResponseBase:
    """Add a person."""
    form = NewPerson(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.add_person(
                username=data["username"],
                password=data["password"],
                first_name=data["first_name"],
                last_name=data["last_name"],
                email=data["email"],
                role=data["role"],
                team_id=form.team_id(),
                by=person_of(request).username,
                now=clock.now(),
            )
        except services.NameTaken as error:
            form.add_error("username", str(error))
        else:
            messages.success(request, f"{data['first_name']} {data['last_name']} can sign in now.")
            return redirect("people")
    return render(
        request, "accounts/person.html", {"form": form, "person": None}, status=422 if form.errors else 200
    )


@requires(roles.MANAGE_PEOPLE)
def change_person(request: HttpRequest, user_id: int) -> HttpResponseBase:
    """Change a person's role, team, or whether they may sign in."""
    person = selectors.get_person(user_id)
    if person is None:
        raise Http404("This person is not here any more.")
    initial = {"role": person.role, "team": person.team_id or "", "is_active": person.is_active}
    form = PersonChange(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.change_person(
                user_id=user_id,
                role=data["role"],
                team_id=form.team_id(),
                is_active=data["is_active"],
                by=person_of(request).username,
                now=clock.now(),
            )
        except AppError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{person.name} was changed.")
            return redirect("people")
    return render(
        request, "accounts/person.html", {"form": form, "person": person}, status=422 if form.errors else 200
    )
