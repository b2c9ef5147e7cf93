"""Django application carriers."""

from django.apps import AppConfig


class CarriersConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "carriers"
