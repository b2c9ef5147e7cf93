"""The only door to HTTP. Adapters hand this session to the vendors' libraries, which bring none of these guards."""

import ipaddress
import socket
from collections.abc import Collection
from typing import Any, Final

import requests
import structlog
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from core import clock, db

log = structlog.get_logger(__name__)

# Ranges that are public by their own word and lead elsewhere: translated to IPv4, tunnelled, or Teredo.
_LEADS_ELSEWHERE: Final = tuple(
    map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
)


class AddressRefused(Exception):
    """An address that somebody entered leads into our own network, or is not encrypted. Nothing was sent there."""


class OutgoingSession(requests.Session):
    """A requests session that cannot be made without a role and a time-out.

    It refuses to run inside a transaction, retries nothing, logs one line a request without query or body, and can send
    all traffic for any host to one base URL (the sandbox) while the vendor's library believes it talks to the vendor.
    With `private_hosts`, for addresses that people enter: https and public addresses only, but for these hosts (host or host:port);
    others raise AddressRefused.
    """

    def __init__(
        self,
        *,
        role: str,
        timeout_seconds: float,
        base_url: str = "",
        private_hosts: Collection[str] | None = None,
    ) -> None:
        super().__init__()
        self.role = role
        self.timeout_seconds = timeout_seconds
        self.trust_env = False
        if base_url:
            adapter = _RebasedAdapter(base_url)
            self.mount("https://", adapter)
            self.mount("http://", adapter)
        self._follows = private_hosts is None
        if private_hosts is not None:
            self.mount("https://", _PublicAdapter())
            self.mount("http://", _RefusingAdapter())
            for host in private_hosts:  # the slash: 10.0.0.1 must not let 10.0.0.10 through
                self.mount(f"https://{host}/", HTTPAdapter())
                self.mount(f"http://{host}/", HTTPAdapter())

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where a redirect leads; nowhere for addresses that people enter. The library would else read its body without limit."""
        return super().get_redirect_target(resp) if self._follows else None

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


class _RefusingAdapter(HTTPAdapter):
    """Sends nothing."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        raise AddressRefused(
            "The address must begin with https://, or its host stand in PARLEY_CRM_PRIVATE_HOSTS."
        )


class _PublicAdapter(HTTPAdapter):
    """Speaks to public addresses only. The peer is looked at once connected, so that no name can lead elsewhere the second time."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PublicPool, "https": _PublicTlsPool}


class _PublicConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _require_public(super()._new_conn(), self.host)


class _PublicTlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _require_public(super()._new_conn(), self.host)


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicTlsPool(HTTPSConnectionPool):
    ConnectionCls = _PublicTlsConnection


def _require_public(connected: socket.socket, host: str) -> socket.socket:
    peer = connected.getpeername()[0]
    if is_public(peer):
        return connected
    connected.close()
    raise AddressRefused(
        f"{host} is at {peer}, which is no public address. If it is your own CRM, put its host into PARLEY_CRM_PRIVATE_HOSTS."
    )


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public Internet."""
    found = ipaddress.ip_address(address.split("%", 1)[0])
    mapped = getattr(found, "ipv4_mapped", None)
    if mapped is not None:
        return is_public(str(mapped))
    if any(found in network for network in _LEADS_ELSEWHERE if network.version == found.version):
        return False
    return found.is_global and not found.is_multicast
