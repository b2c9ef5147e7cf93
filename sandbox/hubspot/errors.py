"""Errors as HubSpot words them: an HTTP status and one JSON object with a category."""

import json
import uuid
from typing import Any


class HubSpotError(Exception):
    """A refusal. `more` holds members beside status, message, correlationId and category."""

    def __init__(self, status: int, category: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.category, self.message, self.more = status, category, message, more

    def as_body(self) -> dict[str, Any]:
        """Return the body of the answer."""
        return {
            "status": "error",
            "message": self.message,
            "correlationId": str(uuid.uuid4()),
            "category": self.category,
            **self.more,
        }

    def as_batch_error(self) -> dict[str, Any]:
        """Return the error as it stands in a batch answer with status 207."""
        return {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": self.more.get("context", {}),
            "errors": self.more.get("errors", []),
            "links": {},
        }


def invalid(message: str, **more: Any) -> HubSpotError:
    """Return the error for a request that cannot be accepted."""
    return HubSpotError(400, "VALIDATION_ERROR", message, **more)


def invalid_value(name: str, code: str, message: str) -> HubSpotError:
    """Return the error for one property's value, worded as HubSpot does: JSON inside the message."""
    detail = [{"isValid": False, "message": message, "error": code, "name": name}]
    return invalid(
        f"Property values were not valid: {json.dumps(detail)}",
        errors=[{"message": message, "code": code, "context": {"propertyName": [name]}}],
    )


def not_found(what: str = "resource not found") -> HubSpotError:
    """Return the error for something that is not there."""
    return HubSpotError(404, "OBJECT_NOT_FOUND", what)
