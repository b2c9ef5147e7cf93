"""The ways of signing in to each CRM, as the wizard offers them. Pure."""

from dataclasses import dataclass
from typing import Final

PERSON: Final = "person"  # somebody signs in at the CRM's own page (OAuth)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of signing in: what it is called, whom it suits, what has to be made in the CRM first."""

    code: str
    label: str
    text: str
    steps: tuple[str, ...]


SALESFORCE: Final = (
    Way(
        PERSON,
        "Sign in at Salesforce",
        "You sign in there once, as the user whose rights Parley gets. Nothing of your password comes here.",
        (
            "Setup, External Client App Manager, New External Client App. Enable OAuth.",
            "Callback URL: the address below, letter by letter.",
            "OAuth scopes: “Manage user data via APIs (api)” and “Perform requests at any time (refresh_token, offline_access)”.",
            "Security: tick “Require Proof Key for Code Exchange (PKCE)”. Save, and copy consumer key and secret.",
        ),
    ),
    Way(
        "secret",
        "Consumer secret",
        "Client-credentials flow: nobody signs in, a run-as user is named in the app. Suits servers.",
        (
            "Setup, External Client App Manager, New External Client App. Enable OAuth with the scope “api”.",
            "Flow enablement: tick “Enable Client Credentials Flow”, and under Policies name a run-as integration user.",
            "Copy consumer key and secret.",
        ),
    ),
    Way(
        "key",
        "Private key",
        "JWT bearer flow: the app trusts a certificate, no secret travels. Suits servers under strict rules.",
        (
            "Make a key pair: openssl req -x509 -newkey rsa:2048 -nodes -days 730 -keyout parley.pem -out parley.crt",
            "Setup, External Client App Manager, your app: enable the JWT Bearer Flow and upload parley.crt.",
            "Policies: “Admin approved users are pre-authorized”, with the integration user's permission set.",
        ),
    ),
)
HUBSPOT: Final = (
    Way(
        PERSON,
        "Sign in at HubSpot",
        "You allow your app once, as a super admin. The app brings webhooks, so that changes are here within seconds.",
        (
            "Developers, Projects or Legacy apps: make an app with authentication “OAuth”.",
            "Redirect URL: the address below, letter by letter.",
            "Scopes: those listed below. Copy client id and client secret from its Auth page.",
        ),
    ),
    Way(
        "token",
        "Access token",
        "Of a private app or a service key. The quickest way; changes come by polling unless you add the client secret.",
        (
            "Settings, Integrations, Private Apps: create one with the scopes listed below.",
            "Copy its access token from the Auth tab.",
        ),
    ),
)
BY_KIND: Final = {"salesforce": SALESFORCE, "hubspot": HUBSPOT}
# What a form asks for beside the name, by CRM and way.
FIELDS: Final = {
    ("salesforce", PERSON): ("domain", "client_id", "client_secret"),
    ("salesforce", "secret"): ("domain", "client_id", "client_secret"),
    ("salesforce", "key"): ("domain", "client_id", "username", "private_key"),
    ("hubspot", PERSON): ("client_id", "client_secret", "do_not_call_property"),
    ("hubspot", "token"): ("token", "client_secret", "do_not_call_property"),
}


def way(kind: str, code: str) -> Way | None:
    """Return a way of signing in to a CRM, or None."""
    return next((each for each in BY_KIND.get(kind, ()) if each.code == code), None)
