"""Names of the companies HubSpot contacts belong to, where the contact itself names none: by association, and kept for a while."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from crm_sync.connectors.hubspot_batches import BATCH
from crm_sync.connectors.hubspot_http import HubSpotAnswerError

GOOD_FOR: Final = 600.0  # seconds; names change seldom, and a list has many people of few companies
MOST: Final = 20_000  # names kept of an account
_PRIMARY: Final = 1  # association type: the contact's primary company


@dataclass
class Known:
    """The names one process knows of an account's companies, by id."""

    names: dict[str, str] = field(default_factory=dict)
    good_until: float = 0.0


_known: dict[tuple[str, str], Known] = {}


def known_of(account: tuple[str, str], now: float) -> Known:
    """Return what is known of an account; nothing where that is too old or too much. `now` in seconds."""
    found = _known.get(account)
    if found is None or found.good_until < now or len(found.names) > MOST:
        found = _known[account] = Known(good_until=now + GOOD_FOR)
    return found


def names_of(crm: Any, contact_ids: Sequence[str], known: Known) -> dict[str, str]:
    """Return the name of each contact's company, the primary one first; one request for all contacts, one for unknown companies.

    `crm` is hubspot-api-client's. An account that does not let us see companies has contacts without them.
    """
    if not contact_ids:
        return {}
    try:
        company_of = _associated(crm, contact_ids)
        unknown = sorted({each for each in company_of.values() if each not in known.names})
        for start in range(0, len(unknown), BATCH):
            known.names.update(_read(crm, unknown[start : start + BATCH]))
    except HubSpotAnswerError as error:
        if error.status != 403:
            raise
        return {}
    return {contact: known.names.get(company, "") for contact, company in company_of.items()}


def _associated(crm: Any, contact_ids: Sequence[str]) -> dict[str, str]:
    inputs = {"inputs": [{"id": each} for each in contact_ids]}
    answer = crm.associations.v4.batch_api.get_page("contacts", "companies", inputs)
    found = {}
    for row in answer.results:
        links = sorted(row.to, key=_rank)
        if links:
            found[str(row._from.id)] = str(links[0].to_object_id)
    return found


def _rank(link: Any) -> tuple[bool, int]:
    is_primary = any(each.type_id == _PRIMARY for each in link.association_types)
    return not is_primary, int(link.to_object_id)


def _read(crm: Any, ids: Sequence[str]) -> Mapping[str, str]:
    body = {"inputs": [{"id": each} for each in ids], "properties": ["name"], "propertiesWithHistory": []}
    found = {
        str(row.id): str(row.properties.get("name") or "")
        for row in crm.companies.batch_api.read(body).results
    }
    return {each: found.get(each, "") for each in ids}
