"""All addresses. Each app owns its own paths; the carrier's webhooks have a prefix of their own.

What is asked for at every call stands first: addresses are looked through from the top.
"""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("hooks/", include("dialer.urls")),
    path("", include("desk.urls")),
    path("", include("accounts.urls")),
    path("", include("api.urls")),
    path("", include("campaigns.urls")),
    path("compliance/evidence/", include("evidence.urls")),
    path("compliance/", include("compliance.urls")),
    path("crm/", include("crm_sync.urls")),
    path("admin/", admin.site.urls),
]
