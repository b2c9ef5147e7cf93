"""Django's admin shows people read-only; changes go through the people page, which audits them."""

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Team, User


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # one class for several models
    """Look, do not touch."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nothing is deleted here."""
        return False


admin.site.register(User, ReadOnly)
admin.site.register(Team, ReadOnly)
