"""What the CRM is called that a person comes from. Pure."""

from typing import Final
from urllib.parse import urlsplit

_NAMES: Final = {"salesforce": "Salesforce", "hubspot": "HubSpot"}


def crm_name(external_ref: str, crm_url: str) -> str:
    """Return the product's name, or where its pages are: a house may have several CRMs of its own."""
    known = _NAMES.get(external_ref.partition(":")[0])
    if known:
        return known
    try:
        return urlsplit(crm_url).hostname or "the CRM"
    except ValueError:
        return "the CRM"
