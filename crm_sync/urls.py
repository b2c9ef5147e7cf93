"""Addresses below /crm/."""

from django.urls import path

from crm_sync import (
    connecting_views,
    health_views,
    held_views,
    live_views,
    query_views,
    reading_views,
    views,
    webhooks,
)

urlpatterns = [
    path("", views.connections, name="crm"),
    path("connect/", connecting_views.choose, name="crm-choose"),
    path("connect/<str:kind>/", connecting_views.connect, name="crm-connect"),
    path("sign-in/return/", connecting_views.come_back, name="crm-sign-in-return"),
    path("<int:connection_id>/checks/", connecting_views.checks, name="crm-checks"),
    path("live/", live_views.live, name="crm-live"),
    path("live/<int:live_list_id>/stop/", live_views.stop, name="crm-live-stop"),
    path("hooks/hubspot/<slug:install_key>/", webhooks.hubspot, name="crm-hook-hubspot"),
    path("reading/<int:import_id>/", reading_views.reading, name="crm-reading"),
    path("reading/<int:import_id>/progress/", reading_views.progress, name="crm-reading-progress"),
    path("reading/<int:import_id>/stop/", reading_views.stop, name="crm-reading-stop"),
    path("activity/", views.activity, name="crm-activity"),
    path("activity/retry/", held_views.retry_all, name="crm-retry-all"),
    path("activity/set-aside/", held_views.set_aside_all, name="crm-set-aside-all"),
    path("activity/<int:item_id>/", held_views.edit, name="crm-held"),
    path("activity/<int:item_id>/retry/", held_views.retry, name="crm-retry"),
    path("activity/<int:item_id>/set-aside/", held_views.set_aside, name="crm-set-aside"),
    path("<int:connection_id>/", health_views.health, name="crm-health"),
    path("<int:connection_id>/reconcile/", health_views.reconcile, name="crm-reconcile"),
    path("<int:connection_id>/edit/", connecting_views.edit, name="crm-edit"),
    path("<int:connection_id>/test/", views.test_connection, name="crm-test"),
    path("<int:connection_id>/disconnect/", views.disconnect, name="crm-disconnect"),
    path("<int:connection_id>/lists/", views.lists, name="crm-lists"),
    path("<int:connection_id>/lists/query/", query_views.new_query, name="crm-query"),
    path(
        "<int:connection_id>/lists/query/<int:query_id>/remove/",
        query_views.remove_query,
        name="crm-query-remove",
    ),
    path("<int:connection_id>/lists/import/", views.import_list, name="crm-import"),
]
