"""What Salesforce says of one record, in our words; and what we say of a key or a field it cannot use."""

from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from crm_sync import mapping
from crm_sync.connectors import errors
from crm_sync.protocol import Check, SyncError


def check_key(pem: str) -> None:
    """Raise SyncError for a key the library could only fail on with an error of its own."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SyncError(
            "The private key cannot be used. Paste the whole PEM file, without a password.",
            kind="unauthorized",
        ) from error
    if not isinstance(key, RSAPrivateKey):
        raise SyncError("The private key is not an RSA key; Salesforce takes no other.", kind="unauthorized")


def check_version(offered: Sequence[str], ours: str) -> Check:
    """Return whether the org offers the version of the API we ask for."""
    if ours in offered:
        return Check("API version", True, f"Version {ours} is offered; the org's newest is {offered[-1]}.")
    newest = f"The org offers {offered[0]} to {offered[-1]}" if offered else "The org names no version"
    return Check(
        "API version",
        False,
        f"{newest}, and Parley asks for {ours}: set SALESFORCE_API_VERSION to one that is offered, and restart Parley.",
    )


def require_version(offered: Sequence[str], ours: str) -> None:
    """Raise SyncError where nothing could be asked of the org in our version."""
    found = check_version(offered, ours)
    if not found.ok:
        raise SyncError(found.detail, kind="config")


def hidden(name: str, fields: Sequence[str]) -> str:
    return (
        f"Hidden from the integration user on {name}: {', '.join(fields)}. In Setup, Object Manager, "
        f"{name}, Fields & Relationships, "
        "open the field, Set Field-Level Security, and make it visible for the integration user's profile."
    )


def is_create_only(answer: Mapping[str, Any]) -> bool:
    return any(
        error.get("statusCode") == "INVALID_FIELD_FOR_INSERT_UPDATE" and mapping.CREATE_ONLY in str(error)
        for error in answer.get("errors") or ()
    )


def result(answer: Mapping[str, Any], *, not_found: str = "NOT_FOUND") -> str | SyncError:
    """Return the record's id or its error; `not_found` is the code that says what it means that something is not there."""
    if answer.get("success"):
        return str(answer["id"])
    error = (answer.get("errors") or [{}])[0]
    code, message = str(error.get("statusCode", "")), str(error.get("message", ""))
    kind, advice = errors.salesforce(not_found if code == "NOT_FOUND" else code, 0)
    return SyncError(f"{advice} Salesforce said: {message[:200]} ({code}).", kind=kind, code=code)
