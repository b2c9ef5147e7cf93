"""The CRMs' token endpoints: access for a code or a refresh token."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.http import OutgoingSession
from crm_sync.connectors import errors
from crm_sync.protocol import SyncError

_LABELS: Final = {"salesforce": "Salesforce", "hubspot": "HubSpot"}
SIGN_IN_AGAIN: Final = "Sign in again: “Edit secret” on the CRM's card."


@dataclass(frozen=True, slots=True)
class Grant:
    """What a CRM let us in with."""

    access_token: str
    refresh_token: str  # empty: the one used stays good
    seconds: float | None  # how long the access token works; None where the CRM does not say
    instance: str  # host of the org (Salesforce)


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """One CRM's endpoint. `base_url` stands in for its host where set; `version` is HubSpot's."""

    kind: str
    base_url: str
    version: str
    timeout_seconds: float

    def redeem(
        self,
        secrets: Mapping[str, str],
        settings: Mapping[str, str],
        *,
        code: str,
        redirect_uri: str,
        verifier: str,
    ) -> Grant:
        """Turn a code into tokens; raises SyncError."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        if self.kind == "salesforce":
            form["code_verifier"] = verifier
        grant = self._ask(secrets, settings, form)
        if not grant.refresh_token:
            raise SyncError(
                f"{_LABELS[self.kind]} gave no refresh token. Add the scope “refresh_token, offline_access” to the app.",
                kind="config",
            )
        return grant

    def renew(self, secrets: Mapping[str, str], settings: Mapping[str, str]) -> Grant:
        """Return new access; raises SyncError, of kind unauthorized once the consent was taken back."""
        form = {"grant_type": "refresh_token", "refresh_token": secrets["refresh_token"]}
        return self._ask(secrets, settings, form)

    def _ask(self, secrets: Mapping[str, str], settings: Mapping[str, str], form: dict[str, str]) -> Grant:
        form["client_id"] = secrets["client_id"]
        if secrets.get("client_secret"):
            form["client_secret"] = secrets["client_secret"]
        session = OutgoingSession(
            role=self.kind, timeout_seconds=self.timeout_seconds, base_url=self.base_url
        )
        try:
            answer = session.post(self._address(settings), data=form, allow_redirects=False)
            body: Any = answer.json()
        except ValueError as error:  # a proxy's page
            raise self._unavailable("something else than JSON") from error
        except OSError as error:  # what requests raises; only core.http may import that library
            raise self._unavailable(str(error)[:160]) from error
        if answer.status_code >= 500 or answer.status_code == 429:
            raise self._unavailable(f"status {answer.status_code}")
        if answer.status_code != 200 or not isinstance(body, dict) or not body.get("access_token"):
            raise self._refused(body if isinstance(body, dict) else {}, answer.status_code)
        seconds = body.get("expires_in")
        return Grant(
            access_token=str(body["access_token"]),
            refresh_token=str(body.get("refresh_token") or ""),
            seconds=float(seconds) if seconds else None,
            instance=str(body.get("instance_url") or "").partition("//")[2].rstrip("/"),
        )

    def _address(self, settings: Mapping[str, str]) -> str:
        if self.kind == "salesforce":
            return f"https://{settings['domain']}.salesforce.com/services/oauth2/token"
        # HubSpot ends /oauth/v1 in February 2027; v3 and dated addresses take the same form.
        return f"https://api.hubapi.com/oauth/{self.version}/token"

    def _unavailable(self, what: str) -> SyncError:
        label = _LABELS[self.kind]
        return SyncError(f"{label}'s sign-in did not answer as it should: {what}.", kind="retryable")

    def _refused(self, body: Mapping[str, Any], status: int) -> SyncError:
        code = str(body.get("error") or body.get("status") or status)
        said = str(body.get("error_description") or body.get("message") or "")[:200]
        kind, advice = errors.sign_in(code)
        return SyncError(
            f"{_LABELS[self.kind]} refused the sign-in: {said} ({code}). {advice}", kind=kind, code=code
        )
