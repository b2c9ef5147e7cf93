"""Calls as engagements of a HubSpot account: written by our id in batches, then associated with their contacts."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_sync import mapping
from crm_sync.connectors import hubspot_batches
from crm_sync.connectors.hubspot_batches import BATCH as BATCH
from crm_sync.protocol import CallActivity, SyncError


@dataclass(frozen=True, slots=True)
class Account:
    """What mapping needs to know of the account, and until when it may be believed."""

    owners_by_email: Mapping[str, str]
    dispositions: Mapping[str, str]  # lower-case label -> id
    association_type: tuple[str, int]  # category and id of call -> contact
    good_until: float


class CallLog:
    """Writes calls of one account. `crm` is hubspot-api-client's; `forget` has the account read anew next time."""

    def __init__(self, crm: Any, account: Account, forget: Callable[[], None]) -> None:
        self._crm, self._account, self._forget = crm, account, forget

    def write(self, calls: Sequence[CallActivity]) -> list[str | SyncError]:
        """Upsert and associate; where HubSpot fails on the way, what is written by then counts. Every step may be repeated."""
        written: list[str | SyncError] = []
        for start in range(0, len(calls), BATCH):
            try:
                written += self._upsert(calls[start : start + BATCH])
            except SyncError as error:
                if not written:
                    raise
                written += [error] * (len(calls) - len(written))
                break
        pairs = [
            (crm_id, call.person_id)
            for crm_id, call in zip(written, calls, strict=True)
            if isinstance(crm_id, str)
        ]
        refused = hubspot_batches.associate(self._crm, "calls", self._account.association_type, pairs)
        return [refused.get(item, item) if isinstance(item, str) else item for item in written]

    def _upsert(self, calls: Sequence[CallActivity]) -> list[str | SyncError]:
        """Write one batch; calls whose owner has left are written again without one."""
        results = self._put(calls, self._account.owners_by_email)
        left = [
            index
            for index, result in enumerate(results)
            if isinstance(result, SyncError) and result.code == "INVALID_OWNER_ID"
        ]
        if left:
            self._forget()
            self._account = dataclasses.replace(self._account, owners_by_email={})
            for index, result in zip(left, self._put([calls[index] for index in left], {}), strict=True):
                results[index] = result
        return results

    def _put(self, calls: Sequence[CallActivity], owners: Mapping[str, str]) -> list[str | SyncError]:
        records = [
            mapping.hubspot_call(
                call,
                dispositions=self._account.dispositions,
                owner_id=owners.get(call.agent_email.lower(), ""),
            )
            for call in calls
        ]
        return hubspot_batches.upsert(
            self._crm.objects.calls.batch_api, records, unique=mapping.CALL_ID_PROPERTY
        )
