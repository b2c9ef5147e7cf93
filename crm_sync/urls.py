"""Addresses below /crm/."""

from django.urls import path

from crm_sync import health_views, held_views, live_views, views, webhooks

urlpatterns = [
    path("", views.connections, name="crm"),
    path("connect/<str:kind>/", views.connect, name="crm-connect"),
    path("examples/<slug:name>.yaml", views.example, name="crm-example"),
    path("live/", live_views.live, name="crm-live"),
    path("live/<int:live_list_id>/stop/", live_views.stop, name="crm-live-stop"),
    path("hooks/hubspot/<slug:install_key>/", webhooks.hubspot, name="crm-hook-hubspot"),
    path("activity/", views.activity, name="crm-activity"),
    path("activity/retry/", held_views.retry_all, name="crm-retry-all"),
    path("activity/set-aside/", held_views.set_aside_all, name="crm-set-aside-all"),
    path("activity/<int:item_id>/", held_views.edit, name="crm-held"),
    path("activity/<int:item_id>/retry/", held_views.retry, name="crm-retry"),
    path("activity/<int:item_id>/set-aside/", held_views.set_aside, name="crm-set-aside"),
    path("<int:connection_id>/", health_views.health, name="crm-health"),
    path("<int:connection_id>/reconcile/", health_views.reconcile, name="crm-reconcile"),
    path("<int:connection_id>/edit/", views.edit, name="crm-edit"),
    path("<int:connection_id>/test/", views.test_connection, name="crm-test"),
    path("<int:connection_id>/disconnect/", views.disconnect, name="crm-disconnect"),
    path("<int:connection_id>/lists/", views.lists, name="crm-lists"),
    path("<int:connection_id>/lists/import/", views.import_list, name="crm-import"),
]
