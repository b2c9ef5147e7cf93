"""Where a CRM shows our phone: whose pages may hold it, and what it loads from there."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from core.errors import NotFound
from crm_sync import refs, registry
from crm_sync.models import CrmConnection

OPEN_CTI: Final = "/support/api/66.0/lightning/opencti_min.js"


@dataclass(frozen=True, slots=True)
class Phone:
    """A connection's phone."""

    connection_id: int
    kind: str
    name: str
    origins: tuple[str, ...]  # of the pages that may hold it
    script: str  # the vendor's library where it comes from their host alone

    @property
    def prefix(self) -> str:
        """Return what stands before the record ids of its people."""
        return refs.prefix(self.kind, self.connection_id)


def get_phone(connection_id: int) -> Phone:
    """Return the phone of a connection; raises NotFound for none, a disconnected one, or one that has not said where its pages are."""
    row = (
        CrmConnection.objects.filter(id=connection_id).exclude(state=CrmConnection.State.DISCONNECTED).first()
    )
    origins = _origins(row) if row else ()
    if row is None or not origins:
        raise NotFound(
            "This CRM is not connected, or has not said yet where its pages are; test the connection."
        )
    script = f"{origins[0]}{OPEN_CTI}" if row.kind == CrmConnection.Kind.SALESFORCE else ""
    return Phone(row.pk, row.kind, row.name, origins, script)


def name_of(connection_id: int) -> str | None:
    """Return a connection's name, None where there is none."""
    return CrmConnection.objects.filter(id=connection_id).values_list("name", flat=True).first()


def _origins(row: CrmConnection) -> tuple[str, ...]:
    stand_in = registry.base_url(row.kind)
    if stand_in:
        return (_origin(stand_in),)
    if row.kind == CrmConnection.Kind.SALESFORCE:
        domain = str(row.settings.get("instance") or "").removesuffix(".salesforce.com")
        if not domain.endswith(".my"):
            return ()
        return (
            f"https://{domain}.salesforce.com",
            f"https://{domain.removesuffix('.my')}.lightning.force.com",
        )
    if row.kind == CrmConnection.Kind.HUBSPOT:
        own = str(row.settings.get("ui_domain") or "app.hubspot.com")
        return tuple(dict.fromkeys((f"https://{own}", "https://app.hubspot.com")))
    return tuple(filter(None, (_origin(str(row.settings.get("record_url") or "")),)))


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""
