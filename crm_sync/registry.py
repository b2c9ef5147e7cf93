"""Name of a CRM → its connector. The connectors' libraries are loaded on first use.

Pages and pacers do without them.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, cast

from django.conf import settings as conf
from django.utils.module_loading import import_string

from core import clock
from crm_sync import ledger
from crm_sync.capabilities import Capability, able
from crm_sync.protocol import CrmConnector

_CLASSES: Final[Mapping[str, str]] = {
    "salesforce": "crm_sync.connectors.salesforce_full.SalesforceFull",
    "hubspot": "crm_sync.connectors.hubspot_full.HubSpotFull",
    "rest": "crm_sync.connectors.by_file_full.by_file",
}


# How many items a push carries: one request to Salesforce; to HubSpot five, and one to associate them all; to others one each.
BATCHES: Final[Mapping[str, int]] = {"salesforce": 200, "hubspot": 500, "rest": 20}


Renew = Callable[[str], str]  # a token the CRM refused -> one it takes; raises SyncError


class TokenEndpoint(Protocol):
    """Where a CRM gives access for a code or a refresh token (connectors.token_endpoint)."""

    def redeem(
        self,
        secrets: Mapping[str, str],
        settings: Mapping[str, str],
        *,
        code: str,
        redirect_uri: str,
        verifier: str,
    ) -> Any:
        """Return a Grant; raises SyncError."""
        ...

    def renew(self, secrets: Mapping[str, str], settings: Mapping[str, str]) -> Any:
        """Return a Grant; raises SyncError."""
        ...


class Connect(Protocol):
    """Makes a connector; services take it as an argument so that tests can hand in a twin."""

    def __call__(
        self,
        kind: str,
        *,
        secrets: Mapping[str, str],
        settings: Mapping[str, str],
        ref_prefix: str,
        renew: Renew | None = None,
    ) -> CrmConnector:
        """Return the connector; must not touch the network. `renew` gives access in place of a token the CRM refuses."""
        ...


def connect(
    kind: str,
    *,
    secrets: Mapping[str, str],
    settings: Mapping[str, str],
    ref_prefix: str,
    renew: Renew | None = None,
) -> CrmConnector:
    """Return the connector for `kind`; nothing is sent before its first method is called."""
    made = import_string(_CLASSES[kind])(
        secrets=secrets,
        settings=settings,
        ref_prefix=ref_prefix,
        timeout_seconds=conf.CRM_TIMEOUT_SECONDS,
        renew=renew,
        **_options(kind, ref_prefix),
    )
    return cast(CrmConnector, made)


def token_endpoint(kind: str) -> TokenEndpoint:
    """Return the CRM's token endpoint."""
    made = import_string("crm_sync.connectors.token_endpoint.TokenEndpoint")(
        kind=kind,
        base_url=base_url(kind),
        version=conf.HUBSPOT_API_VERSION,
        timeout_seconds=conf.CRM_TIMEOUT_SECONDS,
    )
    return cast(TokenEndpoint, made)


def can(kind: str, capability: Capability, facts: Mapping[str, str]) -> bool:
    """Return whether a CRM can do more than protocol.CrmConnector; loads the connector's class, asks nothing.

    `facts` is CrmConnection.settings: there stands what a mapping file says, since the connection was last tested.
    """
    if kind == "rest":
        return capability in facts.get("can", "").split()
    return able(import_string(_CLASSES[kind]), capability)


def _options(kind: str, ref_prefix: str) -> Mapping[str, object]:
    """Return what a kind of connector takes beside what all do."""
    if kind == "rest":
        book = ledger.StoredLedger(int(ref_prefix.split(":")[1]), clock.now)
        return {"private_hosts": conf.CRM_PRIVATE_HOSTS, "ledger": book}
    version = conf.SALESFORCE_API_VERSION if kind == "salesforce" else conf.HUBSPOT_API_VERSION
    return {"base_url": base_url(kind), "version": version}


def base_url(kind: str) -> str:
    """Return the address that stands in for the CRM, or "" for the real one."""
    return str({"salesforce": conf.SALESFORCE_BASE_URL, "hubspot": conf.HUBSPOT_BASE_URL}.get(kind, ""))
