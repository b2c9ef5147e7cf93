"""Django application dialer."""

from django.apps import AppConfig


class DialerConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "dialer"
