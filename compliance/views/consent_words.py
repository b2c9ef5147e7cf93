"""A form of consent, checked before it is published. Nothing is stored."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from compliance import pages
from compliance.forms.consent_words import ConsentWordsForm
from compliance.pages.consent_words import problems_table
from compliance.rules.content import consent_forms, packaged
from compliance.views.common import VIEW, show_form, typed
from core import clock
from core.access import requires


@require_http_methods(["GET", "POST"])
@requires(VIEW)
def check_words(request: HttpRequest) -> HttpResponse:
    """Show the form, or what is wrong with the words and the box typed into it."""
    form = ConsentWordsForm(typed(request), initial={"seller": settings.SELLER_NAME})
    is_judged = request.method == "POST" and form.is_valid()
    found = consent_forms.problems(form.subject(), packaged.in_force(clock.now().date())) if is_judged else ()
    view = pages.FormPage(
        title="Check a form’s words",
        tab=pages.Tab(top="people", sub="consents"),
        intro=("Before you publish a form: would what people sign on it be a written consent? Nothing typed here is kept.",),
        button="Check",
        cancel=reverse("compliance-consents"),
        tables=(problems_table(found),) if is_judged else (),
    )  # fmt: skip
    return show_form(request, view, form, status=422 if form.errors else 200)
