"""Access to a CRM by mapping file that is asked for and ends: OAuth's client credentials, and passwords with refresh."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core import clock
from core.http import AddressRefused, OutgoingSession
from crm_sync.byfile import values
from crm_sync.byfile.model import MappingFile
from crm_sync.protocol import ErrorKind, SyncError

AHEAD: Final = 30.0  # seconds before its end that access is asked for anew
USUAL: Final = 300.0  # seconds, where the CRM does not say
_QUOTED: Final = 160


@dataclass(frozen=True, slots=True)
class _Access:
    token: str
    until: float  # by clock.monotonic
    refresh: str = ""


_known: dict[str, _Access] = {}  # of this process, by address and secrets


class Tokens:
    """One connection's access, shared by the connectors of a process."""

    def __init__(self, session: OutgoingSession, file: MappingFile, secrets: Mapping[str, str]) -> None:
        self._session, self._file, self._secrets = session, file, secrets
        self._address = file.base_url + file.auth.token_path
        told = [self._address, file.auth.kind, *(f"{name}={secrets[name]}" for name in sorted(secrets))]
        self._key = hashlib.sha256("\n".join(told).encode()).hexdigest()

    def get(self, *, again: bool) -> str:
        """Return a token; `again`: another one than the CRM has just refused. Raises SyncError."""
        known = _known.get(self._key)
        if known and not again and known.until > clock.monotonic():
            return known.token
        if known and known.refresh:
            # The CRM may have ended the refresh token too: then the password is shown once more.
            status, data = self._ask(
                {"grant_type": "refresh_token", "refresh_token": known.refresh, **self._client()}
            )
            if (access := self._read(status, data)) is not None:
                return self._keep(access, known.refresh)
        status, data = self._ask(self._grant())
        access = self._read(status, data)
        if access is None:
            _known.pop(self._key, None)
            raise self._refused(status, data)
        return self._keep(access, "")

    def _grant(self) -> dict[str, str]:
        scope = {"scope": self._file.auth.scope} if self._file.auth.scope else {}
        if self._file.auth.kind == "client_credentials":
            return {"grant_type": "client_credentials", **self._client(), **scope}
        user, secret = self._secrets.get("user", ""), self._secrets.get("secret", "")
        return {"grant_type": "password", "username": user, "password": secret, **self._client(), **scope}

    def _client(self) -> dict[str, str]:
        if self._file.auth.kind == "client_credentials":
            names = {"client_id": "user", "client_secret": "secret"}
        else:
            names = {"client_id": "client_id", "client_secret": "client_secret"}
        return {name: self._secrets[ours] for name, ours in names.items() if self._secrets.get(ours)}

    def _keep(self, access: _Access, refresh: str) -> str:
        _known[self._key] = _Access(access.token, access.until, access.refresh or refresh)
        return access.token

    def _read(self, status: int, data: bytes) -> _Access | None:
        try:
            found: Any = json.loads(data) if 200 <= status < 300 else {}
            token, lasts = values.as_text(found["access_token"]), float(found.get("expires_in") or USUAL)
            refresh = values.as_text(found.get("refresh_token"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return _Access(token, clock.monotonic() + max(lasts - AHEAD, 0), refresh) if token else None

    def _refused(self, status: int, data: bytes) -> SyncError:
        kind: ErrorKind = "retryable" if status >= 500 or status == 429 else "unauthorized"
        said = without_secrets(data.decode("utf-8", "replace"), self._secrets)[:_QUOTED]
        return SyncError(
            f"{self._file.name} gave no token ({status}: {said}). Check token_path, and enter what it signs in with again.",
            kind=kind,
        )

    def _ask(self, told: Mapping[str, str]) -> tuple[int, bytes]:
        given: dict[str, Any] = {"json": dict(told)} if self._file.auth.as_json else {"data": dict(told)}
        headers = {"Accept": self._file.headers.get("Accept", "application/json")}
        if self._file.auth.as_json and "Content-Type" in self._file.headers:
            headers["Content-Type"] = self._file.headers["Content-Type"]
        try:
            answer = self._session.request(
                "POST", self._address, stream=True, allow_redirects=False, headers=headers, **given
            )
            with answer:
                return answer.status_code, next(answer.iter_content(65_536), b"")
        except AddressRefused as error:
            raise SyncError(f"{self._file.name} was not asked. {error}", kind="config") from error
        except OSError as error:
            said = without_secrets(str(error), self._secrets)[:_QUOTED]
            raise SyncError(
                f"{self._file.name} did not answer (sign-in): {said}.", kind="retryable"
            ) from error


def without_secrets(text: str, secrets: Mapping[str, str]) -> str:
    """Return a text of the CRM without what was entered to sign in."""
    for secret in secrets.values():
        if len(secret) > 3:
            text = text.replace(secret, "…")
    return text
