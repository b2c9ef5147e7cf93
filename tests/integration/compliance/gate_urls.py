"""URLs for tests of these pages alone."""

from django.urls import include, path

urlpatterns = [
    path("compliance/evidence/", include("evidence.urls")),  # its button stands on the compliance pages
    path("compliance/", include("compliance.urls")),
]
