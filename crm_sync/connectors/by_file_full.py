"""A CRM by mapping file with all that its file says how to do."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from crm_sync.capabilities import Capability
from crm_sync.connectors.by_file import ByFileConnector, read_file
from crm_sync.connectors.by_file_parts import PARTS


def by_file(**values: Any) -> ByFileConnector:
    """Return the connector; what its file does not say is no method of it, and so is never asked of it."""
    return _class_of(tuple(read_file(values["settings"]).capabilities()))(**values)


@cache
def _class_of(capabilities: Sequence[Capability]) -> type[ByFileConnector]:
    return type("ByFileFull", (ByFileConnector, *(PARTS[each] for each in capabilities)), {})
