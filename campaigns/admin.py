"""Looking into lists and campaigns. Imports and leads are read-only here: their states belong to the services."""

from django.contrib import admin
from django.http import HttpRequest

from campaigns import models


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic only in the stubs
    """May be looked at, never changed."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Return False: rows come from the services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Return False: rows are changed by the services, with an audit row."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Return False: rows are history of who was called and why."""
        return False


@admin.register(models.ListImport)
class ListImportAdmin(ReadOnlyAdmin):
    """Imports and their sums."""

    list_display = (
        "id",
        "lead_list",
        "source",
        "source_label",
        "state",
        "rows_in",
        "created",
        "updated",
        "duplicate",
        "refused",
    )
    list_filter = ("state", "source")
    list_select_related = ("lead_list",)
    ordering = ("-id",)


@admin.register(models.ImportRow)
class ImportRowAdmin(ReadOnlyAdmin):
    """Rows as they came."""

    list_display = ("id", "list_import_id", "number", "outcome", "reason_code", "reason")
    list_filter = ("outcome", "reason_code")
    show_full_result_count = False
    ordering = ("-id",)


@admin.register(models.LeadList)
class LeadListAdmin(ReadOnlyAdmin):
    """Lists."""

    list_display = ("id", "name", "created_at")
    ordering = ("-id",)


@admin.register(models.Contact)
class ContactAdmin(ReadOnlyAdmin):
    """People."""

    list_display = ("id", "full_name", "company", "city", "state", "crm_do_not_call", "external_ref")
    search_fields = ("last_name", "company", "external_ref")
    show_full_result_count = False
    ordering = ("-id",)


@admin.register(models.Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    """Campaigns."""

    list_display = ("id", "name", "state", "purpose", "caller_id", "state_changed_at")
    list_filter = ("state", "purpose")
    ordering = ("-id",)


@admin.register(models.CampaignLead)
class CampaignLeadAdmin(ReadOnlyAdmin):
    """Where each person stands."""

    list_display = (
        "id",
        "campaign",
        "contact_id",
        "state",
        "next_try_at",
        "attempts",
        "last_result",
        "reason",
    )
    list_filter = ("state",)
    list_select_related = ("campaign",)
    show_full_result_count = False
    ordering = ("-id",)


class DispositionInline(admin.TabularInline):  # type: ignore[type-arg]  # generic only in the stubs
    """The results of a set."""

    model = models.Disposition
    extra = 0
    ordering = ("position", "id")


@admin.register(models.DispositionSet)
class DispositionSetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic only in the stubs
    """Sets of results may be changed: they are settings."""

    inlines = (DispositionInline,)
    ordering = ("id",)
