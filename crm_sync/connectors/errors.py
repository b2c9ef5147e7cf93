"""The CRMs' error words → what we do about them, and what a person should do. Pure."""

from collections.abc import Mapping
from typing import Final

from crm_sync.protocol import ErrorKind

Meaning = tuple[ErrorKind, str]

_GONE = "The person was deleted, merged or converted in the CRM: open them there, then import the list again."
_TOO_MANY = "The account's API limit is used up; sending goes on by itself."
_RENEW = "Enter the secret again on the connection's page, or ask your administrator to allow the app."

# Salesforce: errorCode of REST answers and statusCode of collection results (developer.salesforce.com,
# "Status Codes and Error Responses").
SALESFORCE: Final[Mapping[str, Meaning]] = {
    "INVALID_SESSION_ID": ("unauthorized", _RENEW),
    "INVALID_LOGIN": ("unauthorized", _RENEW),
    "API_DISABLED_FOR_ORG": (
        "config",
        "This Salesforce edition has no API, or the user lacks the permission “API Enabled”.",
    ),
    "API_CURRENTLY_DISABLED": ("retryable", "Salesforce has switched its API off for the moment."),
    "INSUFFICIENT_ACCESS": (
        "config",
        "Give the integration user edit rights on tasks and on the person's record.",
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": (
        "config",
        "Give the integration user edit rights on tasks and on the person's record.",
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": (
        "permanent",
        "The integration user may not see this person in Salesforce; share the record with it.",
    ),
    "INVALID_FIELD": (
        "config",
        "A field is missing or hidden from the integration user; run “Test” on the connection to see which.",
    ),
    "INVALID_FIELD_FOR_INSERT_UPDATE": (
        "config",
        "A field cannot be written by the integration user; run “Test” on the connection to see which.",
    ),
    "INVALID_TYPE": (
        "config",
        "An object is hidden from the integration user; give it access to tasks, leads and contacts.",
    ),
    "MALFORMED_QUERY": ("permanent", "Correct the query; nothing was read."),
    "INVALID_QUERY_FILTER_OPERATOR": ("permanent", "Correct the query's condition; nothing was read."),
    "NOT_FOUND": (
        "config",
        "The external id field Parley_Call_Id__c is not there or hidden; run “Test” on the connection.",
    ),
    "REQUIRED_FIELD_MISSING": (
        "permanent",
        "Your Salesforce demands a further field on tasks; make it optional for the integration user.",
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": (
        "permanent",
        "A validation rule of your Salesforce refuses this task: edit it to fit, or change the rule, and retry.",
    ),
    "FIELD_INTEGRITY_EXCEPTION": ("gone", _GONE),
    "INVALID_CROSS_REFERENCE_KEY": ("gone", _GONE),
    "ENTITY_IS_DELETED": ("gone", _GONE),
    "MALFORMED_ID": ("gone", _GONE),
    "CANNOT_UPDATE_CONVERTED_LEAD": ("gone", _GONE),
    "DUPLICATE_VALUE": ("permanent", "Two tasks carry the same call id; delete one in Salesforce and retry."),
    "DUPLICATE_EXTERNAL_ID": (
        "permanent",
        "Two tasks carry the same call id; delete one in Salesforce and retry.",
    ),
    "STRING_TOO_LONG": (
        "permanent",
        "A text is longer than its field in Salesforce: shorten it here and retry.",
    ),
    # One odd value must not hold up all the others, so it is the row's own trouble and no fault of the set-up.
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": (
        "permanent",
        "Salesforce's picklist does not have this value: edit it here, or add it there (Setup, Object Manager, Task), and retry.",
    ),
    "INACTIVE_OWNER_OR_USER": (
        "permanent",
        "The record's owner is inactive in Salesforce: give it to somebody active there, and retry.",
    ),
    "UNABLE_TO_LOCK_ROW": ("retryable", "The record is in use; sending goes on by itself."),
    "REQUEST_LIMIT_EXCEEDED": ("retryable", _TOO_MANY),
    "REQUEST_RUNNING_TOO_LONG": ("retryable", "Salesforce took too long; sending goes on by itself."),
    "SERVER_UNAVAILABLE": ("retryable", "Salesforce is down; sending goes on by itself."),
    "UNKNOWN_EXCEPTION": ("retryable", "Salesforce had a fault of its own; sending goes on by itself."),
}
# Answers of the token endpoint (RFC 6749 5.2, and Salesforce's own).
SALESFORCE_SIGN_IN: Final[Mapping[str, Meaning]] = {
    "invalid_client_id": ("unauthorized", "Copy the consumer key from the External Client App again."),
    "invalid_client": ("unauthorized", "Copy the consumer secret from the External Client App again."),
    "invalid_grant": (
        "unauthorized",
        "Allow the app for the integration user (client credentials: set “Run As”; JWT: pre-authorize the "
        "user, check the certificate, and this server's clock: an assertion is good for three minutes).",
    ),
    "inactive_user": ("unauthorized", "The integration user is inactive or locked."),
    "inactive_org": ("unauthorized", "The Salesforce org is locked or closed."),
    "unsupported_grant_type": (
        "unauthorized",
        "Enable the flow in the External Client App (client credentials or JWT bearer).",
    ),
}
_SIGN_IN: Final[Mapping[str, Meaning]] = {
    "invalid_grant": (
        "unauthorized",
        "The consent was taken back, or waited for too long: sign in again (“Edit secret” on the CRM's card).",
    ),
    "redirect_uri_mismatch": (
        "config",
        "Enter the callback address that Parley shows in the app, letter by letter.",
    ),
    "invalid_client_id": ("unauthorized", "Copy the app's id (consumer key, client id) again."),
    "invalid_client": ("unauthorized", "Copy the app's secret again."),
    "BAD_AUTH_CODE": ("unauthorized", "The code was used or is too old: begin to connect again."),
    "BAD_REFRESH_TOKEN": ("unauthorized", "The app was removed from the account: sign in again."),
    "BAD_CLIENT_ID": ("unauthorized", "Copy the app's client id again."),
}
# Daily limits are counted over a rolling day; asking every minute would only use it up again.
SALESFORCE_RETRY_AFTER: Final[Mapping[str, float]] = {"REQUEST_LIMIT_EXCEEDED": 300.0}

# HubSpot: `category` of error answers (developers.hubspot.com, "Error handling").
HUBSPOT: Final[Mapping[str, Meaning]] = {
    "INVALID_AUTHENTICATION": ("unauthorized", "Copy the access token of the private app again."),
    "EXPIRED_AUTHENTICATION": ("unauthorized", "The token has expired; create a new one in the private app."),
    "MISSING_SCOPES": (
        "config",
        "Add the scope named below to the private app (Settings, Integrations, Private Apps, Scopes).",
    ),
    "BANNED": ("unauthorized", "HubSpot has blocked this app; ask HubSpot's support."),
    "RATE_LIMITS": ("retryable", _TOO_MANY),
    "OBJECT_NOT_FOUND": ("gone", _GONE),
    "CONFLICT": ("retryable", "Someone else is changing the record; sending goes on by itself."),
    "LOCKED": ("retryable", "The record is in use; sending goes on by itself."),
    "VALIDATION_ERROR": ("permanent", "HubSpot refuses a value of this call: edit it and retry."),
}
# The code of one value's error inside a VALIDATION_ERROR.
HUBSPOT_VALUES: Final[Mapping[str, Meaning]] = {
    "PROPERTY_DOESNT_EXIST": (
        "config",
        "A property is missing in HubSpot; put it back (Settings, Properties), then press “Test” on the connection.",
    ),
    "READ_ONLY_VALUE": (
        "config",
        "A property cannot be written; make it editable in HubSpot (Settings, Properties).",
    ),
    "INVALID_OWNER_ID": ("permanent", "The owner is not active in HubSpot."),
    "INVALID_OPTION": (
        "permanent",
        "HubSpot's property does not have this option: edit it here, or add it there, and retry.",
    ),
    "PROPERTY_VALUE_TOO_LONG": (
        "permanent",
        "A text is longer than its property in HubSpot: shorten it here and retry.",
    ),
    "FAILED_VALIDATION_RULE": (
        "permanent",
        "A validation rule of your HubSpot refuses this call: edit it to fit, or change the rule, and retry.",
    ),
}
HUBSPOT_BY_STATUS: Final[Mapping[int, Meaning]] = {
    401: ("unauthorized", "Copy the access token of the private app again."),
    403: (
        "config",
        "Add the missing scope to the private app (Settings, Integrations, Private Apps, Scopes).",
    ),
    404: ("gone", _GONE),
    409: ("retryable", "Someone else is changing the record; sending goes on by itself."),
    423: ("retryable", "HubSpot has locked the account's data for the moment."),
    429: ("retryable", _TOO_MANY),
    477: ("retryable", "HubSpot is moving the account's data; sending goes on by itself."),
}


def concerns_one(kind: ErrorKind) -> bool:
    """Return whether an error is the trouble of one record, which the others of its request need not share."""
    return kind in ("permanent", "gone")


def salesforce(code: str, status: int) -> Meaning:
    """Return what an error code means; unknown ones by the HTTP status (0 for a record's own error)."""
    known = SALESFORCE.get(code)
    return known or _by_status(status)


def sign_in(code: str) -> Meaning:
    """Return what the refusal of a token endpoint means."""
    return _SIGN_IN.get(code, ("unauthorized", "Check what was entered for the app, and begin again."))


def hubspot(category: str, status: int, code: str = "") -> Meaning:
    """Return what an error category means, or the `code` of a value's error; unknown ones by the HTTP status."""
    if code in HUBSPOT_VALUES:
        return HUBSPOT_VALUES[code]
    return HUBSPOT.get(category) or HUBSPOT_BY_STATUS.get(status) or _by_status(status)


def _by_status(status: int) -> Meaning:
    if status == 401:
        return "unauthorized", _RENEW
    if status == 429 or status >= 500:
        return "retryable", "The CRM had a fault of its own; sending goes on by itself."
    return "permanent", "The CRM refuses this call as it is."
