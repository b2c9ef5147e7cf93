"""URLs for tests of these pages alone."""

from django.urls import include, path

urlpatterns = [path("compliance/", include("compliance.urls"))]
