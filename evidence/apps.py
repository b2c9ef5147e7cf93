"""Django application evidence."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "evidence"
