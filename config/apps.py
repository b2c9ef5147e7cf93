"""The composition root as an application, so that its management commands are found."""

from django.apps import AppConfig


class ParleyConfig(AppConfig):
    """Commands that need every app: relay_outbox, seed_demo, e2e."""

    name = "config"
    label = "parley_config"
