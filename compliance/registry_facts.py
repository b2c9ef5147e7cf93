"""What the sellers' own copies of the do-not-call registries say about numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from compliance.models import DncEntry, DncListImport
from compliance.rules.facts import ContactRequest, RegistryFacts, RegistryListing
from compliance.rules.registry import NATIONAL


@dataclass(frozen=True, slots=True, kw_only=True)
class _Snapshot:
    id: int
    name: str
    seller: str
    as_of: date
    area_codes: frozenset[str]

    def covers(self, number: str) -> bool:
        return not self.area_codes or number[2:5] in self.area_codes


def registry_facts(requests: Sequence[ContactRequest]) -> list[RegistryFacts]:
    """Return the facts of each request, in order. Hidden SQL: two queries, however many requests."""
    snapshots = _active_snapshots({request.seller for request in requests})
    listed: dict[str, set[int]] = {}
    for number, snapshot_id in DncEntry.objects.filter(
        number__in={request.number for request in requests},
        snapshot_id__in=[snapshot.id for snapshot in snapshots],
    ).values_list("number", "snapshot_id"):
        listed.setdefault(number, set()).add(snapshot_id)
    return [_registry(request, snapshots, listed.get(request.number, set())) for request in requests]


def _active_snapshots(sellers: set[str]) -> list[_Snapshot]:
    rows = DncListImport.objects.filter(active=True, seller__in=sellers).order_by("-as_of", "-id")
    return [
        _Snapshot(
            id=row.id, name=row.name, seller=row.seller, as_of=row.as_of, area_codes=frozenset(row.area_codes)
        )
        for row in rows
    ]


def _registry(request: ContactRequest, snapshots: Sequence[_Snapshot], listed: set[int]) -> RegistryFacts:
    own = [snapshot for snapshot in snapshots if snapshot.seller == request.seller]
    national = [snapshot for snapshot in own if snapshot.name == NATIONAL]
    covering = [snapshot.as_of for snapshot in national if snapshot.covers(request.number)]
    of_states: dict[str, date] = {}
    for snapshot in own:  # newest first
        if snapshot.name != NATIONAL:
            of_states.setdefault(snapshot.name, snapshot.as_of)
    return RegistryFacts(
        seller_has_snapshot=bool(national),
        covers_number=bool(covering),
        as_of=max(covering, default=None),
        listings=tuple(
            RegistryListing(name=snapshot.name, as_of=snapshot.as_of)
            for snapshot in own
            if snapshot.id in listed
        ),
        own_lists=tuple(RegistryListing(name=name, as_of=as_of) for name, as_of in sorted(of_states.items())),
    )
