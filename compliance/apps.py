"""Django application compliance."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "compliance"
