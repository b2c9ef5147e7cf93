"""What carries hubspot-api-client's requests: our session in place of the library's own HTTP client.

The library opens its own connections, without guard, log or base URL, and its errors are one class per
package. Handing each API this object instead gives all of them core.http's session and one error.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial, partialmethod
from typing import Any, Final

from core.http import OutgoingSession
from crm_sync.connectors import errors
from crm_sync.protocol import SyncError

HOST: Final = "https://api.hubapi.com"
# /calling/v1 has no dated successor yet; HubSpot serves it until September 2027.
_NUMBERED = re.compile(r"/(crm)/v[34]/(objects|lists|properties|owners|associations)\b|/(account-info)/v3\b")
# HubSpot names the window that was used up: ten seconds or the day (until midnight of the account's zone).
_RETRY_AFTER: Final[Mapping[str, float]] = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 2.0, "DAILY": 900.0}


class HubSpotAnswerError(SyncError):
    """HubSpot answered with an error; `status` is the HTTP status."""

    status: int = 0


class Response:
    """An answer as hubspot-api-client reads it."""

    def __init__(self, status: int, data: bytes, headers: Mapping[str, str]) -> None:
        self.status, self.reason, self.data, self._headers = status, "", data, headers

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """Return one header."""
        return self._headers.get(name, default)

    def getheaders(self) -> Mapping[str, str]:
        """Return all headers."""
        return self._headers


class Transport:
    """Stands where the library has its `rest_client`. `version` is v3 or a date such as 2026-09.

    A token that HubSpot refuses is renewed once, where that can be done.
    """

    def __init__(
        self,
        session: OutgoingSession,
        *,
        version: str,
        token: str,
        renew: Callable[[str], str] | None = None,
    ) -> None:
        self._session, self._version = session, version
        self._token, self._renew = token, renew

    def send(
        self,
        method: str,
        url: str,
        *,
        query_params: Sequence[tuple[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        **_: Any,
    ) -> Response:
        """Send one request.

        Raises HubSpotAnswerError for an error answer and SyncError where there was none.
        """
        path = dated(url.removeprefix(HOST), self._version)
        data = None if body is None else json.dumps(body)
        sent = {"Content-Type": "application/json", **(headers or {})}
        ask = partial(self._request, method, path, params=list(query_params or ()), data=data, headers=sent)
        answer = ask()
        if answer.status_code == 401 and self._renew is not None:
            self._token = self._renew(self._token)
            answer = ask()
        if not 200 <= answer.status_code < 300:
            raise refusal(f"{method} {path}", answer.status_code, answer.content, answer.headers)
        return Response(answer.status_code, answer.content, answer.headers)

    def _request(self, method: str, path: str, *, headers: Mapping[str, str], **options: Any) -> Any:
        sent = {**headers, "Authorization": f"Bearer {self._token}"}
        try:
            return self._session.request(method, HOST + path, headers=sent, **options)
        except OSError as error:  # what requests raises; only core.http may import that library
            raise SyncError(
                f"HubSpot did not answer ({method} {path}): {str(error)[:160]}.", kind="retryable"
            ) from error

    GET = partialmethod(send, "GET")
    POST = partialmethod(send, "POST")
    PUT = partialmethod(send, "PUT")
    PATCH = partialmethod(send, "PATCH")
    DELETE = partialmethod(send, "DELETE")

    def read(self, path: str) -> Any:
        """Return the JSON of a GET the library has no method for."""
        return json.loads(self.send("GET", HOST + path).data)


def dated(path: str, version: str) -> str:
    """Return the path in the API version wanted: /crm/v3/objects/calls becomes /crm/objects/2026-09/calls."""
    if version == "v3":
        return path
    return _NUMBERED.sub(lambda found: "/".join(["", *filter(None, found.groups()), version]), path)


def refusal(what: str, status: int, body: bytes, headers: Mapping[str, str]) -> HubSpotAnswerError:
    """Return HubSpot's error answer in our words."""
    try:
        parsed = json.loads(body)
    except ValueError:  # a proxy's page
        parsed = {}
    details: Mapping[str, Any] = parsed if isinstance(parsed, Mapping) else {}
    category = str(details.get("category", ""))
    code = value_code(details.get("errors"))
    kind, advice = errors.hubspot(category, status, code)
    scopes = _scopes(details)
    said = (
        f"{str(details.get('message', ''))[:200]} ({category or status})" if details else f"status {status}"
    )
    error = HubSpotAnswerError(
        f"HubSpot refused {what}: {said}. {advice}{f' Missing: {scopes}.' if scopes else ''}",
        kind=kind,
        code=code or category,
        retry_after=_retry_after(status, details, headers),
    )
    error.status = status
    return error


def batch_error(failed: Sequence[Any], *ids: str) -> SyncError:
    """Return the error of a 207 answer that names one of the ids.

    Where HubSpot names none: the error all failures share, or else one to try again.
    """
    wanted = {text.lower() for text in ids}
    named = [error for error in failed if wanted & _named(error)]
    shared = failed if len({error.category for error in failed}) == 1 else []
    for error in [*named, *shared]:
        code = value_code(error.errors)
        kind, advice = errors.hubspot(str(error.category), 0, code)
        said = f"{advice} HubSpot said: {str(error.message)[:200]} ({error.category})."
        return SyncError(said, kind=kind, code=code or str(error.category))
    return SyncError("HubSpot answered without a result for this call; it is tried again.", kind="retryable")


def value_code(found: Any) -> str:
    """Return the code of the first value an error names, or ""."""
    for item in found or ():
        code = item.get("code") if isinstance(item, Mapping) else getattr(item, "code", None)
        if code:
            return str(code)
    return ""


def _named(error: Any) -> set[str]:
    return {str(value).lower() for values in (error.context or {}).values() for value in values}


def _scopes(details: Mapping[str, Any]) -> str:
    found: list[str] = []
    for item in (details, *(details.get("errors") or ())):
        context = item.get("context") if isinstance(item, Mapping) else None
        if isinstance(context, Mapping):
            found += [
                str(scope)
                for scope in context.get("requiredGranularScopes") or context.get("requiredScopes") or ()
            ]
    return ", ".join(dict.fromkeys(found))


def _retry_after(status: int, details: Mapping[str, Any], headers: Mapping[str, str]) -> float | None:
    if status != 429:
        return None
    given = headers.get("Retry-After", "")
    if given.isdigit():
        return float(given)
    return _RETRY_AFTER.get(str(details.get("policyName", "")), 10.0)
