"""Sign-in by OAuth: tokens for codes and refresh tokens, and which access tokens still work."""

import secrets

from aiohttp import web

from sandbox.crm_oauth import Consent, RefusedError
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.schema import PORTAL_ID

SECONDS = 1800  # an access token works half an hour


class SignIn:
    """The token endpoint, and what its tokens are worth. `token` is the private app's, which does not expire."""

    def __init__(self, portal: Portal, consent: Consent, *, token: str) -> None:
        self._portal, self._consent, self._token = portal, consent, token

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a token request."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            if form.get("grant_type") not in ("authorization_code", "refresh_token"):
                raise RefusedError("unsupported_grant_type", "unsupported grant type")
            tokens = self._consent.redeem(form, self._open)
        except RefusedError as refused:
            return refused.answer()
        return web.json_response(
            {"token_type": "bearer", "expires_in": SECONDS, "hub_id": PORTAL_ID, **tokens}
        )

    def state_of(self, token: str) -> str:
        """Return whether an access token is good, expired or unknown."""
        if token == self._token:
            return "good"
        kept = self._portal.store.get("oauth_access", token)
        if kept is None:
            return "unknown"
        return "good" if kept["until"] > self._now() else "expired"

    def expire(self) -> int:
        """End every access token now; return how many there were."""
        tokens = [
            token for token in self._portal.store.keys("oauth_access") if self.state_of(token) == "good"
        ]
        for token in tokens:
            self._portal.store.put("oauth_access", token, {"until": 0})
        return len(tokens)

    def _open(self) -> str:
        token = "CL" + secrets.token_urlsafe(32)
        self._portal.store.put("oauth_access", token, {"until": self._now() + SECONDS})
        return token

    def _now(self) -> float:
        return self._portal.clock.now().timestamp()
