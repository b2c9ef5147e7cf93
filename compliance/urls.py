"""Addresses of the compliance pages, below /compliance/."""

from django.urls import path

from compliance import views

urlpatterns = [
    path("", views.verdicts, name="compliance"),
    path("verdicts/<int:decision_id>/", views.verdict, name="compliance-verdict"),
    path("do-not-call/", views.do_not_call, name="compliance-do-not-call"),
    path("do-not-call/add/", views.add_do_not_call, name="compliance-do-not-call-add"),
    path("registry/", views.registry, name="compliance-registry"),
    path("registry/upload/", views.upload_registry, name="compliance-registry-upload"),
    path("registry/<int:import_id>/activate/", views.activate_registry, name="compliance-registry-activate"),
    path("registry/<int:import_id>/refused/", views.refused_lines, name="compliance-registry-refused"),
    path("rules/", views.rules, name="compliance-rules"),
]
