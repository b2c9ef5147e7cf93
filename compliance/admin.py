"""The gate's tables for administrators: to read. Acts go through the pages, which leave a trace."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from compliance.models import ComplianceDecision, ContactLedger, DncListImport, OpenClearance, Suppression


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # one class for several models
    """Shows rows, changes none."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes here."""
        return False


@admin.register(ComplianceDecision)
class ComplianceDecisionAdmin(ReadOnlyAdmin):
    """Decisions."""

    list_display = ["id", "decided_at", "number", "outcome", "code", "campaign_ref"]
    list_filter = ["outcome", "code"]
    search_fields = ["number", "attempt_ref"]
    ordering = ["-id"]


@admin.register(ContactLedger)
class ContactLedgerAdmin(ReadOnlyAdmin):
    """Attempts."""

    list_display = ["id", "at", "number", "person_ref", "channel", "campaign_ref"]
    search_fields = ["number", "person_ref"]
    ordering = ["-id"]


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    """Requests not to be called."""

    list_display = ["id", "at", "number", "seller", "scope", "heard_on", "recorded_by"]
    search_fields = ["number"]
    ordering = ["-id"]


@admin.register(OpenClearance)
class OpenClearanceAdmin(ReadOnlyAdmin):
    """Clearances."""

    list_display = ["id", "number", "expires_at", "consumed_at", "voided_at"]
    search_fields = ["number"]
    ordering = ["-id"]


@admin.register(DncListImport)
class DncListImportAdmin(ReadOnlyAdmin):
    """Registry copies."""

    list_display = ["id", "name", "seller", "as_of", "kind", "numbers", "refused", "active", "needs_person"]
    ordering = ["-id"]
