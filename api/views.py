"""The API's addresses, version 1, and the page of its keys."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.exceptions import ErrorDetail
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import roles
from api import reads, rows
from api.authentication import KeyAuthentication, RoleAllows
from api.forms import KeyForm
from api.services import keys, leads
from core import clock
from core.access import person_of, requires
from core.errors import NotFound, Stale

MAX_BYTES = 5 << 20


class LeadsView(APIView):
    """`POST /api/v1/lists/<id>/leads`: up to 1,000 rows into a list."""

    authentication_classes = (KeyAuthentication,)
    permission_classes = (RoleAllows,)
    parser_classes = (JSONParser,)
    renderer_classes = (JSONRenderer,)
    permission = roles.MANAGE_LISTS

    def post(self, request: Request, list_id: int) -> Response:
        """Import the rows and answer with what became of each."""
        refused = _too_long(request)
        if refused is not None:
            return refused
        body = request.data
        key = request.headers.get("Idempotency-Key", "").strip()
        if not key or len(key) > 100 or not key.isprintable():
            return problem(
                400,
                "idempotency_key",
                "Send an Idempotency-Key of at most 100 characters, a new one for new rows.",
            )
        if not isinstance(body, dict) or body.keys() - {"rows", "rules", "match_by", "region", "date_order"}:
            return problem(
                400,
                "body",
                "The body is an object of rows, and if you like rules, match_by, region, date_order.",
            )
        given = body.get("rows")
        if not isinstance(given, list) or not 1 <= len(given) <= leads.MAX_ROWS:
            return problem(400, "rows", f"“rows” is a list of 1 to {leads.MAX_ROWS:,} rows.")
        try:
            answer, again = leads.add_leads(
                list_id=list_id,
                rows=rows.given(given),
                plan=rows.plan_of(body),
                request=body,
                idempotency_key=key,
                program=request.user,  # type: ignore[arg-type]  # KeyAuthentication returns programs
                now=clock.now(),
            )
        except rows.BadRequest as bad:
            return problem(400, "body", str(bad))
        except NotFound:
            return problem(404, "list", "There is no list with this number.")
        except leads.KeyReused as reused:
            return problem(422, "idempotency_key_reused", str(reused))
        except Stale as busy:
            return problem(409, "under_way", str(busy))
        return Response(answer, headers={"Idempotency-Replayed": "true"} if again else None)

    def handle_exception(self, exc: Exception) -> Response:
        """Say every error of the framework in the API's own shape."""
        response = super().handle_exception(exc)
        detail: Any = response.data.get("detail", "") if isinstance(response.data, dict) else response.data
        code = detail.code if isinstance(detail, ErrorDetail) else "error"
        response.data = {"error": {"code": code, "message": str(detail)}}
        return response


leads_view = LeadsView.as_view()
leads_view.required_permission = roles.MANAGE_LISTS  # type: ignore[attr-defined]  # read by the test that every view has one


def problem(status: int, code: str, message: str) -> Response:
    """Return a refusal."""
    return Response({"error": {"code": code, "message": message}}, status=status)


def _too_long(request: Request) -> Response | None:
    """Return the refusal of a body that is not read at all."""
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal():
        return problem(411, "length", "Send the Content-Length.")
    if int(length) > MAX_BYTES:
        return problem(
            413, "length", f"The body has more than {MAX_BYTES >> 20} MB. Send fewer rows at a time."
        )
    return None


@require_http_methods(["GET", "POST"])
@requires(roles.MANAGE_PEOPLE)
def api_keys(request: HttpRequest) -> HttpResponseBase:
    """Show the keys, or make one and show it this once."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    made = ""
    if request.method == "POST" and form.is_valid():
        try:
            made = keys.make_key(**form.cleaned_data, by_name=person_of(request).username, now=clock.now())
        except keys.KeyRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            form = KeyForm()
    context = {"form": form, "made": made, "keys": reads.list_keys()}
    response = render(request, "api/keys.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@requires(roles.MANAGE_PEOPLE)
def api_key_revoke(request: HttpRequest, key_id: int) -> HttpResponseBase:
    """Take a key away."""
    try:
        keys.revoke_key(key_id=key_id, by_name=person_of(request).username, now=clock.now())
    except NotFound as missing:
        messages.error(request, missing.public_message)
    else:
        messages.success(request, "The key was taken away. What uses it is refused from now on.")
    return redirect("api-keys")
