"""Do-not-call flags of HubSpot contacts. HubSpot has none of its own: the property is the account's, named on the connection."""

from collections.abc import Sequence
from typing import Any

from crm_sync.connectors import errors
from crm_sync.connectors.hubspot_http import batch_error
from crm_sync.protocol import DoNotCall, SyncError

BATCH = 100  # inputs of one batch request
NO_PROPERTY = (
    "No contact property for do not call is named on the connection's page, so this account cannot be told. Name one there; "
    "the flag is then sent by itself."
)


def write_flags(contacts: Any, flags: Sequence[DoNotCall], *, name: str) -> list[str | SyncError]:
    """Write the flags to the contact property `name`; return the contact's id or the error for each, in order.

    `contacts` is hubspot-api-client's batch API of contacts.
    """
    if not name:
        return [SyncError(NO_PROPERTY, kind="permanent") for _ in flags]
    results: list[str | SyncError] = []
    for start in range(0, len(flags), BATCH):
        results += _write(contacts, flags[start : start + BATCH], name)
    return [_held(result) for result in results]


def _held(result: str | SyncError) -> str | SyncError:
    """Return a missing property as the trouble of the flag alone: calls go on being logged."""
    if isinstance(result, SyncError) and result.code == "PROPERTY_DOESNT_EXIST":
        return SyncError(str(result), kind="permanent", code=result.code)
    return result


def _write(contacts: Any, flags: Sequence[DoNotCall], name: str) -> list[str | SyncError]:
    inputs = [
        {
            "id": flag.person_id,
            "objectWriteTraceId": flag.person_id,
            "properties": {name: "true" if flag.do_not_call else "false"},
        }
        for flag in flags
    ]
    try:
        answer = contacts.update({"inputs": inputs})
    except SyncError as error:
        if error.code == "PROPERTY_DOESNT_EXIST":
            return [error for _ in flags]
        if not errors.concerns_one(error.kind):
            raise
        if len(flags) == 1:
            return [error]
        # One contact HubSpot does not accept refuses the whole batch: halve it until the culprit stands alone.
        middle = len(flags) // 2
        return _write(contacts, flags[:middle], name) + _write(contacts, flags[middle:], name)
    written = {str(row.id) for row in answer.results}
    failed = getattr(answer, "errors", None) or []
    return [
        flag.person_id if flag.person_id in written else batch_error(failed, flag.person_id) for flag in flags
    ]
