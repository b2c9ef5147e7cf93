"""A setup as JSON and back. Pure."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID


def freeze(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as JSON that is equal where they are: several in order, numbers without idle zeros."""
    return {name: _frozen(value) for name, value in values.items()}


def thaw(frozen: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the names in `known`; a setup older than a setting says nothing of it."""
    return {
        name: _THAW.get(name, _same)(value) if value is not None else None
        for name, value in frozen.items()
        if name in known
    }


def _frozen(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case time():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case UUID():
            return str(value)
        case str() | bool() | int() | None:
            return value
        case Mapping():
            return dict(value)  # a plan, which is JSON as it is stored
        case _:
            return sorted(_frozen(one) for one in value)


def _same(value: Any) -> Any:
    return value


def _uuids(values: list[str]) -> tuple[UUID, ...]:
    return tuple(UUID(one) for one in values)


_THAW: Final[Mapping[str, Callable[[Any], Any]]] = {
    "list_ids": tuple,
    "segment_ids": tuple,
    "excluded_list_ids": tuple,
    "excluded_segment_ids": tuple,
    "power_ratio": Decimal,
    "abandon_percent": Decimal,
    "window_opens": time.fromisoformat,
    "window_closes": time.fromisoformat,
    "stops_at": datetime.fromisoformat,
    "abandoned_message_id": UUID,
    "voicemail_message_id": UUID,
    "voicemail_variant_ids": _uuids,
}
