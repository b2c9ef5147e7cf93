"""The dialer's world, seen through the pages."""

from tests.integration.dialer.conftest import at_work, carrier, lead, world

__all__ = ["at_work", "carrier", "lead", "world"]
