"""OAuth 2 as both stand-ins offer it: a consent page, codes that work once, access tokens and refresh tokens."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from aiohttp import web

from sandbox import crm_html
from sandbox.clock import Clock
from sandbox.crm_store import Store

CODE_SECONDS = 900
_LOOPBACK = re.compile(r"https?://(127\.0\.0\.1|localhost)(:\d+)?/\S*")


class RefusedError(Exception):
    """A refusal in the words of RFC 6749."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status

    def answer(self) -> web.Response:
        """Return the token endpoint's answer."""
        body = {"error": self.error, "error_description": self.description}
        return web.json_response(body, status=self.status)


@dataclass(frozen=True, kw_only=True)
class App:
    """The app that asks: what was registered for it. Without redirects, any address of this machine is one."""

    client_id: str
    client_secret: str
    redirects: tuple[str, ...] = ()

    def knows(self, redirect_uri: str) -> bool:
        """Return whether the address is registered."""
        if self.redirects:
            return redirect_uri in self.redirects
        return _LOOPBACK.fullmatch(redirect_uri) is not None


class Consent:
    """Asks a person on a page, and turns their yes into a code, the code into tokens. `rotates`: a refresh token works once."""

    def __init__(self, site: str, app: App, store: Store, clock: Clock, *, rotates: bool) -> None:
        self._site, self._app, self._store, self._clock, self._rotates = site, app, store, clock, rotates

    async def ask(self, request: web.Request) -> web.Response:
        """Show who asks for what, with a button to allow it and one to refuse."""
        asked = dict(request.query)
        wrong = self._what_is_wrong(asked)
        if wrong:  # nobody is sent to an address that is not the app's
            return crm_html.respond(
                self._site, "This app cannot sign you in", f"<p>{escape(wrong)}</p>", status=400
            )
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in asked.items()
        )
        scopes = "".join(f"<li>{escape(scope)}</li>" for scope in asked.get("scope", "").split())
        body = (
            f"<p>The app <b>{escape(self._app.client_id)}</b> asks to use this account as you may:</p><ul>{scopes}</ul>"
            f'<form method="post">{hidden}<button name="answer" value="allow">Allow</button> '
            f'<button name="answer" value="deny">Deny</button></form>'
        )
        return crm_html.respond(self._site, "Allow access?", body)

    async def decide(self, request: web.Request) -> web.Response:
        """Send the person back to the app, with a code or with their refusal."""
        asked = {name: str(value) for name, value in (await request.post()).items()}
        wrong = self._what_is_wrong(asked)
        if wrong:
            return crm_html.respond(
                self._site, "This app cannot sign you in", f"<p>{escape(wrong)}</p>", status=400
            )
        back = {"state": asked.get("state", "")}
        if asked.get("answer") == "allow":
            code = secrets.token_urlsafe(24)
            kept = {"redirect_uri": asked["redirect_uri"], "challenge": asked.get("code_challenge", "")}
            self._store.put("oauth_code", code, {**kept, "until": self._now() + CODE_SECONDS, "used": False})
            back |= {"code": code}
        else:
            back |= {"error": "access_denied", "error_description": "end-user denied authorization"}
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode(back)}")

    def redeem(self, form: Mapping[str, str], open_access: Callable[[], str]) -> dict[str, str]:
        """Return access and refresh token for a code or a refresh token; raises RefusedError."""
        if form.get("client_id") != self._app.client_id:
            raise RefusedError("invalid_client_id", "client identifier invalid")
        proved = bool(form.get("client_secret")) or bool(form.get("code_verifier"))
        if form.get("client_secret", "") not in ("", self._app.client_secret) or not proved:
            raise RefusedError("invalid_client", "invalid client credentials", 401)
        if form.get("grant_type") == "authorization_code":
            self._use_code(form)
            refresh = self._new_refresh()
        else:
            refresh = self._use_refresh(form.get("refresh_token", ""))
        return {"access_token": open_access(), "refresh_token": refresh}

    def revoke(self) -> int:
        """Take every consent back, as an administrator of the account does; return how many there were."""
        keys = [
            key
            for key in self._store.keys("oauth_refresh")
            if (self._store.get("oauth_refresh", key) or {})["open"]
        ]
        for key in keys:
            self._store.put("oauth_refresh", key, {"open": False})
        return len(keys)

    def _use_code(self, form: Mapping[str, str]) -> None:
        code = form.get("code", "")
        kept = self._store.get("oauth_code", code)
        if kept is None or kept["used"] or kept["until"] < self._now():
            raise RefusedError("invalid_grant", "authorization code expired, used or unknown")
        self._store.put("oauth_code", code, {**kept, "used": True})
        if kept["redirect_uri"] != form.get("redirect_uri"):
            raise RefusedError("redirect_uri_mismatch", "redirect_uri must match configuration")
        if kept["challenge"] and kept["challenge"] != _challenge(form.get("code_verifier", "")):
            raise RefusedError("invalid_grant", "invalid code verifier")

    def _use_refresh(self, token: str) -> str:
        kept = self._store.get("oauth_refresh", token)
        if kept is None or not kept["open"]:
            raise RefusedError("invalid_grant", "expired access/refresh token")
        if not self._rotates:
            return token
        self._store.put("oauth_refresh", token, {"open": False})
        return self._new_refresh()

    def _new_refresh(self) -> str:
        token = secrets.token_urlsafe(32)
        self._store.put("oauth_refresh", token, {"open": True})
        return token

    def _what_is_wrong(self, asked: Mapping[str, str]) -> str:
        if asked.get("client_id") != self._app.client_id:
            return "error=invalid_client_id: client identifier invalid"
        if not self._app.knows(asked.get("redirect_uri", "")):
            return "error=redirect_uri_mismatch: redirect_uri must match configuration"
        if asked.get("response_type", "code") != "code":
            return "error=unsupported_response_type"
        return ""

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
