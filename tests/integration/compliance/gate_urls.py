"""URLs for tests of these pages alone."""

from django.urls import include, path

from desk.why import why

urlpatterns = [
    path("compliance/evidence/", include("evidence.urls")),  # its button stands on the compliance pages
    path("why/", why, name="why"),  # so does its link
    path("compliance/", include("compliance.urls")),
]
