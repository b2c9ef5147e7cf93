"""Django application crm_sync."""

from django.apps import AppConfig


class CrmSyncConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "crm_sync"
