"""What simple-salesforce raises, in our words."""

from collections.abc import Mapping
from typing import Any

from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError

from crm_sync.connectors import errors
from crm_sync.protocol import SyncError


def sync_error(what: str, error: SalesforceError) -> SyncError:
    """Return the vendor's error in our words."""
    if isinstance(error, SalesforceAuthenticationFailed):
        code = str(error.code)
        if code.isdigit() and int(code) >= 500:
            return SyncError(f"Salesforce's sign-in answered {code}; it is tried again.", kind="retryable")
        meaning, advice = errors.SALESFORCE_SIGN_IN.get(
            code, ("unauthorized", "Check domain, consumer key and secret.")
        )
        return SyncError(
            f"Salesforce refused the sign-in: {error.auth_message[:200]} ({code}). {advice}", kind=meaning
        )
    content: Any = error.content  # the library says bytes, and gives the parsed JSON where it is JSON
    first = content[0] if isinstance(content, list) and content and isinstance(content[0], Mapping) else {}
    code, message = str(first.get("errorCode", "")), str(first.get("message", ""))
    kind, advice = errors.salesforce(code, int(error.status))
    said = f"{message[:200]} ({code or error.status})" if message else f"status {error.status}"
    return SyncError(
        f"Salesforce refused {what}: {said}. {advice}",
        kind=kind,
        code=code,
        retry_after=errors.SALESFORCE_RETRY_AFTER.get(code),
    )


def short(error: BaseException) -> str:
    """Return what an error says, in one line's length."""
    return str(error)[:160] or type(error).__name__
