"""Django application desk."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "desk"
