"""Where a person is sent to allow us into a CRM, and what is asked for there. Pure."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

HUBSPOT_SCOPES: Final = (
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.read",
    "crm.objects.owners.read",
    "crm.schemas.contacts.read",
    "crm.lists.read",
)
# api: the REST API; refresh_token: going on without the person.
SALESFORCE_SCOPES: Final = ("api", "refresh_token")
_DENIED: Final = {
    "access_denied": "You refused it there, or your user may not allow it. Nothing was stored.",
    "redirect_uri_mismatch": "The app does not know our callback address: enter the one shown here in the app, letter by letter.",
    "invalid_client_id": "The app's id is not known there: copy it again.",
    "OAUTH_APPROVAL_ERROR_GENERIC": "The app is blocked for your user: have your administrator allow it.",
    "OAUTH_APP_BLOCKED": "The app is blocked in this org: have your administrator unblock it.",
}


def authorize_url(
    kind: str,
    settings: Mapping[str, str],
    base_url: str,
    *,
    client_id: str,
    redirect_uri: str,
    state: str,
    verifier: str,
) -> str:
    """Return the address of the CRM's consent page. `base_url` stands in for the CRM's host where set."""
    asked = {"client_id": client_id, "redirect_uri": redirect_uri, "state": state}
    if kind == "salesforce":
        host = base_url.rstrip("/") or f"https://{settings['domain']}.salesforce.com"
        asked |= {"response_type": "code", "scope": " ".join(SALESFORCE_SCOPES), "prompt": "consent"}
        asked |= {"code_challenge": challenge(verifier), "code_challenge_method": "S256"}
        return f"{host}/services/oauth2/authorize?{urlencode(asked)}"
    host = base_url.rstrip("/") or "https://app.hubspot.com"
    asked |= {"scope": " ".join(HUBSPOT_SCOPES)}
    return f"{host}/oauth/authorize?{urlencode(asked)}"


def challenge(verifier: str) -> str:
    """Return what the CRM is shown of a verifier (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def why_denied(error: str, description: str) -> str:
    """Return in words what a CRM's refusal means and what to do."""
    known = _DENIED.get(error, "Nothing was stored. Try again, or ask the CRM's administrator.")
    said = f" It said: {description[:200]} ({error[:60]})." if description else f" It said: {error[:60]}."
    return f"The CRM did not let Parley in. {known}{said}"
