"""Calls and do-not-call flags, written so that one item's trouble is its own. The network, and no queue."""

from collections.abc import Sequence

from crm_sync.protocol import CallActivity, CrmConnector, DoNotCall, SyncError
from crm_sync.services import schemas


def log_calls(
    connector: CrmConnector, calls: Sequence[CallActivity | SyncError], connection_id: int
) -> Sequence[str | SyncError]:
    """Log those that can go; the others have their error.

    Where the CRM refuses a field that the mapping added, its fields are read anew before the next attempt: that one then holds the
    calls that need the field, with the reason, and no others.
    """
    ready = [call for call in calls if not isinstance(call, SyncError)]
    try:
        logged = list(connector.log_calls(ready)) if ready else []
    except SyncError as error:
        raise _of_mapping(error, ready, connection_id) from error
    if len(logged) != len(ready):
        raise RuntimeError(f"{len(logged)} results came for {len(ready)} calls")
    rest = iter(
        _of_mapping(each, [call], connection_id) if isinstance(each, SyncError) else each
        for each, call in zip(logged, ready, strict=True)
    )
    return [call if isinstance(call, SyncError) else next(rest) for call in calls]


def write_flags(connector: CrmConnector, flags: Sequence[DoNotCall]) -> Sequence[str | SyncError]:
    """Write flags; what the CRM's set-up refuses is held for a person, flag by flag, and does not keep calls from being logged."""
    try:
        results = connector.set_do_not_call(flags)
    except SyncError as error:
        if error.kind != "config":
            raise
        results = [error] * len(flags)
    return [
        SyncError(str(result), kind="permanent")
        if isinstance(result, SyncError) and result.kind == "config"
        else result
        for result in results
    ]


def _of_mapping(error: SyncError, calls: Sequence[CallActivity], connection_id: int) -> SyncError:
    """Return the error as one to try again with the CRM's fields read anew, where it is about a field the mapping added."""
    named = {name for call in calls for name in call.fields}
    if error.kind != "config" or not any(name in str(error) for name in named):
        return error
    schemas.forget(connection_id)
    return SyncError(str(error), kind="retryable", code=error.code)
