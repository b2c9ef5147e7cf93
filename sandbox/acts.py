"""What people inside a CRM do to it while we are connected: records deleted and merged, fields removed, rules made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

Act = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A validation rule: a record whose `field` contains `text` is refused with `message`."""

    object_name: str
    field: str
    text: str
    message: str

    def refuses(self, object_name: str, values: Mapping[str, Any]) -> bool:
        """Return whether the rule refuses these values."""
        return object_name == self.object_name and self.text in str(values.get(self.field) or "")


def read_rule(body: Mapping[str, Any]) -> Rule:
    """Return the rule of a body of texts: object, field, text, message; raises KeyError."""
    return Rule(str(body["object"]), str(body["field"]), str(body["text"]), str(body["message"]))


def add_acts_route(app: web.Application, acts: Mapping[str, Act]) -> None:
    """Add `/_sandbox/acts`: a JSON object with `do` and what the act needs."""

    async def act(request: web.Request) -> web.Response:
        body = await request.json()
        chosen = acts.get(str(body.get("do"))) if isinstance(body, dict) else None
        if chosen is None:
            return web.json_response({"error": f"do must be one of: {', '.join(acts)}"}, status=400)
        try:
            return web.json_response(chosen(body) or {})
        except KeyError as missing:
            return web.json_response({"error": f"{missing} is missing or unknown"}, status=400)

    app.router.add_post("/_sandbox/acts", act)
