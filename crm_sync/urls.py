"""Addresses below /crm/."""

from django.urls import path

from crm_sync import views

urlpatterns = [
    path("", views.connections, name="crm"),
    path("connect/<str:kind>/", views.connect, name="crm-connect"),
    path("activity/", views.activity, name="crm-activity"),
    path("activity/<int:item_id>/retry/", views.retry, name="crm-retry"),
    path("<int:connection_id>/edit/", views.edit, name="crm-edit"),
    path("<int:connection_id>/test/", views.test_connection, name="crm-test"),
    path("<int:connection_id>/disconnect/", views.disconnect, name="crm-disconnect"),
    path("<int:connection_id>/lists/", views.lists, name="crm-lists"),
    path("<int:connection_id>/lists/import/", views.import_list, name="crm-import"),
]
