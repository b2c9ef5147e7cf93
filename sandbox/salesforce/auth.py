"""Sign-in: POST /services/oauth2/token with client credentials, a signed assertion, a code or a refresh token."""

import base64
import binascii
from pathlib import Path

import jwt
from aiohttp import web

from sandbox.crm_oauth import Consent, RefusedError
from sandbox.salesforce.org import INTEGRATION_USER_ID, ORG_ID, Org

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class SignIn:
    """Gives out access tokens. Without a public key file, an assertion's signature is not checked."""

    def __init__(
        self, org: Org, consent: Consent, *, client_id: str, client_secret: str, public_key_file: Path | None
    ) -> None:
        self._consent = consent
        self._org, self._client_id, self._client_secret = org, client_id, client_secret
        self._public_key = public_key_file.read_text() if public_key_file else None

    async def token(self, request: web.Request) -> web.Response:
        """Answer the token request."""
        form = await request.post()
        grant = str(form.get("grant_type", ""))
        tokens: dict[str, str] = {}
        try:
            if grant == "client_credentials":
                self._check_client(
                    request, str(form.get("client_id", "")), str(form.get("client_secret", ""))
                )
            elif grant == JWT_GRANT:
                self._check_assertion(str(form.get("assertion", "")))
            elif grant in ("authorization_code", "refresh_token"):
                given = {name: str(value) for name, value in form.items()}
                tokens = self._consent.redeem(given, self._org.open_session)
            else:
                raise RefusedError("unsupported_grant_type", "grant type not supported")
        except RefusedError as refused:
            return refused.answer()
        base = f"{request.scheme}://{request.host}"
        return web.json_response(
            {
                **(tokens or {"access_token": self._org.open_session()}),
                "scope": "api refresh_token" if tokens else "api",
                "instance_url": base,
                "id": f"{base}/id/{ORG_ID}/{INTEGRATION_USER_ID}",
                "token_type": "Bearer",
                "issued_at": str(int(self._org.clock.now().timestamp() * 1000)),
            }
        )

    def _check_client(self, request: web.Request, client_id: str, client_secret: str) -> None:
        kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                client_id, _, client_secret = base64.b64decode(encoded).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                raise RefusedError("invalid_request", "cannot read the Authorization header") from None
        if client_id != self._client_id:
            raise RefusedError("invalid_client_id", "client identifier invalid")
        if client_secret != self._client_secret:
            raise RefusedError("invalid_client", "invalid client credentials", 401)

    def _check_assertion(self, assertion: str) -> None:
        try:
            # the time is compared below, with the stand-in's own clock
            claims = jwt.decode(
                assertion,
                self._public_key or "",
                algorithms=["RS256"],
                options={
                    "verify_signature": self._public_key is not None,
                    "verify_exp": False,
                    "verify_aud": False,
                },
            )
            expires = float(claims["exp"])
        except (jwt.PyJWTError, KeyError, ValueError, TypeError):
            raise RefusedError("invalid_grant", "invalid assertion") from None
        if claims.get("iss") != self._client_id:
            raise RefusedError("invalid_client_id", "client identifier invalid")
        if expires < self._org.clock.now().timestamp():
            raise RefusedError("invalid_grant", "expired authorization code")
