"""Addresses of records in the CRMs' own pages. Pure."""

from collections.abc import Mapping

from crm_sync.byfile import records


def person_url(kind: str, facts: Mapping[str, str], base_url: str, person_id: str) -> str:
    """Return the address of the person's page, or "" while the CRM has not said where its pages are.

    `facts` is CrmConnection.settings; `base_url` stands in for the CRM's host where set.
    """
    if kind == "rest":
        return records.page(facts.get("record_url", ""), person_id) if person_id else ""
    root = _root(kind, facts, base_url)
    if not root or not person_id:
        return ""
    if kind == "salesforce":
        return f"{root}/lightning/r/{salesforce_object(person_id)}/{person_id}/view"
    return f"{root}/contacts/{facts['portal_id']}/record/0-1/{person_id}"


def salesforce_object(person_id: str) -> str:
    """Return which object a Salesforce id is of: its first three characters say so."""
    return "Contact" if person_id.startswith("003") else "Lead"


def activity_url(kind: str, facts: Mapping[str, str], base_url: str, crm_id: str, person_id: str) -> str:
    """Return the address that shows the logged call, or ""."""
    if kind == "rest":
        return records.page(facts.get("activity_url", ""), person_id, crm_id) if crm_id else ""
    root = _root(kind, facts, base_url)
    if not root or not crm_id:
        return ""
    if kind == "salesforce":
        return f"{root}/{crm_id}"
    return f"{root}/contacts/{facts['portal_id']}/record/0-1/{person_id}?engagement={crm_id}"


def _root(kind: str, facts: Mapping[str, str], base_url: str) -> str:
    if kind == "salesforce":
        return base_url.rstrip("/") or (f"https://{facts['instance']}" if facts.get("instance") else "")
    if not facts.get("portal_id"):
        return ""
    return base_url.rstrip("/") or f"https://{facts.get('ui_domain') or 'app.hubspot.com'}"
