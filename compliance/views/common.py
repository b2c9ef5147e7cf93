"""What the compliance views share: permissions, keyset pages, one way to show a list and one to work a form."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from compliance import pages
from core import db
from core.access import person_of
from core.errors import AppError, NotFound
from core.types import PhoneError, PhoneNumber, parse_phone

# The words are those of accounts.roles; a test compares them, since neither app may import the other.
VIEW = "view compliance"
MANAGE = "manage compliance"
APPROVE = "approve exceptions"
EXPORT = "export compliance records"
LIFT = "lift denials"
TAKE = "take refusals"


def typed(request: HttpRequest) -> QueryDict | None:
    """Return what was typed into a form that was sent, None while it is only shown."""
    return request.POST if request.method == "POST" else None


def before_of(request: HttpRequest) -> int | None:
    """Return the id the list continues under, None at its beginning."""
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def pager(request: HttpRequest, shown: int, next_before: int | None) -> pages.Pager:
    """Return the links of a keyset page."""
    return pages.Pager(
        shown=f"{shown} shown" if shown else "",
        next_url=_query(request, next_before) if next_before is not None else "",
        previous_url=_query(request, None) if request.GET.get("before") else "",
    )


def digits_of(text: str) -> str:
    """Return what of a search can be part of a number."""
    return "".join(letter for letter in text if letter.isascii() and letter.isdigit())


def number_or_404(text: str) -> PhoneNumber:
    """Return the number in the address, in any spelling; 404 with the reason for what is none."""
    try:
        return parse_phone(text)
    except PhoneError as error:
        raise Http404(str(error)) from None


def found_or_404(look_up: Callable[[], Any]) -> Any:
    """Return what the selector finds; 404 with its words when there is none."""
    try:
        return look_up()
    except NotFound as error:
        raise Http404(error.public_message) from None


def show_list(
    request: HttpRequest,
    view: pages.ListPage,
    *,
    page: pages.Pager | None = None,
    filter_form: forms.Form | None = None,
    more: Mapping[str, Any] | None = None,
    template: str = "compliance/list.html",
    status: int = 200,
) -> HttpResponse:
    """Return a page of tables."""
    context = {"view": view, "page": page, "filter": filter_form, **(more or {})}
    return render(request, template, context, status=status)


def show_form(
    request: HttpRequest, view: pages.FormPage, form: forms.Form, *, status: int = 200
) -> HttpResponse:
    """Return a page with one form."""
    return render(request, "compliance/form.html", {"view": view, "form": form}, status=status)


def show_confirm(request: HttpRequest, view: pages.ConfirmPage) -> HttpResponse:
    """Return a page that asks once."""
    return render(request, "compliance/confirm.html", {"view": view})


def decide(request: HttpRequest, act: Callable[[], str], *, then: str) -> HttpResponse:
    """Do what was confirmed, in one transaction, and go on; a refusal is told there."""
    try:
        with db.use_case():
            done = act()
    except (AppError, ValueError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect(then)


def work_form(
    request: HttpRequest,
    view: pages.FormPage,
    form: forms.Form,
    act: Callable[[dict[str, Any]], str],
    *,
    then: str,
) -> HttpResponse:
    """Show the form, or do the act with what was typed and go on; a refusal stands above the form, and nothing typed is lost.

    `act` runs in one transaction and returns the words of success. Refusals are AppError and ValueError.
    """
    if request.method != "POST":
        return show_form(request, view, form)
    if not form.is_valid():
        return show_form(request, view, form, status=422)
    try:
        with db.use_case():
            done = act(form.cleaned_data)
    except NotFound as error:
        raise Http404(error.public_message) from None
    except (AppError, ValueError) as error:
        form.add_error(None, str(error))
        return show_form(request, view, form, status=422)
    messages.success(request, done)
    return redirect(then)


def may(request: HttpRequest, permission: str) -> bool:
    """Return whether the signed-in person may."""
    return person_of(request).may(permission)


def actor_of(request: HttpRequest) -> str:
    """Return the signed-in person's name for the record."""
    return person_of(request).username


def _query(request: HttpRequest, before: int | None) -> str:
    values: QueryDict = request.GET.copy()
    values.pop("before", None)
    if before is not None:
        values["before"] = str(before)
    return f"{request.path}?{values.urlencode()}" if values else request.path
