"""Calls as engagements of a HubSpot account: written by our id in batches, then associated with their contacts."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crm_sync import mapping
from crm_sync.connectors import errors
from crm_sync.connectors.hubspot_http import batch_error
from crm_sync.protocol import CallActivity, SyncError

BATCH: Final = 100  # inputs of one batch request
ASSOCIATIONS: Final = 1000  # pairs of one request; HubSpot takes 2,000


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
        refused: dict[str, SyncError] = {}
        for start in range(0, len(pairs), ASSOCIATIONS):
            refused |= self._associate(pairs[start : start + ASSOCIATIONS])
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
        inputs = [
            {
                "id": call.external_call_id,
                "idProperty": mapping.CALL_ID_PROPERTY,
                "objectWriteTraceId": call.external_call_id,
                "properties": mapping.hubspot_call(
                    call,
                    dispositions=self._account.dispositions,
                    owner_id=owners.get(call.agent_email.lower(), ""),
                ),
            }
            for call in calls
        ]
        try:
            answer = self._crm.objects.calls.batch_api.upsert({"inputs": inputs})
        except SyncError as error:
            if not errors.concerns_one(error.kind):
                raise
            if len(calls) == 1:
                return [error]
            # One value HubSpot does not accept refuses the whole batch: halve it until the culprit stands alone.
            middle = len(calls) // 2
            return self._put(calls[:middle], owners) + self._put(calls[middle:], owners)
        ids = {
            str(row.properties.get(mapping.CALL_ID_PROPERTY, "")).lower(): str(row.id)
            for row in answer.results
        }
        failed = getattr(answer, "errors", None) or []
        return [
            ids.get(call.external_call_id) or batch_error(failed, call.external_call_id) for call in calls
        ]

    def _associate(self, pairs: Sequence[tuple[str, str]]) -> dict[str, SyncError]:
        """Associate (call, contact) pairs; return the errors by call. Repeating an association changes nothing."""
        category, type_id = self._account.association_type
        types = [{"associationCategory": category, "associationTypeId": type_id}]
        inputs = [{"from": {"id": call}, "to": {"id": contact}, "types": types} for call, contact in pairs]
        try:
            answer = self._crm.associations.v4.batch_api.create("calls", "contacts", {"inputs": inputs})
        except SyncError as error:
            if not errors.concerns_one(error.kind):
                # Written, but not yet seen on the contacts: the calls are not done, and the others wait for nothing.
                return {call: error for call, _ in pairs}
            if len(pairs) == 1:
                return {pairs[0][0]: error}
            middle = len(pairs) // 2
            return self._associate(pairs[:middle]) | self._associate(pairs[middle:])
        done = {str(row.from_object_id) for row in answer.results}
        failed = getattr(answer, "errors", None) or []
        return {call: batch_error(failed, call, contact) for call, contact in pairs if call not in done}
