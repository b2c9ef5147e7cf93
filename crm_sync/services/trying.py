"""Asking a CRM with what somebody entered, and showing what came; nothing is stored."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns.importing import RawPerson
from core.errors import AppError
from crm_sync import refs, registry
from crm_sync.protocol import Check, CrmConnector, SyncError
from crm_sync.registry import Connect

SHOWN = 3  # people


class TryRefused(AppError):
    """The CRM could not be asked; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came."""

    checks: Sequence[Check]
    list_name: str
    people: Sequence[RawPerson]


def try_out(
    *, kind: str, secrets: Mapping[str, str], settings: Mapping[str, str], connect: Connect = registry.connect
) -> Tried:
    """Try every path that only reads; return each path's result and the first people as Parley would import them.

    Raises TryRefused where the CRM could not be asked at all.
    """
    try:
        connector = connect(kind, secrets=secrets, settings=settings, ref_prefix=refs.prefix(kind, 0))
        checks = connector.check()
        list_name, people = _first_people(connector) if all(check.ok for check in checks[:2]) else ("", [])
    except SyncError as error:
        raise TryRefused(str(error)) from error
    return Tried(checks=checks, list_name=list_name, people=people)


def _first_people(connector: CrmConnector) -> tuple[str, list[RawPerson]]:
    for crm_list in connector.lists()[:10]:
        page = next(iter(connector.read_people(crm_list, "")), None)
        if page is not None and page.people:
            return crm_list.name, list(itertools.islice(page.people, SHOWN))
    return "", []
