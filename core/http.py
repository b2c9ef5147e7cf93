"""The only door to HTTP. Adapters hand this session to the vendors' libraries, which bring none of these guards."""

from typing import Any

import requests
import structlog
from requests.adapters import HTTPAdapter

from core import clock, db

log = structlog.get_logger(__name__)


class OutgoingSession(requests.Session):
    """A requests session that cannot be made without a role and a time-out.

    It refuses to run inside a transaction, retries nothing, logs one line a request without query or body, and can send
    all traffic for any host to one base URL (the sandbox) while the vendor's library believes it talks to the vendor.
    """

    def __init__(self, *, role: str, timeout_seconds: float, base_url: str = "") -> None:
        super().__init__()
        self.role = role
        self.timeout_seconds = timeout_seconds
        self.trust_env = False
        if base_url:
            adapter = _RebasedAdapter(base_url)
            self.mount("https://", adapter)
            self.mount("http://", adapter)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send the request; raises core.db.InsideTransaction inside a transaction and requests' own errors otherwise."""
        db.refuse_in_atomic(f"HTTP by {self.role}")
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self.timeout_seconds
        started = clock.monotonic()
        status: int | str = "failed"
        try:
            response = super().request(method, url, *args, **kwargs)
            status = response.status_code
            return response
        finally:
            path = str(url).split("?", 1)[0].split("//", 1)[-1].partition("/")[2]
            log.info(
                "core.http.request",
                role=self.role,
                method=str(method),
                path=path[:120],
                status=status,
                ms=round((clock.monotonic() - started) * 1000),
            )


class _RebasedAdapter(HTTPAdapter):
    """Replaces scheme and host of each request with those of `base_url`."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base_url = base_url.rstrip("/")

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url is not None
        path = request.url.split("//", 1)[-1].partition("/")[2]
        request.url = f"{self.base_url}/{path}"
        request.headers.pop("Host", None)
        return super().send(request, *args, **kwargs)
