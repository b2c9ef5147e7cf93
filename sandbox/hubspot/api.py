"""The table of operations, and what they have in common."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.hubspot.errors import HubSpotError, invalid, not_found
from sandbox.hubspot.portal import Portal

_DATED = re.compile(r"/crm/(objects|lists|owners|properties|associations)/\d{4}-\d{2}(/.*)?")


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call; `query` keeps repeated parameters."""

    method: str
    path: str
    base: str
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    body: Any = None
    locked: bool = False  # the first input of a batch is held by somebody else

    def text(self, name: str, default: str = "") -> str:
        """Return a query parameter."""
        return (self.query.get(name) or [default])[0]

    def flag(self, name: str) -> bool:
        """Return whether a query parameter says true; the Python library writes it with a capital."""
        return self.text(name).lower() == "true"

    def names(self, name: str) -> list[str]:
        """Return a parameter that may be repeated or separated by commas."""
        return [part.strip() for text in self.query.get(name, ()) for part in text.split(",") if part.strip()]

    def number(self, name: str, default: int, *, at_most: int) -> int:
        """Return a whole number of at least 1; raises HubSpotError."""
        return check_number(self.text(name, str(default)), name, at_most=at_most)

    def listed(self, name: str) -> list[str]:
        """Return a member of the body that is a list of texts, or nothing; raises HubSpotError."""
        value = self.json_object().get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise invalid(f"Invalid input JSON: {name} must be a list of texts")
        return value

    def json_object(self) -> dict[str, Any]:
        """Return the body as an object; raises HubSpotError."""
        if not isinstance(self.body, dict):
            raise invalid("Invalid input JSON: the request body must be an object")
        return self.body

    def inputs(self, *, at_most: int = 100) -> list[dict[str, Any]]:
        """Return the inputs of a batch; raises HubSpotError."""
        inputs = self.json_object().get("inputs")
        if not isinstance(inputs, list) or not all(isinstance(item, dict) for item in inputs):
            raise invalid("Invalid input JSON: inputs must be a list of objects")
        if not 1 <= len(inputs) <= at_most:
            raise invalid(f"A batch takes 1 to {at_most} inputs, not {len(inputs)}")
        return inputs


@dataclass(frozen=True)
class Answer:
    """Status and JSON body; a body of None is an empty one."""

    status: int
    body: Any = None


class Api:
    """The operations. Each takes the request and the pieces of its path; raises HubSpotError."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._operations: list[tuple[str, re.Pattern[str], Callable[..., Answer]]] = []

    def add(self, method: str, pattern: str, operation: Callable[..., Answer]) -> None:
        """Add an operation; earlier ones win. Groups of the pattern become its arguments."""
        self._operations.append((method, re.compile(pattern), operation))

    def call(self, request: Request) -> Answer:
        """Find and run the operation; raises when there is none."""
        path = undated(request.path).rstrip("/")
        known = False
        for method, pattern, operation in self._operations:
            match = pattern.fullmatch(path)
            if match is not None and method == request.method:
                return operation(request, *match.groups())
            known = known or match is not None
        if known:
            raise HubSpotError(405, "METHOD_NOT_ALLOWED", f"{request.method} is not allowed here")
        raise not_found(f"No operation at {request.path}")


def undated(path: str) -> str:
    """Return the numbered path that means the same as a dated one, such as /crm/objects/2026-09/contacts."""
    details = re.fullmatch(r"/account-info/\d{4}-\d{2}(/.*)", path)
    if details is not None:
        return f"/account-info/v3{details[1]}"
    match = _DATED.fullmatch(path)
    if match is None:
        return path
    area, rest = match.group(1), match.group(2) or ""
    version = "v4" if area == "associations" or "/associations" in rest else "v3"
    return f"/crm/{version}/{area}{rest}"


def check_number(value: Any, name: str, *, at_most: int, at_least: int = 1) -> int:
    """Return a whole number within bounds, both included; raises HubSpotError."""
    if not re.fullmatch(r"\d{1,9}", str(value)) or not at_least <= int(value) <= at_most:
        raise invalid(f"{name} must be a whole number from {at_least} to {at_most}, not {value}")
    return int(value)


def next_page(request: Request, after: str) -> dict[str, Any]:
    """Return the paging member that leads to the next page."""
    kept = [f"{name}={text}" for name, texts in request.query.items() for text in texts if name != "after"]
    return {
        "next": {
            "after": after,
            "link": f"{request.base}{request.path}?{'&'.join([*kept, f'after={after}'])}",
        }
    }


def batch(
    portal: Portal, results: list[Any], errors: Sequence[HubSpotError] = (), *, status: int = 200
) -> Answer:
    """Return the answer of a batch: 207 with the errors when there are any."""
    now = portal.now()
    body: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if errors:
        body |= {"numErrors": len(errors), "errors": [error.as_batch_error() for error in errors]}
    return Answer(207 if errors else status, body)
