"""Registers the start-up checks."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Core has no business words."""

    name = "core"

    def ready(self) -> None:
        """Register checks."""
        from core import checks  # noqa: F401
