"""Addresses of the evidence page, below /compliance/evidence/."""

from django.urls import path

from evidence import views

urlpatterns = [
    path("", views.packs, name="evidence"),
    path("make/", views.make, name="evidence-make"),
    path("now/", views.make_and_download, name="evidence-now"),
    path("<int:pack_id>/<str:part>/", views.download, name="evidence-download"),
]
