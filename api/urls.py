"""Addresses of the API and of its keys."""

from django.urls import path

from api import views

urlpatterns = [
    path("api/v1/lists/<int:list_id>/leads", views.leads_view, name="api-leads"),
    path("people/api-keys/", views.api_keys, name="api-keys"),
    path("people/api-keys/<int:key_id>/revoke/", views.api_key_revoke, name="api-key-revoke"),
]
