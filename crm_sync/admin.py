"""The admin may look.

Connections and queue are changed by services alone, which test, audit and wake the push.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from crm_sync.models import CrmConnection, ListPull, SyncQueueItem


class _ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CrmConnection)
class CrmConnectionAdmin(_ReadOnly):
    """Without the sealed secret: it says nothing to people, and a copy of it is one copy too many."""

    list_display = ("name", "kind", "state", "checked_at")
    exclude = ("secrets",)


@admin.register(SyncQueueItem)
class SyncQueueItemAdmin(_ReadOnly):
    """Calls on their way."""

    list_display = ("external_call_id", "connection", "state", "attempts", "due_at", "acknowledged_at")
    list_filter = ("state", "connection")


@admin.register(ListPull)
class ListPullAdmin(_ReadOnly):
    """Lists being read."""

    list_display = ("import_id", "connection", "list_kind", "state", "progressed_at")
