"""URLs for tests of these pages alone."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
