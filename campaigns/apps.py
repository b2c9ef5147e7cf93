"""Django application campaigns."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "campaigns"
