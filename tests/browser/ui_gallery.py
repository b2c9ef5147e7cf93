"""Every component and the desk's layout with sample content, no database: to look at, and for the axe test.

`python -m tests.browser.ui_gallery [PORT]` serves it on 127.0.0.1 and prints the address; no port: any.
"""

import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 19, 15, 4, tzinfo=UTC)
AREAS = ["Desk", "Inbox", "Lists", "Campaigns", "Surveys", "Reports", "Compliance", "CRM", "Settings"]
LEADS = [
    ("Maria Alvarez", "Alvarez Roofing", "+14075550123", "is-good", "Sale", 3),
    ("Dwayne Okafor", "Okafor & Sons", "+12125550101", "is-warn", "Callback", 2),
    ("Ines Laurent", "Laurent Dental", "+13055550144", "is-bad", "Do not call", 1),
    ("Peter Novak", "Novak Supply", "+16025550189", "is-info", "Dialing", 4),
    ("Grace Lindqvist", "Lindqvist Farms", "+16125550117", "is-auto", "Machine", 5),
    ("Tom Baker", "Baker Motors", "+18085550160", "", "New", 0),
]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the context that every page gets, with sample navigation."""
    current = request.GET.get("area", "Campaigns" if request.path == "/" else "Desk")
    nav = [
        {"name": name, "url": f"/?area={name}", "icon": name.lower(), "current": name == current}
        for name in AREAS
    ]
    demo = "Demo: the clock stands at Thursday 10:04 in New York. No real calls are made."
    person = "" if request.path == "/sign-in" else "Rosa Diaz"
    return {
        "shell": SimpleNamespace(
            nav=nav if person else [], person=person, demo=demo, search_url="/" if person else ""
        )
    }


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(help_text="As reps will see it.")
    mode = forms.ChoiceField(choices=[("preview", "Preview"), ("progressive", "Progressive")])
    max_attempts = forms.IntegerField(
        min_value=1, max_value=10, help_text="Per person; the law's cap comes on top."
    )
    days = forms.MultipleChoiceField(
        choices=[("mon", "Monday"), ("tue", "Tuesday"), ("wed", "Wednesday")],
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    record = forms.BooleanField(label="Record calls where the law allows it", required=False)


def components(request: HttpRequest) -> HttpResponse:
    """Show every component."""
    leads = [
        SimpleNamespace(
            name=name,
            company=company,
            phone=phone,
            tone=tone,
            word=word,
            attempts=tries,
            at=NOW - timedelta(hours=tries),
        )
        for name, company, phone, tone, word, tries in LEADS
    ]
    pager = SimpleNamespace(
        previous_url="/?page=1", next_url="/?page=3", shown="51–100", total_text="about 12,000"
    )
    context = {
        "leads": leads,
        "form": SampleForm({"max_attempts": "99", "days": ["mon"]}, use_required_attribute=False),
        "page": pager,
        "now": NOW,
    }
    return render(request, "gallery.html", context)


def desk(request: HttpRequest) -> HttpResponse:
    """Show the desk in a call, or after it with ?state=wrap."""
    now = datetime.now(UTC)
    results = ["Sale", "Callback", "Not interested", "Wrong person", "Left message", "No answer", "Busy"]
    context = {
        "wrap": request.GET.get("state") == "wrap",
        "now": now.isoformat(),
        "since": (now - timedelta(seconds=161)).isoformat(),
        "until": (now + timedelta(seconds=25)).isoformat(),
        "lead": SimpleNamespace(phone="+14075550123", at=NOW - timedelta(days=2)),
        "results": list(enumerate(results, start=1)),
    }
    return render(request, "gallery_desk.html", context)


def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Send one event, then on the client's return ask for a resync, then stay quiet for a while."""

    def events() -> Iterator[str]:
        after = request.GET.get("after")
        if after == "0-0":
            yield 'id: 5-0\nevent: call\ndata: {"say": "Maria Alvarez is ringing", "urgent": true}\n\n'
        elif after == "5-0":
            yield "id: 6-0\nevent: resync\ndata: {}\n\n"
            yield "id: 7-0\nevent: agent\ndata: {}\n\n"
        else:
            yield "event: ping\ndata: {}\n\n"
            threading.Event().wait(20)

    return StreamingHttpResponse(events(), content_type="text/event-stream")


def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the sign-in page with demo logins."""
    fields = {"username": forms.CharField(), "password": forms.CharField(widget=forms.PasswordInput)}
    form = type("SignIn", (forms.Form,), fields)()
    logins = [
        {"username": name, "password": "parley-demo-2026", "role": role}
        for name, role in [("rosa", "agent"), ("mona", "manager")]
    ]
    return render(request, "registration/sign_in.html", {"form": form, "demo_logins": logins, "next": "/"})


def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show an error page (500 without a request, as Django does), or refuse as a service does."""
    if name == "refuse":
        return HttpResponse("Not called: 20:14 in Orlando, Florida.", status=400, content_type="text/plain")
    return render(
        request if name != "500" else None,
        f"{name}.html",
        {"exception": "Your role does not include “Campaigns”."},
    )


urlpatterns = [
    path("", components),
    path("desk", desk),
    path("stream", stream),
    path("sign-in", sign_in),
    path("sign-out", sign_in, name="sign-out"),
    path("error/<str:name>", page),
]


def configure() -> None:
    """Set Django up with templates and static files alone."""
    settings.configure(
        DEBUG=True,
        SECRET_KEY="gallery",
        ROOT_URLCONF="tests.browser.ui_gallery",
        ALLOWED_HOSTS=["127.0.0.1"],
        INSTALLED_APPS=["django.contrib.staticfiles", "django.contrib.messages", "csp"],
        MIDDLEWARE=["csp.middleware.CSPMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
        CONTENT_SECURITY_POLICY={
            "DIRECTIVES": {
                "default-src": ["'self'"],
                "img-src": ["'self'", "data:"],
                "frame-ancestors": ["'none'"],
                "base-uri": ["'none'"],
            }
        },
        STATIC_URL="/static/",
        STATICFILES_DIRS=[ROOT / "static"],
        USE_TZ=True,
        USE_I18N=False,
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [ROOT / "templates", ROOT / "tests" / "browser"],
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "tests.browser.ui_gallery.shell",
                    ],
                    "libraries": {"parley": "core.templatetags.parley"},
                },
            }
        ],
        FORM_RENDERER="django.forms.renderers.DjangoTemplates",
    )
    django.setup()


def serve(port: int) -> None:
    """Serve until killed; the address is the first line written."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    server = ThreadedWSGIServer(("127.0.0.1", port), WSGIRequestHandler)
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    configure()
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
