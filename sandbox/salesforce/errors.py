"""Errors as Salesforce words them: an HTTP status and a JSON list of message, errorCode and fields."""

from typing import Any


class SalesforceError(Exception):
    """A refusal with the vendor's code."""

    def __init__(
        self, code: str, message: str, *, status: int = 400, fields: list[str] | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.fields = code, message, status, fields

    def as_rest(self) -> list[dict[str, Any]]:
        """Return the body of a REST answer."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = self.fields
        return [error]

    def as_result(self) -> dict[str, Any]:
        """Return the error as it stands in a per-record result of a collection."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields or []}


def not_found(message: str = "The requested resource does not exist") -> SalesforceError:
    """Return the error for an address or record that is not there."""
    return SalesforceError("NOT_FOUND", message, status=404)


def malformed_query(message: str) -> SalesforceError:
    """Return the error for SOQL that cannot be read."""
    return SalesforceError("MALFORMED_QUERY", message)


def invalid_field(object_name: str, field: str) -> SalesforceError:
    """Return the error for a field the object does not have."""
    return SalesforceError(
        "INVALID_FIELD", f"No such column '{field}' on entity '{object_name}'.", fields=[field]
    )
